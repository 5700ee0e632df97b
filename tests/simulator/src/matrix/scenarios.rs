//! For each function the situations in which it makes its calls.

use super::stage::{Act, Stage};
use crate::plan::Planned;
use crate::system::Endpoint;
use crate::weather::Away;
use futures::future::LocalBoxFuture;
use sandbox::stripe::NewSubscription;
use serde_json::json;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// A function in a situation.
pub struct Scenario {
    /// The function, as its folder is called.
    pub function: &'static str,
    /// The situation.
    pub name: &'static str,
    /// Only calls with this in their name get cells here; the others have theirs in cheaper scenarios.
    pub only: &'static str,
    /// Brings the situation about; what is invoked in it.
    pub setup: for<'a> fn(&'a mut Stage) -> LocalBoxFuture<'a, Act>,
}

/// A scenario of a function: its name, and how it is set up.
macro_rules! scenario {
    ($function:literal, $name:literal, |$stage:ident| $setup:block) => {
        scenario!($function, $name, "", |$stage| $setup)
    };
    ($function:literal, $name:literal, $only:literal, |$stage:ident| $setup:block) => {
        Scenario {
            function: $function,
            name: $name,
            only: $only,
            setup: |$stage| Box::pin(async move { $setup }),
        }
    };
}

/// Every function that calls somebody, in the situations that make it call.
pub const SCENARIOS: &[Scenario] = &[
    scenario!("purchase-credits", "a new customer", |stage| {
        Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":50}"))
    }),
    scenario!("purchase-credits", "a known customer", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.asks(Endpoint::BuyCredits, None, "{\"amount\":100}"))
    }),
    scenario!("stripe-webhook", "a paid session", |stage| {
        stage.order_and_pay("50", false).await;
        stage.event("checkout.session.completed")
    }),
    scenario!("stripe-webhook", "a session paid later", |stage| {
        stage.order_and_pay("50", true).await;
        stage.event("checkout.session.completed")
    }),
    scenario!("stripe-webhook", "a delayed payment that arrives", |stage| {
        let session = stage.order_and_pay("50", true).await;
        stage.settle_down().await;
        let now = stage.sim.core.vendor_ms();
        let ended = stage.sim.system.vendors.world().stripe.complete_delayed(now, &session, true);
        ended.expect("a delayed payment");
        stage.event("checkout.session.async_payment_succeeded")
    }),
    scenario!("stripe-webhook", "a delayed payment that fails", |stage| {
        let session = stage.order_and_pay("50", true).await;
        stage.settle_down().await;
        let now = stage.sim.core.vendor_ms();
        let ended = stage.sim.system.vendors.world().stripe.complete_delayed(now, &session, false);
        ended.expect("a delayed payment");
        stage.event("checkout.session.async_payment_failed")
    }),
    scenario!("stripe-webhook", "a session that expires", |stage| {
        let session = stage.order("50").await;
        let now = stage.sim.core.vendor_ms();
        let expired = stage.sim.system.vendors.world().stripe.expire_by_hand(now, &session);
        expired.expect("an open session");
        stage.event("checkout.session.expired")
    }),
    scenario!("stripe-webhook", "a subscription's first invoice", |stage| {
        subscribe(stage);
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "a subscription's second invoice", |stage| {
        let subscription = subscribe(stage);
        stage.settle_down().await;
        let now = stage.sim.core.vendor_ms();
        stage.sim.system.vendors.world().stripe.cycle(now, &subscription, None, true);
        stage.event("invoice.paid")
    }),
    scenario!("stripe-webhook", "news that a person must look at", |stage| {
        stage.buy_credits("50").await;
        let news = json!({"id": "evt_refund", "object": "event", "api_version": "2026-09-30.endive",
            "created": stage.sim.core.vendor_ms() / 1_000, "livemode": false, "type": "refund.created",
            "data": {"object": {"id": "re_1", "object": "refund", "amount": 1_000, "currency": "usd",
                "status": "succeeded", "payment_intent": "pi_1"}}});
        Act::Webhook(news.to_string().into())
    }),
    scenario!("credits", "a balance", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.looks(Endpoint::Credits, None, ""))
    }),
    scenario!("credit-transactions", "a statement", |stage| {
        stage.buy_credits("50").await;
        Act::Ask(stage.looks(Endpoint::Transactions, None, "limit=20"))
    }),
    scenario!("audience-count", "a quote", |stage| {
        stage.buy_credits("50").await;
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20});
        let ask = stage.looks(Endpoint::Count, None, &body.to_string());
        Act::Ask(ask)
    }),
    scenario!("audience-purchase", "an order without a quote", |stage| {
        stage.buy_credits("50").await;
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20, "audienceName": "Neighbours"});
        Act::Ask(stage.asks(Endpoint::Purchase, None, &body.to_string()))
    }),
    scenario!("audience-purchase", "an order with a quote", |stage| {
        stage.buy_credits("50").await;
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20});
        let quote = stage.ask(Endpoint::Count, None, &body.to_string()).await;
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20, "audienceName": "Neighbours",
            "quoteId": quote["quote"]["quoteId"]});
        Act::Ask(stage.asks(Endpoint::Purchase, None, &body.to_string()))
    }),
    scenario!("audience-purchase", "an order under the test key", |stage| {
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20, "audienceName": "Neighbours",
            "environment": "test"});
        Act::Ask(stage.asks(Endpoint::Purchase, None, &body.to_string()))
    }),
    scenario!("audience-purchase-status", "an order that is delivered", |stage| {
        stage.list(20).await;
        let id = stage.owner().purchases[0].clone();
        Act::Ask(stage.looks(Endpoint::PurchaseStatus, Some(id), ""))
    }),
    scenario!("contact-fetcher", "a search of one page", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(20).await;
        Act::Message(stage.message("fetch"))
    }),
    scenario!("contact-fetcher", "a search of two pages", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(410).await;
        Act::Message(stage.message("fetch"))
    }),
    scenario!("contact-fetcher", "a scan", "scan", |stage| {
        stage.buy_credits("2500").await;
        stage.order_contacts(4_410).await;
        Act::Message(stage.message("fetch"))
    }),
    scenario!("contact-fetcher", "an order under the test key", |stage| {
        let body = json!({"filters": {"states": ["FL"]}, "maxContacts": 20, "audienceName": "Neighbours",
            "environment": "test"});
        stage.ask(Endpoint::Purchase, None, &body.to_string()).await;
        Act::Message(stage.message("fetch"))
    }),
    scenario!("contact-fetcher", "little time left", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(410).await;
        Act::Hurried(stage.message("fetch"))
    }),
    scenario!("contact-fetcher", "a vendor that is away", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(20).await;
        let until = stage.sim.core.now_ms() + 10 * MINUTE * 1_000;
        stage.sim.core.send_away(1, until, Away::Failing);
        Act::Message(stage.message("fetch"))
    }),
    scenario!("contact-fetcher", "a page that a crash left unrecorded", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(20).await;
        let fetch = Act::Message(stage.message("fetch"));
        stage.die_at(&fetch, "S3 PUT content contacts", Planned::DiesAfter).await;
        stage.sim.advance(7 * MINUTE).await;
        fetch
    }),
    scenario!("campaign-create", "html", |stage| {
        let list = stage.list(3).await;
        Act::Ask(stage.asks(Endpoint::Campaign, None, &Stage::campaign_of(&list, "html")))
    }),
    scenario!("campaign-create", "one PDF", |stage| {
        let list = stage.list(3).await;
        Act::Ask(stage.asks(Endpoint::Campaign, None, &Stage::campaign_of(&list, "pdf")))
    }),
    scenario!("campaign-print", "html", |stage| {
        let campaign = stage.campaign(3, "html").await;
        Act::Ask(stage.asks(Endpoint::Print, Some(campaign), ""))
    }),
    scenario!("campaign-print", "a PDF for each recipient", |stage| {
        let campaign = stage.campaign(3, "pdf-per-recipient").await;
        Act::Ask(stage.asks(Endpoint::Print, Some(campaign), ""))
    }),
    scenario!("campaign-print", "under the test key", |stage| {
        let campaign = stage.campaign(3, "pdf").await;
        Act::Ask(stage.asks(Endpoint::Print, Some(campaign), "{\"environment\":\"test\"}"))
    }),
    scenario!("campaign-print-status", "a job that is printed", |stage| {
        let campaign = stage.job(3, "html").await;
        stage.settle_down().await;
        Act::Ask(stage.looks(Endpoint::PrintStatus, Some(campaign), ""))
    }),
    scenario!("print-planner", "html", |stage| {
        stage.job(3, "html").await;
        Act::Message(stage.message("plan"))
    }),
    scenario!("print-planner", "a PDF for each recipient", |stage| {
        stage.job(3, "pdf-per-recipient").await;
        Act::Message(stage.message("plan"))
    }),
    scenario!("print-planner", "a job that a crash left begun", |stage| {
        stage.job(3, "html").await;
        let plan = Act::Message(stage.message("plan"));
        stage.die_at(&plan, "SQS SendMessageBatch batch", Planned::DiesBefore).await;
        plan
    }),
    scenario!("print-batch", "html", |stage| {
        stage.batches(3, "html").await;
        Act::Message(stage.message("batch"))
    }),
    scenario!("print-batch", "a PDF for each recipient", |stage| {
        stage.batches(2, "pdf-per-recipient").await;
        Act::Message(stage.message("batch"))
    }),
    scenario!("print-batch", "under the test key", |stage| {
        let campaign = stage.campaign(3, "html").await;
        stage.ask(Endpoint::Print, Some(campaign), "{\"environment\":\"test\"}").await;
        let plan = Act::Message(stage.message("plan"));
        assert!(stage.perform(&plan).await, "the job is planned");
        Act::Message(stage.message("batch"))
    }),
    scenario!("print-batch", "little time left", |stage| {
        stage.batches(3, "html").await;
        Act::Hurried(stage.message("batch"))
    }),
    scenario!("print-batch", "a vendor that is away", |stage| {
        stage.batches(4, "html").await;
        let until = stage.sim.core.now_ms() + 10 * MINUTE * 1_000;
        stage.sim.core.send_away(2, until, Away::Failing);
        Act::Message(stage.message("batch"))
    }),
    scenario!("print-batch", "pieces in doubt", |stage| {
        stage.batches(3, "html").await;
        let batch = Act::Message(stage.message("batch"));
        stage.die_at(&batch, "PostGrid POST /print-mail/v1/postcards", Planned::DiesAfter).await;
        stage.sim.advance(20 * MINUTE).await;
        batch
    }),
    scenario!("sweeper", "an order of contacts whose message is lost", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(20).await;
        stage.lose_messages();
        stage.sim.advance(2 * MINUTE).await;
        Act::Sweep
    }),
    scenario!("sweeper", "an order of contacts that never began", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(20).await;
        stage.lose_messages();
        stage.sim.advance(25 * HOUR).await;
        Act::Sweep
    }),
    scenario!("sweeper", "an order of contacts that is out of time", |stage| {
        stage.buy_credits("500").await;
        stage.order_contacts(20).await;
        let fetch = Act::Message(stage.message("fetch"));
        stage.die_at(&fetch, "S3 PUT content contacts", Planned::DiesAfter).await;
        stage.lose_messages();
        stage.sim.advance(25 * HOUR).await;
        Act::Sweep
    }),
    scenario!("sweeper", "a print job whose message is lost", |stage| {
        stage.job(3, "html").await;
        stage.lose_messages();
        stage.sim.advance(2 * MINUTE).await;
        Act::Sweep
    }),
    scenario!("sweeper", "a print job that never began", |stage| {
        stage.job(3, "html").await;
        stage.lose_messages();
        stage.sim.advance(73 * HOUR).await;
        Act::Sweep
    }),
    scenario!("sweeper", "a print job whose batches were never queued", |stage| {
        stage.job(3, "html").await;
        let plan = Act::Message(stage.message("plan"));
        stage.die_at(&plan, "SQS SendMessageBatch batch", Planned::DiesBefore).await;
        stage.lose_messages();
        stage.sim.advance(HOUR).await;
        Act::Sweep
    }),
    scenario!("sweeper", "a batch that waits for its look-up", |stage| {
        stage.batches(3, "html").await;
        let batch = Act::Message(stage.message("batch"));
        stage.die_at(&batch, "PostGrid POST /print-mail/v1/postcards", Planned::DiesAfter).await;
        stage.lose_messages();
        stage.sim.advance(20 * MINUTE).await;
        Act::Sweep
    }),
    scenario!("sweeper", "a print job that is done and not settled", |stage| {
        stage.batches(3, "html").await;
        let batch = Act::Message(stage.message("batch"));
        stage.die_at(&batch, "DynamoDB TransactWriteItems BATCH+JOB", Planned::DiesAfter).await;
        stage.lose_messages();
        stage.sim.advance(2 * HOUR).await;
        Act::Sweep
    }),
    scenario!("sweeper", "a batch that its queue gave up", |stage| {
        stage.batches(3, "html").await;
        let batch = stage.message("batch");
        stage.lose_messages();
        Act::Dead(batch)
    }),
    scenario!("sweeper", "a batch that its queue gave up in doubt", |stage| {
        stage.batches(3, "html").await;
        let batch = stage.message("batch");
        let work = Act::Message(batch.clone());
        stage.die_at(&work, "PostGrid POST /print-mail/v1/postcards", Planned::DiesAfter).await;
        stage.lose_messages();
        stage.sim.advance(7 * MINUTE).await;
        Act::Dead(batch)
    }),
    scenario!("vendor-costs", "a year", |stage| {
        stage.list(3).await;
        let mut ask = stage.looks(Endpoint::VendorCosts, None, "");
        ask.role = "finance";
        Act::Ask(ask)
    }),
    scenario!("monthly-vendor-report", "asked for by finance", |stage| {
        stage.list(3).await;
        let mut ask = stage.looks(Endpoint::Report, None, "");
        ask.role = "finance";
        Act::Ask(ask)
    }),
    scenario!("monthly-vendor-report", "the first of the month", |stage| {
        stage.list(3).await;
        stage.sim.advance(10 * 24 * HOUR).await;
        Act::Close
    }),
];

fn subscribe(stage: &mut Stage) -> String {
    let now = stage.sim.core.vendor_ms();
    let (subscription, _) = stage.sim.system.vendors.world().stripe.subscribe(
        now,
        NewSubscription {
            customer: "cus_before_org_alder".to_owned(),
            amount_cents: 9_900,
            metadata: json!({"organization_id": super::stage::ORGANIZATION}),
            trial: false,
        },
    );
    subscription["id"].as_str().expect("an id").to_owned()
}
