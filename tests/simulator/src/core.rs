//! What everything simulated shares: the seeded dice, virtual time, the weather (how likely which fault is),
//! who is running, who dies where, what was planned, what was injected and what was found broken.
//!
//! Knows no port and no act.

use crate::plan::{Plan, Planned, Watch};
use crate::weather::{Away, KINDS, Weather};
use fastrand::Rng;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use terms::{Clock, Timestamp};
use tokio::time::Instant;

pub type TaskId = u64;

/// What a running function works on, as far as a hold is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub organization: String,
    /// The purchase's or job's id, and its hold's.
    pub hold: String,
}

#[derive(Debug, Clone)]
struct Running {
    calls: u32,
    dies_at: Option<(u32, bool)>,
    dead: bool,
    subject: Option<Subject>,
}

struct Inner {
    dice: Rng,
    started: Instant,
    epoch_ms: i64,
    weather: Weather,
    away: [Option<(i64, Away)>; 3],
    current: Option<TaskId>,
    running: HashMap<TaskId, Running>,
    injected: BTreeMap<&'static str, u64>,
    broken: Vec<String>,
    digest: u64,
    trace: Option<Vec<String>>,
    watch: Option<Watch>,
    /// Invocations that did something which they may have to do again, and whether they met trouble since.
    marks: Vec<(Option<TaskId>, bool)>,
}

/// The shared heart of one simulation. Cheap to clone.
#[derive(Clone)]
pub struct Core(Arc<Mutex<Inner>>);

impl std::fmt::Debug for Core {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Core")
    }
}

impl Core {
    /// A heart of this seed, at this time. Must be made inside the simulation's runtime.
    #[must_use]
    pub fn new(seed: u64, at: &str, trace: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            dice: Rng::with_seed(seed),
            started: Instant::now(),
            epoch_ms: Timestamp::parse(at).expect("a time").as_ms(),
            weather: Weather::default(),
            away: [None; 3],
            current: None,
            running: HashMap::new(),
            injected: BTreeMap::new(),
            broken: Vec::new(),
            digest: 0,
            trace: trace.then(Vec::new),
            watch: None,
            marks: Vec::new(),
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unix milliseconds of virtual time.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let inner = self.inner();
        let since = Instant::now().saturating_duration_since(inner.started);
        inner.epoch_ms + i64::try_from(since.as_millis()).expect("a short simulation")
    }

    /// Virtual time, as the vendors' machines count it.
    #[must_use]
    pub fn vendor_ms(&self) -> u64 {
        u64::try_from(self.now_ms()).expect("after 1970")
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_ms(self.now_ms())
    }

    #[must_use]
    pub fn clock(&self) -> Clock {
        let core = self.clone();
        Clock::from_fn(move || core.now())
    }

    /// A number below `bound`.
    #[must_use]
    pub fn below(&self, bound: usize) -> usize {
        self.inner().dice.usize(..bound.max(1))
    }

    /// A whole number between two, both included.
    #[must_use]
    pub fn between(&self, low: i64, high: i64) -> i64 {
        self.inner().dice.i64(low..=high)
    }

    /// True so often in a thousand.
    #[must_use]
    pub fn chance(&self, in_a_thousand: u32) -> bool {
        in_a_thousand > 0 && self.inner().dice.u32(..1000) < in_a_thousand
    }

    #[must_use]
    pub fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    #[must_use]
    pub fn weather(&self) -> Weather {
        self.inner().weather
    }

    pub fn set_weather(&self, weather: Weather) {
        self.inner().weather = weather;
    }

    pub fn send_away(&self, vendor: usize, until_ms: i64, how: Away) {
        self.inner().away[vendor] = Some((until_ms, how));
    }

    pub fn bring_back(&self) {
        self.inner().away = [None; 3];
    }

    #[must_use]
    pub fn away(&self, vendor: usize) -> Option<Away> {
        let now = self.now_ms();
        let away = self.inner().away[vendor];
        away.filter(|(until, _)| now < *until).map(|(_, how)| how)
    }

    pub fn injected(&self, kind: &'static str) {
        debug_assert!(KINDS.contains(&kind), "{kind} stands in the list of kinds");
        let mut inner = self.inner();
        *inner.injected.entry(kind).or_default() += 1;
        let current = inner.current;
        drop(inner);
        self.trouble(current);
        self.trace(|| format!("  fault: {kind}"));
    }

    /// Notes that the running invocation did something; `spoiled`: and will not hear of it.
    #[must_use]
    pub fn mark(&self, spoiled: bool) -> usize {
        let mut inner = self.inner();
        let current = inner.current;
        inner.marks.push((current, spoiled));
        inner.marks.len() - 1
    }

    /// Whether the invocation of a mark met a fault at the mark or after it.
    #[must_use]
    pub fn met_trouble(&self, mark: usize) -> bool {
        self.inner().marks.get(mark).is_some_and(|(_, trouble)| *trouble)
    }

