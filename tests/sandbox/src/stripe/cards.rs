//! Cards that customers left for later, and how charges to them end.

use serde_json::Value;

use super::Stripe;
use super::params::Params;
use super::refusal::{Outcome, Refusal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardBehaviour {
    Succeeds,
    /// 402 `card_declined`, for no stated reason.
    Declined,
    /// 402 `card_declined` because of `insufficient_funds`.
    InsufficientFunds,
    /// 402 `authentication_required`: the bank wants to see the customer.
    AuthenticationRequired,
    /// Neither yet: [`Stripe::settle_intent`] decides later.
    Processing,
}

impl CardBehaviour {
    /// Reads a behaviour as the controls write it: `succeeds`, `declined`, `insufficient_funds`,
    /// `authentication_required` or `processing`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "succeeds" => Some(Self::Succeeds),
            "declined" => Some(Self::Declined),
            "insufficient_funds" => Some(Self::InsufficientFunds),
            "authentication_required" => Some(Self::AuthenticationRequired),
            "processing" => Some(Self::Processing),
            _ => None,
        }
    }

    /// What Stripe's test methods promise by their names; the others pay.
    fn of_test_method(name: &str) -> Self {
        match name {
            "pm_card_authenticationRequired" => Self::AuthenticationRequired,
            "pm_card_chargeCustomerFail" | "pm_card_chargeDeclined" => Self::Declined,
            "pm_card_chargeDeclinedInsufficientFunds" => Self::InsufficientFunds,
            _ => Self::Succeeds,
        }
    }

    pub(super) fn decline(self) -> Option<Decline> {
        match self {
            Self::Succeeds | Self::Processing => None,
            Self::Declined => Some(Decline::GENERIC),
            Self::InsufficientFunds => Some(Decline {
                code: "card_declined",
                decline_code: Some("insufficient_funds"),
                message: "Your card has insufficient funds.",
            }),
            Self::AuthenticationRequired => Some(Decline {
                code: "authentication_required",
                decline_code: Some("authentication_required"),
                message: "Your card was declined. This transaction requires authentication.",
            }),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Decline {
    pub(super) code: &'static str,
    pub(super) decline_code: Option<&'static str>,
    pub(super) message: &'static str,
}

impl Decline {
    /// A bank's no without a reason.
    pub(super) const GENERIC: Self = Self {
        code: "card_declined",
        decline_code: Some("generic_decline"),
        message: "Your card was declined.",
    };
}

impl Stripe {
    /// How charges to this customer's saved cards end from now on. Test methods (`pm_card_…`) keep to their
    /// names.
    pub fn set_card_behaviour(&mut self, customer: &str, behaviour: CardBehaviour) {
        self.card_behaviours.insert(customer.to_owned(), behaviour);
    }

    /// How a charge to this method ends, or why the method may not be charged at all.
    pub(super) fn behaviour_of(
        &self,
        method: &str,
        customer: Option<&str>,
    ) -> Result<CardBehaviour, Box<Refusal>> {
        let refused = |message: String| Err(Refusal::invalid(message, Some("payment_method")));
        let Some(saved) = self.methods.get(method) else {
            return match method.starts_with("pm_card_") {
                true => Ok(CardBehaviour::of_test_method(method)),
                false => Err(Refusal::no_such("PaymentMethod", method, 400, "payment_method")),
            };
        };
        match (saved["customer"].as_str(), customer) {
            (None, _) => refused(
                "The provided PaymentMethod was detached from a Customer. It may not be used again."
                    .to_owned(),
            ),
            (Some(owner), None) => refused(format!(
                "The payment method {method} belongs to the Customer {owner}. Please include the Customer in \
                 the `customer` parameter."
            )),
            (Some(owner), Some(customer)) if owner != customer => refused(format!(
                "The customer does not have a payment method with the ID {method}. The payment method must be \
                 attached to the customer."
            )),
            (Some(owner), Some(_)) => {
                Ok(self.card_behaviours.get(owner).copied().unwrap_or(CardBehaviour::Succeeds))
            }
        }
    }

    pub(super) fn detach_method(&mut self, now_ms: u64, id: &str, params: &Params) -> Outcome {
        params.only(&["expand"])?;
        let method = self.methods.get_mut(id);
        let method = method.ok_or_else(|| Refusal::no_such("PaymentMethod", id, 404, "payment_method"))?;
        if method["customer"].is_null() {
            let message =
                "The payment method you provided is not attached to a customer so detachment is impossible.";
            return Err(Refusal::invalid(message.to_owned(), Some("payment_method")));
        }
        let before = method.clone();
        method["customer"] = Value::Null;
        let method = method.clone();
        self.emit_change(now_ms, "payment_method.detached", &before, &method);
        Ok(method)
    }

    /// `GET /v1/payment_methods`: of one customer, named in the query.
    pub(super) fn list_methods(&self, params: &Params) -> Outcome {
        params.only(&["limit", "starting_after", "ending_before", "customer", "type", "expand"])?;
        let customer = params.required("customer")?;
        if self.customers.get(customer).is_none() {
            return Err(Refusal::no_such("customer", customer, 400, "customer"));
        }
        self.methods_of("/v1/payment_methods", customer, params)
    }

    /// `GET /v1/customers/{id}/payment_methods`.
    pub(super) fn list_customer_methods(&self, customer: &str, params: &Params) -> Outcome {
        params.only(&["limit", "starting_after", "ending_before", "type", "allow_redisplay", "expand"])?;
        if self.customers.get(customer).is_none() {
            return Err(Refusal::no_such("customer", customer, 404, "customer"));
        }
        self.methods_of(&format!("/v1/customers/{customer}/payment_methods"), customer, params)
    }

    fn methods_of(&self, url: &str, customer: &str, params: &Params) -> Outcome {
        self.methods.page(url, params, |method| {
            method["customer"] == customer
                && params.accepts("type", &method["type"])
                && params.accepts("allow_redisplay", &method["allow_redisplay"])
        })
    }
}
