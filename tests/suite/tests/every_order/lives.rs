//! The lives of payments at Stripe that are played.

use crate::outcome::Outcome;
use billing::{ImportRow, TopUpSettings, import_row, set_auto_top_up};
use futures::future::LocalBoxFuture;
use money::Money;
use serde_json::json;
use stripe_client::event;
use suite::{
    gateway::{Call, read},
    stage::Stage,
};
use terms::Actor;

type Act = for<'a> fn(&'a Stage) -> LocalBoxFuture<'a, ()>;

pub struct Life {
    pub name: &'static str,
    /// What our own side does before any event: played into every world.
    pub prepare: Act,
    /// What happens at Stripe: once.
    pub live: Act,
    pub expect: fn(&Outcome),
}

impl Life {
    /// Whether an event is one that Stripe is asked to send us.
    pub fn is_about(&self, kind: &str) -> bool {
        event::TYPES.contains(&kind) && kind != "payment_intent.succeeded"
            || kind == "payment_intent.succeeded" && self.name.contains("top-up")
    }
}

macro_rules! act {
    ($stage:ident => $body:block) => {{
        fn act(stage: &Stage) -> LocalBoxFuture<'_, ()> {
            Box::pin(async move {
                let $stage = stage;
                $body
            })
        }
        act
    }};
}

