//! Free calls are bounded: by user, by organization, and together by a share of the vendor's rate, so that what is paid
//! for is never starved by what is not.

use crate::stage::{FLORIDA, Stage, order_of};
use audience::limits;
use lambda_http::{Body, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    lines::{Line, Lines},
};
use tables::{Key, Record};
use terms::Timestamp;

fn filters(number: u32) -> String {
    let (min, years) = (18 + number % 60, number / 60);
    format!(r#"{{"states":["DE"],"age":{{"min":{min},"max":{}}}}}"#, min + years)
}

async fn count(stage: &Stage, organization: &str, user: &str, filters: &str) -> Response<Body> {
    let call = Call::new("POST", "/api/audience/count").by_user(user, organization, "member");
    let body = format!(r#"{{"filters":{filters},"maxContacts":10}}"#);
    stage.functions.call(&call.body(body)).await
}

async fn counts_at_the_vendor(stage: &Stage) -> u64 {
    stage.vendor("dataAxle").await["countCalls"].as_u64().expect("a count")
}

fn wait_of(response: &Response<Body>) -> u64 {
    response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds")
}

#[tokio::test]
async fn counts_beyond_the_quota_are_429_with_a_time() {
    let stage = Stage::new().await;
    for _ in 0..limits::COUNTS_OF_A_USER.limit {
        assert_eq!(count(&stage, "org_a", "u1", FLORIDA).await.status(), 200);
    }
    let refused = count(&stage, "org_a", "u1", FLORIDA).await;
    let problem = assert_problem(&refused, 429, "too_many_counts");
    assert!((1..=10).contains(&wait_of(&refused)), "{problem}");
    assert_eq!(count(&stage, "org_a", "u2", FLORIDA).await.status(), 200, "others count on");
    stage.world.clock.advance_seconds(i64::try_from(wait_of(&refused)).expect("in range"));
    assert_eq!(count(&stage, "org_a", "u1", FLORIDA).await.status(), 200, "after the time it said");
}

#[tokio::test]
async fn an_organization_of_many_users_has_a_quota_of_what_goes_to_the_vendor() {
    let stage = Stage::new().await;
    for number in 0..limits::COUNTS_OF_AN_ORGANIZATION.limit {
        let user = format!("u{}", number / 5);
        assert_eq!(count(&stage, "org_a", &user, &filters(number)).await.status(), 200, "{number}");
    }
    let refused = count(&stage, "org_a", "late", &filters(100)).await;
    assert_problem(&refused, 429, "too_many_counts");
    assert!((1..=60).contains(&wait_of(&refused)));
    assert_eq!(count(&stage, "org_a", "late", &filters(0)).await.status(), 200, "what is known is answered");
    assert_eq!(count(&stage, "org_b", "u1", &filters(100)).await.status(), 200, "others count on");
}

#[tokio::test]
async fn the_same_count_is_asked_of_the_vendor_once_in_ten_minutes() {
    let stage = Stage::with_credits("50.00").await;
    let answer = |response: Response<Body>| read(&response).1["count"].as_u64().expect("a count");
    let two = r#"{"states":["FL","DE"],"age":{"min":30}}"#;
    let same = r#"{"age":{"min":30},"states":["DE","FL","FL"]}"#;
    let first = answer(count(&stage, "org_a", "u1", two).await);
    assert_eq!(answer(count(&stage, "org_b", "u2", same).await), first, "of all organizations");
    assert_eq!(counts_at_the_vendor(&stage).await, 1);
    let other = answer(count(&stage, "org_a", "u1", r#"{"states":["DE"],"age":{"min":30}}"#).await);
    assert!(other < first);
    assert_eq!(counts_at_the_vendor(&stage).await, 2);
    let order = format!(r#"{{"filters":{two},"maxContacts":10,"audienceName":"Both"}}"#);
    assert_eq!(stage.order("org_a", "k", &order).await.status(), 202);
    assert_eq!(counts_at_the_vendor(&stage).await, 3, "a purchase counts again");
    stage.world.clock.advance_seconds(limits::COUNT_VALID_SECONDS - 1);
    assert_eq!(answer(count(&stage, "org_a", "u1", two).await), first);
    assert_eq!(counts_at_the_vendor(&stage).await, 3);
    stage.world.clock.advance_seconds(1);
    assert_eq!(answer(count(&stage, "org_a", "u1", two).await), first);
    assert_eq!(counts_at_the_vendor(&stage).await, 4, "after ten minutes it is asked anew");
    assert_eq!(answer(count(&stage, "org_a", "u1", two).await), first);
    assert_eq!(counts_at_the_vendor(&stage).await, 4, "and stored anew");
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredCount {
    name: String,
    count: u64,
    valid_until: Timestamp,
}

impl Record for StoredCount {
    const KIND: &'static str = "kept-count";

    fn key(&self) -> Key {
        Key::new(format!("COUNT#{}", self.name), "COUNT")
    }
}

#[tokio::test]
async fn a_quote_by_a_stored_count_that_no_longer_holds_is_followed_by_one_that_does() {
    let stage = Stage::with_credits("50.00").await;
    assert_eq!(count(&stage, "org_a", "u1", FLORIDA).await.status(), 200);
    let work = stage.world.dynamo.dump("work");
    let item = work.iter().find(|item| item["kind"]["S"] == "kept-count").expect("it is stored");
    let key = Key::new(item["pk"]["S"].as_str().expect("a key"), "COUNT");
    let stored = stage.world.work.get::<StoredCount>(&key).await.expect("a read").expect("it stands");
    let old = StoredCount { count: 5, ..stored.record.clone() };
    stage.world.work.replace(&stored, &old).await.expect("a write");
    let quote_of = |answer: &Value| {
        let quote = &answer["quote"];
        (quote["contacts"].as_u64().expect("contacts"), quote["quoteId"].as_str().expect("an id").to_owned())
    };
    let (contacts, quote) = quote_of(&read(&count(&stage, "org_a", "u1", FLORIDA).await).1);
    assert_eq!(contacts, 5, "as it was ten minutes ago");
    let order = |quote: &str| {
        order_of(10).replace("\"audienceName\"", &format!("\"quoteId\":\"{quote}\",\"audienceName\""))
    };
    let refused = assert_problem(&stage.order("org_a", "k1", &order(&quote)).await, 409, "price_changed");
    assert_eq!(refused["contacts"], 10);
    let (contacts, quote) = quote_of(&read(&count(&stage, "org_a", "u1", FLORIDA).await).1);
    assert_eq!(contacts, 10);
    assert_eq!(stage.order("org_a", "k2", &order(&quote)).await.status(), 202);
}

/// The moment at which a new minute begins, and with it a new window of every quota.
fn to_the_next_minute(stage: &Stage) {
    let now = stage.world.clock.now().as_seconds();
    stage.world.clock.advance_seconds(60 - now.rem_euclid(60));
}

/// Other organizations use up what free counts may use of the vendor's rate in this window.
async fn use_up_the_vendors_share(stage: &Stage) {
    for number in 0..limits::COUNTS_AT_THE_VENDOR.limit {
        let (organization, user) = (format!("org_o{}", number / 9), format!("o{}", number / 9));
        assert_eq!(count(stage, &organization, &user, &filters(1_000 + number)).await.status(), 200);
    }
}

/// Asserts that three users of org_a make all the counts of the organization's quota now.
async fn assert_whole_quota_is_left(stage: &Stage) {
    let (users, all) = (limits::COUNTS_OF_A_USER.limit, limits::COUNTS_OF_AN_ORGANIZATION.limit);
    for number in 0..all {
        let user = format!("u{}", number / users);
        let (status, body) = read(&count(stage, "org_a", &user, &filters(number)).await);
        assert_eq!(status, 200, "{number}: {body}");
    }
    let refused = count(stage, "org_a", "late", &filters(all)).await;
    assert_problem(&refused, 429, "too_many_counts");
}

#[tokio::test]
async fn a_count_for_which_the_vendors_share_is_used_up_takes_nothing_from_any_quota() {
    let stage = Stage::new().await;
    to_the_next_minute(&stage);
    use_up_the_vendors_share(&stage).await;
    let asked = counts_at_the_vendor(&stage).await;
    for number in 0..2 * limits::COUNTS_OF_A_USER.limit {
        let refused = count(&stage, "org_a", "u0", &filters(number)).await;
        assert_problem(&refused, 429, "vendor_busy");
    }
    let users: Vec<String> = (0..60).map(|number| format!("u{}", number % 3)).collect();
    let filters: Vec<String> = (0..60).map(filters).collect();
    let at_once = users.iter().zip(&filters).map(|(user, filters)| count(&stage, "org_a", user, filters));
    for refused in futures::future::join_all(at_once).await {
        assert_eq!(refused.status(), 429);
    }
    assert_eq!(counts_at_the_vendor(&stage).await, asked, "the vendor is not asked");
    // the vendor's next window, in the same one of the organization's
    stage.world.clock.advance_seconds(10);
    assert_whole_quota_is_left(&stage).await;
}

#[tokio::test]
async fn a_count_that_the_vendor_puts_off_takes_nothing_from_the_users_and_the_organizations_quota() {
    let stage = Stage::new().await;
    to_the_next_minute(&stage);
    let times = limits::COUNTS_OF_A_USER.limit + 2;
    stage.fault(json!({"vendor": "data-axle", "kind": "status", "status": 429, "next": times})).await;
    for number in 0..times {
        let refused = count(&stage, "org_a", "u0", &filters(number)).await;
        assert_problem(&refused, 429, "vendor_busy");
    }
    assert_whole_quota_is_left(&stage).await;
}

#[tokio::test]
async fn a_flood_of_counts_leaves_purchases_of_others_alone() {
    let stage = Stage::new().await;
    stage.buy_credits("org_b", "100.00").await;
    stage.limit_vendor(150).await;
    let (lines, _guard) = Lines::listen();
    // one member in a loop, and a crowd of organizations, each within its own quota
    for number in 0..40 {
        let status = count(&stage, "org_a", "u1", &filters(number)).await.status().as_u16();
        assert!(matches!(status, 200 | 429), "{status}");
    }
    for organization in 0..12 {
        for number in 0..10 {
            let (name, user) = (format!("org_{organization}"), format!("u{organization}"));
            let answer = count(&stage, &name, &user, &filters(200 + 10 * organization + number)).await;
            let (status, body) = read(&answer);
            assert!(status == 200 || (status, &body["code"]) == (429, &json!("vendor_busy")), "{body}");
        }
    }
    assert_eq!(counts_at_the_vendor(&stage).await, u64::from(limits::COUNTS_AT_THE_VENDOR.limit));
    for number in 0..25 {
        stage.place("org_b", &format!("k{number}"), 10).await;
        stage.deliver().await;
        stage.world.clock.advance_seconds(1);
    }
    let charged = stage.month("org_b").await.expect("a month");
    assert_eq!((charged.0, charged.1), (25, 250), "25 of 25 are carried out");
    assert_eq!(lines.errors(), Vec::<Line>::new());
}

#[tokio::test]
async fn orders_that_are_refused_are_no_free_calls_without_end() {
    let stage = Stage::new().await;
    for number in 0..limits::ORDERS_OF_AN_ORGANIZATION.limit {
        let refused = stage.order("org_a", &format!("k{number}"), &order_of(10)).await;
        assert_problem(&refused, 402, "insufficient_credits");
    }
    let asked = counts_at_the_vendor(&stage).await;
    let refused = stage.order("org_a", "more", &order_of(10)).await;
    assert_problem(&refused, 429, "too_many_orders");
    assert!((1..=10).contains(&wait_of(&refused)));
    assert_eq!(counts_at_the_vendor(&stage).await, asked, "the vendor is not asked");
    stage.buy_credits("org_a", "10.00").await;
    stage.world.clock.advance_seconds(10);
    stage.place("org_a", "more", 10).await;
    stage.buy_credits("org_b", "10.00").await;
    stage.place("org_b", "k", 10).await;
}

#[tokio::test]
async fn a_vendors_429_is_ours_and_no_error_line() {
    let stage = Stage::with_credits("50.00").await;
    let (lines, _guard) = Lines::listen();
    let busy = json!({"vendor": "data-axle", "kind": "status", "status": 429, "retryAfter": 7, "next": 2});
    stage.fault(busy).await;
    let counted = count(&stage, "org_a", "u1", FLORIDA).await;
    assert_problem(&counted, 429, "vendor_busy");
    let ordered = stage.order("org_a", "k", &order_of(10)).await;
    assert_problem(&ordered, 429, "vendor_busy");
    assert_eq!((wait_of(&counted), wait_of(&ordered)), (7, 7), "the time that the vendor says");
    assert_eq!(stage.held("org_a").await, "0.00");
    let id = stage.place("org_a", "k", 10).await;
    // and of the worker it is a pause
    let busy = json!({"vendor": "data-axle", "kind": "status", "status": 429, "next": 1});
    stage.fault(busy).await;
    stage.run_until_ended("org_a", &id).await;
    assert_eq!(stage.status_of("org_a", &id).await["delivered"], 10);
    assert_eq!(lines.errors(), Vec::<Line>::new());
}

#[tokio::test]
async fn the_sixth_open_test_order_is_refused() {
    let stage = Stage::new().await;
    let test = |key: &str| {
        let body = order_of(10).replace("\"audienceName\"", "\"environment\":\"test\",\"audienceName\"");
        let (stage, key) = (&stage, key.to_owned());
        async move { stage.order("org_a", &key, &body).await }
    };
    for number in 0..5 {
        assert_eq!(test(&format!("k{number}")).await.status(), 202);
    }
    let refused = assert_problem(&test("k5").await, 409, "too_many_open_tests");
    assert_eq!(refused["limit"], 5);
    let again = test("k4").await;
    assert_eq!((again.status().as_u16(), again.headers().contains_key("idempotency-hit")), (202, true));
    let other = order_of(10).replace("\"audienceName\"", "\"environment\":\"test\",\"audienceName\"");
    assert_eq!(stage.order("org_b", "k", &other).await.status(), 202, "another organization's are its own");
    stage.deliver().await;
    assert_eq!(test("k5").await.status(), 202, "the key of a refused order may be used again");
}
