//! Keys that are rotated while a process runs: wired as the functions wire them, over a secret store and a
//! vendor of the test's own.

mod outside;

use outside::{Store, Vendor, WEBHOOK_ROTATED};
use platform::{CachedSecret, Environment, config::name};
use std::time::Duration;
use stripe_client::{NewCustomer, signature};
use stripe_webhook::handler::{State, answer};
use suite::gateway::{Call, read, respond};
use terms::{Clock, Timestamp};

/// Signed, and about nothing of ours.
const EVENT: &str = r#"{"id":"evt_1","object":"event","type":"plan.created","api_version":"2026-01-28.clover",
    "created":1764400000,"livemode":false,"data":{"object":{"id":"plan_1","object":"plan"}}}"#;

fn environment(vendor: &str) -> Environment {
    Environment::of([
        (name::STRIPE_SECRET_ID, "vendors"),
        (name::DATA_AXLE_SECRET_ID, "vendors"),
        (name::POSTGRID_SECRET_ID, "vendors"),
        (name::STRIPE_API_URL, vendor),
        (name::DATA_AXLE_API_URL, vendor),
        (name::POSTGRID_API_URL, vendor),
        (name::WORK_TABLE, "work"),
        (name::LEDGER_TABLE, "ledger"),
    ])
}

async fn webhook(store: &Store) -> State {
    State::connect(&store.services(), &environment("http://127.0.0.1:9")).await.unwrap()
}

/// Delivers an event that is signed now with this secret; answers the status.
async fn deliver(state: &State, secret: &str) -> u16 {
    let header = signature::sign(EVENT.as_bytes(), secret, Clock::system().now().as_seconds());
    let call = Call::new("POST", "/api/stripe/webhook").header("stripe-signature", &header).body(EVENT);
    read(&respond(answer(state, call.request()).await)).0
}

#[tokio::test]
async fn a_rotated_key_is_used_without_a_restart() {
    let (store, vendor) = (Store::new("first"), Vendor::accepting("first").await);
    let (services, environment) = (store.services(), environment(&vendor.url));
    let (parts, _) = billing::connect_parts(&services, &environment).await.unwrap();
    let contacts = audience::connect_vendors(&services, &environment).await.unwrap();
    let printer = printing::connect_vendors(&services, &environment).await.unwrap();
    let filter = data_axle_client::Filter::equals("state", "FL");
    for key in ["first", "second"] {
        store.rotate(key);
        vendor.accept(key);
        let customer = parts.stripe.create_customer(&NewCustomer::default(), key).await;
        assert_eq!(customer.as_deref(), Ok("cus_1"), "{key}");
        assert_eq!(contacts.live.count(&filter).await, Ok(7), "{key}");
        assert_eq!(contacts.test.count(&filter).await, Ok(7), "{key}");
        assert!(printer.live.get("postcard_1").await.is_ok(), "{key}");
        assert!(printer.test.get("postcard_1").await.is_ok(), "{key}");
    }
    let creates = vendor.requests().into_iter().filter(|request| request.line.contains("/v1/customers"));
    let creates: Vec<_> = creates.map(|request| (request.status, request.idempotency_key)).collect();
    let key = |text: &str| Some(text.to_owned());
    assert_eq!(creates, [(200, key("first")), (401, key("second")), (200, key("second"))]);
    // once at start for each of the three vendors, once after each vendor's first 401
    assert_eq!(store.readings(), 6);
}

#[tokio::test]
async fn a_key_that_stays_refused_is_read_again_at_a_bounded_rate_and_the_refusal_is_answered() {
    let (store, vendor) = (Store::new("first"), Vendor::accepting("another").await);
    let contacts = audience::connect_vendors(&store.services(), &environment(&vendor.url)).await.unwrap();
    let filter = data_axle_client::Filter::equals("state", "FL");
    for _ in 0..20 {
        let refused = contacts.live.count(&filter).await;
        assert_eq!(refused, Err(data_axle_client::DataAxleFailure::Unauthorized { status: 401 }));
    }
    assert_eq!((store.readings(), vendor.requests().len()), (2, 20));
}

#[tokio::test]
async fn a_signature_of_a_new_secret_is_accepted_after_one_reading() {
    let store = Store::new("first");
    let state = webhook(&store).await;
    assert_eq!(deliver(&state, "whsec_first").await, 200);
    assert_eq!(store.readings(), 1);
    store.rotate("second");
    assert_eq!(deliver(&state, "whsec_second").await, 200);
    assert_eq!(deliver(&state, "whsec_second").await, 200);
    assert_eq!(store.readings(), 2);
    assert_eq!(deliver(&state, WEBHOOK_ROTATED).await, 200, "both secrets count while one is rolled");
}

#[tokio::test]
async fn forged_signatures_do_not_read_secrets_without_bound() {
    let store = Store::new("first");
    let state = webhook(&store).await;
    let forged = futures::future::join_all((0..200).map(|_| deliver(&state, "whsec_forged"))).await;
    assert!(forged.iter().all(|status| *status == 400));
    assert_eq!(store.readings(), 2);
    // neither what is old nor what has no signature can be mended by another secret
    let state = webhook(&store).await;
    let old = signature::sign(EVENT.as_bytes(), "whsec_first", 1_700_000_000);
    for header in [None, Some("t=1"), Some(old.as_str())] {
        let mut call = Call::new("POST", "/api/stripe/webhook").body(EVENT);
        if let Some(header) = header {
            call = call.header("stripe-signature", header);
        }
        assert_eq!(respond(answer(&state, call.request()).await).status(), 400);
    }
    assert_eq!(store.readings(), 3);
}

#[tokio::test]
async fn an_outage_of_the_secret_store_keeps_the_last_value() {
    let store = Store::new("first");
    let state = webhook(&store).await;
    store.fail();
    assert_eq!(deliver(&state, "whsec_forged").await, 400);
    assert_eq!(deliver(&state, "whsec_first").await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_secret_store_that_hangs_does_not_hold_up_its_callers() {
    let clock = Clock::from_fn(|| Timestamp::from_seconds(0));
    let secret = CachedSecret::over("first", clock, || Box::pin(std::future::pending()));
    let held = secret.current().await;
    let began = tokio::time::Instant::now();
    assert_eq!(*secret.instead_of(&held).await, "first");
    assert!(began.elapsed() <= Duration::from_secs(3));
}
