//! The calls over loopback: what is sent, what is read, and how each failure is named.

#[path = "../../stripe/tests/requests/scripted.rs"]
mod scripted;

use std::time::Duration;

use data_axle_client::{DataAxle, DataAxleFailure, Filter, NotUsable, SearchPage};
use scripted::{Reply, Scripted, http_client};

fn data_axle(server: &Scripted) -> DataAxle {
    let base_url = format!("{}/data-axle", server.url);
    DataAxle::new(http_client(), &base_url, "token").unwrap().with_timeout(Duration::from_millis(200))
}

fn florida() -> Filter {
    Filter::equals("state", "FL")
}

#[tokio::test]
async fn a_count_asks_for_no_record() {
    let server = Scripted::start(vec![Reply::json(200, r#"{"count":5321,"documents":[]}"#)]);
    assert_eq!(data_axle(&server).count(&florida()).await, Ok(5321));
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /data-axle/v1/people/search");
    assert_eq!(asked.header("x-auth-token"), Some("token"));
    let body: serde_json::Value = serde_json::from_str(&asked.text()).unwrap();
    assert_eq!((body["limit"].as_u64(), body["offset"].as_u64()), (Some(0), Some(0)));
    assert_eq!(body["filter"]["attribute"], "state");
    assert_eq!(body["packages"][1], "direct_mail_v1");
}

#[tokio::test]
async fn a_page_keeps_its_good_records_and_counts_the_others() {
    let answer = r#"{"count":2,"documents":[{"person_id":"p1","first_name":"Ana"},{"first_name":"nobody"}]}"#;
    let server = Scripted::start(vec![Reply::json(200, answer)]);
    let page = SearchPage::new(400, 800).unwrap();
    let found = data_axle(&server).search(&florida(), page).await.unwrap();
    assert_eq!((found.people.len(), found.unusable, found.delivered()), (1, 1, 2));
    let body: serde_json::Value = serde_json::from_slice(&server.asked()[0].body).unwrap();
    assert_eq!((body["limit"].as_u64(), body["offset"].as_u64()), (Some(400), Some(800)));
}

#[tokio::test]
async fn a_scan_is_read_to_its_empty_page() {
    let server = Scripted::start(vec![
        Reply::json(200, r#"{"scroll_id":"s/1?x","count":1}"#),
        Reply::json(200, r#"[{"person_id":"p1"}]"#),
        Reply::json(200, "[]"),
    ]);
    let client = data_axle(&server);
    let scan = client.scan_start(&florida()).await.unwrap();
    let page = client.scan_next(&scan.scroll_id).await.unwrap();
    assert_eq!((page.people.len(), page.is_last()), (1, false));
    assert!(client.scan_next(&scan.scroll_id).await.unwrap().is_last());
    let lines: Vec<_> = server.asked().into_iter().map(|request| request.line).collect();
    assert_eq!(lines[0], "POST /data-axle/v1/people/scan");
    assert_eq!(lines[1], "GET /data-axle/v1/people/scan/s%2F1%3Fx?packages=core_v1%2Cdirect_mail_v1");
}

/// Plays one reply against a search and against a page of a scan.
async fn check(reply: fn() -> Reply) -> (DataAxleFailure, DataAxleFailure) {
    let server = Scripted::start(vec![reply(), reply()]);
    let client = data_axle(&server);
    let page = SearchPage::new(1, 0).unwrap();
    (client.search(&florida(), page).await.unwrap_err(), client.scan_next("s1").await.unwrap_err())
}

#[tokio::test]
async fn each_trouble_has_its_name() {
    let (search, scan) = check(|| Reply::Answer(429, &[("retry-after", "3")], String::new())).await;
    assert_eq!(search, DataAxleFailure::Busy { retry_after: Some(Duration::from_secs(3)) });
    assert_eq!(scan, search);
    let (search, _) = check(|| Reply::json(403, "{}")).await;
    assert_eq!(search, DataAxleFailure::Unauthorized { status: 403 });
    let (search, scan) = check(|| Reply::json(404, "{}")).await;
    assert_eq!((search, scan), (DataAxleFailure::Rejected { status: 404 }, DataAxleFailure::ScanLost));
    let (search, _) = check(|| Reply::json(500, "{}")).await;
    assert_eq!(search, DataAxleFailure::Unavailable { status: Some(500) });
    let (search, scan) = check(|| Reply::json(200, "{}")).await;
    assert_eq!((search, scan), (DataAxleFailure::Undecodable, DataAxleFailure::Undecodable));
}

#[tokio::test]
async fn a_lost_answer_may_be_billed_and_a_closed_door_is_not() {
    let (search, scan) = check(|| Reply::Drop).await;
    assert_eq!((&search, &scan), (&DataAxleFailure::Unknown, &DataAxleFailure::Unknown));
    assert!(search.may_be_billed());
    let (search, _) = check(|| Reply::Hang).await;
    assert_eq!(search, DataAxleFailure::Unknown);
    let server = Scripted::start(vec![]);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let closed = data_axle(&server).count(&florida()).await.unwrap_err();
    assert_eq!(closed, DataAxleFailure::Unavailable { status: None });
    assert!(!closed.may_be_billed());
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start_and_no_token_is_printed() {
    let make = |url, token| DataAxle::new(http_client(), url, token).map(|_| ());
    assert_eq!(make("data-axle", "t"), Err(NotUsable::BaseUrl));
    assert_eq!(make("mailto:a@b.example", "t"), Err(NotUsable::BaseUrl));
    assert_eq!(make("https://api.example", ""), Err(NotUsable::Key));
    assert_eq!(make("https://api.example", "t\n"), Err(NotUsable::Key));
    let client = DataAxle::new(http_client(), "https://api.example", "secret").unwrap();
    assert!(!format!("{client:?}").contains("secret"));
}
