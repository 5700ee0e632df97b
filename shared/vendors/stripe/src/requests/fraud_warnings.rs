//! Early fraud warnings.

use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{Stripe, plain};
use crate::failure::StripeFailure;
use crate::objects::EarlyFraudWarning;

impl Stripe {
    /// Reads an `issfr_…` (docs.stripe.com/api/radar/early_fraud_warnings/retrieve).
    pub async fn early_fraud_warning(&self, id: &str) -> Result<EarlyFraudWarning, StripeFailure> {
        let path = format!("/radar/early_fraud_warnings/{}", plain(id, "early_fraud_warning")?);
        self.ask(RequestBuilder::new(StripeMethod::Get, path), None).await
    }

    /// All warnings of a `pi_…`, newest first (docs.stripe.com/api/radar/early_fraud_warnings/list).
    pub async fn early_fraud_warnings_of(
        &self,
        payment_intent: &str,
    ) -> Result<Vec<EarlyFraudWarning>, StripeFailure> {
        let payment_intent = plain(payment_intent, "payment_intent")?;
        let mut request = RequestBuilder::new(StripeMethod::Get, "/radar/early_fraud_warnings");
        request.query = Some(format!("payment_intent={payment_intent}"));
        self.all(request).await
    }
}
