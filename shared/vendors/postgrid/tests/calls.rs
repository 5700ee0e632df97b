//! The calls over loopback: what is sent, what is read, and what each outcome proves.

#[path = "../../stripe/tests/requests/scripted.rs"]
mod scripted;

use std::collections::BTreeMap;
use std::time::Duration;

use postgrid_client::{
    Artwork, Cancellation, CardStatus, Contact, Created, Doubt, NotUsable, PostGrid, PostGridFailure,
    Postcard, Size, Trouble,
};
use scripted::{Asked, Reply, Scripted, http_client};

fn post_grid(server: &Scripted) -> PostGrid {
    let base_url = format!("{}/postgrid", server.url);
    PostGrid::new(http_client(), &base_url, "test_sk_1").unwrap().with_timeout(Duration::from_millis(200))
}

fn postcard() -> Postcard {
    let to = Contact {
        first_name: Some("Ana".to_owned()),
        address_line1: "1 Main St".to_owned(),
        country_code: "US".to_owned(),
        ..Contact::default()
    };
    Postcard {
        to,
        from: None,
        size: Size::Six4,
        artwork: Artwork::Pdf(bytes::Bytes::from_static(b"%PDF-1.7")),
        mailing_class: None,
        send_date: None,
        description: None,
        metadata: BTreeMap::from([("piece".to_owned(), "pc_1".to_owned())]),
        boundary: "pc_1".to_owned(),
    }
}

fn card(status: &str, piece: &str) -> String {
    format!(r#"{{"id":"postcard_1","live":false,"status":"{status}","metadata":{{"piece":"{piece}"}}}}"#)
}

/// Plays one reply against a create.
async fn check(reply: Reply) -> (Created, Vec<Asked>) {
    let server = Scripted::start(vec![reply]);
    (post_grid(&server).create_postcard(&postcard(), "pc_1").await, server.asked())
}

#[tokio::test]
async fn a_postcard_is_created_under_its_key() {
    let (outcome, asked) = check(Reply::json(201, &card("ready", "pc_1"))).await;
    let Created::Accepted(accepted) = outcome else { panic!("{outcome:?}") };
    assert_eq!((accepted.id.as_str(), accepted.status), ("postcard_1", CardStatus::Ready));
    assert_eq!(asked[0].line, "POST /postgrid/print-mail/v1/postcards");
    assert_eq!(asked[0].header("x-api-key"), Some("test_sk_1"));
    assert_eq!(asked[0].header("idempotency-key"), Some("pc_1"));
    assert_eq!(asked[0].header("content-type"), Some("multipart/form-data; boundary=pc_1"));
    assert!(asked[0].text().ends_with("%PDF-1.7\r\n--pc_1--\r\n"));
    let (_, again) = check(Reply::json(201, &card("ready", "pc_1"))).await;
    assert_eq!(again[0].body, asked[0].body);
}

#[tokio::test]
async fn outcomes_over_the_wire() {
    assert_eq!(check(Reply::Drop).await.0, Created::Ambiguous(Doubt::NoAnswer));
    assert_eq!(check(Reply::Hang).await.0, Created::Ambiguous(Doubt::NoAnswer));
    let limited = Reply::Answer(429, &[("retry-after", "30")], String::new());
    let retry_after = Some(Duration::from_secs(30));
    assert_eq!(check(limited).await.0, Created::Trouble(Trouble::RateLimited { retry_after }));
    let server = Scripted::start(vec![]);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let outcome = post_grid(&server).create_postcard(&postcard(), "pc_1").await;
    assert_eq!(outcome, Created::Trouble(Trouble::NotReached));
}

#[tokio::test]
async fn a_key_that_cannot_be_sent_is_refused_here() {
    let server = Scripted::start(vec![]);
    for key in ["", "a b", "a\n", &"k".repeat(256)] {
        let outcome = post_grid(&server).create_postcard(&postcard(), key).await;
        assert!(matches!(outcome, Created::Refused(refusal) if refusal.kind == "never_sent"), "{key}");
    }
}

#[tokio::test]
async fn a_card_is_found_by_the_exact_value_of_its_metadata() {
    let list =
        format!(r#"{{"object":"list","data":[{},{}]}}"#, card("ready", "pc_1"), card("ready", "pc_10"));
    let server = Scripted::start(vec![Reply::json(200, &list), Reply::json(404, "{}")]);
    let client = post_grid(&server);
    assert_eq!(client.find_by_metadata("piece", "pc_1").await.unwrap().len(), 1);
    let line = &server.asked()[0].line;
    assert_eq!(line, "GET /postgrid/print-mail/v1/postcards?skip=0&limit=100&search=%22pc_1%22");
    let lost = client.find_by_metadata("piece", "pc_1").await.unwrap_err();
    assert_eq!(lost, PostGridFailure::Doubt(Doubt::Unreadable { status: 404 }));
}

#[tokio::test]
async fn a_card_is_read_by_its_id_alone() {
    let server = Scripted::start(vec![Reply::json(200, &card("printing", "pc_1")), Reply::json(404, "{}")]);
    let client = post_grid(&server);
    assert_eq!(client.get("postcard_1").await.unwrap().status, CardStatus::Printing);
    assert_eq!(client.get("postcard_2").await, Err(PostGridFailure::NotFound));
    assert_eq!(client.get("../contacts").await, Err(PostGridFailure::NotFound));
    assert_eq!(client.get("").await, Err(PostGridFailure::NotFound));
}

#[tokio::test]
async fn the_status_afterwards_decides_whether_a_cancellation_came_in_time() {
    let refused = r#"{"object":"error","error":{"type":"invalid_request_error","message":"not ready"}}"#;
    let server = Scripted::start(vec![
        Reply::json(200, &card("cancelled", "pc_1")),
        Reply::json(200, &card("cancelled", "pc_1")),
        Reply::json(400, refused),
        Reply::json(200, &card("printing", "pc_1")),
        Reply::json(500, "{}"),
    ]);
    let client = post_grid(&server);
    assert_eq!(client.cancel("postcard_1").await, Ok(Cancellation::Cancelled));
    assert_eq!(client.cancel("postcard_1").await, Ok(Cancellation::TooLate));
    let doubt = PostGridFailure::Doubt(Doubt::ServerError { status: 500 });
    assert_eq!(client.cancel("postcard_1").await, Err(doubt));
    assert_eq!(server.asked()[0].line, "DELETE /postgrid/print-mail/v1/postcards/postcard_1");
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start_and_no_key_is_printed() {
    let make = |url, key| PostGrid::new(http_client(), url, key).map(|_| ());
    assert_eq!(make("postgrid", "k"), Err(NotUsable::BaseUrl));
    assert_eq!(make("https://api.example", ""), Err(NotUsable::Key));
    assert_eq!(make("https://api.example", "k\n"), Err(NotUsable::Key));
    let client = PostGrid::new(http_client(), "https://api.example", "test_sk_secret").unwrap();
    assert!(!format!("{client:?}").contains("secret"));
}
