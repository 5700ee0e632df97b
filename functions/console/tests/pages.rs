//! What a browser gets: the page at each of its addresses, the assets, the configuration, and 404 elsewhere.

use console::handler::{State, answer};
use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Response};
use platform::Environment;
use std::collections::BTreeSet;
use support::World;

async fn state() -> State {
    let environment =
        Environment::of([("COGNITO_URL", "http://127.0.0.1:4566"), ("USER_POOL_CLIENT_ID", "client")]);
    State::connect(&World::new().services(), &environment).await.unwrap()
}

/// An event of API Gateway's HTTP API, payload version 2.0.
async fn ask(method: Method, path: &str, known: Option<&str>) -> Response<Body> {
    let (raw_path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut event = serde_json::json!({
        "version": "2.0", "routeKey": "$default", "rawPath": raw_path, "rawQueryString": query,
        "headers": {"host": "api.example"}, "isBase64Encoded": false,
        "requestContext": {"accountId": "1", "apiId": "api", "stage": "$default", "requestId": "gw-1",
            "domainName": "api.example", "domainPrefix": "api", "routeKey": "$default",
            "time": "22/Nov/2026:08:00:00 +0000", "timeEpoch": 1_795_334_400_000_i64,
            "http": {"method": method.as_str(), "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "test"}},
    });
    if let Some(tag) = known {
        event["headers"]["if-none-match"] = tag.into();
    }
    answer(&state().await, lambda_http::request::from_str(&event.to_string()).unwrap()).await.unwrap()
}

async fn get(path: &str) -> Response<Body> {
    ask(Method::GET, path, None).await
}

fn text(response: &Response<Body>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

#[tokio::test]
async fn every_address_of_the_console_answers_the_one_page() {
    for path in [
        "/",
        "/settings",
        "/settings?purchase=success",
        "/audience",
        "/campaigns/c-1",
        "/admin/vendor-costs",
        "/admin/billing",
    ] {
        let response = get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert!(text(&response).contains("id=\"sign-in-form\""), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_address_answers_404_with_a_page() {
    for path in
        ["/nothing", "/campaigns/", "/campaigns/a/b", "/assets/index.html", "/assets/../Cargo.toml", "/admin"]
    {
        let response = get(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(&response).contains("nothing at this address"), "{path}");
    }
    assert_eq!(ask(Method::POST, "/settings", None).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_answer_forbids_what_the_console_does_not_need() {
    for path in ["/", "/assets/app.js", "/config.json", "/nothing"] {
        let response = get(path).await;
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "connect-src 'self' http://127.0.0.1:4566;",
        ] {
            assert!(policy.contains(part), "{path}: {part} is not in {policy}");
        }
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache", "{path}");
    }
}

#[tokio::test]
async fn the_page_has_no_inline_script_or_style_which_the_policy_would_refuse() {
    for path in ["/", "/nothing"] {
        let response = get(path).await;
        let page = text(&response);
        assert!(
            !page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="),
            "{path}"
        );
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script type=\"module\" src=").count(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn every_file_that_the_page_and_its_modules_name_is_served() {
    let mut pending = BTreeSet::from(["/".to_owned(), "/nothing".to_owned()]);
    let mut seen = BTreeSet::new();
    while let Some(path) = pending.pop_first() {
        let response = get(&path).await;
        assert!(path == "/nothing" || response.status() == StatusCode::OK, "{path} is named and not served");
        let content = text(&response);
        let named = content.split('"').filter_map(|word| match word.strip_prefix("./") {
            Some(module) if word.ends_with(".js") => Some(format!("/assets/{module}")),
            _ => word.starts_with("/assets/").then(|| word.to_owned()),
        });
        let named: Vec<String> = named.collect();
        seen.insert(path);
        pending.extend(named.into_iter().filter(|name| !seen.contains(name)));
    }
    let scripts = seen.iter().filter(|path| path.ends_with(".js")).count();
    let on_disk = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets")).unwrap();
    let written =
        on_disk.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "js"));
    assert_eq!(scripts, written.count(), "a module is on disk that nothing loads");
}

#[tokio::test]
async fn every_part_of_the_page_has_a_name_of_its_own_and_every_module_finds_its_template() {
    let response = get("/").await;
    let ids: Vec<&str> =
        text(&response).split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), distinct.len(), "an id stands twice: {ids:?}");
    let app = get("/assets/app.js").await;
    let wanted: Vec<&str> =
        text(&app).split("template: \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(wanted.len(), 5);
    for template in wanted {
        assert!(distinct.contains(template), "{template} is no part of the page");
    }
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let first = get("/assets/app.js").await;
    let tag = first.headers()[header::ETAG].to_str().unwrap();
    let again = ask(Method::GET, "/assets/app.js", Some(tag)).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(again.body().is_empty());
    let joined = format!("\"other\",W/{tag}");
    let again = ask(Method::GET, "/assets/app.js", Some(&joined)).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "two headers arrive as one");
    let other = ask(Method::GET, "/assets/money.js", Some(tag)).await;
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_configuration_says_where_to_sign_in() {
    let response = get("/config.json").await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert!(text(&response).contains("\"clientId\":\"client\""));
}
