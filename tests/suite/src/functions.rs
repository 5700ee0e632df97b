//! Every function of the product over one world, each connected as its `main` connects it.

use crate::gateway::{Call, respond};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_http::{Body, Response};
use lambda_runtime::{Error, LambdaEvent};
use platform::{Deadline, Environment, Services, StartFailure, config::name, queue::run_batch};
use serde_json::{Value, json};
use std::{future::Future, pin::Pin};
use support::Secrets;
use tokio::sync::OnceCell;

/// Declares [`Functions`] with one state for each function, connected when it is first needed.
macro_rules! functions {
    ($($function:ident),+ $(,)?) => {
        /// The functions of one world.
        pub struct Functions {
            /// What they reach outside.
            pub services: Services,
            /// Their configuration.
            pub environment: Environment,
            // boxed: together they are large, and tests move them about
            $($function: OnceCell<Box<$function::handler::State>>,)+
        }

        impl Functions {
            /// None of them has started.
            #[must_use]
            pub fn new(services: Services, environment: Environment) -> Self {
                Self { services, environment, $($function: OnceCell::new(),)+ }
            }

            $(
                /// The function's state.
                pub async fn $function(&self) -> &$function::handler::State {
                    let connect = || async {
                        let state = $function::handler::State::connect(&self.services, &self.environment).await;
                        Box::new(state.unwrap_or_else(|failure| panic!("{}: {failure:?}", stringify!($function))))
                    };
                    boxed(|| self.$function.get_or_init(connect)).await
                }
            )+

            /// Starts the function of this name, as its folder is called.
            ///
            /// # Errors
            /// Why it cannot start.
            pub async fn start(
                function: &str,
                services: &Services,
                environment: &Environment,
            ) -> Result<(), StartFailure> {
                match function.replace('-', "_").as_str() {
                    $(stringify!($function) => {
                        $function::handler::State::connect(services, environment).await.map(drop)
                    })+
                    _ => panic!("there is no function {function}"),
                }
            }
        }
    };
}

functions!(
    audience_count,
    audience_purchase,
    audience_purchase_status,
    auto_top_up,
    auto_top_up_settings,
    billing_portal,
    campaign_create,
    campaign_print,
    campaign_print_status,
    console,
    contact_fetcher,
    credit_adjustments,
    credit_alerts,
    credit_orders,
    credit_transactions,
    credits,
    monthly_vendor_report,
    print_batch,
    print_planner,
    purchase_credits,
    quarantine,
    recovery,
    refund_decisions,
    refund_request,
    stripe_webhook,
    sweeper,
    vendor_costs,
);

/// Makes a future and boxes it in a frame of its own: the frames of this file would hold the futures of all functions, more
/// than a test's stack takes.
fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Calls a function's handler: `reply!(self, credits, request)`.
macro_rules! reply {
    ($self:ident, $function:ident, $request:ident) => {{
        let state = $self.$function().await;
        respond(boxed(|| $function::handler::answer(state, $request)).await)
    }};
}

/// Works off a batch of a queue: `work!(self, print_batch, event, deadline)`.
macro_rules! work {
    ($self:ident, $function:ident, $event:ident, $deadline:ident) => {{
        let state = $self.$function().await;
        let handle = |message, deadline| boxed(|| $function::handler::handle(state, message, deadline));
        run_batch($event, $deadline, &handle).await
    }};
}

impl Functions {
    /// The response of the function that `template.yaml` routes a call to.
    ///
    /// # Panics
    /// When there is no such endpoint.
    pub async fn call(&self, call: &Call) -> Response<Body> {
        let request = call.request();
        self.answer(function_of(request.method().as_str(), request.uri().path()), call).await
    }

    /// The response of this function behind the API, whatever the call's path.
    ///
    /// # Panics
    /// When it is no function behind the API.
    pub async fn answer(&self, function: &str, call: &Call) -> Response<Body> {
        let request = call.request();
        match function {
            "audience-count" => reply!(self, audience_count, request),
            "audience-purchase" => reply!(self, audience_purchase, request),
            "audience-purchase-status" => reply!(self, audience_purchase_status, request),
            "auto-top-up-settings" => reply!(self, auto_top_up_settings, request),
            "billing-portal" => reply!(self, billing_portal, request),
            "campaign-create" => reply!(self, campaign_create, request),
            "campaign-print" => reply!(self, campaign_print, request),
            "campaign-print-status" => reply!(self, campaign_print_status, request),
            "credit-adjustments" => reply!(self, credit_adjustments, request),
            "credit-alerts" => reply!(self, credit_alerts, request),
            "credit-orders" => reply!(self, credit_orders, request),
            "credit-transactions" => reply!(self, credit_transactions, request),
            "credits" => reply!(self, credits, request),
            "monthly-vendor-report" => reply!(self, monthly_vendor_report, request),
            "purchase-credits" => reply!(self, purchase_credits, request),
            "quarantine" => reply!(self, quarantine, request),
            "refund-decisions" => reply!(self, refund_decisions, request),
            "refund-request" => reply!(self, refund_request, request),
            "stripe-webhook" => reply!(self, stripe_webhook, request),
            "vendor-costs" => reply!(self, vendor_costs, request),
            _ => panic!("{function} is not behind the API"),
        }
    }

