//! What a person asks, as the gateway hands it to a function.

use suite::gateway::Call;

#[derive(Debug, Clone)]
pub struct Ask {
    pub organization: String,
    /// `owner`, `member` or `finance`.
    pub role: &'static str,
    /// Method and path; the path's id stands in `id`.
    pub endpoint: Endpoint,
    pub key: Option<String>,
    pub id: Option<String>,
    /// The body; of a GET the query.
    pub body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// POST /api/stripe/purchase-credits
    BuyCredits,
    /// GET /api/credits
    Credits,
    /// GET /api/credits/transactions
    Transactions,
    /// GET /api/credits/transactions, as a file
    Statement,
    /// GET /api/credits/orders
    Orders,
    /// GET /api/credits/orders/{id}/receipt
    Receipt,
    /// POST /api/stripe/portal
    Portal,
    /// GET /api/credits/auto-top-up
    TopUp,
    /// PUT /api/credits/auto-top-up
    SetTopUp,
    /// GET /api/credits/alerts
    Alerts,
    /// PUT /api/credits/alerts
    SetAlerts,
    /// POST /api/credits/refunds
    AskRefund,
    /// GET /api/admin/refunds
    Refunds,
    /// POST /api/admin/refunds/{id}
    DecideRefund,
    /// GET /api/admin/quarantine
    Quarantine,
    /// POST /api/admin/quarantine
    Resolve,
    /// POST /api/admin/credits/adjustments
    Adjust,
    /// POST /api/admin/credits/opening-balances
    Opening,
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

fn line_of(ask: &Ask) -> (&'static str, String) {
    let id = ask.id.as_deref().unwrap_or_default();
    let fixed = |method: &'static str, path: &str| (method, path.to_owned());
    match ask.endpoint {
        Endpoint::BuyCredits => fixed("POST", "/api/stripe/purchase-credits"),
        Endpoint::Credits => ("GET", format!("/api/credits?{}", ask.body)),
        Endpoint::Transactions | Endpoint::Statement => {
            ("GET", format!("/api/credits/transactions?{}", ask.body))
        }
        Endpoint::Orders => fixed("GET", "/api/credits/orders"),
        Endpoint::Receipt => ("GET", format!("/api/credits/orders/{id}/receipt")),
        Endpoint::Portal => fixed("POST", "/api/stripe/portal"),
        Endpoint::TopUp => fixed("GET", "/api/credits/auto-top-up"),
        Endpoint::SetTopUp => fixed("PUT", "/api/credits/auto-top-up"),
        Endpoint::Alerts => fixed("GET", "/api/credits/alerts"),
        Endpoint::SetAlerts => fixed("PUT", "/api/credits/alerts"),
        Endpoint::AskRefund => fixed("POST", "/api/credits/refunds"),
        Endpoint::Refunds => fixed("GET", "/api/admin/refunds"),
        Endpoint::DecideRefund => ("POST", format!("/api/admin/refunds/{id}")),
        Endpoint::Quarantine => fixed("GET", "/api/admin/quarantine"),
        Endpoint::Resolve => fixed("POST", "/api/admin/quarantine"),
        Endpoint::Adjust => fixed("POST", "/api/admin/credits/adjustments"),
        Endpoint::Opening => fixed("POST", "/api/admin/credits/opening-balances"),
        Endpoint::Count => fixed("POST", "/api/audience/count"),
        Endpoint::Purchase => fixed("POST", "/api/audience/purchase"),
        Endpoint::PurchaseStatus => ("GET", format!("/api/audience/purchases/{id}")),
        Endpoint::Campaign => fixed("POST", "/api/campaigns"),
        Endpoint::Print => ("POST", format!("/api/campaigns/{id}/print")),
        Endpoint::PrintStatus => ("GET", format!("/api/campaigns/{id}/print")),
        Endpoint::VendorCosts => fixed("GET", "/api/admin/vendor-costs"),
        Endpoint::Report => fixed("POST", "/api/admin/vendor-costs/report"),
    }
}

impl From<&Ask> for Call {
    fn from(ask: &Ask) -> Self {
        let (method, path) = line_of(ask);
        let mut call = Self::new(method, &path).by(&ask.organization, ask.role);
        if method != "GET" {
            call = call.body(ask.body.clone());
        }
        if ask.endpoint == Endpoint::Statement {
            call = call.header("accept", "text/csv");
        }
        if let Some(key) = &ask.key {
            call = call.header("idempotency-key", key);
        }
        if let Some(id) = &ask.id {
            call = call.id("id", id);
        }
        call
    }
}
