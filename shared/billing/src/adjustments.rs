//! Corrections by finance, and balances brought over from the existing application.

use crate::{BillingFailure, Pause, customers::Profile, finance_alarms, limits, top_up::pause_top_up};
use ledger::{
    Cause, CauseKind, Command, Companions, Condition, GrantKind, Ledger, Movement, Posted, Receipt,
    Reference, Refusal,
};
use money::{Money, PositiveMoney};
use tables::{Insert, WorkTable, WorkWrite};
use terms::{Actor, Fingerprint, OrganizationId, PersonText, Timestamp};

/// Why an account is corrected; short, because it stands in the entry's description.
pub type AdjustmentReason = PersonText<120>;

/// A correction: credits given when above zero, taken away when below.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Whose account.
    pub organization: OrganizationId,
    /// Signed, in credits.
    pub amount: Money,
    /// Why; the owner reads it in the statement.
    pub reason: AdjustmentReason,
    /// What names the request: the caller's idempotency key.
    pub key: String,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who corrects.
    pub actor: Actor,
    /// Whether the organization may be one without entries.
    pub new_organization: bool,
}

/// Why nothing was corrected or brought over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdjustmentRefusal {
    /// Zero, or beyond the bound.
    #[error("an adjustment is from 0.01 to 10000.00 credits, either way")]
    Amount,
    /// More than is available would be taken away.
    #[error("only {available} credits are available")]
    MoreThanAvailable {
        /// What can be taken away.
        available: Money,
    },
    /// No organization of this id has entries.
    #[error("no organization of this id has entries: correct the id, or confirm newOrganization")]
    OrganizationUnknown,
    /// An opening balance comes once, before anything is held or spent.
    #[error(
        "the organization has an opening balance or has used credits: leave the row out, or import it with \
         override and a reason"
    )]
    NotUnopened,
    /// The key, or the row, was used with other contents.
    #[error("this was recorded with other contents")]
    Reused,
    /// The Stripe customer belongs to another organization, or the organization has another customer.
    #[error("the Stripe customer is known otherwise")]
    CustomerKnownOtherwise,
}

type Answer = Result<Result<Posted, AdjustmentRefusal>, BillingFailure>;

/// Corrects an account, once for its key. Credits that are taken away pause auto top-up: a correction is not a
/// reason to charge the owner's card.
///
/// # Errors
/// [`BillingFailure`]: send the same again.
pub async fn adjust(ledger: &Ledger, work: &WorkTable, adjustment: &Adjustment, now: Timestamp) -> Answer {
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
        true => pause_top_up(work, organization, Pause::Corrected, now).await?,
        false => Vec::new(),
    };
    let posted = post(ledger, &movement, &Companions { work: paused, ..Companions::default() }).await?;
    if posted.is_ok() {
        finance_alarms::of_grant(organization, *amount, &id, actor);
    }
    Ok(posted)
}

/// A balance brought over, one row of the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningRow {
    /// The row's own id in the existing application: a row is brought over once.
    pub row_id: String,
    /// Whose.
    pub organization: OrganizationId,
    /// Credits paid for and unused there.
    pub credits: Money,
    /// The organization's customer at Stripe, which its subscription's invoices come from.
    pub customer: Option<String>,
    /// Why it is imported although the rule refuses it; `None`: only as the rule allows.
    pub overrides: Option<AdjustmentReason>,
}

