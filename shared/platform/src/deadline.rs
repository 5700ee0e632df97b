//! How much time the present invocation has left.

use std::time::{Duration, SystemTime};
use tokio::time::Instant;

#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// From Lambda's deadline of an event, in milliseconds since the epoch.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "Lambda's time-out is by the machine's clock")]
    pub fn of(context: &lambda_runtime::Context) -> Self {
        let at = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(context.deadline));
        let left = at.and_then(|at| at.duration_since(SystemTime::now()).ok());
        Self::after(left.unwrap_or_default())
    }

    #[must_use]
    pub fn after(left: Duration) -> Self {
        let now = Instant::now();
        Self(now.checked_add(left).unwrap_or(now))
    }

    /// Zero once it has passed.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether at least `need` is left.
    #[must_use]
    pub fn has(&self, need: Duration) -> bool {
        self.remaining() >= need
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "Lambda's time-out is by the machine's clock")]
    fn a_passed_deadline_leaves_nothing() {
        let mut context = lambda_runtime::Context::default();
        assert_eq!(Deadline::of(&context).remaining(), Duration::ZERO);
        let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap() + Duration::from_secs(60);
        context.deadline = u64::try_from(at.as_millis()).unwrap();
        let deadline = Deadline::of(&context);
        assert!(deadline.has(Duration::from_secs(50)) && !deadline.has(Duration::from_secs(61)));
    }
}
