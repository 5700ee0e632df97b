use super::*;
use crate::samples::{claims, event, get, get_with, post, request};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use terms::PurchaseId;

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wanted {
    amount: Option<Box<RawValue>>,
}

fn alder() -> OrganizationId {
    OrganizationId::parse("org_alder").unwrap()
}

fn with_header(values: &[&str]) -> Request {
    let headers: Vec<(&str, &str)> = values.iter().map(|value| ("Idempotency-Key", *value)).collect();
    get_with("", &headers)
}

#[test]
fn a_body_holds_at_256_kb_and_breaks_one_beyond() {
    let padded = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
    assert!(json_body::<Wanted>(&post(&padded(BODY_BYTES_MAX))).is_ok());
    let refused = json_body::<Wanted>(&post(&padded(BODY_BYTES_MAX + 1))).unwrap_err();
    assert_eq!((refused.status().as_u16(), refused.code()), (413, "body_too_large"));
}

#[test]
fn a_body_keeps_the_amounts_own_text_and_refuses_what_it_does_not_know() {
    let wanted: Wanted = json_body(&post(r#"{"amount": 299.10}"#)).unwrap();
    assert_eq!(wanted.amount.unwrap().get(), "299.10");
    for bad in ["", "{", "[1]", "null", r#"{"amount":1,"organizationId":"org_birch"}"#] {
        assert_eq!(json_body::<Wanted>(&post(bad)).unwrap_err().code(), "invalid_body", "{bad}");
    }
    assert!(json_body_or_default::<Wanted>(&post("")).unwrap().amount.is_none());
}

#[test]
fn base64_and_any_content_type_are_read() {
    let mut encoded = event("POST", "/api/x", claims("org_alder", None));
    encoded["body"] = "eyJhbW91bnQiOiAxfQ==".into();
    encoded["isBase64Encoded"] = true.into();
    encoded["headers"]["content-type"] = "text/plain".into();
    assert_eq!(json_body::<Wanted>(&request(encoded)).unwrap().amount.unwrap().get(), "1");
}

#[test]
fn an_idempotency_key_is_required_single_and_printable() {
    assert_eq!(idempotency_key(&with_header(&["key-1"])).unwrap().as_str(), "key-1");
    assert_eq!(optional_idempotency_key(&get("")).unwrap(), None);
    let code = |values: &[&str]| idempotency_key(&with_header(values)).unwrap_err().code();
    assert_eq!(code(&[]), "idempotency_key_missing");
    assert_eq!(code(&[""]), "idempotency_key_invalid");
    for joined in [&["a", "b"][..], &["a", "a"], &["a,b"], &["", "a"], &["a,"]] {
        assert_eq!(code(joined), "idempotency_key_invalid", "{joined:?}");
    }
    assert_eq!(code(&["é"]), "idempotency_key_invalid");
    assert_eq!(code(&[&"k".repeat(256)]), "idempotency_key_invalid");
}

#[test]
fn a_fingerprint_depends_on_organization_endpoint_and_content_only() {
    let of = |organization: &str, endpoint: &str, body: &str| {
        fingerprint(&OrganizationId::parse(organization).unwrap(), endpoint, &post(body)).unwrap()
    };
    let one = of("org_alder", "POST /a", r#"{"x":1,"y":"2"}"#);
    assert_eq!(of("org_alder", "POST /a", r#"{ "y":"2", "x":1 }"#), one);
    assert_ne!(of("org_birch", "POST /a", r#"{"x":1,"y":"2"}"#), one);
    assert_ne!(of("org_alder", "POST /b", r#"{"x":1,"y":"2"}"#), one);
    assert_ne!(of("org_alder", "POST /a", r#"{"x":1,"y":"3"}"#), one);
    assert_eq!(fingerprint(&alder(), "POST /a", &post("{")).unwrap_err().code(), "invalid_body");
}

#[test]
fn a_path_id_that_is_none_is_not_found() {
    let mut with_id = event("GET", "/api/audience/purchases/{id}", claims("org_alder", None));
    with_id["pathParameters"] = serde_json::json!({"id": "pur_1"});
    let with_id = request(with_id);
    assert_eq!(path_id::<PurchaseId>(&with_id, "id").unwrap().as_str(), "pur_1");
    assert_eq!(path_id::<PurchaseId>(&with_id, "other").unwrap_err().status(), 404);
    for hostile in ["ORG#org_birch", "pur_1,pur_2", "pur_1/../pur_2", ""] {
        let mut event = event("GET", "/api/audience/purchases/{id}", claims("org_alder", None));
        event["pathParameters"] = serde_json::json!({"id": hostile});
        assert_eq!(path_id::<PurchaseId>(&request(event), "id").unwrap_err().status(), 404, "{hostile}");
    }
}

#[test]
fn accept_and_origin_are_read_from_the_request() {
    assert!(!accepts_csv(&get("")));
    let csv = get_with("", &[("Accept", "application/json;q=0.5"), ("Accept", "text/csv; q=1")]);
    assert!(accepts_csv(&csv) && !accepts_byte_order_mark(&csv), "two headers arrive as one");
    for accept in ["text/csv;bom=1", "application/json;q=0.5, Text/CSV; q=1; BOM=1"] {
        let csv = get_with("", &[("Accept", accept)]);
        assert!(accepts_csv(&csv) && accepts_byte_order_mark(&csv), "{accept}");
    }
    for accept in ["text/csv;bom=0", "text/csv, application/json;bom=1"] {
        let csv = get_with("", &[("Accept", accept)]);
        assert!(accepts_csv(&csv) && !accepts_byte_order_mark(&csv), "{accept}");
    }
    assert_eq!(origin(&csv), "https://api.example");
    let mut local = event("GET", "/", claims("org_alder", None));
    local["headers"]["host"] = "abc.execute-api.localhost:4566".into();
    assert_eq!(origin(&request(local)), "http://abc.execute-api.localhost:4566");
}

#[test]
fn a_download_name_cannot_break_out_of_its_header() {
    let response = csv("a\"\r\nset-cookie: x.csv", "a,b\r\n".into());
    let value = response.headers()["content-disposition"].to_str().unwrap();
    assert_eq!(value, "attachment; filename=\"a___set-cookie_ x.csv\"");
}

#[tokio::test]
async fn headers_are_added_and_a_handlers_own_are_kept() {
    let response = respond(get(""), |_| async { Ok(replayed(json(StatusCode::OK, &Value::Null))) }).await;
    let text = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(text("cache-control"), "no-store");
    assert_eq!(text("x-content-type-options"), "nosniff");
    assert_eq!(text("idempotency-hit"), "true");
    let cached = |_| async {
        let mut asset = content(StatusCode::OK, "text/css", "a{}");
        asset.headers_mut().insert("cache-control", HeaderValue::from_static("max-age=60"));
        Ok(asset)
    };
    assert_eq!(respond(get(""), cached).await.headers()["cache-control"], "max-age=60");
}

#[tokio::test]
async fn a_byte_order_mark_reaches_the_caller_once() {
    for text in ["\u{feff}seq,kind\n", "seq,kind\n"] {
        let response = respond(get(""), |_| async { Ok(csv("statement.csv", text.to_owned())) }).await;
        let sent = lambda_http::IntoResponse::into_response(response).await;
        assert_eq!(sent.body().as_ref(), text.as_bytes());
    }
}

#[tokio::test]
async fn a_panic_is_answered_500_without_its_words_wherever_it_happens() {
    let mut context = lambda_http::Context::default();
    context.request_id = "lambda-1".into();
    let late = |_| async { panic!("hush: the contents of a row") };
    let early =
        |_| -> std::future::Ready<Result<Response<Body>, Problem>> { panic!("hush: the contents of a row") };
    let asked = || get("").with_lambda_context(context.clone());
    for response in [respond(asked(), late).await, respond(asked(), early).await] {
        assert_eq!(response.status(), 500);
        let json: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!((json["code"].as_str(), json["requestId"].as_str()), (Some("internal"), Some("lambda-1")));
        assert!(!json.to_string().contains("hush"));
    }
}
