//! Log lines that a metric filter counts, seen in the test's own thread.

use std::sync::{Arc, Mutex};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

/// The alarms that were raised.
#[derive(Debug, Clone, Default)]
pub struct Alarms(Arc<Mutex<Vec<String>>>);

impl Alarms {
    /// Listens until the guard is dropped.
    pub fn listen() -> (Self, DefaultGuard) {
        let alarms = Self::default();
        let guard = tracing::subscriber::set_default(alarms.clone());
        (alarms, guard)
    }

    /// Takes out what was raised since.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no panic while held"))
    }
}

impl Subscriber for Alarms {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Names(Vec<String>);
        impl Visit for Names {
            fn record_str(&mut self, field: &Field, value: &str) {
                if field.name() == "alarm" {
                    self.0.push(value.to_owned());
                }
            }

            fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
        }
        let mut names = Names(Vec::new());
        event.record(&mut names);
        self.0.lock().expect("no panic while held").extend(names.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
