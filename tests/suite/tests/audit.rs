//! Who did what, as the log keeps it: an event line for each refusal and each action of finance, with ids alone.

use credit_adjustments::handler::answer;
use lambda_http::{Body, Request, RequestExt, Response};
use serde_json::{Value, json};
use suite::functions::Functions;
use suite::gateway::{Call, read};
use suite::lines::{Line, Lines};
use suite::shop::Shop;
use support::World;

const PATH: &str = "/api/admin/credits/adjustments";
/// What a person is called, and where they live: never in a log.
const CANARIES: [&str; 4] = ["ana.ruiz@canary.example", "Ana Ruiz", "12 Canary Lane", "canary"];

fn claims(subject: &str, organization: &str, role: &str) -> Value {
    json!({"sub": subject, "token_use": "id", "email": CANARIES[0], "name": CANARIES[1],
        "custom:organization_id": organization, "custom:role": role})
}

fn functions() -> Functions {
    Functions::new(World::new().services(), World::environment())
}

/// The response that leaves the function.
async fn respond(functions: &Functions, request: Request) -> Response<Body> {
    let state = functions.credit_adjustments().await;
    platform::http::respond(request, |request| answer(state, request)).await
}

fn shown<'a>(line: &'a Line, fields: &[&str]) -> Vec<Option<&'a str>> {
    fields.iter().map(|field| line.get(*field).map(String::as_str)).collect()
}

#[tokio::test]
async fn each_403_is_an_event_line_with_who_where_and_which_object() {
    let functions = functions();
    let (lines, _listening) = Lines::listen();
    let body = format!(r#"{{"organizationId":"org_b","amount":5,"reason":"{}"}}"#, CANARIES[2]);
    for (role, id) in [("owner", "adj_1"), ("member", CANARIES[0])] {
        let call = Call::new("POST", PATH)
            .with_claims(claims("sub-1", "org_a", role))
            .id("id", id)
            .body(body.as_str());
        let mut context = lambda_http::Context::default();
        context.request_id = "lambda-1".to_owned();
        let request = call.request().with_lambda_context(context);
        assert_eq!(respond(&functions, request).await.status(), 403);
    }
    let refused = lines.of("forbidden");
    let fields =
        ["subject", "organization", "endpoint", "object", "code", "request_id", "gateway_request_id"];
    let endpoint = format!("POST {PATH}");
    let mut expected = [
        Some("sub-1"),
        Some("org_a"),
        Some(endpoint.as_str()),
        Some("adj_1"),
        Some("forbidden"),
        Some("lambda-1"),
        Some("gw-1"),
    ];
    assert_eq!(shown(&refused[0], &fields), expected);
    // what is no id is left out, whatever somebody typed into the address
    expected[3] = None;
    assert_eq!(shown(&refused[1], &fields), expected);
    assert_eq!(refused.len(), 2);
    lines.assert_without(&CANARIES);
}

#[tokio::test]
async fn other_answers_are_no_refusals_of_a_caller() {
    let functions = functions();
    let (lines, _listening) = Lines::listen();
    let unsigned = Call::new("POST", PATH).body("{}");
    assert_eq!(respond(&functions, unsigned.request()).await.status(), 401);
    let wrong = Call::new("POST", PATH).by("org_droplab", "finance").body("{}");
    assert_eq!(respond(&functions, wrong.request()).await.status(), 400);
    assert_eq!((lines.of("forbidden"), lines.of("finance-action")), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn each_adjustment_and_each_decision_of_a_refund_is_an_event_line() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    let refunds = [shop.asked_refund("org_a", &order.order_id, Some("10")).await];
    let (lines, _listening) = Lines::listen();
    let by = || Call::new("POST", PATH).with_claims(claims("fin-1", "org_droplab", "finance"));
    let body =
        format!(r#"{{"organizationId":"org_a","amount":5,"reason":"{} of {}"}}"#, CANARIES[1], CANARIES[2]);
    let adjusted = shop.credit_adjustments(by().header("idempotency-key", "k1").body(body.as_str())).await;
    let (status, adjusted) = read(&adjusted);
    assert_eq!(status, 200, "{adjusted}");
    assert_eq!(shop.decide_refund("fin-2", "org_a", &refunds[0], false).await.status(), 200);
    let refused = shop.decide_refund("fin-2", "org_a", &refunds[0], true).await;
    assert_eq!(refused.status(), 409, "what is refused is no action");

    let fields = ["action", "subject", "organization", "affected_organization", "endpoint", "object"];
    let actions: Vec<Line> = lines.of("finance-action");
    let entry = format!("entry-{}", adjusted["seq"]);
    let endpoint = format!("POST {PATH}");
    let expected = ["adjustment", "fin-1", "org_droplab", "org_a", endpoint.as_str(), entry.as_str()];
    assert_eq!(shown(&actions[0], &fields), expected.map(Some));
    let endpoint = format!("POST /api/admin/refunds/{}", refunds[0]);
    let expected =
        ["refund-declined", "fin-2", "org_droplab", "org_a", endpoint.as_str(), refunds[0].as_str()];
    assert_eq!(shown(&actions[1], &fields), expected.map(Some));
    assert_eq!(actions.len(), 2);
    assert!(actions.iter().all(|line| line["gateway_request_id"] == "gw-1"));
    lines.assert_without(&CANARIES);
}

#[tokio::test]
async fn each_row_of_opening_balances_is_an_event_line() {
    let functions = functions();
    let (lines, _listening) = Lines::listen();
    let file = "rowId,organizationId,credits,stripeCustomerId\nr1,org_a,12.00,\nr2,org_b,7.00,\n";
    let call = Call::new("POST", "/api/admin/credits/opening-balances")
        .with_claims(claims("fin-1", "org_droplab", "finance"))
        .header("content-type", "text/csv")
        .body(file);
    assert_eq!(functions.call(&call).await.status(), 200);
    let actions = lines.of("finance-action");
    let fields = ["action", "subject", "affected_organization", "object"];
    for (line, organization) in actions.iter().zip(["org_a", "org_b"]) {
        let expected = ["opening-balance", "fin-1", organization, "entry-1"];
        assert_eq!(shown(line, &fields), expected.map(Some));
    }
    assert_eq!(actions.len(), 2);
    lines.assert_without(&CANARIES);
}