    pub fn trouble(&self, id: Option<TaskId>) {
        let mut inner = self.inner();
        inner.marks.iter_mut().filter(|(of, _)| id.is_some() && *of == id).for_each(|mark| mark.1 = true);
    }

    #[must_use]
    pub fn totals(&self) -> BTreeMap<&'static str, u64> {
        self.inner().injected.clone()
    }

    /// Notes a broken invariant; the step ends with it.
    pub fn broken(&self, what: impl Into<String>) {
        self.inner().broken.push(what.into());
    }

    #[must_use]
    pub fn all_broken(&self) -> Vec<String> {
        self.inner().broken.clone()
    }

    pub fn tell(&self, line: &str) {
        let now = self.now();
        let mut inner = self.inner();
        for byte in line.bytes() {
            inner.digest = (inner.digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(trace) = &mut inner.trace {
            trace.push(format!("{now} {line}"));
        }
    }

    fn trace(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.inner().trace {
            trace.push(line());
        }
    }

    /// A number that two runs of one seed share.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.inner().digest
    }

    #[must_use]
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let inner = self.inner();
        let all = inner.trace.as_deref().unwrap_or_default();
        all[all.len().saturating_sub(count)..].to_vec()
    }

    /// A task begins; it dies at its `n`th call, before or after the call's effect, if so planned.
    pub fn begin(&self, id: TaskId, subject: Option<Subject>, dies_at: Option<(u32, bool)>) {
        self.inner().running.insert(id, Running { calls: 0, dies_at, dead: false, subject });
    }

    pub fn end(&self, id: TaskId) {
        self.inner().running.remove(&id);
    }

    pub fn enter(&self, id: TaskId) {
        self.inner().current = Some(id);
    }

    /// Whether the task that was polled died in it.
    #[must_use]
    pub fn leave(&self) -> bool {
        let mut inner = self.inner();
        let id = inner.current.take();
        id.and_then(|id| inner.running.get(&id)).is_some_and(|running| running.dead)
    }

    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        let inner = self.inner();
        let id = inner.current?;
        inner.running.get(&id)?.subject.clone()
    }

    /// From here on the calls of invocations are listed, and one of them may meet a planned fault.
    pub fn watch(&self, plan: Option<Plan>) {
        self.inner().watch = Some(Watch::new(plan));
    }

    /// Nothing is planned any more. Returns what was seen since [`Core::watch`].
    #[must_use]
    pub fn unwatch(&self) -> Watch {
        self.inner().watch.take().unwrap_or_default()
    }

    /// Notes what the running invocation's role must allow for its next call.
    pub fn note_permissions(&self, permissions: Vec<String>) {
        let mut inner = self.inner();
        if inner.current.is_some()
            && let Some(watch) = inner.watch.as_mut()
        {
            watch.note_permissions(permissions);
        }
    }

    /// Before a call of a port: others may come first, it may take its time, or the process dies here. Returns
    /// what is planned for the call, if anything is.
    pub async fn reach(&self, call: &str) -> Option<Planned> {
        yield_once().await;
        if self.chance(self.weather().slow) {
            self.injected("a slow call");
            let pause = u64::try_from(self.between(20, 4_000)).unwrap_or(20);
            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
        }
        let planned = self.planned(call);
        if planned == Some(Planned::DiesBefore) {
            self.kill();
        }
        if self.dies(false, "the process dies before a call takes effect") {
            std::future::pending::<()>().await;
        }
        planned
    }

    /// After a call took effect, before its answer arrives.
    pub async fn effected(&self, planned: Option<Planned>) {
        if planned == Some(Planned::DiesAfter) {
            self.kill();
        }
        if self.dies(true, "the process dies after a call took effect") {
            std::future::pending::<()>().await;
        }
    }

    fn planned(&self, call: &str) -> Option<Planned> {
        let mut inner = self.inner();
        let current = inner.current?;
        let planned = inner.watch.as_mut()?.next(call);
        drop(inner);
        if planned.is_some() {
            self.trouble(Some(current));
        }
        planned
    }

    /// The process of the running task is no more.
    fn kill(&self) {
        let mut inner = self.inner();
        if let Some(id) = inner.current
            && let Some(running) = inner.running.get_mut(&id)
        {
            running.dead = true;
            drop(inner);
            self.trouble(Some(id));
        }
    }

    /// Whether the running task is dead: by now, or by this very call.
    fn dies(&self, after: bool, kind: &'static str) -> bool {
        let mut inner = self.inner();
        let Some(id) = inner.current else { return false };
        let Some(running) = inner.running.get_mut(&id) else { return false };
        if running.dead {
            return true;
        }
        if !after {
            running.calls += 1;
        }
        running.dead = running.dies_at == Some((running.calls, after));
        let dead = running.dead;
        drop(inner);
        if dead {
            self.injected(kind);
        }
        dead
    }
}

/// Lets every other task run first.
async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
