//! Log lines that a metric filter counts, seen in the test's own thread.

use suite::lines::Lines;
use tracing::subscriber::DefaultGuard;

/// The alarms that were raised.
pub struct Alarms(Lines);

impl Alarms {
    /// Listens until the guard is dropped.
    pub fn listen() -> (Self, DefaultGuard) {
        let (lines, guard) = Lines::listen();
        (Self(lines), guard)
    }

    /// Takes out what was raised since.
    pub fn take(&self) -> Vec<String> {
        self.0.take_alarms()
    }
}
