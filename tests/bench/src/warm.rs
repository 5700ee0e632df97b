//! One warm request again and again, for callgrind to count: spend, webhook and quote, a movement alone, and
//! a bare function of one `UpdateItem` to compare them with.

use crate::{
    money_in::MoneyIn,
    tape::Tape,
    vendors::{SANDBOX_URL, Vendors},
};
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue},
};
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{Cause, CauseKind, Command, Companions, Ledger, Movement, Purpose};
use money::{Money, PositiveMoney};
use platform::{Problem, Services};
use serde::Deserialize;
use serde_json::json;
use std::{future::Future, sync::Arc};
use suite::functions::{Functions, set_vendor_secrets, with_vendors};
use suite::gateway::{Call, read};
use support::{InProcessAws, World};
use terms::{Actor, Fingerprint, HoldId};

pub const CASES: [&str; 5] = ["bare", "movement", "spend", "webhook", "quote"];

/// Requests before the counted ones: caches and connection state are warm then.
const WARM_UP: u32 = 3;

const ORGANIZATION: &str = "org_0123456789abcdef";

/// Runs a case so many times. Returns whom each of its requests asks, in order.
///
/// # Panics
/// On an unknown case, and when a request is not answered as it should be.
pub async fn run(case: &str, times: u32) -> Vec<String> {
    let world = World::new();
    world.leave_books_unchecked();
    for _ in 0..3 {
        world.buy(&world.organization(ORGANIZATION), "5000").await;
    }
    let tape = Tape::default();
    let client = Services::new(taped(&world, &tape).config(), world.clock.clock()).dynamodb();
    match case {
        "bare" => {
            let call = Call::new("POST", "/api/bare").by(ORGANIZATION, "owner").body(r#"{"by":1}"#);
            repeat(&tape, times, || async { ok(&bare(&client, call.request()).await, 200) }).await;
        }
        "movement" => {
            let ledger = Ledger::new(client, "ledger", "work", world.clock.clock());
            let movement = hold(&world);
            repeat(&tape, times, || async {
                let posted = ledger.post(&movement, &Companions::default()).await.expect("an answer");
                assert!(posted.is_ok());
            })
            .await;
        }
        "spend" => spend(&world, &tape, times).await,
        "quote" => quote(&world, &tape, times).await,
        "webhook" => webhook(world, &tape, times).await,
        other => panic!("there is no case {other}"),
    }
    tape.asked()
}

/// Once for the tape, a few times to warm up, then as often as asked.
async fn repeat<F: Future<Output = ()>>(tape: &Tape, times: u32, once: impl Fn() -> F) {
    once().await;
    for _ in 0..WARM_UP + times {
        tape.rewind();
        once().await;
    }
}

fn ok(response: &Response<Body>, status: u16) {
    assert_eq!(response.status().as_u16(), status, "{:?}", read(response));
}

#[derive(Deserialize)]
struct Wire {
    by: u32,
}

/// What a function of one `UpdateItem` does: reads its event and body, writes once, answers.
async fn bare(client: &Client, request: Request) -> Response<Body> {
    let wire: Result<Wire, Problem> = platform::http::json_body(&request);
    let by = wire.map_or(0, |wire| wire.by);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let updated = client
        .update_item()
        .table_name("work")
        .key("pk", text("ORG#org_0123456789abcdef"))
        .key("sk", text("COUNTER"))
        .update_expression("ADD #count :by")
        .expression_attribute_names("#count", "count")
        .expression_attribute_values(":by", AttributeValue::N(by.to_string()))
        .return_values(ReturnValue::UpdatedNew)
        .send()
        .await
        .expect("an answer");
    let count = updated.attributes().and_then(|item| item.get("count")).and_then(|count| count.as_n().ok());
    platform::http::json(StatusCode::OK, &json!({"count": count}))
}

fn hold(world: &World) -> Movement {
    Movement {
        organization: world.organization(ORGANIZATION),
        cause: Cause::new(CauseKind::ContactsHold, "pur_0123456789abcdef0123456789"),
        fingerprint: Fingerprint::of(&["bench"]),
        actor: Actor::user("6f9619ff-8b86-4d11-b42d-00c04fc964ff"),
        occurred_at: None,
        description: "1000 contacts: Home owners in Florida".to_owned(),
        command: Command::Hold {
            id: HoldId::parse("pur_0123456789abcdef0123456789").expect("a hold id"),
            purpose: Purpose::Contacts,
            amount: PositiveMoney::new(Money::parse("300").expect("an amount")).expect("above zero"),
        },
    }
}

/// Functions whose every request goes over the tape.
fn functions(world: &World, tape: &Tape) -> Functions {
    set_vendor_secrets(&world.secrets, &[]);
    let vendors = tape.vendor(Arc::new(Vendors::new(world.clock.clone())));
    let services = Services::with_vendors(taped(world, tape).config(), world.clock.clock(), vendors);
    Functions::new(services, with_vendors(World::environment(), SANDBOX_URL))
}

/// A world's AWS over the tape.
fn taped(world: &World, tape: &Tape) -> InProcessAws {
    let aws = world.aws().with("dynamodb", tape.over(world.dynamo.clone()));
    aws.with("sqs", tape.over(world.queues.clone()))
}

async fn spend(world: &World, tape: &Tape, times: u32) {
    let functions = functions(world, tape);
    let body = r#"{"filters":{"states":["FL"]},"maxContacts":1000,"audienceName":"Florida"}"#;
    let call = Call::new("POST", "/api/audience/purchase").by(ORGANIZATION, "owner");
    let call = call.header("idempotency-key", "order-1").body(body);
    repeat(tape, times, || async { ok(&functions.call(&call).await, 202) }).await;
}

async fn quote(world: &World, tape: &Tape, times: u32) {
    let functions = functions(world, tape);
    let body = r#"{"filters":{"states":["FL"]},"maxContacts":1000}"#;
    let call = Call::new("POST", "/api/audience/count").by(ORGANIZATION, "owner").body(body);
    repeat(tape, times, || async { ok(&functions.call(&call).await, 200) }).await;
}

async fn webhook(world: World, tape: &Tape, times: u32) {
    let before = MoneyIn::of(world.clone());
    before.order_and_pay(ORGANIZATION).await;
    let events = before.events();
    let completed = events.iter().find(|event| event["type"] == "checkout.session.completed");
    let call = before.delivery(completed.expect("the payment's event"));
    // Only the webhook's own requests are on the tape: the order went another way.
    let aws = taped(&world, tape);
    let function = MoneyIn::over(world, aws);
    repeat(tape, times, || function.deliver(&call)).await;
}
