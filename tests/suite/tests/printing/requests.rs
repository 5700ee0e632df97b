//! The three endpoints: what they answer, and what they refuse.

use crate::world::{PDF, PrintWorld};
use lambda_http::{Body, Response};
use platform::config::name;
use printing::{NewArtwork, limits};
use serde_json::{Value, json};
use suite::{functions::Functions, gateway::Call};

fn request(organization: &str, key: Option<&str>, path: &str, id: &str, body: &str) -> Call {
    let call = Call::new("POST", path).by(organization, "owner").id("id", id).body(body);
    key.into_iter().fold(call, |call, key| call.header("idempotency-key", key))
}

/// Status, `code` of a problem (or empty), the body, and whether it was a replay.
fn answered(response: &Response<Body>) -> (u16, String, Value, bool) {
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let code = body["code"].as_str().unwrap_or_default().to_owned();
    (response.status().as_u16(), code, body, response.headers().contains_key("idempotency-hit"))
}

struct Api {
    shop: PrintWorld,
}

impl Api {
    async fn with_credits(credits: &str) -> Self {
        Self { shop: PrintWorld::with_credits(credits).await }
    }

    async fn create(
        &self,
        organization: &str,
        key: Option<&str>,
        body: &Value,
    ) -> (u16, String, Value, bool) {
        let call = request(organization, key, "/api/campaigns", "", &body.to_string());
        answered(&self.shop.functions.call(&call).await)
    }

    async fn print(
        &self,
        organization: &str,
        key: Option<&str>,
        id: &str,
        body: &str,
    ) -> (u16, String, Value, bool) {
        self.print_at(true, organization, key, id, body).await
    }

    async fn print_at(
        &self,
        live_orders: bool,
        organization: &str,
        key: Option<&str>,
        id: &str,
        body: &str,
    ) -> (u16, String, Value, bool) {
        let Functions { services, environment, .. } = &self.shop.functions;
        let environment = environment.clone().with(name::LIVE_ORDERS, &live_orders.to_string());
        let call = request(organization, key, &format!("/api/campaigns/{id}/print"), id, body);
        answered(&Functions::new(services.clone(), environment).call(&call).await)
    }

    async fn status(&self, organization: &str, id: &str) -> (u16, String, Value, bool) {
        let call =
            Call::new("GET", &format!("/api/campaigns/{id}/print")).by(organization, "owner").id("id", id);
        answered(&self.shop.functions.call(&call).await)
    }
}

fn campaign_body(list: &str, artwork: &Value) -> Value {
    json!({"name": "Spring", "recipientListId": list, "size": "6x4", "artwork": artwork})
}

#[tokio::test]
async fn a_campaign_is_created_once_per_key_and_answers_one_upload_policy() {
    let api = Api::with_credits("1.00").await;
    let list = api.shop.list(10).await;
    let body = campaign_body(list.as_str(), &json!({"kind": "pdf"}));
    let (status, _, first, hit) = api.create("org_a", Some("k"), &body).await;
    assert_eq!((status, hit, &first["pieces"]), (201, false, &10.into()));
    let id = first["campaignId"].as_str().unwrap();
    assert_eq!(first["upload"]["prefix"], format!("artwork/org_a/{id}/"));
    let (status, _, second, hit) = api.create("org_a", Some("k"), &body).await;
    assert_eq!((status, hit, &second["campaignId"]), (201, true, &first["campaignId"]));
    let other = campaign_body(list.as_str(), &json!({"kind": "pdf-per-recipient"}));
    assert_eq!(api.create("org_a", Some("k"), &other).await.1, "idempotency_key_reused");
    let html =
        campaign_body(list.as_str(), &json!({"kind": "html", "front": "<p>f</p>", "back": "<p>b</p>"}));
    let (status, _, made, _) = api.create("org_a", None, &html).await;
    assert_eq!((status, made.get("upload")), (201, None));
}

