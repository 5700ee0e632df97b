//! The port: paths, faults, and webhooks that are delivered over real sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::stripe::SESSION;

struct Port {
    base: String,
    client: reqwest::Client,
}

impl Port {
    async fn open() -> Self {
        // the sandbox's own client installs the provider too; who comes first does not matter
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(sandbox::serve(listener));
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(std::iter::empty())
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { base, client }
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{path}", self.base);
        let answer = self.client.post(url).body(body.to_string()).send().await.expect("the sandbox answers");
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        read(answer).await
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}/{path}", self.base);
        read(self.client.get(url).send().await.expect("the sandbox answers")).await
    }

    fn stripe(&self, path: &str, form: &'static str) -> reqwest::RequestBuilder {
        let url = format!("{}/stripe/v1/{path}", self.base);
        self.client.post(url).bearer_auth("sk_test_droplab_local").body(form)
    }
}

async fn read(answer: reqwest::Response) -> Value {
    serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
}

/// A webhook receiver that fails its first `failures` deliveries.
async fn receiver(failures: u32) -> (u16, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let seen = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&seen);
    let hook = move |headers: HeaderMap, body: String| async move {
        let signature = headers.get("stripe-signature").expect("signed").to_str().expect("text").to_owned();
        let stamp =
            signature.trim_start_matches("t=").split(',').next().expect("t").parse().expect("seconds");
        let expected = sandbox::stripe::signature_header(&["whsec_mine".to_owned()], stamp, body.as_bytes());
        assert_eq!(signature, expected);
        match counter.fetch_add(1, Ordering::SeqCst) < failures {
            true => StatusCode::INTERNAL_SERVER_ERROR,
            false => StatusCode::OK,
        }
    };
    let app = axum::Router::new().route("/hook", axum::routing::post(hook));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (port, seen)
}

#[tokio::test]
async fn a_webhook_is_tried_again_until_it_is_taken() {
    let port = Port::open().await;
    let (receiver_port, seen) = receiver(2).await;
    let url = format!("http://api.localhost:{receiver_port}/hook");
    let endpoint = json!({"url": url, "secret": "whsec_mine", "events": ["checkout.session.completed"]});
    port.control("stripe/webhook-endpoint", endpoint).await;
    let session = read(port.stripe("checkout/sessions", SESSION).send().await.expect("answered")).await;
    let cs = session["id"].as_str().expect("an id");
    let paid = port.control(&format!("stripe/sessions/{cs}/pay"), json!({"delayed": false})).await;
    assert_eq!(paid["payment_status"], "paid");
    for _ in 0..100 {
        if port.get("sandbox/counters").await["stripe"]["webhooksDelivered"] == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(seen.load(Ordering::SeqCst), 3);
    let counters = port.get("sandbox/counters").await["stripe"].clone();
    let expected =
        json!({"sessionsCreated": 1, "customersCreated": 0, "webhooksSent": 3, "webhooksDelivered": 1});
    assert_eq!(counters, expected);
}

#[tokio::test]
async fn faults_strike_before_or_after_the_effect() {
    let port = Port::open().await;
    let customers = async || port.get("sandbox/counters").await["stripe"]["customersCreated"].clone();
    let fault =
        |kind: &str| json!({"vendor": "stripe", "next": 1, "kind": kind, "status": 503, "delayMs": 30});
    port.control("faults", fault("status")).await;
    let answer = port.stripe("customers", "").send().await.expect("answered");
    assert_eq!((answer.status().as_u16(), customers().await), (503, json!(0)));
    port.control("faults", fault("status-after-effect")).await;
    let answer = port.stripe("customers", "").send().await.expect("answered");
    assert_eq!((answer.status().as_u16(), customers().await), (503, json!(1)));
    port.control("faults", fault("drop")).await;
    assert!(port.stripe("customers", "").send().await.is_err());
    assert_eq!(customers().await, 1);
    port.control("faults", fault("drop-after-effect")).await;
    assert!(port.stripe("customers", "").send().await.is_err());
    assert_eq!(customers().await, 2);
    port.control("faults", fault("delay")).await;
    let answer = port.stripe("customers", "").send().await.expect("answered late");
    assert_eq!((answer.status().as_u16(), customers().await), (200, json!(3)));
    assert_eq!(port.get("sandbox/faults").await, json!({"faults": []}));
}

#[tokio::test]
async fn the_vendors_and_the_controls_are_at_their_paths() {
    let port = Port::open().await;
    assert_eq!(port.get("sandbox/health").await, json!({"ok": true}));
    assert_eq!(
        port.get("data-axle/v1/people/search").await["message"],
        "An X-AUTH-TOKEN header is required."
    );
    assert_eq!(port.get("postgrid/print-mail/v1/postcards").await["object"], "error");
    assert_eq!(port.get("stripe/v1/events").await["error"]["type"], "invalid_request_error");
    assert!(port.get("elsewhere").await["error"].is_string());
    let counters = port.get("sandbox/counters").await;
    for group in ["stripe", "dataAxle", "dataAxleTest", "postgrid", "postgridTest"] {
        assert!(counters[group].is_object(), "{group}");
    }
}
