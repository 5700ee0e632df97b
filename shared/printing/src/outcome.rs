//! The outcome of one piece, and how each response changes it. Pure.

use crate::limits::{PIECE_SENDS_MAX, SEND_AGAIN_WITHIN_SECONDS};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// Stored as one short text, so that a batch of 25 stays within a few KB: `u` · `a <card>` · `r <status> <kind>` ·
/// `f` · `q <first ms> <last ms> <sends> <e|->` · `x <first ms>` · `n`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Outcome {
    /// Never sent, or sent and rejected before the vendor examined it.
    Untouched,
    /// The vendor has it, under this id.
    Accepted { card: String },
    /// The vendor refuses it, for good.
    Refused {
        /// HTTP status.
        status: u16,
        /// The vendor's code for the error; never its message, which may quote the address.
        kind: String,
    },
    /// Every attempt met an internal error of the vendor, and the vendor does not have it.
    Failed,
    /// Sent, with a result that is not known yet.
    Ambiguous(Doubtful),
    /// The result stays unknown: never sent again, not charged, listed for finance.
    Unknown {
        /// The first attempt.
        first: Timestamp,
    },
    /// The job ended before it was sent.
    NotSent,
}

/// A piece that was sent without a clear response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubtful {
    /// The first attempt.
    pub first: Timestamp,
    /// The last attempt.
    pub last: Timestamp,
    pub sends: u32,
    /// Whether the vendor responded to every attempt, with an internal error.
    pub answered: bool,
}

/// The result of a call for one piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendResult {
    /// The vendor has it.
    Accepted { card: String },
    /// The vendor refuses it.
    Refused {
        /// HTTP status.
        status: u16,
        /// The vendor's code for the error.
        kind: String,
    },
    /// Rejected before the vendor examined it (401, 403, 429, not reached): nothing happened.
    TurnedAway,
    /// An internal error of the vendor (5xx): it may or may not have the piece.
    ServerError,
    /// No response, or none that can be read: the vendor may or may not have the piece.
    NoAnswer,
}

/// The result of looking a piece up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedUp {
    Ended(Outcome),
    /// The vendor does not have it, and the same key may be sent again.
    SendAgain,
}

impl Outcome {
    /// Whether it is final.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        match self {
            Self::Untouched | Self::Ambiguous(_) => false,
            Self::Accepted { .. }
            | Self::Refused { .. }
            | Self::Failed
            | Self::Unknown { .. }
            | Self::NotSent => true,
        }
    }

    /// After an attempt at `at`. A definite outcome stays.
    #[must_use]
    pub fn after_send(&self, answer: SendResult, at: Timestamp) -> Self {
        if self.is_definite() {
            return self.clone();
        }
        match answer {
            SendResult::Accepted { card } => Self::Accepted { card },
            // A refusal of the repetition says nothing about the attempt before it, which may have been printed.
            SendResult::Refused { .. } if matches!(self, Self::Ambiguous(_)) => {
                Self::Ambiguous(self.one_more(at, false))
            }
            SendResult::Refused { status, kind } => Self::Refused { status, kind },
            SendResult::TurnedAway => self.clone(),
            SendResult::ServerError => Self::Ambiguous(self.one_more(at, true)),
            SendResult::NoAnswer => Self::Ambiguous(self.one_more(at, false)),
        }
    }

    /// After a worker died between recording an attempt, at `intent_at`, and recording its outcomes.
    #[must_use]
    pub fn after_crash(&self, intent_at: Timestamp) -> Self {
        if self.is_definite() { self.clone() } else { Self::Ambiguous(self.one_more(intent_at, false)) }
    }

    /// Once no piece of the batch may be sent any more.
    #[must_use]
    pub fn after_closing(&self) -> Self {
        match self {
            Self::Untouched => Self::NotSent,
            other => other.clone(),
        }
    }

    fn one_more(&self, at: Timestamp, answered: bool) -> Doubtful {
        match self {
            Self::Ambiguous(before) => Doubtful {
                first: before.first,
                last: before.last.max(at),
                sends: before.sends.saturating_add(1),
                answered: before.answered && answered,
            },
            _ => Doubtful { first: at, last: at, sends: 1, answered },
        }
    }
}

