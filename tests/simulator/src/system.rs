//! Every function of the product over the simulated ports, connected as its `main` connects it.

use crate::core::Core;
use crate::dynamo;
use crate::objects::Objects;
use crate::queues::Queues;
use crate::topic::Alerted;
use crate::vendors::{HOST, Vendors};
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use ledger::Ledger;
use platform::{Services, config::name};
use serde_json::json;
use std::sync::Arc;
use suite::functions::{Functions, set_vendor_secrets, with_vendors};
use support::{Dynamo, InProcessAws, Secrets, World};
use vendor_http::Http;

/// What a renewal grants at most.
pub const RENEWAL_GRANT_MAX: &str = "99.00";

/// All functions, and what they reach.
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
    /// The alerts of owners.
    pub alerted: Alerted,
    /// The functions.
    pub functions: Functions,
}

impl System {
    /// A system that has seen nothing.
    #[must_use]
    pub fn new(core: &Core, seed: u64) -> Self {
        let dynamo = Dynamo::new();
        let (queues, objects, alerted) = (Queues::new(core), Objects::new(core), Alerted::new(core));
        let vendors = Vendors::new(core, &dynamo, seed);
        let mut receiver = sandbox::stripe::Endpoint::new("http://receiver");
        receiver.types = stripe_client::event::TYPES.iter().map(|kind| (*kind).to_owned()).collect();
        vendors.world().stripe.set_webhook_endpoint(Some(receiver));
        let secrets = Secrets::default();
        set_vendor_secrets(&secrets, &[sandbox::stripe::WEBHOOK_SECRET]);
        let aws = InProcessAws::default()
            .with("dynamodb", dynamo::way(&dynamo, core))
            .with("sqs", queues.clone())
            .with("sns", alerted.clone())
            .with("s3", objects.clone())
            .with("secretsmanager", secrets)
            .config()
            .into_builder()
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        let http = Http::over(builder(), Arc::new(vendors.clone()));
        let services = Services::with_vendors(aws, core.clock(), http);
        // Subscription credits run out, so that lots expire.
        let plan = json!({"renewalGrantMax": RENEWAL_GRANT_MAX, "freeCreditsExpireAfterDays": 9});
        let environment = with_vendors(World::environment(), HOST)
            .with(name::SUBSCRIPTION_PLAN, &plan.to_string())
            // virtual time can wait
            .with(name::STRIPE_RETRY_PAUSE_MS_MAX, "")
            .with(name::POSTGRID_RATE_PER_SECOND, "500");
        Self {
            functions: Functions::new(services, environment),
            ledger: Ledger::new(dynamo.client(), "ledger", "work", core.clock()),
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
