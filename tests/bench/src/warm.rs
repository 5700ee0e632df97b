//! One warm request again and again, for callgrind to count: spend, webhook and quote, a movement alone, and
//! a bare function of one `UpdateItem` to compare them with.

use crate::{
    money_in::MoneyIn,
    tape::Tape,
    vendors::{SANDBOX_URL, Vendors},
};
use audience::Sales;
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue},
};
use data_axle_client::DataAxle;
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::{Cause, CauseKind, Command, Companions, Ledger, Movement, Purpose};
use money::{Money, PositiveMoney};
use platform::{ClaimNames, Problem};
use serde::Deserialize;
use serde_json::json;
use std::{future::Future, sync::Arc};
use suite::gateway::{Call, read};
use support::World;
use tables::WorkTable;
use terms::{Actor, Fingerprint, HoldId};

/// The cases, the bare function first.
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
    let client = tape.dynamodb(world.dynamo.clone());
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
        "spend" => spend(&world, &tape, client, times).await,
        "quote" => quote(&world, &tape, client, times).await,
        "webhook" => webhook(world, &tape, &client, times).await,
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

fn sales(world: &World, client: Client) -> Sales {
    Sales {
        ledger: Ledger::new(client.clone(), "ledger", "work", world.clock.clock()),
        table: WorkTable::new(client, "work"),
        prices: pricing::default_book().expect("the shipped book"),
        clock: world.clock.clock(),
    }
}

fn data_axle(world: &World, tape: &Tape) -> audience::Vendors {
    let line = Arc::new(Vendors::new(world.clock.clone()));
    let base = format!("{SANDBOX_URL}/data-axle");
    let of = |token: &str| DataAxle::new(tape.vendor(line.clone()), &base, token).expect("a token");
    audience::Vendors { live: of("data_axle_live_local"), test: of("data_axle_test_local") }
}

async fn spend(world: &World, tape: &Tape, client: Client, times: u32) {
    let state = audience_purchase::handler::State {
        live_orders: true,
        sales: sales(world, client),
        vendors: data_axle(world, tape),
        queue: tape.queue(world.queues.clone()),
        claims: ClaimNames::default(),
    };
    let body = r#"{"filters":{"states":["FL"]},"maxContacts":1000,"audienceName":"Florida"}"#;
    let call = Call::new("POST", "/api/audience/purchase").by(ORGANIZATION, "owner");
    let call = call.header("idempotency-key", "order-1").body(body);
    let once = || async { ok(&audience_purchase::handler::handle(&state, call.request()).await, 202) };
    repeat(tape, times, once).await;
}

async fn quote(world: &World, tape: &Tape, client: Client, times: u32) {
    let state = audience_count::handler::State {
        sales: sales(world, client),
        vendors: data_axle(world, tape),
        claims: ClaimNames::default(),
    };
    let body = r#"{"filters":{"states":["FL"]},"maxContacts":1000}"#;
    let call = Call::new("POST", "/api/audience/count").by(ORGANIZATION, "owner").body(body);
    let once = || async { ok(&audience_count::handler::handle(&state, call.request()).await, 200) };
    repeat(tape, times, once).await;
}

async fn webhook(world: World, tape: &Tape, client: &Client, times: u32) {
    let before = MoneyIn::of(world.clone());
    before.order_and_pay(ORGANIZATION).await;
    let events = before.events();
    let completed = events.iter().find(|event| event["type"] == "checkout.session.completed");
    let call = before.delivery(completed.expect("the payment's event"));
    // Only the webhook's own requests are on the tape: the order went another way.
    let function = MoneyIn::over(world, client);
    repeat(tape, times, || function.deliver(&call)).await;
}
