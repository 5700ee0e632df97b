//! From one message to [`Audience::fetch`].

use audience::{Audience, AudienceFailure, FetchMessage, Vendors};
use platform::Deadline;

/// What the handler works with.
pub struct State {
    /// Fetching and settling.
    pub audience: Audience,
    /// Data Axle.
    pub vendors: Vendors,
}

/// Works on one purchase.
///
/// # Errors
/// [`AudienceFailure`]: the message comes again.
pub async fn handle(state: &State, message: FetchMessage, deadline: Deadline) -> Result<(), AudienceFailure> {
    // Boxed: in place it nests deeper than the compiler lays out.
    Box::pin(state.audience.fetch(&state.vendors, &message, deadline)).await
}
