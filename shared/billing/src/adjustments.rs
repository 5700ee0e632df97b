//! Corrections by finance, and balances brought over from the existing application.

use crate::{BillingFailure, Pause, customer::Profile, top_up::pause_top_up};
use ledger::{
    Cause, CauseKind, Command, Companions, GrantKind, Ledger, Movement, Posted, Receipt, Reference, Refusal,
};
use money::{Money, PositiveMoney};
use tables::{Insert, WorkTable, WorkWrite};
use terms::{Actor, Fingerprint, OrganizationId, Timestamp};

/// The most that one correction moves, either way: a slip of the finger must not make a fortune.
const ADJUSTMENT_MAX_CENTS: i64 = 1_000_000;

/// Characters of a reason: it stands in the entry's description.
const REASON_LENGTH_MAX: usize = 120;

/// A correction: credits given when above zero, taken away when below.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Whose account.
    pub organization: OrganizationId,
    /// Signed, in credits.
    pub amount: Money,
    /// Why; the owner reads it in the statement.
    pub reason: String,
    /// What names the request: the caller's idempotency key.
    pub key: String,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who corrects.
    pub actor: Actor,
}

/// Why nothing was corrected or brought over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdjustmentRefusal {
    /// Zero, or beyond the bound.
    #[error("an adjustment is from 0.01 to 10000.00 credits, either way")]
    Amount,
    /// Without a reason, or with a long one.
    #[error("give a reason of 1 to {REASON_LENGTH_MAX} characters")]
    Reason,
    /// More than is available would be taken away.
    #[error("only {available} credits are available")]
    MoreThanAvailable {
        /// What can be taken away.
        available: Money,
    },
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
    let Adjustment { organization, amount, reason, key, fingerprint, actor } = adjustment;
    let most = Money::from_cents(ADJUSTMENT_MAX_CENTS)?;
    let size = if amount.is_negative() { amount.negated() } else { *amount };
    if size.is_zero() || size > most {
        return Ok(Err(AdjustmentRefusal::Amount));
    }
    if reason.trim().is_empty() || reason.chars().count() > REASON_LENGTH_MAX {
        return Ok(Err(AdjustmentRefusal::Reason));
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
    let movement = Movement {
        organization: organization.clone(),
        cause: Cause::new(CauseKind::Adjustment, id),
        fingerprint: fingerprint.clone(),
        actor: actor.clone(),
        occurred_at: None,
        description: format!("Adjustment: {}", reason.trim()),
        command,
    };
    let paused = match amount.is_negative() {
        true => pause_top_up(work, organization, Pause::Corrected, now).await?,
        false => Vec::new(),
    };
    post(ledger, &movement, &Companions { work: paused, ..Companions::default() }).await
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
}

/// Brings one row over, once for its id: the balance, and whose customer it is, in one transaction. A row
/// without credits makes only the customer known.
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
        description: "Balance brought over".to_owned(),
        command: Command::Grant {
            kind: GrantKind::Opening,
            amount,
            source: row.row_id.clone(),
            expires_at: None,
        },
    };
    let posted = post(ledger, &movement, &with).await?;
    Ok(posted.map(|posted| Some(posted.receipt().clone())))
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
        Err(Refusal::ReferenceTaken { .. }) => Err(AdjustmentRefusal::CustomerKnownOtherwise),
        // A record that somebody wrote in this moment: the same may be sent again.
        Err(Refusal::RecordChanged { .. }) => return Err(BillingFailure::Contended),
        Err(refusal) => {
            tracing::error!(%refusal, "an adjustment was refused");
            return Err(BillingFailure::Contended);
        }
    })
}
