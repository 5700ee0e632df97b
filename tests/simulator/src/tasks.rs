//! The functions that run: polled one at a time, in an order that the dice decide.
//!
//! A task is one invocation. It ends, dies, panics or runs out of its time; nothing else is known of it here.

use crate::core::{Core, Subject, TaskId};
use futures::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug)]
pub enum Ended<T> {
    With(T),
    Died,
    Panicked,
    /// Its time ran out: the service stopped it.
    OutOfTime,
}

pub type Work<T> = Pin<Box<dyn Future<Output = T>>>;

struct Task<J, T> {
    id: TaskId,
    job: J,
    work: Work<std::thread::Result<T>>,
    flag: Arc<Flag>,
    until: Instant,
}

struct Flag {
    ready: AtomicBool,
    parent: Mutex<Option<Waker>>,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.ready.store(true, Ordering::SeqCst);
        if let Some(parent) = self.parent.lock().unwrap_or_else(PoisonError::into_inner).take() {
            parent.wake();
        }
    }
}

/// All running invocations; `J` says what each is for.
pub struct Tasks<J, T> {
    core: Core,
    next: TaskId,
    running: Vec<Task<J, T>>,
}

impl<J, T: 'static> Tasks<J, T> {
    /// None yet.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core, next: 1, running: Vec::new() }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// Whether none runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    pub fn start(&mut self, job: J, subject: Option<Subject>, limit: Duration, work: Work<T>) {
        let deaths = self.core.weather().deaths;
        let dies_at = self.core.chance(deaths).then(|| self.draw_death(24));
        self.begin((job, subject, dies_at), limit, work);
    }

    pub fn start_doomed(&mut self, job: J, subject: Option<Subject>, limit: Duration, work: Work<T>) {
        let dies_at = Some(self.draw_death(6));
        self.begin((job, subject, dies_at), limit, work);
    }

    /// At which call it dies, and whether after the call took effect.
    fn draw_death(&self, calls: i64) -> (u32, bool) {
        (u32::try_from(self.core.between(1, calls)).unwrap_or(1), self.core.chance(500))
    }

    fn begin(
        &mut self,
        (job, subject, dies_at): (J, Option<Subject>, Option<(u32, bool)>),
        limit: Duration,
        work: Work<T>,
    ) {
        let id = self.next;
        self.next += 1;
        self.core.begin(id, subject, dies_at);
        let flag = Arc::new(Flag { ready: AtomicBool::new(true), parent: Mutex::new(None) });
        let work = Box::pin(tokio::task::unconstrained(AssertUnwindSafe(work).catch_unwind()));
        self.running.push(Task { id, job, work, flag, until: Instant::now() + limit });
    }

    /// Drops every task whose time is over.
    pub fn stop_overdue(&mut self) -> Vec<(J, Ended<T>)> {
        let now = Instant::now();
        let (over, left) = std::mem::take(&mut self.running).into_iter().partition(|task| task.until <= now);
        self.running = left;
        let over: Vec<Task<J, T>> = over;
        let core = &self.core;
        over.into_iter()
            .map(|task| {
                core.trouble(Some(task.id));
                core.end(task.id);
                (task.job, Ended::OutOfTime)
            })
            .collect()
    }

    /// Polls ready tasks, at most so often; when `wait`, until all have ended, else until none is ready.
    pub async fn run(&mut self, mut polls: u32, wait: bool) -> Vec<(J, Ended<T>)> {
        let mut ended = Vec::new();
        std::future::poll_fn(|context| {
            loop {
                ended.extend(self.stop_overdue());
                if self.running.is_empty() || polls == 0 {
                    return Poll::Ready(());
                }
                let ready: Vec<usize> = (0..self.running.len())
                    .filter(|at| self.running[*at].flag.ready.load(Ordering::SeqCst))
                    .collect();
                if ready.is_empty() {
                    if !wait {
                        return Poll::Ready(());
                    }
                    for task in &self.running {
                        let mut parent = task.flag.parent.lock().unwrap_or_else(PoisonError::into_inner);
                        *parent = Some(context.waker().clone());
                    }
                    return Poll::Pending;
                }
                polls -= 1;
                let at = *self.core.pick(&ready);
                if let Some(end) = self.poll_one(at) {
                    let task = self.running.swap_remove(at);
                    self.core.end(task.id);
                    ended.push((task.job, end));
                }
            }
        })
        .await;
        ended
    }

    fn poll_one(&mut self, at: usize) -> Option<Ended<T>> {
        let task = &mut self.running[at];
        task.flag.ready.store(false, Ordering::SeqCst);
        self.core.enter(task.id);
        let waker = Waker::from(Arc::clone(&task.flag));
        let polled = task.work.as_mut().poll(&mut Context::from_waker(&waker));
        if self.core.leave() {
            return Some(Ended::Died);
        }
        match polled {
            Poll::Ready(Ok(output)) => Some(Ended::With(output)),
            Poll::Ready(Err(_)) => Some(Ended::Panicked),
            Poll::Pending => None,
        }
    }
}