#[tokio::test]
async fn an_organizations_campaigns_are_bounded_by_the_hour_and_repetitions_are_not_counted() {
    let api = Api::with_credits("1.00").await;
    let list = api.shop.list(10).await;
    let html =
        campaign_body(list.as_str(), &json!({"kind": "html", "front": "<p>f</p>", "back": "<p>b</p>"}));
    let most = limits::CAMPAIGNS_OF_AN_ORGANIZATION.limit;
    for number in 0..most {
        let key = format!("k{number}");
        assert_eq!(api.create("org_a", Some(&key), &html).await.0, 201, "{number}");
    }
    let (status, code, problem, _) = api.create("org_a", Some("more"), &html).await;
    assert_eq!((status, code.as_str()), (429, "too_many_campaigns"), "{problem}");
    assert_eq!(api.create("org_a", None, &html).await.0, 429, "with or without a key");
    let (status, _, _, hit) = api.create("org_a", Some("k0"), &html).await;
    assert_eq!((status, hit), (201, true), "what was created is answered on");
    api.shop.world.clock.advance_seconds(limits::CAMPAIGNS_OF_AN_ORGANIZATION.window_seconds);
    assert_eq!(api.create("org_a", Some("more"), &html).await.0, 201, "in the next window");
}

#[tokio::test]
async fn a_campaign_may_go_to_the_first_of_a_list_only() {
    let api = Api::with_credits("1.00").await;
    let list = api.shop.list(10).await;
    for (asked, pieces) in [(3, 3), (10, 10), (11, 10), (100_000, 10)] {
        let mut body = campaign_body(list.as_str(), &json!({"kind": "pdf"}));
        body["maxPieces"] = asked.into();
        let (status, _, made, _) = api.create("org_a", None, &body).await;
        assert_eq!((status, &made["pieces"]), (201, &pieces.into()), "{asked}");
    }
}

#[tokio::test]
async fn bad_campaigns_are_refused() {
    let api = Api::with_credits("1.00").await;
    let list = api.shop.list(10).await;
    let good = campaign_body(list.as_str(), &json!({"kind": "pdf"}));
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let table = [
        ("another organization's list", "org_b", good.clone(), 404, "not_found"),
        ("no such list", "org_a", with("recipientListId", "lst_none".into()), 404, "not_found"),
        ("no name", "org_a", with("name", " ".into()), 400, "invalid_name"),
        ("121 characters", "org_a", with("name", "x".repeat(121).into()), 400, "invalid_name"),
        ("two lines", "org_a", with("name", "Spring\nsale".into()), 400, "invalid_name"),
        ("turned text", "org_a", with("name", "Spring \u{202E}elas".into()), 400, "invalid_name"),
        ("nothing to see", "org_a", with("name", "\u{200B}\u{FE0F}".into()), 400, "invalid_name"),
        ("unknown size", "org_a", with("size", "5x5".into()), 400, "invalid_body"),
        ("unknown artwork", "org_a", with("artwork", json!({"kind": "png"})), 400, "invalid_body"),
        ("a link", "org_a", with("artwork", json!({"kind": "pdf", "url": "http://x"})), 400, "invalid_body"),
        (
            "half html",
            "org_a",
            with("artwork", json!({"kind": "html", "front": "x", "back": " "})),
            400,
            "invalid_artwork",
        ),
        ("0 pieces", "org_a", with("maxPieces", 0.into()), 400, "invalid_max_pieces"),
        ("pieces as NaN is written", "org_a", with("maxPieces", Value::Null), 400, "invalid_body"),
        ("100,001 pieces", "org_a", with("maxPieces", 100_001.into()), 400, "invalid_max_pieces"),
        ("a price", "org_a", with("unitPrice", "0.01".into()), 400, "invalid_body"),
    ];
    for (name, organization, body, status, code) in table {
        let answer = api.create(organization, None, &body).await;
        assert_eq!((answer.0, answer.1.as_str()), (status, code), "{name}");
    }
}

#[tokio::test]
async fn insufficient_credits_on_print_name_the_package_that_helps_and_write_nothing() {
    let api = Api::with_credits("99.50").await;
    let campaign = api.shop.campaign(100).await;
    let before = api.shop.world.dynamo.dump("work");
    let (status, code, body, _) = api.print("org_a", Some("k"), campaign.as_str(), "").await;
    assert_eq!((status, code.as_str()), (402, "insufficient_credits"));
    let figures =
        ["required", "available", "shortfall", "suggestedPackage"].map(|name| body[name].as_str().unwrap());
    assert_eq!(figures, ["100.00", "99.50", "0.50", "50.00"]);
    let sorted = |mut items: Vec<Value>| {
        items.sort_by_key(Value::to_string);
        items
    };
    assert_eq!(sorted(api.shop.world.dynamo.dump("work")), sorted(before));
    assert_eq!(api.status("org_a", campaign.as_str()).await.0, 404);
    // The same key succeeds after a purchase.
    api.shop.world.buy(&api.shop.org, "50.00").await;
    assert_eq!(api.print("org_a", Some("k"), campaign.as_str(), "").await.0, 202);
    api.shop.drain().await;
    let (status, _, job, _) = api.status("org_a", campaign.as_str()).await;
    assert_eq!((status, &job["status"], &job["charged"]), (200, &"completed".into(), &"100.00".into()));
    assert!(!job.to_string().contains("0.85"), "customers never see what the vendor charges");
}