    /// Delivers one message of a queue to its worker. Whether the message is done with.
    ///
    /// # Panics
    /// When there is no such queue.
    pub async fn deliver(&self, queue: &str, body: &str, deadline: Deadline) -> bool {
        let record = json!({"messageId": "m", "body": body, "attributes": {}, "messageAttributes": {}});
        let event = serde_json::from_value(json!({"Records": [record]})).expect("an event of SQS");
        let response = self.work(queue, event, deadline).await;
        response.batch_item_failures.is_empty()
    }

    async fn work(&self, queue: &str, event: SqsEvent, deadline: Deadline) -> SqsBatchResponse {
        match queue {
            "fetch" => work!(self, contact_fetcher, event, deadline),
            "plan" => work!(self, print_planner, event, deadline),
            "batch" => work!(self, print_batch, event, deadline),
            "top-up" => work!(self, auto_top_up, event, deadline),
            _ => panic!("there is no queue {queue}"),
        }
    }

    /// Gives the sweeper one event: a turn of its schedule, or dead letters.
    ///
    /// # Errors
    /// As its handler.
    pub async fn sweep(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let state = self.sweeper().await;
        boxed(|| sweeper::handler::handle(state, event)).await
    }

    /// One turn of recovery.
    ///
    /// # Errors
    /// As its handler.
    pub async fn recover(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let state = self.recovery().await;
        boxed(|| recovery::handler::handle(state, event)).await
    }

    /// Gives the month's report one event: finance's request, or a turn of its schedule.
    ///
    /// # Errors
    /// As its handler.
    pub async fn report(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let state = self.monthly_vendor_report().await;
        boxed(|| monthly_vendor_report::event::dispatch(state, event)).await
    }
}

fn function_of(method: &str, path: &str) -> &'static str {
    let path: Vec<&str> = path.trim_start_matches("/api/").split('/').collect();
    match (method, path.as_slice()) {
        (_, ["stripe", "purchase-credits"]) => "purchase-credits",
        (_, ["stripe", "webhook"]) => "stripe-webhook",
        (_, ["stripe", "portal"] | ["credits", "orders", _, "receipt"]) => "billing-portal",
        (_, ["credits"]) => "credits",
        (_, ["credits", "transactions"]) => "credit-transactions",
        (_, ["credits", "orders"]) => "credit-orders",
        (_, ["credits", "auto-top-up"]) => "auto-top-up-settings",
        (_, ["credits", "alerts"]) => "credit-alerts",
        (_, ["credits", "refunds"]) => "refund-request",
        (_, ["admin", "refunds", ..]) => "refund-decisions",
        (_, ["admin", "quarantine"]) => "quarantine",
        (_, ["admin", "credits", _]) => "credit-adjustments",
        (_, ["admin", "vendor-costs"]) => "vendor-costs",
        (_, ["admin", "vendor-costs", "report"]) => "monthly-vendor-report",
        (_, ["audience", "count"]) => "audience-count",
        (_, ["audience", "purchase"]) => "audience-purchase",
        (_, ["audience", "purchases", _]) => "audience-purchase-status",
        (_, ["campaigns"]) => "campaign-create",
        ("GET", ["campaigns", _, "print"]) => "campaign-print-status",
        (_, ["campaigns", _, "print"]) => "campaign-print",
        (method, _) => panic!("there is no endpoint {method} /api/{}", path.join("/")),
    }
}

/// Where the console stands in tests.
pub const APP_URL: &str = "https://app.example";

/// The variables of vendors that all stand behind one address, each under its own path, as the sandbox does. Requests to
/// Stripe are repeated at once.
#[must_use]
pub fn with_vendors(environment: Environment, url: &str) -> Environment {
    environment
        .with(name::STRIPE_SECRET_ID, "stripe")
        .with(name::STRIPE_API_URL, &format!("{url}/stripe"))
        .with(name::STRIPE_RETRY_PAUSE_MS_MAX, "0")
        .with(name::DATA_AXLE_SECRET_ID, "data-axle")
        .with(name::DATA_AXLE_API_URL, &format!("{url}/data-axle"))
        .with(name::POSTGRID_SECRET_ID, "postgrid")
        .with(name::POSTGRID_API_URL, &format!("{url}/postgrid"))
        .with(name::POSTGRID_RATE_PER_SECOND, "5000")
        .with(name::PRINT_WORKERS, "1")
        .with(name::LIVE_ORDERS, "true")
        .with(name::APP_URL, APP_URL)
}

/// Stores the sandbox's keys, and these signing secrets of the webhook.
pub fn set_vendor_secrets(secrets: &Secrets, webhook_secrets: &[&str]) {
    let stripe = json!({"secretKey": sandbox::stripe::SECRET_KEY, "webhookSecrets": webhook_secrets});
    secrets.set("stripe", stripe);
    let contacts =
        json!({"liveToken": sandbox::data_axle::LIVE_TOKEN, "testToken": sandbox::data_axle::TEST_TOKEN});
    secrets.set("data-axle", contacts);
    let printer = json!({"liveKey": sandbox::postgrid::LIVE_KEY, "testKey": sandbox::postgrid::TEST_KEY});
    secrets.set("postgrid", printer);
}