/// Orders 250.00 under a fixed key, saving the card.
async fn order(stage: &Stage, key: &str) -> String {
    order_as(stage, key, r#"{"amount":250,"saveCard":true}"#).await
}

/// The same on a page that offers delayed methods too.
async fn order_saving_nothing(stage: &Stage, key: &str) -> String {
    order_as(stage, key, r#"{"amount":250}"#).await
}

async fn order_as(stage: &Stage, key: &str, body: &str) -> String {
    let call = Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner");
    let call = call.header("idempotency-key", key).body(body);
    let (status, body) = read(&stage.purchase(call).await);
    assert_eq!(status, 200, "{body}");
    body["sessionId"].as_str().expect("a session").to_owned()
}

async fn id_of(stage: &Stage, kind: &str, at: usize) -> String {
    stage.at_stripe(kind).await[at]["id"].as_str().expect("an id").to_owned()
}

async fn pay(stage: &Stage) {
    let session = id_of(stage, "sessions", 0).await;
    stage.pay(&session, false).await;
}

async fn refund(stage: &Stage, cents: i64, status: &str) -> String {
    let payment = paid_payment(stage).await;
    let body = json!({"paymentIntent": payment, "amountCents": cents, "status": status});
    let made = stage.control("POST", "stripe/refunds", body).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn paid_payment(stage: &Stage) -> String {
    let payments = stage.at_stripe("payment_intents").await;
    let paid = payments.into_iter().find(|payment| payment["status"] == "succeeded").expect("a payment");
    paid["id"].as_str().expect("an id").to_owned()
}

async fn dispute(stage: &Stage, cents: Option<i64>, inquiry: bool) -> String {
    let payment = paid_payment(stage).await;
    let body = json!({"paymentIntent": payment, "amountCents": cents, "inquiry": inquiry});
    let opened = stage.control("POST", "stripe/disputes", body).await;
    opened["id"].as_str().expect("an id").to_owned()
}

/// The organization's customer of the existing application, as the opening import brings it.
async fn customer(stage: &Stage) {
    let row = ImportRow {
        row_id: "row-1".to_owned(),
        organization: stage.world.organization("org_a"),
        credits: Money::parse("10").expect("money"),
        customer: Some("cus_existing".to_owned()),
        overrides: None,
    };
    let world = &stage.world;
    let imported =
        import_row(&world.ledger, &world.work, &row, &Actor::finance("f"), world.clock.now()).await;
    imported.expect("an answer").expect("imported");
}

async fn subscribe(stage: &Stage, trial: bool) -> String {
    let body = json!({"customer": "cus_existing", "amountCents": 49_900, "trial": trial});
    let made = stage.control("POST", "stripe/subscriptions", body).await;
    made["subscription"]["id"].as_str().expect("an id").to_owned()
}

async fn cycle(stage: &Stage, subscription: &str, fail: bool) -> String {
    let path = format!("stripe/subscriptions/{subscription}/cycle");
    let made = stage.control("POST", &path, json!({"fail": fail})).await;
    made["invoice"]["id"].as_str().expect("an id").to_owned()
}

fn ends(outcome: &Outcome, available: &str, frozen: usize) {
    ends_with_facts(outcome, available, frozen, 0);
}

/// The same, with so many paid invoices that grant nothing for finance to decide.
fn ends_with_facts(outcome: &Outcome, available: &str, frozen: usize, facts: usize) {
    assert_eq!(outcome.available, available, "{outcome:#?}");
    assert_eq!(outcome.frozen.len(), frozen, "{outcome:#?}");
    assert_eq!(outcome.quarantined.len(), facts, "{outcome:#?}");
    assert!(outcome.quarantined.iter().all(|fact| fact.ends_with(" GrantsNothing")), "{outcome:#?}");
}

const ONE_ORDER: Act = act!(stage => { order(stage, "k1").await; });

pub const LIVES: &[Life] = &[
    Life {
        name: "a delayed payment arrives",
        prepare: act!(stage => { order_saving_nothing(stage, "k1").await; }),
        live: act!(stage => {
            let session = id_of(stage, "sessions", 0).await;
            stage.pay(&session, true).await;
            stage.complete_delayed(&session, true).await;
        }),
        expect: |outcome| ends(outcome, "250.00", 0),
    },
    Life {
        name: "a delayed payment fails, another order is paid",
        prepare: act!(stage => { order_saving_nothing(stage, "k1").await; order(stage, "k2").await; }),
        live: act!(stage => {
            let session = id_of(stage, "sessions", 0).await;
            stage.pay(&session, true).await;
            stage.complete_delayed(&session, false).await;
            let other = id_of(stage, "sessions", 1).await;
            stage.pay(&other, false).await;
        }),
        expect: |outcome| ends(outcome, "250.00", 0),
    },
    Life {
        name: "an order expires, another is refunded in full",
        prepare: act!(stage => { order(stage, "k1").await; order(stage, "k2").await; }),
        live: act!(stage => {
            pay(stage).await;
            let other = id_of(stage, "sessions", 1).await;
            stage.expire(&other).await;
            refund(stage, 25_000, "succeeded").await;
        }),
        expect: |outcome| ends(outcome, "0.00", 0),
    },
    Life {
        name: "partial refunds in any order",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            refund(stage, 10_000, "succeeded").await;
            refund(stage, 5_050, "succeeded").await;
            let pending = refund(stage, 2_000, "pending").await;
            stage.settle_refund(&pending, "succeeded").await;
        }),
        expect: |outcome| ends(outcome, "79.50", 0),
    },
    Life {
        name: "a refund fails, before or after its creation is delivered",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            refund(stage, 5_000, "succeeded").await;
            let bounced = refund(stage, 10_000, "pending").await;
            stage.settle_refund(&bounced, "failed").await;
        }),
        expect: |outcome| ends(outcome, "200.00", 0),
    },
    Life {
        name: "a refund is canceled and made again",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            let canceled = refund(stage, 10_000, "requires_action").await;
            stage.settle_refund(&canceled, "canceled").await;
            refund(stage, 10_000, "succeeded").await;
        }),
        expect: |outcome| ends(outcome, "150.00", 0),
    },
    Life {
        name: "a dispute is won: funds reinstated, also before withdrawn is delivered",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            let disputed = dispute(stage, None, false).await;
            stage.close_dispute(&disputed, "won").await;
        }),
        expect: |outcome| ends(outcome, "250.00", 0),
    },
    Life {
        name: "a part is disputed and lost after a refund of the rest",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            refund(stage, 5_000, "succeeded").await;
            let disputed = dispute(stage, Some(12_000), false).await;
            stage.close_dispute(&disputed, "lost").await;
        }),
        expect: |outcome| ends(outcome, "80.00", 0),
    },
    Life {
        name: "an inquiry moves nothing",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            let asked = dispute(stage, None, true).await;
            stage.close_dispute(&asked, "warning_closed").await;
        }),
        expect: |outcome| ends(outcome, "250.00", 0),
    },
    Life {
        name: "an inquiry becomes a dispute that stays open",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            let asked = dispute(stage, Some(10_000), true).await;
            stage.control("POST", &format!("stripe/disputes/{asked}/escalate"), json!({})).await;
        }),
        expect: |outcome| ends(outcome, "150.00", 1),
    },
    Life {
        name: "two disputes, one lifted, stay frozen",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            let won = dispute(stage, Some(10_000), false).await;
            dispute(stage, Some(5_000), false).await;
            stage.close_dispute(&won, "won").await;
        }),
        expect: |outcome| ends(outcome, "200.00", 1),
    },
    Life {
        name: "a bank warns of fraud beside a refund and a dispute",
        prepare: ONE_ORDER,
        live: act!(stage => {
            pay(stage).await;
            refund(stage, 2_000, "succeeded").await;
            dispute(stage, Some(5_000), false).await;
            stage.warn_of_fraud(&paid_payment(stage).await).await;
        }),
        expect: |outcome| {
            assert_eq!(
                (outcome.available.as_str(), outcome.held.as_str()),
                ("0.00", "180.00"),
                "{outcome:#?}"
            );
            assert_eq!(outcome.frozen.len(), 1, "{outcome:#?}");
        },
    },
    Life {
        name: "a subscription starts, renews, and its renewal is refunded in parts",
        prepare: act!(stage => { customer(stage).await; }),
        live: act!(stage => {
            let subscription = subscribe(stage, false).await;
            cycle(stage, &subscription, false).await;
            // Both were paid in one second: then the first is the one of the lower id.
            let invoices = [id_of(stage, "invoices", 0).await, id_of(stage, "invoices", 1).await];
            let invoice = invoices.into_iter().max().expect("two");
            let paid = stage.at_stripe("invoice_payments").await;
            let renewal = paid.into_iter().find(|payment| payment["invoice"] == *invoice).expect("its payment");
            let renewal = renewal["payment"]["payment_intent"].as_str().expect("an id");
            for cents in [16_633, 16_633] {
                stage.refund(renewal, cents).await;
            }
        }),
        // 10 imported, 499 and 99, less 332.66 / 499 of 99
        expect: |outcome| ends(outcome, "542.00", 0),
    },
    Life {
        name: "a trial, its first paid cycle, a proration and a manual invoice",
        prepare: act!(stage => { customer(stage).await; }),
        live: act!(stage => {
            let subscription = subscribe(stage, true).await;
            cycle(stage, &subscription, false).await;
            for (reason, cents) in [("subscription_update", 700), ("manual", 900)] {
                let path = format!("stripe/subscriptions/{subscription}/invoice");
                stage.control("POST", &path, json!({"billingReason": reason, "amountCents": cents})).await;
            }
        }),
        expect: |outcome| ends_with_facts(outcome, "509.00", 0, 2),
    },
    Life {
        name: "a renewal is declined and paid later",
        prepare: act!(stage => { customer(stage).await; }),
        live: act!(stage => {
            let subscription = subscribe(stage, false).await;
            let declined = cycle(stage, &subscription, true).await;
            stage.control("POST", &format!("stripe/invoices/{declined}/pay"), json!({})).await;
        }),
        expect: |outcome| ends(outcome, "608.00", 0),
    },
    Life {
        name: "a renewal is declined and stays past due",
        prepare: act!(stage => { customer(stage).await; }),
        live: act!(stage => {
            let subscription = subscribe(stage, false).await;
            cycle(stage, &subscription, true).await;
        }),
        expect: |outcome| ends(outcome, "509.00", 1),
    },
    Life {
        name: "a top-up by a saved card, refunded in part",
        prepare: act!(stage => {
            let session = order(stage, "k1").await;
            if stage.at_stripe("sessions").await[0]["status"] == "open" {
                stage.pay(&session, false).await;
            }
            let settings = TopUpSettings {
                enabled: true,
                threshold: Money::parse("400").expect("money"),
                target: Money::parse("500").expect("money"),
                monthly_cap: Money::parse("1000").expect("money"),
            };
            let world = &stage.world;
            let organization = world.organization("org_a");
            let (actor, now) = (Actor::user("u"), world.clock.now());
            let set = set_auto_top_up(&world.ledger, &world.work, &organization, settings, (&actor, "https://app.example"), now).await;
            set.expect("an answer").expect("set");
            stage.billing.top_up.run(&organization).await.expect("a charge");
        }),
        live: act!(stage => {
            let topped_up = id_of(stage, "payment_intents", 1).await;
            stage.refund(&topped_up, 20_000).await;
        }),
        // 250 bought, 500 topped up as nothing was delivered yet, 200 refunded
        expect: |outcome| ends(outcome, "550.00", 0),
    },
];
