//! Every function of the product over the simulated ports: the real handlers, wired as their `main`s wire them.

use crate::core::{Core, Subject};
use crate::dynamo;
use crate::objects::Objects;
use crate::queues::{Message, Queues};
use crate::tasks::Work;
use crate::vendors::{HOST, Vendors};
use audience::{Audience, Sales};
use aws_lambda_events::sqs::SqsEvent;
use billing::{Billing, Plan};
use costs::{Costs, Reports};
use data_axle_client::DataAxle;
use lambda_http::{Body, Response};
use lambda_runtime::LambdaEvent;
use ledger::Ledger;
use platform::{ClaimNames, Deadline, Secret};
use postgrid_client::PostGrid;
use printing::{Pace, Printing, PrintingParts};
use serde_json::{Value, json};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use stripe_client::Stripe;
use suite::gateway::{Call, read};
use support::Dynamo;
use tables::WorkTable;
use vendor_http::Http;

/// How long a worker may run (template.yaml).
pub const WORKER_LIMIT: Duration = Duration::from_secs(300);
/// How long a function behind the API may run (template.yaml).
pub const API_LIMIT: Duration = Duration::from_secs(29);

/// What a renewal grants at most.
pub const RENEWAL_GRANT_MAX: &str = "99.00";

/// Subscription credits run out, so that lots expire.
fn plan() -> Plan {
    let plan = json!({"renewalGrantMax": RENEWAL_GRANT_MAX, "freeCreditsExpireAfterDays": 9});
    Plan::parse(&plan.to_string()).expect("a plan")
}

/// What an invocation brings.
#[derive(Debug)]
pub enum Brought {
    /// An HTTP answer.
    Answer(u16, Value),
    /// Whether what was delivered is done with.
    Done(bool),
}

/// One call of the API.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose.
    pub organization: String,
    /// `owner`, `member` or `finance`.
    pub role: &'static str,
    /// Method and path; the path's id stands in `id`.
    pub endpoint: Endpoint,
    /// The Idempotency-Key.
    pub key: Option<String>,
    /// The path's id.
    pub id: Option<String>,
    /// The body.
    pub body: String,
}

