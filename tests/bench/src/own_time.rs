//! The time that a handler itself takes: what passes while it is polled, less what the database took of it.
//! Waiting between attempts and for vendors is not in it, because nothing is polled meanwhile.
//!
//! Right only on a runtime of one thread: what others take would be counted in.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use support::Meter;

pub async fn own_time<F: Future>(future: F, meter: &Meter) -> (F::Output, Duration) {
    Timed { future: Box::pin(future), meter: meter.clone(), own: Duration::ZERO }.await
}

/// Boxed, so that no pin projection is needed.
struct Timed<F> {
    future: Pin<Box<F>>,
    meter: Meter,
    own: Duration,
}

impl<F: Future> Future for Timed<F> {
    type Output = (F::Output, Duration);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (inside, started) = (self.meter.inside(), Instant::now());
        let polled = self.future.as_mut().poll(context);
        let database = self.meter.inside().saturating_sub(inside);
        self.own += started.elapsed().saturating_sub(database);
        polled.map(|output| (output, self.own))
    }
}

#[must_use]
pub fn middle_and_largest(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    let middle = times.get(times.len() / 2).copied().unwrap_or_default();
    (middle, times.last().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_timed_future_answers_what_it_would_have_answered() {
        let (answer, _) = own_time(
            async {
                tokio::task::yield_now().await;
                7
            },
            &Meter::default(),
        )
        .await;
        assert_eq!(answer, 7);
    }

    #[test]
    fn the_middle_of_an_odd_number_is_its_median() {
        let times = [3, 1, 2].map(Duration::from_millis).to_vec();
        assert_eq!(middle_and_largest(times), (Duration::from_millis(2), Duration::from_millis(3)));
        assert_eq!(middle_and_largest(Vec::new()), (Duration::ZERO, Duration::ZERO));
    }
}
