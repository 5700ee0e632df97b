//! The three vendors behind one door: which path is whose, and the faults between.

use crate::controls;
use crate::data_axle::DataAxle;
use crate::faults::{FaultKind, Faults, Vendor};
use crate::message::{Request, Response};
use crate::postgrid::PostGrid;
use crate::stripe::Stripe;

#[derive(Clone, Debug)]
pub struct Config {
    /// Ids follow from it: the same seed and the same calls give the same ids.
    pub seed: u64,
    /// Scheme, host and port under which browsers reach the payment page, without a slash at the end.
    pub public_url: String,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub response: Response,
    /// Milliseconds to wait before saying it.
    pub delay_ms: u64,
    /// True when the connection closes without any answer.
    pub dropped: bool,
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self { response, delay_ms: 0, dropped: false }
    }
}

#[derive(Debug)]
pub struct World {
    pub stripe: Stripe,
    pub data_axle: DataAxle,
    pub postgrid: PostGrid,
    pub(crate) faults: Faults,
}

impl World {
    pub fn new(config: &Config) -> Self {
        Self {
            stripe: Stripe::new(config.seed, &format!("{}/stripe", config.public_url)),
            data_axle: DataAxle::new(config.seed),
            postgrid: PostGrid::new(config.seed),
            faults: Faults::default(),
        }
    }

    /// Answers one request at `now_ms` (unix milliseconds). Paths begin with `/stripe`, `/data-axle`,
    /// `/postgrid` or `/sandbox`.
    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Reply {
        for vendor in [Vendor::Stripe, Vendor::DataAxle, Vendor::PostGrid] {
            if let Some(inner) = request.below(&format!("/{}", vendor.name())) {
                return self.ask(vendor, now_ms, &inner);
            }
        }
        match request.below("/sandbox") {
            Some(inner) => controls::handle(self, now_ms, &inner).into(),
            None => controls::not_found().into(),
        }
    }

    /// Forgets everything that was asked, bought, sent and printed. Ids go on counting, and the webhook
    /// endpoint stays.
    pub fn reset(&mut self) {
        self.stripe.reset();
        self.data_axle.reset();
        self.postgrid.reset();
        self.faults.clear();
    }

    fn ask(&mut self, vendor: Vendor, now_ms: u64, request: &Request) -> Reply {
        // pages are a browser's, not a caller's of the API: they never fail on request
        let struck = match vendor == Vendor::Stripe && Stripe::is_page(&request.path) {
            true => None,
            false => self.faults.strike(vendor, request),
        };
        let Some(fault) = struck else {
            return self.answer(vendor, now_ms, request).into();
        };
        if !fault.kind.has_effect() {
            let dropped = fault.kind == FaultKind::Drop;
            return Reply { response: fault.answer(), delay_ms: fault.delay_ms, dropped };
        }
        let result = self.answer(vendor, now_ms, request);
        let response = match fault.kind {
            FaultKind::StatusAfterEffect => fault.answer(),
            _ => result,
        };
        let dropped = fault.kind == FaultKind::DropAfterEffect;
        Reply { response, delay_ms: fault.delay_ms, dropped }
    }

    fn answer(&mut self, vendor: Vendor, now_ms: u64, request: &Request) -> Response {
        match vendor {
            Vendor::Stripe => self.stripe.handle(now_ms, request),
            Vendor::DataAxle => self.data_axle.handle(now_ms, request),
            Vendor::PostGrid => self.postgrid.handle(now_ms, request),
        }
    }
}
