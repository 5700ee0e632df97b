//! Placing a hold, with the record that it pays for.

use crate::{HeldFor, HoldFailure};
use ledger::{Cause, Command, Companions, FrozenReason, Ledger, Movement, Posted, Refusal};
use money::{Money, MoneyError, PositiveMoney};
use tables::{Attempt, WorkWrite};
use terms::{Actor, Fingerprint, HoldId, OrganizationId};

#[derive(Debug, Clone)]
pub struct NewHold<'a> {
    pub organization: &'a OrganizationId,
    pub held_for: HeldFor,
    /// The purchase's or job's id.
    pub id: HoldId,
    /// Above zero.
    pub amount: Money,
    /// The hash of the request.
    pub fingerprint: &'a Fingerprint,
    pub actor: &'a Actor,
    /// The line of the statement.
    pub description: String,
}

/// Why an organization may not spend these credits. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoldRefusal {
    #[error("{required} credits are needed and {available} are available")]
    InsufficientCredits { required: Money, available: Money, shortfall: Money },
    /// New holds are refused.
    #[error("the account is frozen")]
    AccountFrozen { reasons: Vec<FrozenReason> },
    /// As many purchases or jobs as allowed are open.
    #[error("{limit} holds of this purpose are open")]
    TooManyOpen { limit: u32 },
}

#[derive(Debug)]
pub enum PlaceError {
    /// The same id was used for another request.
    KeyReused,
    Refused(HoldRefusal),
    Failed(HoldFailure),
}

/// Places a hold and writes the records, both or none. [`Attempt::Changed`]: a record has changed since it was read,
/// or another delivery of this request has placed the hold.
pub async fn place(
    ledger: &Ledger,
    hold: NewHold<'_>,
    work: Vec<WorkWrite>,
) -> Result<Attempt<()>, PlaceError> {
    let movement = hold.movement().map_err(|why| PlaceError::Failed(why.into()))?;
    let with = Companions { work, ..Companions::default() };
    let posted = ledger.post(&movement, &with).await.map_err(|why| PlaceError::Failed(why.into()))?;
    match posted {
        Ok(Posted::Receipt(_)) => Ok(Attempt::Done(())),
        Ok(Posted::Replay(_)) => Ok(Attempt::Changed),
        Err(refusal) => refused(refusal),
    }
}

impl NewHold<'_> {
    fn movement(self) -> Result<Movement, MoneyError> {
        Ok(Movement {
            organization: self.organization.clone(),
            cause: Cause::new(self.held_for.hold_cause(), self.id.as_str()),
            fingerprint: self.fingerprint.clone(),
            actor: self.actor.clone(),
            occurred_at: None,
            description: self.description,
            command: Command::Hold {
                id: self.id,
                purpose: self.held_for.purpose(),
                amount: PositiveMoney::new(self.amount)?,
            },
        })
    }
}

fn refused(refusal: Refusal) -> Result<Attempt<()>, PlaceError> {
    match refusal {
        Refusal::RecordChanged { .. } | Refusal::HoldExists => Ok(Attempt::Changed),
        Refusal::CauseReused => Err(PlaceError::KeyReused),
        Refusal::InsufficientCredits { required, available, shortfall } => {
            Err(PlaceError::Refused(HoldRefusal::InsufficientCredits { required, available, shortfall }))
        }
        Refusal::AccountFrozen { reasons } => {
            Err(PlaceError::Refused(HoldRefusal::AccountFrozen { reasons }))
        }
        Refusal::TooManyOpen { limit, .. } => Err(PlaceError::Refused(HoldRefusal::TooManyOpen { limit })),
        // These belong to the end of a hold, to reversals or to other records.
        Refusal::HoldMissing
        | Refusal::HoldEnded { .. }
        | Refusal::ChargeExceedsHold
        | Refusal::NothingToGiveBack
        | Refusal::NothingExpired
        | Refusal::NoEntries
        | Refusal::NotUnopened
        | Refusal::ReferenceTaken { .. }
        | Refusal::AmountOutOfRange => Err(PlaceError::Failed(HoldFailure::PlaceRefused(refusal))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(held_for: HeldFor) -> Movement {
        let (organization, fingerprint) =
            (OrganizationId::parse("org_alder").unwrap(), Fingerprint::of(&["request"]));
        let hold = NewHold {
            organization: &organization,
            held_for,
            id: HoldId::parse("pur_1").unwrap(),
            amount: Money::parse("3.00").unwrap(),
            fingerprint: &fingerprint,
            actor: &Actor::user("u1"),
            description: "3 contacts".to_owned(),
        };
        hold.movement().unwrap()
    }

    #[test]
    fn a_hold_is_named_on_the_books_by_what_it_pays_for() {
        for (held_for, cause, purpose) in [
            (HeldFor::Contacts, "contacts-hold", "contacts"),
            (HeldFor::Postcards, "print-hold", "postcards"),
        ] {
            let movement = place_of(held_for);
            assert_eq!((movement.cause.kind.as_str(), movement.cause.id.as_str()), (cause, "pur_1"));
            let Command::Hold { id, purpose: stored, amount } = movement.command else { panic!("a hold") };
            assert_eq!((id.as_str(), amount.get().to_string().as_str()), ("pur_1", "3.00"));
            assert_eq!(stored, HeldFor::purpose(held_for), "{purpose}");
        }
    }

    #[test]
    fn what_an_owner_can_do_something_about_is_a_refusal_and_what_cannot_be_is_a_failure() {
        let changed = [Refusal::RecordChanged { index: 0 }, Refusal::HoldExists];
        for refusal in changed {
            assert!(matches!(refused(refusal.clone()), Ok(Attempt::Changed)), "{refusal}");
        }
        assert!(matches!(refused(Refusal::CauseReused), Err(PlaceError::KeyReused)));
        let frozen = Refusal::AccountFrozen { reasons: vec![FrozenReason::Dispute] };
        assert!(matches!(refused(frozen), Err(PlaceError::Refused(HoldRefusal::AccountFrozen { .. }))));
        assert!(matches!(refused(Refusal::HoldMissing), Err(PlaceError::Failed(_))));
    }
}