/// The endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// POST /api/stripe/purchase-credits
    BuyCredits,
    /// GET /api/credits
    Credits,
    /// GET /api/credits/transactions
    Transactions,
    /// POST /api/audience/count
    Count,
    /// POST /api/audience/purchase
    Purchase,
    /// GET /api/audience/purchases/{id}
    PurchaseStatus,
    /// POST /api/campaigns
    Campaign,
    /// POST /api/campaigns/{id}/print
    Print,
    /// GET /api/campaigns/{id}/print
    PrintStatus,
    /// GET /api/admin/vendor-costs
    VendorCosts,
    /// POST /api/admin/vendor-costs/report (the report of a month, asked for by finance)
    Report,
}

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
    buy: purchase_credits::handler::State,
    webhook: stripe_webhook::handler::State,
    balance: credits::handler::State,
    statement: credit_transactions::handler::State,
    count: audience_count::handler::State,
    purchase: audience_purchase::handler::State,
    purchase_status: audience_purchase_status::handler::State,
    fetcher: contact_fetcher::handler::State,
    create: campaign_create::handler::State,
    print: campaign_print::handler::State,
    print_status: campaign_print_status::handler::State,
    planner: Printing,
    batch: print_batch::handler::State,
    sweeper: sweeper::handler::State,
    costs: vendor_costs::handler::State,
    reports: monthly_vendor_report::handler::State,
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
        let vendors = Vendors::new(core, &dynamo, seed);
        vendors.world().stripe.set_webhook_endpoint(Some(sandbox::stripe::Endpoint::new("http://receiver")));
        let http = Http::over(builder(), Arc::new(vendors.clone()));
        let content = objects.bucket("content");
        let billing = Billing {
            ledger: ledger.clone(),
            work: work.clone(),
            stripe: Stripe::new(http.clone(), &format!("{HOST}/stripe"), sandbox::stripe::SECRET_KEY)
                .expect("a usable key"),
            plan: plan(),
            livemode: false,
            clock: clock.clone(),
        };
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
            buy: purchase_credits::handler::State {
                billing: billing.clone(),
                claims: claims(),
                app_url: "https://app.example".to_owned(),
            },
            webhook: stripe_webhook::handler::State {
                billing,
                webhook_secrets: vec![Secret::new(sandbox::stripe::WEBHOOK_SECRET.to_owned())],
            },
            balance: credits::handler::State { ledger: ledger.clone(), claims: claims() },
            statement: credit_transactions::handler::State { ledger: ledger.clone(), claims: claims() },
            count: audience_count::handler::State {
                sales: sales.clone(),
                vendors: sellers.clone(),
                claims: claims(),
            },
            purchase: audience_purchase::handler::State {
                sales,
                vendors: sellers.clone(),
                queue: queues.queue("fetch"),
                claims: claims(),
            },
            purchase_status: audience_purchase_status::handler::State {
                table: work.clone(),
                objects: content,
                claims: claims(),
            },
            fetcher: contact_fetcher::handler::State { audience: audience.clone(), vendors: sellers },
            create: campaign_create::handler::State { printing: printing.clone(), claims: claims() },
            print: campaign_print::handler::State { printing: printing.clone(), claims: claims() },
            print_status: campaign_print_status::handler::State {
                printing: printing.clone(),
                claims: claims(),
            },
            planner: printing.clone(),
            batch: print_batch::handler::State { printing: printing.clone(), vendors: printers },
            sweeper: sweeper::handler::State {
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
        }
    }

    /// One call of the API.
    pub fn ask(self: &Rc<Self>, ask: &Ask) -> Work<Brought> {
        let (system, ask) = (Rc::clone(self), ask.clone());
        Box::pin(async move {
            let response = system.answer(&ask).await;
            let (status, body) = read(&response);
            Brought::Answer(status, body)
        })
    }

    async fn answer(&self, ask: &Ask) -> Response<Body> {
        let request = call_of(ask).request();
        match ask.endpoint {
            Endpoint::BuyCredits => purchase_credits::handler::handle(&self.buy, request).await,
            Endpoint::Credits => credits::handler::handle(&self.balance, request).await,
            Endpoint::Transactions => credit_transactions::handler::handle(&self.statement, request).await,
            Endpoint::Count => audience_count::handler::handle(&self.count, request).await,
            Endpoint::Purchase => audience_purchase::handler::handle(&self.purchase, request).await,
            Endpoint::PurchaseStatus => {
                audience_purchase_status::handler::handle(&self.purchase_status, request).await
            }
            Endpoint::Campaign => campaign_create::handler::handle(&self.create, request).await,
            Endpoint::Print => campaign_print::handler::handle(&self.print, request).await,
            Endpoint::PrintStatus => {
                campaign_print_status::handler::handle(&self.print_status, request).await
            }
            Endpoint::VendorCosts => vendor_costs::handler::handle(&self.costs, request).await,
            Endpoint::Report => monthly_vendor_report::handler::handle(&self.reports, request).await,
        }
    }

    /// One delivery of Stripe's, signed now.
    pub fn deliver_webhook(self: &Rc<Self>, body: &[u8], now_seconds: u64) -> Work<Brought> {
        let secrets = [sandbox::stripe::WEBHOOK_SECRET.to_owned()];
        let header = sandbox::stripe::signature_header(&secrets, now_seconds, body);
        let call = Call::new("POST", "/api/stripe/webhook")
            .body(String::from_utf8_lossy(body))
            .header("stripe-signature", &header);
        let system = Rc::clone(self);
        Box::pin(async move {
            let response = stripe_webhook::handler::handle(&system.webhook, call.request()).await;
            let (status, body) = read(&response);
            Brought::Answer(status, body)
        })
    }

    /// One delivery of a message to the function of its queue.
    pub fn deliver(self: &Rc<Self>, message: &Message) -> Work<Brought> {
        self.deliver_within(message, WORKER_LIMIT)
    }

    /// The same, with so much of the function's time left.
    pub fn deliver_within(self: &Rc<Self>, message: &Message, left: Duration) -> Work<Brought> {
        let (system, message) = (Rc::clone(self), message.clone());
        Box::pin(async move {
            let record = json!({"messageId": "m", "body": message.body, "attributes": {},
                "messageAttributes": {}});
            let event = json!({"Records": [record]});
            if message.queue.starts_with("dead-") {
                let swept = sweeper::handler::handle(&system.sweeper, event_of(event)).await;
                let failed = swept.map(|answer| answer["batchItemFailures"].as_array().map_or(0, Vec::len));
                return Brought::Done(matches!(failed, Ok(0)));
            }
            let event: SqsEvent = serde_json::from_value(event).expect("an event of SQS");
            let deadline = Deadline::after(left);
            let answer = match message.queue.as_str() {
                "fetch" => {
                    let handler =
                        |body, deadline| contact_fetcher::handler::handle(&system.fetcher, body, deadline);
                    platform::queue::run_batch(event, deadline, &handler).await
                }
                "plan" => {
                    let handler =
                        |body, deadline| print_planner::handler::handle(&system.planner, body, deadline);
                    platform::queue::run_batch(event, deadline, &handler).await
                }
                _ => {
                    let handler =
                        |body, deadline| print_batch::handler::handle(&system.batch, body, deadline);
                    platform::queue::run_batch(event, deadline, &handler).await
                }
            };
            Brought::Done(answer.batch_item_failures.is_empty())
        })
    }

    /// One turn of the schedule that sweeps.
    pub fn sweep(self: &Rc<Self>) -> Work<Brought> {
        let system = Rc::clone(self);
        Box::pin(async move {
            let swept = sweeper::handler::handle(&system.sweeper, event_of(json!({}))).await;
            Brought::Done(matches!(swept, Ok(swept) if swept["failed"] == 0))
        })
    }

    /// The schedule that closes the month before.
    pub fn close_month(self: &Rc<Self>) -> Work<Brought> {
        let system = Rc::clone(self);
        Box::pin(async move {
            let closed = monthly_vendor_report::event::dispatch(&system.reports, event_of(json!({}))).await;
            Brought::Done(closed.is_ok())
        })
    }
}

