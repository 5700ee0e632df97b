//! Ending a hold, with the record that it paid for.

use crate::{HeldFor, HoldFailure};
use ledger::{Cause, Command, Companions, Ledger, Movement, Refusal, VendorFigures};
use money::Money;
use tables::{Attempt, WorkWrite};
use terms::{Fingerprint, HoldId, OrganizationId};

#[derive(Debug, Clone)]
pub enum Ending {
    /// What was delivered is charged, and the rest returns.
    Settled {
        /// At most what was held.
        charge: Money,
        /// What the month gains for the vendor, if the vendor delivered anything.
        vendor: Option<VendorFigures>,
    },
    /// All of it returns.
    Released,
}

#[derive(Debug, Clone)]
pub struct HoldEnd<'a> {
    pub organization: &'a OrganizationId,
    pub held_for: HeldFor,
    /// The purchase's or job's id.
    pub id: HoldId,
    /// The line of the statement.
    pub description: String,
    pub ending: Ending,
}

/// Ends a hold and writes the records, both or none. Settle and release have the same cause: of several calls that
/// end a hold, one does, and the others find it done. [`Attempt::Changed`]: a record has changed since it was read.
pub async fn end(
    ledger: &Ledger,
    end: HoldEnd<'_>,
    work: Vec<WorkWrite>,
) -> Result<Attempt<()>, HoldFailure> {
    let (movement, vendor) = end.movement();
    let with = Companions { work, vendor, ..Companions::default() };
    match ledger.post(&movement, &with).await? {
        Ok(_) => Ok(Attempt::Done(())),
        Err(Refusal::RecordChanged { .. }) => Ok(Attempt::Changed),
        Err(refusal) => Err(HoldFailure::EndRefused(refusal)),
    }
}

impl HoldEnd<'_> {
    fn movement(self) -> (Movement, Option<VendorFigures>) {
        let kind = self.held_for.end_cause();
        let (organization, id) = (self.organization, self.id.as_str());
        let cause = Cause::new(kind, id);
        let fingerprint = Fingerprint::of(&[organization.as_str(), kind.as_str(), id]);
        let (command, vendor) = match self.ending {
            Ending::Settled { charge, vendor } => (Command::Settle { hold: self.id, charge }, vendor),
            Ending::Released => (Command::Release { hold: self.id }, None),
        };
        let movement = Movement {
            organization: organization.clone(),
            cause,
            fingerprint,
            actor: self.held_for.ended_by(),
            occurred_at: None,
            description: self.description,
            command,
        };
        (movement, vendor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settle_and_release_have_one_cause_and_the_recorded_fingerprint() {
        let organization = OrganizationId::parse("org_alder").unwrap();
        let table = [
            (HeldFor::Contacts, "contacts-settle", "system:contact-fetcher"),
            (HeldFor::Postcards, "print-settle", "system:printing"),
        ];
        for (held_for, cause, actor) in table {
            for ending in [Ending::Released, Ending::Settled { charge: Money::ZERO, vendor: None }] {
                let id = HoldId::parse("pur_1").unwrap();
                let end =
                    HoldEnd { organization: &organization, held_for, id, description: String::new(), ending };
                let (movement, _) = end.movement();
                assert_eq!((movement.cause.kind.as_str(), movement.cause.id.as_str()), (cause, "pur_1"));
                assert_eq!(movement.fingerprint, Fingerprint::of(&["org_alder", cause, "pur_1"]));
                assert_eq!(movement.actor.as_str(), actor);
            }
        }
    }
}
