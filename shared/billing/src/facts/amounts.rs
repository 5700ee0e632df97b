//! What was sold for a payment: the price less discounts, tax apart. Pure.

use crate::BillingFailure;
use money::Money;
use stripe_client::{CheckoutSession, Invoice};

/// The amounts of a Checkout session, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sold {
    /// The price before discounts: what was ordered.
    pub ordered: i64,
    /// The price after discounts: what was bought.
    pub bought: i64,
    /// The difference of the two.
    pub discount: i64,
    pub tax: i64,
    /// Whether the tax is part of the price, not on top of it.
    pub tax_included: bool,
}

impl Sold {
    /// `None`: the amounts contradict each other, or something was shipped and paid for.
    ///
    /// Stripe's subtotal is before discounts and before tax on top. A price that includes its tax is in the subtotal
    /// as it is shown to the customer.
    pub(crate) fn of(session: &CheckoutSession) -> Option<Self> {
        let total = session.amount_total?;
        let details = session.total_details.unwrap_or_default();
        let (discount, tax) = (details.amount_discount, details.amount_tax);
        let ordered = session.amount_subtotal.unwrap_or(total);
        let bought = ordered.checked_sub(discount)?;
        let on_top = bought.checked_add(tax)?;
        let possible = discount >= 0 && tax >= 0 && bought > 0 && details.amount_shipping.unwrap_or(0) == 0;
        let agrees = total == on_top || total == bought;
        let tax_included = tax > 0 && total == bought;
        (possible && agrees).then_some(Self { ordered, bought, discount, tax, tax_included })
    }
}

/// What a paid invoice sold: what was paid, less its share of tax.
pub(crate) fn sold_by(invoice: &Invoice) -> Result<Money, BillingFailure> {
    let paid = stated(&invoice.id, invoice.amount_paid)?;
    match (invoice.total, invoice.total_excluding_tax) {
        (Some(total), Some(without)) if total > 0 && (0..total).contains(&without) => {
            let (without, total) = (stated(&invoice.id, without)?, stated(&invoice.id, total)?);
            Ok(without.share(paid, total)?)
        }
        _ => Ok(paid),
    }
}

/// An amount that Stripe states of an object, in cents of its currency. Only here does a stated figure become money:
/// every other error of amounts is our own.
pub(crate) fn stated(object: &str, cents: i64) -> Result<Money, BillingFailure> {
    Money::from_cents(cents).map_err(|_| BillingFailure::StatedAmount { object: object.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sold(subtotal: Value, total: i64, (discount, tax, shipping): (i64, i64, i64)) -> Option<Sold> {
        let session = json!({
            "id": "cs_1", "livemode": false, "mode": "payment", "payment_status": "paid",
            "amount_subtotal": subtotal, "amount_total": total, "total_details": {
                "amount_discount": discount, "amount_tax": tax, "amount_shipping": shipping,
            },
        });
        Sold::of(&serde_json::from_value(session).unwrap())
    }

    #[test]
    fn tax_on_top_and_tax_within_are_told_apart_and_contradictions_are_refused() {
        let bought = |sold: Option<Sold>| sold.map(|sold| (sold.bought, sold.tax, sold.tax_included));
        let plain = json!(10_000);
        assert_eq!(bought(sold(plain.clone(), 10_000, (0, 0, 0))), Some((10_000, 0, false)));
        assert_eq!(bought(sold(plain.clone(), 10_825, (0, 825, 0))), Some((10_000, 825, false)));
        assert_eq!(bought(sold(plain.clone(), 10_000, (0, 762, 0))), Some((10_000, 762, true)));
        assert_eq!(bought(sold(plain.clone(), 8_660, (2_000, 660, 0))), Some((8_000, 660, false)));
        assert_eq!(bought(sold(Value::Null, 10_000, (0, 0, 0))), Some((10_000, 0, false)));
        let contradictions = [
            (10_001, (0, 0, 0)),
            (9_999, (0, 0, 0)),
            (10_824, (0, 825, 0)),
            (10_500, (0, 0, 500)),
            (12_000, (-2_000, 0, 0)),
            (9_000, (0, -1_000, 0)),
            (0, (10_000, 0, 0)),
        ];
        for (total, details) in contradictions {
            assert_eq!(sold(plain.clone(), total, details), None, "{total} {details:?}");
        }
        assert_eq!(sold(json!(i64::MIN), 1, (1, 0, 0)), None);
    }

    #[test]
    fn an_invoice_sells_what_was_paid_without_its_tax() {
        let sold = |paid: i64, total: Value, without: Value| {
            let invoice = json!({
                "id": "in_1", "livemode": false, "amount_paid": paid, "currency": "usd", "total": total,
                "total_excluding_tax": without,
            });
            sold_by(&serde_json::from_value(invoice).unwrap()).unwrap().to_string()
        };
        assert_eq!(sold(9_900, json!(9_900), json!(9_900)), "99.00");
        assert_eq!(sold(10_717, json!(10_717), json!(9_900)), "99.00");
        assert_eq!(
            sold(5_358, json!(10_717), json!(9_900)),
            "49.50",
            "a part was paid by a balance at Stripe"
        );
        assert_eq!(sold(9_900, Value::Null, Value::Null), "99.00");
        assert_eq!(sold(9_900, json!(9_900), json!(10_000)), "99.00");
    }
}