/// Whose hold a message's function works under.
#[must_use]
pub fn subject_of(message: &Message) -> Option<Subject> {
    let body: Value = serde_json::from_str(&message.body).ok()?;
    let hold = body["purchaseId"].as_str().or(body["printJobId"].as_str())?;
    Some(Subject { organization: body["organizationId"].as_str()?.to_owned(), hold: hold.to_owned() })
}

/// With the whole of a worker's time left, by the machine's clock, which is how Lambda counts.
fn event_of(payload: Value) -> LambdaEvent<Value> {
    let mut context = lambda_runtime::Context::default();
    let until = SystemTime::now() + WORKER_LIMIT;
    let since = until.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    context.deadline = u64::try_from(since.as_millis()).expect("not that far");
    LambdaEvent::new(payload, context)
}

fn call_of(ask: &Ask) -> Call {
    let id = ask.id.as_deref().unwrap_or_default();
    let (method, path) = match ask.endpoint {
        Endpoint::BuyCredits => ("POST", "/api/stripe/purchase-credits".to_owned()),
        Endpoint::Credits => ("GET", "/api/credits".to_owned()),
        Endpoint::Transactions => ("GET", format!("/api/credits/transactions?{}", ask.body)),
        Endpoint::Count => ("POST", "/api/audience/count".to_owned()),
        Endpoint::Purchase => ("POST", "/api/audience/purchase".to_owned()),
        Endpoint::PurchaseStatus => ("GET", format!("/api/audience/purchases/{id}")),
        Endpoint::Campaign => ("POST", "/api/campaigns".to_owned()),
        Endpoint::Print => ("POST", format!("/api/campaigns/{id}/print")),
        Endpoint::PrintStatus => ("GET", format!("/api/campaigns/{id}/print")),
        Endpoint::VendorCosts => ("GET", "/api/admin/vendor-costs".to_owned()),
        Endpoint::Report => ("POST", "/api/admin/vendor-costs/report".to_owned()),
    };
    let mut call = Call::new(method, &path).by(&ask.organization, ask.role);
    if method == "POST" {
        call = call.body(ask.body.clone());
    }
    if let Some(key) = &ask.key {
        call = call.header("idempotency-key", key);
    }
    if let Some(id) = &ask.id {
        call = call.id("id", id);
    }
    call
}

/// Makes requests; sends none.
fn builder() -> reqwest::Client {
    thread_local! {
        static BUILDER: reqwest::Client = platform::vendor_client().expect("a client");
    }
    BUILDER.with(reqwest::Client::clone)
}
