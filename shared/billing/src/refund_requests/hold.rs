//! The hold of an approved request: the movements that open and end it.

use crate::RefundRequest;
use ledger::{Cause, CauseKind, Command, Movement};
use terms::Fingerprint;

impl RefundRequest {
    pub(crate) fn movement(&self, kind: CauseKind, command: Command, description: String) -> Movement {
        let organization = self.organization.clone();
        let actor = self.decision.as_ref().map_or(&self.actor, |decision| &decision.actor);
        Movement {
            fingerprint: Fingerprint::of(&[organization.as_str(), kind.as_str(), self.id.as_str()]),
            cause: Cause::new(kind, self.id.as_str()),
            actor: actor.clone(),
            occurred_at: None,
            description,
            command,
            organization,
        }
    }

    /// The end of its hold without its refund.
    pub(crate) fn releasing(&self) -> Movement {
        let command = Command::Release { hold: (&self.id).into() };
        let description = format!("The hold for the refund of ${} ended", self.amount);
        self.movement(CauseKind::RefundRelease, command, description)
    }
}
