//! Which payment settles which invoice. Since the basil train neither of the two names the other: this does.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, objects, seconds};

impl Stripe {
    pub(super) fn new_invoice_payment(&mut self, now_ms: u64, invoice: &Value, intent: &str) {
        let mut payment = objects::invoice_payment();
        objects::set(
            &mut payment,
            json!({
                "id": self.ids.fresh("inpay_1", 23),
                "amount_requested": invoice["amount_due"],
                "created": seconds(now_ms),
                "currency": invoice["currency"],
                "invoice": invoice["id"],
                "payment": {"type": "payment_intent", "payment_intent": intent},
            }),
        );
        self.invoice_payments.put(payment);
    }

    /// The tie of a paid invoice is paid; nothing happens where the invoice was of 0 and has none.
    pub(super) fn pay_invoice_payment(&mut self, now_ms: u64, invoice: &str) {
        let Some(id) = self.payment_of(invoice).map(|payment| objects::text(payment, "id").to_owned()) else {
            return;
        };
        let Some(payment) = self.invoice_payments.get_mut(&id) else {
            return;
        };
        let amount = payment["amount_requested"].clone();
        objects::set(payment, json!({"status": "paid", "amount_paid": amount}));
        payment["status_transitions"]["paid_at"] = Value::from(seconds(now_ms));
        let payment = payment.clone();
        self.emit(now_ms, "invoice_payment.paid", &payment);
    }

    pub(super) fn payment_of(&self, invoice: &str) -> Option<&Value> {
        self.invoice_payments.iter().find(|payment| payment["invoice"] == invoice)
    }

    pub(super) fn is_of_invoice(&self, intent: &str) -> bool {
        self.invoice_payments.iter().any(|payment| payment["payment"]["payment_intent"] == intent)
    }

    pub(super) fn list_invoice_payments(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "invoice",
            "payment",
            "status",
            "expand",
        ])?;
        if params.value("payment").is_some() {
            params.required("payment/type")?;
        }
        if !matches!(params.text("payment/type"), None | Some("payment_intent")) {
            let message = "In this sandbox only payment intents pay invoices.".to_owned();
            return Err(Refusal::invalid(message, Some("payment[type]")));
        }
        self.invoice_payments.page("/v1/invoice_payments", params, |payment| {
            params.accepts("invoice", &payment["invoice"])
                && params.accepts("status", &payment["status"])
                && params.accepts("payment/payment_intent", &payment["payment"]["payment_intent"])
        })
    }
}
