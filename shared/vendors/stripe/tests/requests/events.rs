//! Events read from the API.

use stripe_client::event::{Fact, RefundChange, TYPES, listed_groups};
use stripe_client::{EventPage, EventQuery, StripeFailure};

use crate::scripted::{Reply, Scripted};
use crate::{lines, stripe};

fn event(id: &str, kind: &str, object: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","api_version":"2026-09-30.endive","created":1763790000,
        "livemode":false,"type":"{kind}","data":{{"object":{object}}}}}"#
    )
}

const REFUND: &str = r#"{"id":"re_1","amount":40,"currency":"usd","status":"succeeded"}"#;

async fn check(body: &str) -> (Result<EventPage, StripeFailure>, String) {
    let server = Scripted::start(vec![Reply::json(200, body)]);
    let query = EventQuery {
        types: listed_groups().remove(0),
        created_from: 1_763_000_000,
        starting_after: Some("evt_9".to_owned()),
        limit: 50,
    };
    let answer = stripe(&server).events(&query).await;
    (answer, lines(&server).remove(0))
}

#[tokio::test]
async fn a_page_is_read_like_webhooks_and_asked_for_by_type() {
    let refund = event("evt_8", "refund.updated", REFUND);
    let unreadable = event("evt_7", "checkout.session.completed", r#"{"id":"cs_1"}"#);
    let other = event("evt_6", "plan.created", r#"{"id":1,"ratio":0.5}"#);
    let body = format!(r#"{{"object":"list","data":[{refund},{unreadable},{other}],"has_more":true}}"#);
    let (answer, line) = check(&body).await;
    let page = answer.unwrap();
    assert!(page.has_more);
    let ids: Vec<&str> = page.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids, ["evt_8", "evt_7", "evt_6"]);
    let Fact::Refund { change: RefundChange::Updated, refund } = &page.events[0].fact else { panic!() };
    assert_eq!((refund.id.as_str(), refund.amount), ("re_1", 40));
    assert_eq!(page.events[1].fact, Fact::Undecodable);
    assert_eq!(page.events[2].fact, Fact::Unknown);

    let query = line.strip_prefix("GET /events?").unwrap();
    let mut fields: Vec<&str> = query.split('&').collect();
    let types: Vec<String> = listed_groups()
        .remove(0)
        .iter()
        .enumerate()
        .map(|(index, kind)| format!("types[{index}]={kind}"))
        .collect();
    fields.retain(|field| !types.iter().any(|kind| kind == field));
    assert_eq!(fields, ["created[gte]=1763000000", "limit=50", "starting_after=evt_9"]);
    assert_eq!(query.split('&').count(), 3 + types.len());
}

#[tokio::test]
async fn an_element_that_is_no_event_fails_the_page() {
    let thin = r#"{"id":"evt_1","object":"v2.core.event","type":"x"}"#;
    for element in [thin, "{}", "null", "7", REFUND] {
        let good = event("evt_8", "refund.updated", REFUND);
        let (answer, _) = check(&format!(r#"{{"data":[{good},{element}],"has_more":false}}"#)).await;
        assert_eq!(answer, Err(StripeFailure::Undecodable), "{element}");
    }
}

#[tokio::test]
async fn an_empty_page_is_the_last() {
    let (answer, _) = check(r#"{"data":[],"has_more":false}"#).await;
    assert_eq!(answer, Ok(EventPage { events: vec![], has_more: false }));
    let (answer, _) = check(r#"{"data":[],"has_more":true}"#).await;
    assert_eq!(answer, Err(StripeFailure::Undecodable));
}

#[tokio::test]
async fn a_page_after_nothing_is_not_asked_for() {
    let server = Scripted::start(vec![]);
    let starting_after = Some(String::new());
    let query = EventQuery { types: vec!["invoice.paid"], created_from: 0, starting_after, limit: 1 };
    let failure = stripe(&server).events(&query).await.unwrap_err();
    assert_eq!(failure.refusal().unwrap().param.as_deref(), Some("starting_after"));
}

#[tokio::test]
async fn more_types_than_stripe_takes_are_not_asked_for() {
    let server = Scripted::start(vec![]);
    for types in [vec![], TYPES[..21].to_vec()] {
        let query = EventQuery { types, created_from: 0, starting_after: None, limit: 1 };
        let failure = stripe(&server).events(&query).await.unwrap_err();
        assert_eq!(failure.refusal().unwrap().param.as_deref(), Some("types"));
    }
}

#[tokio::test]
async fn one_event_is_read_by_id() {
    let body = event("evt_1", "charge.refund.updated", REFUND);
    let server = Scripted::start(vec![Reply::json(200, &body), Reply::json(200, REFUND)]);
    let stripe = stripe(&server);
    let event = stripe.event("evt_1").await.unwrap();
    assert_eq!((event.id.as_str(), event.created), ("evt_1", 1_763_790_000));
    assert!(matches!(event.fact, Fact::Refund { change: RefundChange::Updated, .. }));
    assert_eq!(stripe.event("evt_1").await, Err(StripeFailure::Undecodable));
    assert_eq!(lines(&server), ["GET /events/evt_1"; 2]);
}