#[tokio::test]
async fn a_test_stage_prints_test_jobs_alone() {
    let api = Api::with_credits("100.00").await;
    let campaign = api.shop.campaign(10).await;
    for body in ["", "{}", r#"{"environment":"live"}"#] {
        let (status, code, ..) = api.print_at(false, "org_a", Some("k"), campaign.as_str(), body).await;
        assert_eq!((status, code.as_str()), (409, "test_orders_only"), "{body}");
    }
    assert_eq!(api.shop.world.available(&api.shop.org).await, "100.00");
    let test = r#"{"environment":"test"}"#;
    let (status, _, job, _) = api.print_at(false, "org_a", Some("k"), campaign.as_str(), test).await;
    assert_eq!((status, &job["environment"]), (202, &"test".into()));
}

#[tokio::test]
async fn the_same_key_is_the_same_job_and_another_body_is_refused() {
    let api = Api::with_credits("100.00").await;
    let campaign = api.shop.campaign(10).await;
    let (status, _, first, hit) = api.print("org_a", Some("k"), campaign.as_str(), "").await;
    assert_eq!((status, hit), (202, false));
    let (status, _, again, hit) =
        api.print("org_a", Some("k"), campaign.as_str(), r#"{"environment":"live"}"#).await;
    assert_eq!((status, hit, &again), (202, true, &first));
    let (status, code, ..) =
        api.print("org_a", Some("k"), campaign.as_str(), r#"{"environment":"test"}"#).await;
    assert_eq!((status, code.as_str()), (422, "idempotency_key_reused"));
    assert_eq!(api.print("org_a", Some("other"), campaign.as_str(), "").await.1, "print_job_exists");
    assert_eq!(api.shop.world.available(&api.shop.org).await, "90.00");
    api.shop.drain().await;
    let (_, _, replayed, hit) = api.print("org_a", Some("k"), campaign.as_str(), "").await;
    assert_eq!((hit, &replayed), (true, &first));
}

#[tokio::test]
async fn a_joined_idempotency_key_is_refused_not_charged() {
    let api = Api::with_credits("100.00").await;
    let campaign = api.shop.campaign(10).await;
    let id = campaign.as_str();
    let path = format!("/api/campaigns/{id}/print");
    assert_eq!(api.print("org_a", Some("k"), id, "").await.0, 202);
    let twice = || Call::new("POST", &path).by("org_a", "owner").id("id", id).body("");
    let twice = twice().header("Idempotency-Key", "k").header("Idempotency-Key", "k");
    let answer = answered(&api.shop.functions.call(&twice).await);
    assert_eq!((answer.0, answer.1.as_str()), (400, "idempotency_key_invalid"));
    assert_eq!(api.shop.world.available(&api.shop.org).await, "90.00");

    let list = api.shop.list(10).await;
    let body = campaign_body(list.as_str(), &json!({"kind": "pdf"}));
    assert_eq!(api.create("org_a", Some("c"), &body).await.0, 201);
    let before = api.shop.world.dynamo.dump("work").len();
    let answer = api.create("org_a", Some("c,c"), &body).await;
    assert_eq!((answer.0, answer.1.as_str()), (400, "idempotency_key_invalid"));
    assert_eq!(api.shop.world.dynamo.dump("work").len(), before, "no second campaign");
}

#[tokio::test]
async fn a_duplicate_request_touches_no_hold() {
    let api = Api::with_credits("100.00").await;
    let campaign = api.shop.campaign(10).await;
    let calls = (0..16).map(|_| api.print("org_a", Some("k"), campaign.as_str(), ""));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| answer.0 == 202), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| !answer.3).count(), 1);
    assert_eq!(api.shop.world.available(&api.shop.org).await, "90.00");
    api.shop.drain().await;
    assert_eq!(api.shop.printed(), (10, 10, 1));
}

