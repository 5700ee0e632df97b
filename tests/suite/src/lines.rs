//! Log lines, seen in the test's own thread.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

/// The fields of one line, the message and the level included.
pub type Line = BTreeMap<String, String>;

/// With a single subscriber in the process, tracing asks the thread that comes first to a line whether it is wanted, and
/// another test's thread has none: the line would be off for all. With two it asks both.
static SECOND: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Lines::default()));

/// The lines that a function writes: those of INFO and above, as they come. Below, libraries log whole bodies.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<Line>>>);

impl Lines {
    /// Listens until the guard is dropped.
    #[must_use]
    pub fn listen() -> (Self, DefaultGuard) {
        LazyLock::force(&SECOND);
        let lines = Self::default();
        let guard = tracing::subscriber::set_default(lines.clone());
        (lines, guard)
    }

    /// All lines so far.
    #[must_use]
    pub fn all(&self) -> Vec<Line> {
        self.0.lock().expect("no panic while held").clone()
    }

    /// The lines of the level of errors.
    #[must_use]
    pub fn errors(&self) -> Vec<Line> {
        self.all()
            .into_iter()
            .filter(|line| line.get("level").is_some_and(|level| level == "ERROR"))
            .collect()
    }

    /// Takes out the names of the alarms that were raised since.
    #[must_use]
    pub fn take_alarms(&self) -> Vec<String> {
        let lines = std::mem::take(&mut *self.0.lock().expect("no panic while held"));
        lines.into_iter().filter_map(|mut line| line.remove("alarm")).collect()
    }

    /// The lines with this `event`.
    #[must_use]
    pub fn of(&self, event: &str) -> Vec<Line> {
        self.all().into_iter().filter(|line| line.get("event").is_some_and(|name| name == event)).collect()
    }

    /// Asserts that no line shows any of these texts.
    #[track_caller]
    pub fn assert_without(&self, texts: &[&str]) {
        let all = format!("{:?}", self.all());
        for text in texts {
            assert!(!all.contains(text), "{text} is logged");
        }
    }
}

struct Fields<'a>(&'a mut Line);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::from([("level".to_owned(), event.metadata().level().to_string())]);
        event.record(&mut Fields(&mut line));
        self.0.lock().expect("no panic while held").push(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
