//! The hold of an approved request: the movements that open and end it.

use crate::{Billing, RefundRequest};
use ledger::{Cause, CauseKind, Command, Movement};
use terms::Fingerprint;

impl Billing {
    pub(crate) fn movement(
        &self,
        request: &RefundRequest,
        kind: CauseKind,
        command: Command,
        description: String,
    ) -> Movement {
        let organization = request.organization.clone();
        let actor = request.decision.as_ref().map_or(&request.actor, |decision| &decision.actor);
        Movement {
            fingerprint: Fingerprint::of(&[organization.as_str(), kind.as_str(), request.id.as_str()]),
            cause: Cause::new(kind, request.id.as_str()),
            actor: actor.clone(),
            occurred_at: None,
            description,
            command,
            organization,
        }
    }

    /// The end of a request's hold without its refund.
    pub(crate) fn releasing(&self, request: &RefundRequest) -> Movement {
        let command = Command::Release { hold: (&request.id).into() };
        let description = format!("The hold for the refund of ${} ended", request.amount);
        self.movement(request, CauseKind::RefundRelease, command, description)
    }
}