impl Doubtful {
    /// After it was looked up at `now`; `found` is the vendor's id of its postcard. A batch that is `closing` sends
    /// nothing again.
    #[must_use]
    pub fn after_look_up(&self, found: Option<String>, now: Timestamp, closing: bool) -> LookedUp {
        if let Some(card) = found {
            return LookedUp::Ended(Outcome::Accepted { card });
        }
        let unknown = LookedUp::Ended(Outcome::Unknown { first: self.first });
        if closing || now >= self.first.plus_seconds(SEND_AGAIN_WITHIN_SECONDS) {
            return unknown;
        }
        match (self.sends >= PIECE_SENDS_MAX, self.answered) {
            (false, _) => LookedUp::SendAgain,
            (true, true) => LookedUp::Ended(Outcome::Failed),
            (true, false) => unknown,
        }
    }
}

/// How many pieces ended how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    pub accepted: u32,
    /// Refused or failed.
    pub refused: u32,
    pub unknown: u32,
    pub not_sent: u32,
}

impl Tally {
    /// `None` when an outcome is not definite.
    #[must_use]
    pub fn of(outcomes: &[Outcome]) -> Option<Self> {
        let mut tally = Self::default();
        for outcome in outcomes {
            let counter = match outcome {
                Outcome::Accepted { .. } => &mut tally.accepted,
                Outcome::Refused { .. } | Outcome::Failed => &mut tally.refused,
                Outcome::Unknown { .. } => &mut tally.unknown,
                Outcome::NotSent => &mut tally.not_sent,
                Outcome::Untouched | Outcome::Ambiguous(_) => return None,
            };
            *counter = counter.saturating_add(1);
        }
        Some(tally)
    }
}

impl From<Outcome> for String {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Untouched => "u".to_owned(),
            Outcome::Accepted { card } => format!("a {card}"),
            Outcome::Refused { status, kind } => format!("r {status} {kind}"),
            Outcome::Failed => "f".to_owned(),
            Outcome::Ambiguous(doubt) => {
                let answered = if doubt.answered { 'e' } else { '-' };
                format!("q {} {} {} {answered}", doubt.first.as_ms(), doubt.last.as_ms(), doubt.sends)
            }
            Outcome::Unknown { first } => format!("x {}", first.as_ms()),
            Outcome::NotSent => "n".to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a piece's stored outcome cannot be read")]
pub struct NotAnOutcome;

impl TryFrom<String> for Outcome {
    type Error = NotAnOutcome;