/// Imports one row, once for its id: the balance, and whose customer it is, in one transaction. A row without
/// credits makes only the customer known. An organization has one opening balance, and none once credits of it were
/// held, spent, taken or expired: such a row is imported only with a reason to override that, and an alarm.
///
/// # Errors
/// [`BillingFailure`]: send the same again.
pub async fn bring_over(
    ledger: &Ledger,
    work: &WorkTable,
    row: &OpeningRow,
    actor: &Actor,
    now: Timestamp,
) -> Result<Result<Option<Receipt>, AdjustmentRefusal>, BillingFailure> {
    let with = match companions_of(ledger, work, row, now).await? {
        Ok(with) => with,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Ok(amount) = PositiveMoney::new(row.credits) else {
        return know_customer(ledger, work, &with, row, now).await;
    };
    let credits = row.credits.to_string();
    let customer = row.customer.as_deref().unwrap_or_default();
    let movement = Movement {
        organization: row.organization.clone(),
        cause: Cause::new(CauseKind::Opening, row.row_id.clone()),
        fingerprint: Fingerprint::of(&[
            row.organization.as_str(),
            "opening",
            &row.row_id,
            &credits,
            customer,
        ]),
        actor: actor.clone(),
        occurred_at: None,
        description: match &row.overrides {
            Some(reason) => format!("Opening balance, rule overridden: {reason}"),
            None => "Balance brought over".to_owned(),
        },
        command: opening(row, amount),
    };
    let posted = post(ledger, &movement, &with).await?;
    if posted.is_ok() {
        finance_alarms::of_grant(&row.organization, row.credits, &row.row_id, actor);
        if row.overrides.is_some() {
            finance_alarms::of_override(&row.organization, &row.row_id, actor);
        }
    }
    Ok(posted.map(|posted| Some(posted.receipt().clone())))
}

fn opening(row: &OpeningRow, amount: PositiveMoney) -> Command {
    let source = row.row_id.clone();
    let grant = Command::Grant { kind: GrantKind::Opening, amount, source, expires_at: None };
    if row.overrides.is_some() { grant } else { provided(Condition::Unopened, grant) }
}

fn provided(condition: Condition, command: Command) -> Command {
    Command::Provided { condition, command: Box::new(command) }
}

fn profile_of(row: &OpeningRow, customer: &str, now: Timestamp) -> Profile {
    let organization = row.organization.clone();
    Profile { organization, customer: customer.to_owned(), brought_over_at: Some(now) }
}

/// The customer's reference and the organization's profile, where they are not known yet.
async fn companions_of(
    ledger: &Ledger,
    work: &WorkTable,
    row: &OpeningRow,
    now: Timestamp,
) -> Result<Result<Companions, AdjustmentRefusal>, BillingFailure> {
    let Some(customer) = &row.customer else { return Ok(Ok(Companions::default())) };
    let organization = row.organization.clone();
    let reference = Reference { object: customer.clone(), record: organization.to_string(), organization };
    if ledger.reference(customer).await?.is_some_and(|known| known != reference) {
        return Ok(Err(AdjustmentRefusal::CustomerKnownOtherwise));
    }
    let profile = profile_of(row, customer, now);
    let known = Profile::read(work, &row.organization).await?;
    let write = match known {
        Some(known) if known.customer != *customer => {
            return Ok(Err(AdjustmentRefusal::CustomerKnownOtherwise));
        }
        Some(_) => None,
        None => Some(WorkWrite::insert(&profile)?),
    };
    let work = write.into_iter().collect();
    Ok(Ok(Companions { work, references: vec![reference], ..Companions::default() }))
}

async fn know_customer(
    ledger: &Ledger,
    work: &WorkTable,
    with: &Companions,
    row: &OpeningRow,
    now: Timestamp,
) -> Result<Result<Option<Receipt>, AdjustmentRefusal>, BillingFailure> {
    for reference in &with.references {
        if let ledger::RememberOutcome::KnownAs(_) = ledger.remember(reference).await? {
            return Ok(Err(AdjustmentRefusal::CustomerKnownOtherwise));
        }
    }
    if let Some(customer) = &row.customer {
        let profile = profile_of(row, customer, now);
        if let Insert::Exists(known) = work.insert(&profile).await?
            && known.record.customer != *customer
        {
            return Ok(Err(AdjustmentRefusal::CustomerKnownOtherwise));
        }
    }
    Ok(Ok(None))
}

async fn post(ledger: &Ledger, movement: &Movement, with: &Companions) -> Answer {
    Ok(match ledger.post(movement, with).await? {
        Ok(posted) => Ok(posted),
        Err(Refusal::InsufficientCredits { available, .. }) => {
            Err(AdjustmentRefusal::MoreThanAvailable { available })
        }
        Err(Refusal::CauseReused) => Err(AdjustmentRefusal::Reused),
        Err(Refusal::NoEntries) => Err(AdjustmentRefusal::OrganizationUnknown),
        Err(Refusal::NotUnopened) => Err(AdjustmentRefusal::NotUnopened),
        Err(Refusal::ReferenceTaken { .. }) => Err(AdjustmentRefusal::CustomerKnownOtherwise),
        // A record that somebody wrote in this moment: the same may be sent again.
        Err(Refusal::RecordChanged { .. }) => return Err(BillingFailure::Contended),
        Err(refusal) => {
            return Err(BillingFailure::refused("adjustment-refused", &movement.cause.id, refusal));
        }
    })
}
