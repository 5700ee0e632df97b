//! Every function of the product over one world, each connected as its `main` connects it.

use crate::gateway::{Call, respond};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_http::{Body, Response};
use lambda_runtime::{Error, LambdaEvent};
use platform::{Deadline, Environment, Services, StartFailure, config::name, queue::run_batch};
use serde_json::{Value, json};
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
            $($function: OnceCell<$function::handler::State>,)+
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
                        state.unwrap_or_else(|failure| panic!("{}: {failure:?}", stringify!($function)))
                    };
                    self.$function.get_or_init(connect).await
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

/// Calls a function's handler: `reply!(self, credits, request)`.
macro_rules! reply {
    ($self:ident, $function:ident, $request:ident) => {
        respond($function::handler::answer($self.$function().await, $request).await)
    };
}

impl Functions {
    /// The response of the function that `template.yaml` routes a call to.
    ///
    /// # Panics
    /// When there is no such endpoint.
    pub async fn call(&self, call: &Call) -> Response<Body> {
        let request = call.request();
        let path = request.uri().path().to_owned();
        let path: Vec<&str> = path.trim_start_matches("/api/").split('/').collect();
        match (request.method().as_str(), path.as_slice()) {
            (_, ["stripe", "purchase-credits"]) => reply!(self, purchase_credits, request),
            (_, ["stripe", "webhook"]) => reply!(self, stripe_webhook, request),
            (_, ["stripe", "portal"] | ["credits", "orders", _, "receipt"]) => {
                reply!(self, billing_portal, request)
            }
            (_, ["credits"]) => reply!(self, credits, request),
            (_, ["credits", "transactions"]) => reply!(self, credit_transactions, request),
            (_, ["credits", "orders"]) => reply!(self, credit_orders, request),
            (_, ["credits", "auto-top-up"]) => reply!(self, auto_top_up_settings, request),
            (_, ["credits", "alerts"]) => reply!(self, credit_alerts, request),
            (_, ["credits", "refunds"]) => reply!(self, refund_request, request),
            (_, ["admin", "refunds", ..]) => reply!(self, refund_decisions, request),
            (_, ["admin", "quarantine"]) => reply!(self, quarantine, request),
            (_, ["admin", "credits", _]) => reply!(self, credit_adjustments, request),
            (_, ["admin", "vendor-costs"]) => reply!(self, vendor_costs, request),
            (_, ["admin", "vendor-costs", "report"]) => reply!(self, monthly_vendor_report, request),
            (_, ["audience", "count"]) => reply!(self, audience_count, request),
            (_, ["audience", "purchase"]) => reply!(self, audience_purchase, request),
            (_, ["audience", "purchases", _]) => reply!(self, audience_purchase_status, request),
            (_, ["campaigns"]) => reply!(self, campaign_create, request),
            ("GET", ["campaigns", _, "print"]) => reply!(self, campaign_print_status, request),
            (_, ["campaigns", _, "print"]) => reply!(self, campaign_print, request),
            (method, _) => panic!("there is no endpoint {method} {}", path.join("/")),
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
            "fetch" => {
                let state = self.contact_fetcher().await;
                let handle = |message, deadline| contact_fetcher::handler::handle(state, message, deadline);
                run_batch(event, deadline, &handle).await
            }
            "plan" => {
                let state = self.print_planner().await;
                let handle = |message, deadline| print_planner::handler::handle(state, message, deadline);
                run_batch(event, deadline, &handle).await
            }
            "batch" => {
                let state = self.print_batch().await;
                let handle = |message, deadline| print_batch::handler::handle(state, message, deadline);
                run_batch(event, deadline, &handle).await
            }
            "top-up" => {
                let state = self.auto_top_up().await;
                let handle = |message, deadline| auto_top_up::handler::handle(state, message, deadline);
                run_batch(event, deadline, &handle).await
            }
            _ => panic!("there is no queue {queue}"),
        }
    }

    /// Gives the sweeper one event: a turn of its schedule, or dead letters.
    ///
    /// # Errors
    /// As its handler.
    pub async fn sweep(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        sweeper::handler::handle(self.sweeper().await, event).await
    }

    /// One turn of recovery.
    ///
    /// # Errors
    /// As its handler.
    pub async fn recover(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        recovery::handler::handle(self.recovery().await, event).await
    }

    /// Gives the month's report one event: finance's request, or a turn of its schedule.
    ///
    /// # Errors
    /// As its handler.
    pub async fn report(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        monthly_vendor_report::event::dispatch(self.monthly_vendor_report().await, event).await
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
