//! Balances and customers imported from the existing application.

use crate::{
    AdjustmentReason, AdjustmentRefusal, BillingFailure,
    adjustments::{post, provided},
    customers::Profile,
    finance_alarms,
};
use ledger::{
    Cause, CauseKind, Command, Companions, Condition, GrantKind, Ledger, Movement, Receipt, Reference,
};
use money::{Money, PositiveMoney};
use tables::{Insert, WorkTable, WorkWrite};
use terms::{Actor, Fingerprint, OrganizationId, Timestamp};

/// An imported balance, one row of the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// The row's own id in the existing application: a row is imported once.
    pub row_id: String,
    pub organization: OrganizationId,
    /// Credits paid for and unused there.
    pub credits: Money,
    /// The organization's customer at Stripe, to which its subscription's invoices belong.
    pub customer: Option<String>,
    /// Why it is imported although the rule refuses it; `None`: only as the rule allows.
    pub overrides: Option<AdjustmentReason>,
}

/// Imports one row, once for its id: the balance, and whose customer it is, in one transaction. A row without credits
/// records only the customer. An organization has one opening balance, and none once its credits were held, spent,
/// reversed or expired: such a row is imported only with a reason that overrides the rule, and an alarm. After a
/// failure the same row may be sent again.
pub async fn import_row(
    ledger: &Ledger,
    work: &WorkTable,
    row: &ImportRow,
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

fn opening(row: &ImportRow, amount: PositiveMoney) -> Command {
    let source = row.row_id.clone();
    let grant = Command::Grant { kind: GrantKind::Opening, amount, source, expires_at: None };
    if row.overrides.is_some() { grant } else { provided(Condition::Unopened, grant) }
}

fn profile_of(row: &ImportRow, customer: &str, now: Timestamp) -> Profile {
    let organization = row.organization.clone();
    Profile { organization, customer: customer.to_owned(), imported_at: Some(now) }
}

/// The customer's reference and the organization's profile, where they do not exist yet.
async fn companions_of(
    ledger: &Ledger,
    work: &WorkTable,
    row: &ImportRow,
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
    row: &ImportRow,
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
