//! Refusals of an order of credits, as an owner reads them.

use billing::{CheckoutRefusal, OPEN_ORDERS_MAX};
use lambda_http::http::StatusCode;
use platform::Problem;

/// The problem of a refusal.
pub(crate) fn problem(refusal: &CheckoutRefusal) -> Problem {
    match refusal {
        CheckoutRefusal::NotAnAmount(why) => Problem::bad_request("invalid_amount", format!("amount: {why}.")),
        CheckoutRefusal::OutOfBounds { minimum, maximum } => Problem::bad_request(
            "amount_out_of_bounds",
            format!("Choose an amount from {minimum} to {maximum} USD."),
        )
        .with("minimum", minimum)
        .with("maximum", maximum),
        CheckoutRefusal::KeyReused => Problem::idempotency_key_reused(),
        CheckoutRefusal::OrderClosed => Problem::conflict(
            "order_closed",
            "This order's payment page is closed. Order again with a new Idempotency-Key.",
        ),
        CheckoutRefusal::TooManyOpen => Problem::conflict(
            "too_many_open_orders",
            format!(
                "{OPEN_ORDERS_MAX} orders are unpaid. Pay one of them, or wait until a payment page has closed \
                 (23 hours after its order), then order again."
            ),
        )
        .with("limit", OPEN_ORDERS_MAX),
        CheckoutRefusal::RefusedByStripe => Problem::new(
            StatusCode::BAD_GATEWAY,
            "payment_page_refused",
            "The payment page could not be created",
            "Nothing was charged. Order again with a new Idempotency-Key; if that fails too, contact support and include the requestId.",
        ),
    }
}
