//! PostGrid: creating once, what is refused, cancelling, searching.

use sandbox::postgrid::{LIVE_KEY, PostGrid, TEST_KEY};
use sandbox::{Request, Response};
use serde_json::{Value, json};

use crate::{HOUR_MS, NOW_MS};

const PDF: &str = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n";
const POSTCARDS: &str = "/print-mail/v1/postcards";

fn fields(piece: &str) -> Vec<(&'static str, String)> {
    let plain = [
        ("to[firstName]", "Ana"),
        ("to[lastName]", "Núñez"),
        ("to[addressLine1]", "1 Main St"),
        ("to[city]", "Tampa"),
        ("to[provinceOrState]", "FL"),
        ("to[postalOrZip]", "33602"),
        ("to[countryCode]", "US"),
        ("size", "6x4"),
        ("mailingClass", "first_class"),
    ];
    let mut fields: Vec<_> = plain.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    fields.push(("metadata[piece]", piece.to_owned()));
    fields
}

fn multipart(fields: &[(&str, String)], artwork: &str) -> Request {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--edge\r\nContent-Disposition: form-data; name=\"pdf\"; filename=\"card.pdf\"\r\n";
    body += &format!("Content-Type: application/pdf\r\n\r\n{artwork}\r\n--edge--\r\n");
    Request::new("POST", POSTCARDS)
        .with_header("x-api-key", LIVE_KEY)
        .with_header("content-type", "multipart/form-data; boundary=edge")
        .with_body(body)
}

fn create(vendor: &mut PostGrid, now_ms: u64, piece: &str, artwork: &str) -> Response {
    vendor.handle(now_ms, &multipart(&fields(piece), artwork).with_header("idempotency-key", piece))
}

fn call(vendor: &mut PostGrid, now_ms: u64, method: &str, path: &str, key: &str) -> Response {
    vendor.handle(now_ms, &Request::new(method, &format!("{POSTCARDS}{path}")).with_header("x-api-key", key))
}

fn check_refused(response: &Response, status: u16, kind: &str) {
    let body = response.value();
    assert_eq!((response.status, body["object"].as_str()), (status, Some("error")), "{body}");
    assert_eq!(body["error"]["type"], kind, "{body}");
}

#[test]
fn one_idempotency_key_makes_one_card_for_a_day() {
    let mut vendor = PostGrid::new(1);
    let first = create(&mut vendor, NOW_MS, "piece_1", PDF).value();
    let second = create(&mut vendor, NOW_MS + HOUR_MS, "piece_1", PDF).value();
    assert_eq!(first["id"], second["id"]);
    assert_eq!(first["to"]["lastName"], "Núñez");
    let other = create(&mut vendor, NOW_MS, "piece_1", "%PDF-1.7\n%%EOF");
    check_refused(&other, 422, "idempotency_error");
    let expected =
        json!({"cardsCreated": 1, "createCalls": 3, "idempotentReplays": 1, "cardsPerPieceMax": 1});
    assert_eq!(vendor.counters(true), expected);
    // a day later the key is a new request: whoever sends again then prints twice
    create(&mut vendor, NOW_MS + 24 * HOUR_MS, "piece_1", PDF);
    assert_eq!(vendor.counters(true)["cardsPerPieceMax"], 2);
    assert_eq!(vendor.cards(NOW_MS, Some("piece_1"))["count"], 2);
}

#[test]
fn what_is_not_a_pdf_is_refused_and_nothing_is_made() {
    let mut vendor = PostGrid::new(1);
    for artwork in ["", "<html>not a card</html>", "%PDF-1.4\ncut off in the mid"] {
        check_refused(&create(&mut vendor, NOW_MS, "piece_1", artwork), 400, "validation_error");
    }
    assert_eq!(vendor.counters(true)["cardsCreated"], 0);
    // the refusals did not use up the key
    assert_eq!(create(&mut vendor, NOW_MS, "piece_1", PDF).status, 201);
    let card = vendor.cards(NOW_MS, Some("piece_1"))["cards"][0].clone();
    assert_eq!(card["artwork"]["bytes"], PDF.len());
    assert_eq!(card["idempotencyKey"], "piece_1");
}

#[test]
fn bad_requests_are_refused_in_the_vendors_words() {
    let mut vendor = PostGrid::new(1);
    let mut check = |change: (&'static str, &str)| {
        let mut fields = fields("piece_1");
        fields.retain(|(name, _)| *name != change.0);
        if !change.1.is_empty() {
            fields.push((change.0, change.1.to_owned()));
        }
        check_refused(&vendor.handle(NOW_MS, &multipart(&fields, PDF)), 400, "validation_error");
    };
    check(("to[firstName]", ""));
    check(("to[addressLine1]", ""));
    check(("to[countryCode]", "Narnia"));
    check(("to[postalOrZip]", "3360"));
    check(("size", "5x5"));
    check(("mailingClass", "pigeon"));
    check(("frontHTML", "<p>two kinds of artwork</p>"));
    check(("colour", "red"));
    let nobody = Request::new("GET", POSTCARDS);
    check_refused(&vendor.handle(NOW_MS, &nobody), 401, "authentication_error");
    check_refused(
        &call(&mut vendor, NOW_MS, "GET", "/postcard_none", LIVE_KEY),
        404,
        "postcard_not_found_error",
    );
    check_refused(&call(&mut vendor, NOW_MS, "GET", "?limit=101", LIVE_KEY), 400, "validation_error");
}

