//! From a message to one look at an organization's auto top-up. A failure puts the message back: what is in
//! flight is gone on with, never begun twice.

use billing::{Billing, BillingFailure, TopUpMessage};
use platform::Deadline;

/// Works one message.
///
/// # Errors
/// [`BillingFailure`]: the message comes again.
pub async fn handle(billing: &Billing, message: TopUpMessage, _: Deadline) -> Result<(), BillingFailure> {
    // Boxed: what a charge leads to is deep, and the runtime's future would hold all of it.
    Box::pin(billing.top_up(&message.organization_id)).await.map(drop)
}
