//! What early fraud warnings freeze of one grant, and the next movement that follows. Pure.

use crate::limits::FRAUD_WARNING_CHECK_SECONDS;
use money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::Timestamp;

/// The early fraud warnings of one grant, and the hold of its unspent credits.
///
/// Stored in the grant's own record, like refunds and disputes: one conditional write of that record serializes all
/// three.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "StoredFreeze", into = "StoredFreeze")]
pub struct Freeze {
    /// By the warning's id.
    warnings: BTreeMap<String, WarningState>,
    hold: WarningHold,
    /// How many holds there were: a hold ends once, and the next one has a name of its own.
    holds: u32,
    /// Why the account is frozen until the hold matches the grant again: between two movements nothing may be spent.
    guard: Option<String>,
    /// How many guards there were: each has a name of its own.
    guards: u32,
}

/// Stored as whether it was lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "bool", into = "bool")]
pub(crate) enum WarningState {
    /// Finance has not decided on it.
    Standing,
    /// Finance lifted it. Final.
    Lifted,
}

impl From<bool> for WarningState {
    fn from(is_lifted: bool) -> Self {
        if is_lifted { Self::Lifted } else { Self::Standing }
    }
}

impl From<WarningState> for bool {
    fn from(state: WarningState) -> Self {
        state == WarningState::Lifted
    }
}

/// The hold of a grant's warnings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum WarningHold {
    /// Nothing is held.
    #[default]
    None,
    /// Of what was left of the grant when this hold was opened.
    InStep(String),
    /// Credits have returned to the grant since this hold was opened: it has to be opened again.
    Stale(String),
}

impl WarningHold {
    fn name(&self) -> Option<&String> {
        match self {
            Self::None => None,
            Self::InStep(name) | Self::Stale(name) => Some(name),
        }
    }
}

/// As a [`Freeze`] is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredFreeze {
    #[serde(default)]
    warnings: BTreeMap<String, WarningState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    #[serde(default)]
    holds: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stale: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guard: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    guards: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl TryFrom<StoredFreeze> for Freeze {
    type Error = StaleWithoutHold;

    fn try_from(stored: StoredFreeze) -> Result<Self, StaleWithoutHold> {
        let StoredFreeze { warnings, hold, holds, stale, guard, guards } = stored;
        let hold = match (hold, stale) {
            (None, false) => WarningHold::None,
            (None, true) => return Err(StaleWithoutHold),
            (Some(name), false) => WarningHold::InStep(name),
            (Some(name), true) => WarningHold::Stale(name),
        };
        Ok(Self { warnings, hold, holds, guard, guards })
    }
}

/// A stored freeze with a stale hold, but without a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored freeze contradicts itself: no hold is stale")]
struct StaleWithoutHold;

impl From<Freeze> for StoredFreeze {
    fn from(freeze: Freeze) -> Self {
        let Freeze { warnings, hold, holds, guard, guards } = freeze;
        let stale = matches!(hold, WarningHold::Stale(_));
        Self { warnings, hold: hold.name().cloned(), holds, stale, guard, guards }
    }
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeStep {
    /// Hold what is left, under this name.
    Hold(String),
    /// Release the hold of this name.
    Release(String),
    /// Refuse new holds of the account, under this name.
    Guard(String),
    /// Accept them again.
    Unguard(String),
}

impl Freeze {
    /// Whether there never was a warning.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.warnings.is_empty()
    }

