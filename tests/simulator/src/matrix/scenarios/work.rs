//! Contacts and postcards, and what the sweeper does for them; vendor costs.

use super::{HOUR, MINUTE, Scenario, scenario};
use crate::calls::Endpoint;
use crate::matrix::stage::{Act, Stage};
use crate::plan::Planned;
use crate::weather::Away;
use serde_json::json;

pub(super) const SCENARIOS: &[Scenario] = &[
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
    scenario!("print-planner", "a job whose artwork is gone", |stage| {
        stage.job(3, "pdf").await;
        stage.remove_artwork();
        Act::Message(stage.message("plan"))
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