#[test]
fn a_json_request_with_html_makes_a_card_too() {
    let mut vendor = PostGrid::new(1);
    let body = json!({
        "to": {"companyName": "Birch Dental", "addressLine1": "2 Oak Ave", "countryCode": "us"},
        "size": "9x6", "frontHTML": "<h1>Hi</h1>", "backHTML": "<p>there</p>",
        "metadata": {"piece": "piece_2"},
    });
    let request = Request::new("POST", POSTCARDS)
        .with_header("x-api-key", TEST_KEY)
        .with_header("content-type", "application/json")
        .with_body(body.to_string());
    let card = vendor.handle(NOW_MS, &request).value();
    assert_eq!((&card["live"], &card["status"]), (&json!(false), &json!("ready")));
    assert_eq!(card["metadata"], json!({"piece": "piece_2"}));
    assert_eq!(vendor.counters(true)["cardsCreated"], 0);
    assert_eq!(vendor.counters(false)["cardsCreated"], 1);
    let id = card["id"].as_str().expect("an id");
    // the other key's cards do not exist
    assert_eq!(call(&mut vendor, NOW_MS, "GET", &format!("/{id}"), LIVE_KEY).status, 404);
    let mut progress = || call(&mut vendor, NOW_MS, "POST", &format!("/{id}/progressions"), TEST_KEY);
    let steps: Vec<Value> = (0..3).map(|_| progress().value()["status"].clone()).collect();
    assert_eq!(steps, ["printing", "processed_for_delivery", "completed"]);
    check_refused(&progress(), 400, "invalid_progression_error");
}

#[test]
fn a_card_is_cancelled_only_while_it_is_ready() {
    let mut vendor = PostGrid::new(1);
    let mut make =
        |piece: &str| create(&mut vendor, NOW_MS, piece, PDF).value()["id"].as_str().expect("id").to_owned();
    let (early, late) = (make("piece_1"), make("piece_2"));
    let cancelled = call(&mut vendor, NOW_MS, "DELETE", &format!("/{early}"), LIVE_KEY).value();
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(cancelled["cancellation"]["reason"], "user_initiated");
    let by = cancelled["cancellation"]["cancelledByUser"].as_str().expect("a user's id, not a flag");
    assert!(by.starts_with("user_"), "{by}");
    check_refused(
        &call(&mut vendor, NOW_MS, "DELETE", &format!("/{early}"), LIVE_KEY),
        400,
        "not_cancellable_error",
    );
    let tomorrow = NOW_MS + 25 * HOUR_MS;
    assert_eq!(
        call(&mut vendor, tomorrow, "GET", &format!("/{late}"), LIVE_KEY).value()["status"],
        "printing"
    );
    let refused = call(&mut vendor, tomorrow, "POST", &format!("/{late}/cancellation"), LIVE_KEY);
    check_refused(&refused, 400, "not_cancellable_error");
}

#[test]
fn paper_a_date_alone_and_an_address_that_fails_are_taken() {
    let mut vendor = PostGrid::new(1);
    let mut card = |change: &[(&'static str, &str)]| {
        let mut fields = fields("piece_1");
        for (name, value) in change {
            fields.retain(|(known, _)| known != name);
            fields.push((name, (*value).to_owned()));
        }
        vendor.handle(NOW_MS, &multipart(&fields, PDF))
    };
    let plain = card(&[]).value();
    assert_eq!((&plain["paper"], &plain["to"]["addressStatus"]), (&json!("standard"), &json!("verified")));
    for name in ["createdAt", "updatedAt"] {
        assert_eq!(plain["to"][name], plain["createdAt"], "{name}");
    }
    assert_eq!(plain["to"]["live"], true);
    assert_eq!(
        card(&[("paper", "standard"), ("sendDate", "2026-12-24")]).value()["sendDate"],
        "2026-12-24T00:00:00Z"
    );
    check_refused(&card(&[("paper", "gold")]), 400, "validation_error");
    check_refused(&card(&[("sendDate", "24.12.2026")]), 400, "validation_error");
    let failed = card(&[("to[addressLine1]", "1 Undeliverable Way")]).value();
    assert_eq!((&failed["status"], &failed["to"]["addressStatus"]), (&json!("ready"), &json!("failed")));
}

#[test]
fn a_rate_limit_says_how_long_to_wait() {
    let mut vendor = PostGrid::new(1);
    vendor.limit_rate(Some(2));
    let mut status = |now_ms: u64| call(&mut vendor, now_ms, "GET", "", LIVE_KEY);
    assert_eq!((status(NOW_MS).status, status(NOW_MS).status), (200, 200));
    let refused = status(NOW_MS + 500);
    check_refused(&refused, 429, "rate_limit_error");
    assert!(refused.headers.contains(&("retry-after".to_owned(), "1".to_owned())));
    assert_eq!(status(NOW_MS + 1_000).status, 200);
}
