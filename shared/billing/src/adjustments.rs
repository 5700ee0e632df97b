//! Corrections by finance.

use crate::{BillingFailure, Pause, finance_alarms, limits, top_up::pause::pause_writes};
use ledger::{
    Cause, CauseKind, Command, Companions, Condition, GrantKind, Ledger, Movement, Posted, Refusal,
};
use money::{Money, PositiveMoney};
use tables::{StillChanging, WorkTable};
use terms::{Actor, Fingerprint, OrganizationId, PersonText, Timestamp};

/// Why an account is corrected. Short, because it is part of the entry's description.
pub type AdjustmentReason = PersonText<120>;

/// A correction: credits added when above zero, removed when below.
#[derive(Debug, Clone)]
pub struct Adjustment {
    pub organization: OrganizationId,
    /// Signed, in credits.
    pub amount: Money,
    /// The owner reads it in the statement.
    pub reason: AdjustmentReason,
    /// The caller's idempotency key.
    pub key: String,
    /// The hash of the request.
    pub fingerprint: Fingerprint,
    pub actor: Actor,
    /// Whether the organization may be one without entries.
    pub new_organization: bool,
}

/// Why nothing was corrected or imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdjustmentRefusal {
    #[error("an adjustment is from 0.01 to 10000.00 credits, either way")]
    Amount,
    /// More than is available would be removed.
    #[error("only {available} credits are available to remove")]
    MoreThanAvailable { available: Money },
    #[error("no organization of this id has entries: correct the id, or confirm newOrganization")]
    OrganizationUnknown,
    /// An opening balance is imported once, before anything is held or spent.
    #[error(
        "the organization has an opening balance or has used credits: leave the row out, or import it with \
         override and a reason"
    )]
    NotUnopened,
    /// The key, or the row, was used with other contents.
    #[error("this was recorded before with other contents")]
    Reused,
    /// The Stripe customer belongs to another organization, or the organization has another customer.
    #[error(
        "this Stripe customer belongs to another organization, or this organization has another customer"
    )]
    CustomerKnownOtherwise,
}

pub(crate) type AdjustmentResult = Result<Result<Posted, AdjustmentRefusal>, BillingFailure>;

/// Corrects an account, once for its key. Removing credits pauses auto top-up: a correction is not a reason to charge
/// the owner's card. After a failure the same request may be sent again.
pub async fn adjust(
    ledger: &Ledger,
    work: &WorkTable,
    adjustment: &Adjustment,
    now: Timestamp,
) -> AdjustmentResult {
    let Adjustment { organization, amount, reason, key, fingerprint, actor, new_organization } = adjustment;
    let most = limits::adjustment_max();
    let size = if amount.is_negative() { amount.negated() } else { *amount };
    if size.is_zero() || size > most {
        return Ok(Err(AdjustmentRefusal::Amount));
    }
    let id = Fingerprint::of(&[organization.as_str(), "adjustment", key]);
    let id = format!("adj_{}", id.as_str().get(..24).unwrap_or_default());
    let command = if amount.is_negative() {
        Command::Withdraw { amount: PositiveMoney::new(size)? }
    } else {
        Command::Grant {
            kind: GrantKind::Adjustment,
            amount: PositiveMoney::new(size)?,
            source: id.clone(),
            expires_at: None,
        }
    };
    let command = match new_organization {
        true => command,
        false => provided(Condition::HasEntries, command),
    };
    let movement = Movement {
        organization: organization.clone(),
        cause: Cause::new(CauseKind::Adjustment, id.clone()),
        fingerprint: fingerprint.clone(),
        actor: actor.clone(),
        occurred_at: None,
        description: format!("Adjustment: {reason}"),
        command,
    };
    let paused = match amount.is_negative() {
        true => pause_writes(work, organization, Pause::Corrected, now).await?,
        false => Vec::new(),
    };
    let posted = post(ledger, &movement, &Companions { work: paused, ..Companions::default() }).await?;
    if posted.is_ok() {
        finance_alarms::of_grant(organization, *amount, &id, actor);
    }
    Ok(posted)
}

pub(crate) fn provided(condition: Condition, command: Command) -> Command {
    Command::Provided { condition, command: Box::new(command) }
}

pub(crate) async fn post(ledger: &Ledger, movement: &Movement, with: &Companions) -> AdjustmentResult {
    Ok(match ledger.post(movement, with).await? {
        Ok(posted) => Ok(posted),
        Err(Refusal::InsufficientCredits { available, .. }) => {
            Err(AdjustmentRefusal::MoreThanAvailable { available })
        }
        Err(Refusal::CauseReused) => Err(AdjustmentRefusal::Reused),
        Err(Refusal::NoEntries) => Err(AdjustmentRefusal::OrganizationUnknown),
        Err(Refusal::NotUnopened) => Err(AdjustmentRefusal::NotUnopened),
        Err(Refusal::ReferenceTaken { .. }) => Err(AdjustmentRefusal::CustomerKnownOtherwise),
        // Another writer changed a record at this moment: the same may be sent again.
        Err(Refusal::RecordChanged { .. }) => return Err(StillChanging("an organization").into()),
        Err(refusal) => {
            return Err(BillingFailure::refused("adjustment-refused", &movement.cause.id, refusal));
        }
    })
}
