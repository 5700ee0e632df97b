//! The vendor calls of one attempt at a batch: paced, a few at once, and stopped at the first trouble that is
//! the vendor's and not a piece's.

use crate::piece::METADATA_KEY;
use crate::{BatchWork, LookedUp, Outcome, SendResult, limits};
use futures::{StreamExt, stream};
use platform::Deadline;
use postgrid_client::{Created, Doubt, PostGrid, PostGridFailure, Postcard, Trouble};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use terms::{Clock, PieceId};

/// A piece that may be looked up and, unless the batch is closing, sent.
pub(crate) struct Prepared {
    pub(crate) piece: PieceId,
    pub(crate) postcard: Option<Postcard>,
}

/// What the calls run with.
pub(crate) struct Calls<'a> {
    pub(crate) client: &'a PostGrid,
    pub(crate) pace: &'a crate::Pace,
    pub(crate) clock: &'a Clock,
    pub(crate) deadline: Deadline,
    pub(crate) pieces: &'a [Prepared],
    pub(crate) closing: bool,
    /// Whether real postcards are meant. A card of the other mode is not this job's: a key stands in the
    /// other one's place.
    pub(crate) live: bool,
}

/// What the calls brought.
#[derive(Debug)]
pub(crate) struct Ran {
    /// What became of each piece of the batch.
    pub(crate) outcomes: Vec<Outcome>,
    /// Vendor-wide trouble, and how long the vendor asks to be left alone.
    pub(crate) trouble: Option<Duration>,
    /// Whether the vendor answered any call as it should.
    pub(crate) heard: bool,
    /// Whether the function's time ran short.
    pub(crate) out_of_time: bool,
}

/// What one call says of the vendor.
enum Signal {
    /// It works.
    Heard,
    /// It answers with errors of its own, or not at all.
    Erring,
    /// It turns everybody away, for this long if it says so.
    Closed(Duration),
    /// Nothing.
    Neutral,
}

struct Report {
    place: usize,
    outcome: Outcome,
    signal: Signal,
}

impl Calls<'_> {
    /// Looks up and sends what `work` names, and collects what became of each piece.
    pub(crate) async fn run(&self, work: &BatchWork) -> Ran {
        let stop = AtomicBool::new(false);
        let mut ran =
            Ran { outcomes: work.batch.outcomes.clone(), trouble: None, heard: false, out_of_time: false };
        let mut erring = 0u32;
        let looked_up = work.look_up.iter().map(|place| (*place, true));
        let planned = looked_up.chain(work.send.iter().map(|place| (*place, false)));
        let calls = planned.map(|(place, look_up)| self.one(work, place, look_up, &stop));
        let mut reports = stream::iter(calls).buffer_unordered(limits::CALLS_AT_ONCE);
        while let Some(report) = reports.next().await {
            let Some(Report { place, outcome, signal }) = report else { continue };
            if let Some(slot) = ran.outcomes.get_mut(place) {
                *slot = outcome;
            }
            match signal {
                Signal::Heard => {
                    ran.heard = true;
                    erring = 0;
                }
                Signal::Erring => erring = erring.saturating_add(1),
                Signal::Closed(pause) => ran.trouble = Some(ran.trouble.unwrap_or_default().max(pause)),
                Signal::Neutral => {}
            }
            if erring >= limits::SERVER_ERRORS_IN_A_ROW && ran.trouble.is_none() {
                ran.trouble = Some(Duration::ZERO);
            }
            if ran.trouble.is_some() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        ran.out_of_time = ran.trouble.is_none() && stop.load(Ordering::Relaxed);
        ran
    }

    /// One piece: `None` when it was not called any more.
    async fn one(&self, work: &BatchWork, place: usize, look_up: bool, stop: &AtomicBool) -> Option<Report> {
        let before = work.batch.outcomes.get(place)?;
        let prepared = self.pieces.get(place)?;
        if !self.turn(stop).await {
            return None;
        }
        if look_up {
            match self.look_up(before, prepared).await {
                Ok(LookedUp::Ended(outcome)) => {
                    return Some(Report { place, outcome, signal: Signal::Heard });
                }
                Ok(LookedUp::SendAgain) => {
                    if !self.turn(stop).await {
                        return None;
                    }
                }
                Err(signal) => return Some(Report { place, outcome: before.clone(), signal }),
            }
        }
        let postcard = prepared.postcard.as_ref()?;
        let at = self.clock.now();
        let created = self.client.create_postcard(postcard, prepared.piece.as_str()).await;
        let (answer, signal) = judged(created, self.live);
        Some(Report { place, outcome: before.after_send(answer, at), signal })
    }

    /// Waits for a turn; `false` when no call may be made any more.
    async fn turn(&self, stop: &AtomicBool) -> bool {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        self.pace.turn().await;
        if !self.deadline.has(Duration::from_secs(limits::TIME_LEFT_MIN_SECONDS)) {
            stop.store(true, Ordering::Relaxed);
        }
        !stop.load(Ordering::Relaxed)
    }

    /// Looks one piece up. An error leaves it in doubt: not found is only what the vendor says is not there.
    async fn look_up(&self, before: &Outcome, prepared: &Prepared) -> Result<LookedUp, Signal> {
        let Outcome::Ambiguous(doubt) = before else {
            return Ok(LookedUp::Ended(before.clone()));
        };
        let piece = prepared.piece.as_str();
        match self.client.find_by_metadata(METADATA_KEY, piece).await {
            Ok(cards) => {
                if cards.len() > 1 {
                    tracing::error!(piece, cards = cards.len(), "the vendor has a piece more than once");
                }
                if let Some(card) = cards.iter().find(|card| card.live != self.live) {
                    wrong_mode(&card.id);
                    return Err(Signal::Closed(Duration::ZERO));
                }
                let found = cards.into_iter().next().map(|card| card.id);
                Ok(doubt.after_look_up(found, self.clock.now(), self.closing))
            }
            Err(PostGridFailure::Trouble(trouble)) => Err(closed(&trouble)),
            Err(PostGridFailure::NotFound | PostGridFailure::Refused(_) | PostGridFailure::Doubt(_)) => {
                Err(Signal::Closed(Duration::ZERO))
            }
        }
    }
}