    /// Whether there is a warning that finance has not lifted.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.standing().is_some()
    }

    /// Whether this warning is known, lifted or not.
    pub(crate) fn knows(&self, warning: &str) -> bool {
        self.warnings.contains_key(warning)
    }

    /// The name of the open hold.
    pub(crate) fn hold(&self) -> Option<&str> {
        self.hold.name().map(String::as_str)
    }

    /// Whether the account is frozen until the hold matches the grant again.
    pub(crate) fn is_guarded(&self) -> bool {
        self.guard.is_some()
    }

    /// The next movement, where `left` of the grant is neither refunded nor disputed; with the state after it. A hold
    /// is released to be opened again only under a guard.
    #[must_use]
    pub fn transition(&self, left: Money) -> Option<(FreezeStep, Self)> {
        let warning = self.standing().filter(|_| left.is_positive());
        match (&self.hold, warning) {
            (WarningHold::None, Some(warning)) => {
                let holds = self.holds.saturating_add(1);
                let name = format!("{warning}-{holds}");
                let after = Self { hold: WarningHold::InStep(name.clone()), holds, ..self.clone() };
                Some((FreezeStep::Hold(name), after))
            }
            (WarningHold::Stale(_), Some(_)) if !self.is_guarded() => self.guarded(),
            (WarningHold::Stale(hold), Some(_))
            | (WarningHold::InStep(hold) | WarningHold::Stale(hold), None) => {
                Some((FreezeStep::Release(hold.clone()), self.taken()))
            }
            (WarningHold::None, None) | (WarningHold::InStep(_), Some(_)) => self.unguarded(),
        }
    }

    /// The guard that a movement needs which returns credits to the grant's lot; `None` if there is one, or no
    /// warning.
    #[must_use]
    pub fn guarded(&self) -> Option<(FreezeStep, Self)> {
        let warning = self.standing().filter(|_| self.guard.is_none())?;
        let guards = self.guards.saturating_add(1);
        let name = format!("{warning}-guard-{guards}");
        Some((FreezeStep::Guard(name.clone()), Self { guard: Some(name), guards, ..self.clone() }))
    }

    /// The end of the guard, if there is one.
    #[must_use]
    pub fn unguarded(&self) -> Option<(FreezeStep, Self)> {
        let name = self.guard.clone()?;
        Some((FreezeStep::Unguard(name), Self { guard: None, ..self.clone() }))
    }

    fn standing(&self) -> Option<&String> {
        let mut warnings = self.warnings.iter();
        warnings.find(|(_, state)| **state == WarningState::Standing).map(|(warning, _)| warning)
    }

    /// When recovery checks the grant again, of which `left` is neither refunded nor disputed: during a warning, and
    /// at once under a guard.
    #[must_use]
    pub fn next_check(&self, left: Money, now: Timestamp) -> Option<Timestamp> {
        if self.guard.is_some() {
            return Some(now);
        }
        (self.is_active() && left.is_positive()).then(|| now.plus_seconds(FRAUD_WARNING_CHECK_SECONDS))
    }

    /// After credits returned to the lot from a job or a purchase: `free` of it can be spent, while `held` is on hold
    /// for the warnings. `None` if nothing more of what is `left` of the grant can be held.
    #[must_use]
    pub fn returned(&self, left: Money, held: Money, free: Money) -> Option<Self> {
        let more = self.hold().is_some() && self.is_active() && held < left && free.is_positive();
        more.then(|| self.given_back())
    }

    /// With a warning; one that finance lifted stays lifted.
    #[must_use]
    pub(crate) fn warned(&self, warning: &str, state: WarningState) -> Self {
        let mut after = self.clone();
        let known = after.warnings.entry(warning.to_owned()).or_insert(state);
        *known = state.max(*known);
        after
    }

    /// After a refund or dispute reversed credits of the hold, which ended it.
    #[must_use]
    pub fn taken(&self) -> Self {
        Self { hold: WarningHold::None, ..self.clone() }
    }

    /// After credits returned to the grant.
    #[must_use]
    pub fn given_back(&self) -> Self {
        let hold = self.hold.name().cloned().map_or(WarningHold::None, WarningHold::Stale);
        Self { hold, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credits(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    #[test]
    fn a_warning_holds_until_it_is_lifted_or_nothing_is_left() {
        let none = Freeze::default();
        assert_eq!(none.transition(credits("10")), None);
        let warned = none.warned("issfr_1", WarningState::Standing);
        assert_eq!(warned.transition(Money::ZERO), None, "nothing is left");
        let (step, held) = warned.transition(credits("10")).unwrap();
        assert_eq!(step, FreezeStep::Hold("issfr_1-1".to_owned()));
        assert_eq!(held.transition(credits("10")), None);
        assert_eq!(held.transition(Money::ZERO).unwrap().0, FreezeStep::Release("issfr_1-1".to_owned()));
        let (step, lifted) = held.warned("issfr_1", WarningState::Lifted).transition(credits("10")).unwrap();
        assert_eq!(step, FreezeStep::Release("issfr_1-1".to_owned()));
        assert_eq!(
            lifted.warned("issfr_1", WarningState::Standing).transition(credits("10")),
            None,
            "lifted stays lifted"
        );
        let again = lifted.warned("issfr_2", WarningState::Standing).transition(credits("10")).unwrap().0;
        assert_eq!(again, FreezeStep::Hold("issfr_2-2".to_owned()), "each hold has a name of its own");
    }

    #[test]
    fn what_a_job_returns_is_held_anew_up_to_what_is_left_of_the_grant() {
        let (_, held) =
            Freeze::default().warned("issfr_1", WarningState::Standing).transition(credits("60")).unwrap();
        let more = |left, of, free| held.returned(credits(left), credits(of), credits(free));
        assert_eq!(more("100", "60", "0"), None, "nothing came back");
        assert_eq!(more("60", "60", "5"), None, "what is free in a merged lot is of other grants");
        let stale = more("100", "60", "40").unwrap();
        let (step, guarded) = stale.transition(credits("100")).unwrap();
        assert_eq!(step, FreezeStep::Guard("issfr_1-guard-1".to_owned()), "nothing is spent meanwhile");
        assert_eq!(
            guarded.transition(credits("100")).unwrap().0,
            FreezeStep::Release("issfr_1-1".to_owned())
        );
        let lifted = held.warned("issfr_1", WarningState::Lifted);
        assert_eq!(lifted.returned(credits("100"), credits("60"), credits("40")), None);
        assert_eq!(Freeze::default().returned(credits("100"), Money::ZERO, credits("40")), None);
    }

    #[test]
    fn a_grant_is_looked_at_while_a_warning_stands_and_something_is_left() {
        let now = Timestamp::from_seconds(1_000);
        let warned = Freeze::default().warned("issfr_1", WarningState::Standing);
        assert_eq!(warned.next_check(credits("1"), now), Some(Timestamp::from_seconds(1_900)));
        assert_eq!(warned.next_check(Money::ZERO, now), None);
        let (_, guarded) = warned.guarded().unwrap();
        assert_eq!(guarded.next_check(Money::ZERO, now), Some(now));
        assert_eq!(guarded.guarded(), None, "one guard at a time");
        let lifted = guarded.warned("issfr_1", WarningState::Lifted);
        assert_eq!(
            lifted.transition(credits("1")),
            guarded.warned("issfr_1", WarningState::Lifted).unguarded()
        );
        assert_eq!(warned.warned("issfr_1", WarningState::Lifted).next_check(credits("1"), now), None);
    }

    #[test]
    fn what_comes_back_is_held_anew() {
        let (_, held) =
            Freeze::default().warned("issfr_1", WarningState::Standing).transition(credits("10")).unwrap();
        let mut state = held.given_back();
        let mut steps = Vec::new();
        while let Some((step, after)) = state.transition(credits("10")) {
            steps.push(step);
            state = after;
        }
        let name = |name: &str| name.to_owned();
        let expected = [
            FreezeStep::Guard(name("issfr_1-guard-1")),
            FreezeStep::Release(name("issfr_1-1")),
            FreezeStep::Hold(name("issfr_1-2")),
            FreezeStep::Unguard(name("issfr_1-guard-1")),
        ];
        assert_eq!(steps, expected);
        assert_eq!(state.guarded().unwrap().0, FreezeStep::Guard(name("issfr_1-guard-2")));
        assert_eq!(held.taken().given_back(), held.taken(), "nothing is held");
    }

    #[test]
    fn a_hold_that_is_stale_is_one() {
        let read = |stored: &str| serde_json::from_str::<Freeze>(stored);
        assert!(read(r#"{"stale":true}"#).unwrap_err().to_string().contains("contradicts itself"));
        assert_eq!(read(r#"{"hold":"issfr_1-1","stale":true}"#).unwrap().hold(), Some("issfr_1-1"));
        assert_eq!(read("{}").unwrap(), Freeze::default());
    }

    #[test]
    fn a_warning_is_known_once_it_was_noted_and_the_account_is_guarded_until_the_hold_is_in_step() {
        let warned = Freeze::default().warned("issfr_1", WarningState::Standing);
        assert!(!Freeze::default().knows("issfr_1") && Freeze::default().is_empty());
        assert!(warned.knows("issfr_1") && !warned.knows("issfr_2") && !warned.is_empty());
        let (_, guarded) = warned.guarded().unwrap();
        assert!(guarded.is_guarded() && !warned.is_guarded());
        assert!(!guarded.unguarded().unwrap().1.is_guarded());
        assert_eq!(warned.unguarded(), None);
        let again = warned.warned("issfr_1", WarningState::Lifted).warned("issfr_1", WarningState::Standing);
        assert!(again.knows("issfr_1") && !again.is_active() && again.hold().is_none());
    }
}
