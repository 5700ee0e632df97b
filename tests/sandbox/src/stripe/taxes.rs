//! Coupons and taxes of an open payment page, as a merchant's Dashboard settings bring them about.

use serde_json::{Value, json};

use super::Stripe;

/// What comes between a session's subtotal and its total, in cents.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    pub discount: i64,
    pub tax: i64,
    pub inclusive: bool,
}

impl Stripe {
    /// Gives an open session a coupon and tax. The error is a sentence.
    pub fn set_totals(&mut self, id: &str, totals: Totals) -> Result<Value, String> {
        let session = self.sessions.get(id).cloned().ok_or_else(|| format!("No such session: {id}"))?;
        if session["status"] != "open" {
            return Err("Only an open session's totals change.".to_owned());
        }
        let subtotal = session["amount_subtotal"].as_i64().unwrap_or_default();
        let on_top = if totals.inclusive { 0 } else { totals.tax };
        let changes = json!({
            "amount_total": subtotal - totals.discount + on_top,
            "total_details": {
                "amount_discount": totals.discount, "amount_shipping": 0, "amount_tax": totals.tax,
            },
        });
        Ok(self.change_session(id, changes))
    }
}