fn wrong_mode(card: &str) {
    tracing::error!(
        alarm = "postgrid-keys",
        card,
        "a card of the other mode: live and test key are mixed up"
    );
}

fn asked_pause(trouble: &Trouble) -> Duration {
    match trouble {
        Trouble::RateLimited { retry_after } => retry_after.unwrap_or_default(),
        Trouble::Unauthorized { .. } | Trouble::NotReached => Duration::ZERO,
    }
}

/// Of trouble that is not the piece's; a refused key is an alarm.
fn closed(trouble: &Trouble) -> Signal {
    if let Trouble::Unauthorized { status } = trouble {
        tracing::error!(alarm = "postgrid-key", status, "the vendor refuses our key");
    }
    Signal::Closed(asked_pause(trouble))
}

/// What the vendor's answer to a create says of the piece and of the vendor.
fn judged(created: Created, live: bool) -> (SendResult, Signal) {
    match created {
        Created::Accepted(card) if card.live != live => {
            wrong_mode(&card.id);
            (SendResult::TurnedAway, Signal::Closed(Duration::ZERO))
        }
        Created::Accepted(card) => (SendResult::Accepted { card: card.id }, Signal::Heard),
        Created::Refused(refusal) => {
            let kind = refusal.kind.chars().filter(|letter| !letter.is_control()).take(40).collect();
            (SendResult::Refused { status: refusal.status, kind }, Signal::Heard)
        }
        Created::Trouble(trouble) => (SendResult::TurnedAway, closed(&trouble)),
        Created::Ambiguous(Doubt::ServerError { .. }) => (SendResult::ServerError, Signal::Erring),
        // An answer that nobody can read is no better than none: three in a row stop the press.
        Created::Ambiguous(Doubt::NoAnswer | Doubt::Unreadable { .. }) => {
            (SendResult::NoAnswer, Signal::Erring)
        }
        Created::Ambiguous(Doubt::InFlight) => (SendResult::NoAnswer, Signal::Neutral),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use postgrid_client::{Card, CardStatus};

    #[test]
    fn an_answer_that_nobody_can_read_speaks_against_the_vendor_like_none_at_all() {
        for doubt in [Doubt::NoAnswer, Doubt::Unreadable { status: 302 }, Doubt::Unreadable { status: 200 }] {
            let (answer, signal) = judged(Created::Ambiguous(doubt.clone()), true);
            assert!(matches!((answer, signal), (SendResult::NoAnswer, Signal::Erring)), "{doubt:?}");
        }
        let (answer, signal) = judged(Created::Ambiguous(Doubt::InFlight), true);
        assert!(matches!((answer, signal), (SendResult::NoAnswer, Signal::Neutral)));
    }

    #[test]
    fn a_card_of_the_other_mode_is_not_this_jobs() {
        let card: Card = serde_json::from_value(serde_json::json!({"id": "postcard_1", "live": false,
            "status": "ready"}))
        .unwrap();
        assert_eq!(card.status, CardStatus::Ready);
        let (answer, signal) = judged(Created::Accepted(card.clone()), true);
        assert!(matches!((answer, signal), (SendResult::TurnedAway, Signal::Closed(_))));
        let (answer, _) = judged(Created::Accepted(card), false);
        assert!(matches!(answer, SendResult::Accepted { .. }));
    }
}
