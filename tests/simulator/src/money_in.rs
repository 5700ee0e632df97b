//! The functions around buying credits, wired as their `main`s wire them.

use crate::vendors::HOST;
use billing::{Billing, Parts, Plan};
use ledger::Ledger;
use platform::ClaimNames;
use serde_json::json;
use stripe_client::Stripe;
use tables::WorkTable;
use terms::Clock;
use vendor_http::Http;

/// What a renewal grants at most.
pub const RENEWAL_GRANT_MAX: &str = "99.00";

/// Subscription credits run out, so that lots expire.
fn plan() -> Plan {
    let plan = json!({"renewalGrantMax": RENEWAL_GRANT_MAX, "freeCreditsExpireAfterDays": 9});
    Plan::parse(&plan.to_string()).expect("a plan")
}

/// Where the console stands.
const APP_URL: &str = "https://app.example";

/// Functions between Stripe and the ledger.
pub(crate) struct MoneyIn {
    /// Recovery and auto top-up's worker.
    pub billing: Billing,
    pub buy: purchase_credits::handler::State,
    pub webhook: stripe_webhook::handler::State,
    pub balance: credits::handler::State,
    pub statement: credit_transactions::handler::State,
    pub orders: credit_orders::handler::State,
    pub portal: billing_portal::handler::State,
    pub top_up: auto_top_up_settings::handler::State,
    pub alerts: credit_alerts::handler::State,
    pub refund: refund_request::handler::State,
    pub decisions: refund_decisions::handler::State,
    pub quarantine: quarantine::handler::State,
    pub adjustments: credit_adjustments::handler::State,
}

impl MoneyIn {
    pub(crate) fn new(ledger: &Ledger, work: &WorkTable, http: &Http, clock: &Clock) -> Self {
        let stripe = Stripe::new(http.clone(), &format!("{HOST}/stripe"), sandbox::stripe::SECRET_KEY);
        let (ledger, work, clock) = (|| ledger.clone(), || work.clone(), || clock.clone());
        let of_stripe = Billing::over(Parts {
            ledger: ledger(),
            work: work(),
            stripe: stripe.expect("a usable key"),
            plan: plan(),
            app_url: APP_URL.to_owned(),
            livemode: false,
            clock: clock(),
        });
        let (billing, claims) = (|| of_stripe.clone(), ClaimNames::default);
        let app_url = || APP_URL.to_owned();
        Self {
            buy: purchase_credits::handler::State {
                billing: billing(),
                claims: claims(),
                app_url: app_url(),
            },
            webhook: stripe_webhook::handler::State {
                billing: billing(),
                keys: suite::stage::stripe_keys(&[sandbox::stripe::WEBHOOK_SECRET], clock()),
            },
            balance: credits::handler::State { ledger: ledger(), claims: claims() },
            statement: credit_transactions::handler::State { ledger: ledger(), claims: claims() },
            orders: credit_orders::handler::State { work: work(), claims: claims(), clock: clock() },
            portal: billing_portal::handler::State {
                billing: billing(),
                claims: claims(),
                app_url: app_url(),
            },
            top_up: auto_top_up_settings::handler::State {
                ledger: ledger(),
                work: work(),
                claims: claims(),
                clock: clock(),
            },
            alerts: credit_alerts::handler::State {
                ledger: ledger(),
                work: work(),
                claims: claims(),
                clock: clock(),
            },
            refund: refund_request::handler::State { billing: billing(), claims: claims() },
            decisions: refund_decisions::handler::State { billing: billing(), claims: claims() },
            quarantine: quarantine::handler::State { billing: billing(), claims: claims() },
            adjustments: credit_adjustments::handler::State {
                ledger: ledger(),
                work: work(),
                claims: claims(),
                clock: clock(),
            },
            billing: billing(),
        }
    }
}
