//! Every function of the product over the simulated ports: the real handlers, wired as their `main`s wire them.

use crate::core::Core;
use crate::dynamo;
use crate::money_in::MoneyIn;
use crate::objects::Objects;
use crate::queues::Queues;
use crate::topic::Alerted;
use crate::vendors::{HOST, Vendors};
use audience::{Audience, Sales};
use costs::{Costs, Reports};
use data_axle_client::DataAxle;
use ledger::Ledger;
use platform::ClaimNames;
use postgrid_client::PostGrid;
use printing::{Pace, Printing, PrintingParts};
use std::sync::Arc;
use support::Dynamo;
use tables::WorkTable;
use vendor_http::Http;

/// All functions.
pub struct System {
    /// Without faults, for checks.
    pub ledger: Ledger,
    /// The tables.
    pub dynamo: Dynamo,
    /// The queues.
    pub queues: Queues,
    /// The buckets.
    pub objects: Objects,
    /// The vendors.
    pub vendors: Vendors,
    /// What owners were told.
    pub alerted: Alerted,
    pub(crate) money: MoneyIn,
    pub(crate) count: audience_count::handler::State,
    pub(crate) purchase: audience_purchase::handler::State,
    pub(crate) purchase_status: audience_purchase_status::handler::State,
    pub(crate) fetcher: contact_fetcher::handler::State,
    pub(crate) create: campaign_create::handler::State,
    pub(crate) print: campaign_print::handler::State,
    pub(crate) print_status: campaign_print_status::handler::State,
    pub(crate) planner: Printing,
    pub(crate) batch: print_batch::handler::State,
    pub(crate) sweeper: sweeper::handler::State,
    pub(crate) costs: vendor_costs::handler::State,
    pub(crate) reports: monthly_vendor_report::handler::State,
}

impl System {
    /// A system that has seen nothing.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one line of wiring for each function")]
    pub fn new(core: &Core, seed: u64) -> Self {
        let dynamo = Dynamo::new();
        let clock = core.clock();
        let client = dynamo::client(&dynamo, core);
        let ledger = Ledger::new(client.clone(), "ledger", "work", clock.clone());
        let work = WorkTable::new(client, "work");
        let queues = Queues::new(core);
        let objects = Objects::new(core);
        let alerted = Alerted::new(core);
        let vendors = Vendors::new(core, &dynamo, seed);
        let mut receiver = sandbox::stripe::Endpoint::new("http://receiver");
        receiver.types = stripe_client::event::TYPES.iter().map(|kind| (*kind).to_owned()).collect();
        vendors.world().stripe.set_webhook_endpoint(Some(receiver));
        let http = Http::over(builder(), Arc::new(vendors.clone()));
        let content = objects.bucket("content");
        let contacts =
            |token| DataAxle::new(http.clone(), &format!("{HOST}/data-axle"), token).expect("a token");
        let sellers = audience::Vendors {
            live: contacts(sandbox::data_axle::LIVE_TOKEN),
            test: contacts(sandbox::data_axle::TEST_TOKEN),
        };
        let prices = pricing::default_book().expect("the shipped book");
        let sales = Sales {
            ledger: ledger.clone(),
            table: work.clone(),
            prices: prices.clone(),
            clock: clock.clone(),
        };
        let audience = Audience {
            ledger: ledger.clone(),
            table: work.clone(),
            objects: content.clone(),
            queue: queues.queue("fetch"),
            clock: clock.clone(),
        };
        let printing = Printing::new(PrintingParts {
            ledger: ledger.clone(),
            table: work.clone(),
            objects: content.clone(),
            plans: queues.queue("plan"),
            batches: queues.queue("batch"),
            prices,
            clock: clock.clone(),
        });
        let cards = |key| PostGrid::new(http.clone(), &format!("{HOST}/postgrid"), key).expect("a key");
        let printers = printing::Vendors {
            live: cards(sandbox::postgrid::LIVE_KEY),
            test: cards(sandbox::postgrid::TEST_KEY),
            pace: Pace::share(500, 1),
        };
        let costs = Costs::new(ledger.clone(), clock.clone());
        let claims = ClaimNames::default;
        Self {
            money: MoneyIn::new(&ledger, &work, &http, &clock),
            count: audience_count::handler::State {
                sales: sales.clone(),
                vendors: sellers.clone(),
                claims: claims(),
            },
            purchase: audience_purchase::handler::State {
                sales,
                vendors: sellers.clone(),
                queue: queues.queue("fetch"),
                live_orders: true,
                claims: claims(),
            },
            purchase_status: audience_purchase_status::handler::State {
                table: work.clone(),
                objects: content,
                claims: claims(),
            },
            fetcher: contact_fetcher::handler::State { audience: audience.clone(), vendors: sellers },
            create: campaign_create::handler::State { printing: printing.clone(), claims: claims() },
            print: campaign_print::handler::State {
                printing: printing.clone(),
                live_orders: true,
                claims: claims(),
            },
            print_status: campaign_print_status::handler::State {
                printing: printing.clone(),
                claims: claims(),
            },
            planner: printing.clone(),
            batch: print_batch::handler::State { printing: printing.clone(), vendors: printers },
            sweeper: sweeper::handler::State {
                ledger: ledger.clone(),
                alerts: alerted.topic("alerts"),
                top_up_queue: queues.queue("top-up"),
                table: work.clone(),
                audience,
                printing,
                clock: clock.clone(),
            },
            costs: vendor_costs::handler::State { costs: costs.clone(), claims: claims() },
            reports: monthly_vendor_report::handler::State {
                reports: Reports::new(costs, work, objects.bucket("reports")),
                claims: claims(),
            },
            ledger: Ledger::new(dynamo.client(), "ledger", "work", clock),
            dynamo,
            queues,
            objects,
            vendors,
            alerted,
        }
    }
}

/// Makes requests; sends none.
fn builder() -> reqwest::Client {
    thread_local! {
        static BUILDER: reqwest::Client = platform::vendor_client().expect("a client");
    }
    BUILDER.with(reqwest::Client::clone)
}