    fn try_from(text: String) -> Result<Self, NotAnOutcome> {
        let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
        match word {
            "u" => Ok(Self::Untouched),
            "a" => Ok(Self::Accepted { card: rest.to_owned() }),
            "r" => {
                let (status, kind) = rest.split_once(' ').ok_or(NotAnOutcome)?;
                let status = status.parse().map_err(|_| NotAnOutcome)?;
                Ok(Self::Refused { status, kind: kind.to_owned() })
            }
            "f" => Ok(Self::Failed),
            "q" => doubtful(rest).map(Self::Ambiguous),
            "x" => Ok(Self::Unknown { first: instant(rest)? }),
            "n" => Ok(Self::NotSent),
            _ => Err(NotAnOutcome),
        }
    }
}

fn instant(text: &str) -> Result<Timestamp, NotAnOutcome> {
    text.parse().map(Timestamp::from_ms).map_err(|_| NotAnOutcome)
}

fn doubtful(text: &str) -> Result<Doubtful, NotAnOutcome> {
    let mut words = text.split(' ');
    let mut next = || words.next().ok_or(NotAnOutcome);
    Ok(Doubtful {
        first: instant(next()?)?,
        last: instant(next()?)?,
        sends: next()?.parse().map_err(|_| NotAnOutcome)?,
        answered: next()? == "e",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000).plus_seconds(seconds)
    }

    fn doubt(first: i64, last: i64, sends: u32, answered: bool) -> Doubtful {
        Doubtful { first: at(first), last: at(last), sends, answered }
    }

    fn accepted() -> Outcome {
        Outcome::Accepted { card: "postcard_1".into() }
    }

    #[test]
    fn every_answer_turns_every_outcome_into_the_one_that_it_proves() {
        let unclear = Outcome::Ambiguous(doubt(0, 0, 1, true));
        let refused = Outcome::Refused { status: 422, kind: "validation_error".into() };
        let answer_refused = SendResult::Refused { status: 422, kind: "validation_error".into() };
        let answer_accepted = SendResult::Accepted { card: "postcard_1".into() };
        let table = [
            (Outcome::Untouched, answer_accepted.clone(), accepted()),
            (Outcome::Untouched, answer_refused.clone(), refused.clone()),
            (Outcome::Untouched, SendResult::TurnedAway, Outcome::Untouched),
            (Outcome::Untouched, SendResult::ServerError, Outcome::Ambiguous(doubt(9, 9, 1, true))),
            (Outcome::Untouched, SendResult::NoAnswer, Outcome::Ambiguous(doubt(9, 9, 1, false))),
            (unclear.clone(), answer_accepted.clone(), accepted()),
            (unclear.clone(), answer_refused, Outcome::Ambiguous(doubt(0, 9, 2, false))),
            (unclear.clone(), SendResult::TurnedAway, unclear.clone()),
            (unclear.clone(), SendResult::ServerError, Outcome::Ambiguous(doubt(0, 9, 2, true))),
            (unclear, SendResult::NoAnswer, Outcome::Ambiguous(doubt(0, 9, 2, false))),
            (accepted(), SendResult::NoAnswer, accepted()),
            (refused.clone(), answer_accepted.clone(), refused),
            (Outcome::NotSent, answer_accepted, Outcome::NotSent),
        ];
        for (before, answer, after) in table {
            assert_eq!(before.after_send(answer.clone(), at(9)), after, "{before:?} {answer:?}");
        }
    }

    #[test]
    fn after_a_crash_everything_indefinite_is_in_doubt_since_the_intent_at_the_latest() {
        let table = [
            (Outcome::Untouched, Outcome::Ambiguous(doubt(5, 5, 1, false))),
            (Outcome::Ambiguous(doubt(0, 1, 2, true)), Outcome::Ambiguous(doubt(0, 5, 3, false))),
            (accepted(), accepted()),
            (Outcome::Unknown { first: at(0) }, Outcome::Unknown { first: at(0) }),
        ];
        for (before, after) in table {
            assert_eq!(before.after_crash(at(5)), after, "{before:?}");
        }
    }

    #[test]
    fn a_piece_in_doubt_is_found_sent_again_or_given_up() {
        let ended = LookedUp::Ended;
        let unknown = ended(Outcome::Unknown { first: at(0) });
        let found = Some("postcard_1".to_owned());
        let last_moment = 20 * HOUR - 1;
        let table = [
            ("found", doubt(0, 0, 1, false), found.clone(), HOUR, false, ended(accepted())),
            ("found late", doubt(0, 0, 9, false), found.clone(), 90 * HOUR, true, ended(accepted())),
            ("young", doubt(0, 0, 1, false), None, last_moment, false, LookedUp::SendAgain),
            ("20 h old", doubt(0, 0, 1, false), None, 20 * HOUR, false, unknown.clone()),
            ("20 h since the first", doubt(0, 19 * HOUR, 2, false), None, 20 * HOUR, false, unknown.clone()),
            ("closing", doubt(0, 0, 1, true), None, HOUR, true, unknown.clone()),
            ("four sends", doubt(0, 0, 4, true), None, HOUR, false, LookedUp::SendAgain),
            ("five errors", doubt(0, 0, 5, true), None, HOUR, false, ended(Outcome::Failed)),
            ("five silences", doubt(0, 0, 5, false), None, HOUR, false, unknown),
        ];
        for (name, doubt, found, now, closing, expected) in table {
            assert_eq!(doubt.after_look_up(found, at(now), closing), expected, "{name}");
        }
    }

    #[test]
    fn outcomes_are_stored_as_short_texts_and_read_back() {
        let table = [
            (Outcome::Untouched, "u"),
            (accepted(), "a postcard_1"),
            (Outcome::Refused { status: 400, kind: "a b".into() }, "r 400 a b"),
            (Outcome::Failed, "f"),
            (Outcome::Ambiguous(doubt(0, 1, 2, true)), "q 1800000000000 1800000001000 2 e"),
            (Outcome::Unknown { first: at(0) }, "x 1800000000000"),
            (Outcome::NotSent, "n"),
        ];
        for (outcome, text) in table {
            assert_eq!(String::from(outcome.clone()), text);
            assert_eq!(Outcome::try_from(text.to_owned()), Ok(outcome));
        }
        for bad in ["", "z", "q 1 2", "x soon", "r no kind"] {
            assert_eq!(Outcome::try_from(bad.to_owned()), Err(NotAnOutcome), "{bad}");
        }
    }

    #[test]
    fn a_tally_exists_once_every_piece_is_definite() {
        let mut outcomes =
            vec![accepted(), Outcome::Failed, Outcome::NotSent, Outcome::Unknown { first: at(0) }];
        let tally = Tally { accepted: 1, refused: 1, unknown: 1, not_sent: 1 };
        assert_eq!(Tally::of(&outcomes), Some(tally));
        outcomes.push(Outcome::Untouched);
        assert_eq!(Tally::of(&outcomes), None);
    }
}