#[tokio::test]
async fn print_refuses_other_organizations_missing_artwork_and_missing_keys() {
    let api = Api::with_credits("100.00").await;
    let campaign = api.shop.campaign(10).await;
    let id = campaign.as_str();
    let table = [
        ("another organization", "org_b", Some("k"), id, "", 404, "not_found"),
        ("no such campaign", "org_a", Some("k"), "cmp_none", "", 404, "not_found"),
        ("not an id", "org_a", Some("k"), "a.b", "", 404, "not_found"),
        ("no key", "org_a", None, id, "", 400, "idempotency_key_missing"),
        ("unknown environment", "org_a", Some("k"), id, r#"{"environment":"x"}"#, 400, "invalid_body"),
        ("a price", "org_a", Some("k"), id, r#"{"unitPrice":"0.01"}"#, 400, "invalid_body"),
    ];
    for (name, organization, key, id, body, status, code) in table {
        let answer = api.print(organization, key, id, body).await;
        assert_eq!((answer.0, answer.1.as_str()), (status, code), "{name}");
    }
    assert_eq!(api.status("org_b", id).await.0, 404);
    assert_eq!(api.status("org_a", id).await.0, 404, "no job yet");
    assert_eq!(api.shop.world.available(&api.shop.org).await, "100.00");
}

#[tokio::test]
async fn a_campaign_without_artwork_is_not_printed() {
    for artwork in [NewArtwork::Pdf, NewArtwork::PdfPerRecipient] {
        let api = Api::with_credits("2000.00").await;
        let campaign = api.shop.bare_campaign(1_000, artwork).await;
        api.shop.upload(&campaign, "other.pdf", PDF).await;
        let (status, code, body, _) = api.print("org_a", Some("k"), campaign.as_str(), "").await;
        assert_eq!(
            (status, code.as_str(), &body["piecesWithoutArtwork"]),
            (409, "artwork_missing", &1_000.into())
        );
        assert!(body["detail"].as_str().unwrap().contains("Upload it"));
        assert_eq!(api.shop.world.available(&api.shop.org).await, "2000.00");
    }
}

#[tokio::test]
async fn recipients_of_a_test_order_are_never_mailed_live() {
    let api = Api::with_credits("100.00").await;
    let list = api.shop.list_from(5, recipients::Mode::Test).await;
    let html = json!({"kind": "html", "front": "<p>front</p>", "back": "<p>back</p>"});
    let body = json!({"name": "Spring", "recipientListId": list, "size": "6x4", "artwork": html});
    let (status, _, made, _) = api.create("org_a", None, &body).await;
    assert_eq!(status, 201);
    let id = made["campaignId"].as_str().unwrap();
    let (status, code, _, _) = api.print("org_a", Some("k1"), id, "").await;
    assert_eq!((status, code.as_str()), (409, "test_list"));
    assert_eq!(api.shop.world.available(&api.shop.org).await, "100.00");
    let (status, ..) = api.print("org_a", Some("k2"), id, r#"{"environment":"test"}"#).await;
    assert_eq!(status, 202);
}

#[tokio::test]
async fn the_sixth_open_test_job_is_refused() {
    let api = Api::with_credits("100.00").await;
    let mut campaigns = Vec::new();
    for _ in 0..7 {
        campaigns.push(api.shop.campaign(10).await);
    }
    let body = r#"{"environment":"test"}"#;
    for (number, campaign) in campaigns.iter().take(5).enumerate() {
        let answer = api.print("org_a", Some(&format!("k{number}")), campaign.as_str(), body).await;
        assert_eq!(answer.0, 202, "{number}");
    }
    let refused = api.print("org_a", Some("k5"), campaigns[5].as_str(), body).await;
    assert_eq!((refused.0, refused.1.as_str(), &refused.2["limit"]), (409, "too_many_open_tests", &5.into()));
    assert!(api.print("org_a", Some("k4"), campaigns[4].as_str(), body).await.3, "a replay");
    assert_eq!(
        api.print("org_a", Some("live"), campaigns[6].as_str(), "").await.0,
        202,
        "live jobs are not bounded by it"
    );
    api.shop.drain().await;
    assert_eq!(api.print("org_a", Some("k5"), campaigns[5].as_str(), body).await.0, 202);
}
