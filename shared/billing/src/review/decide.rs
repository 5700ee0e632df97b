//! Finance's decision on a fact in manual review: grant it after all, or dismiss it; either with a reason.
//!
//! A grant is posted under the cause that the fact itself would have had, so that the fact, however late, is a
//! replay. What was refunded or disputed meanwhile is reversed at once.

use crate::{
    BillingFailure, Listed, ManualReview, Order, OrderStatus, ReviewDecision, ReviewOutcome, ReviewReason,
    ReviewRefusal, StripeObjectKind, finance_alarms, orders::order::DISMISSED, review::Review,
};
use money::Money;
use tables::{Attempt, Replace, Stored, Together, WorkWrite, retry_while_changed};
use terms::OrganizationId;

impl Review {
    /// Decided or not, oldest object first.
    pub async fn all(&self) -> Result<Vec<ManualReview>, BillingFailure> {
        self.review_queue.all().await
    }

    /// Of every organization: what waits for a decision first.
    pub async fn listed(&self) -> Result<Listed<ManualReview>, BillingFailure> {
        let facts = self.review_queue.all().await?;
        Ok(Listed::new(facts, |fact| fact.resolution.is_none(), |fact| fact.seen_at))
    }

    /// Carries out finance's decision, once. After a failure decide again; nothing is granted twice.
    pub async fn decide(
        &self,
        resolve: &ReviewDecision,
    ) -> Result<Result<ManualReview, ReviewRefusal>, BillingFailure> {
        let key = ManualReview::key_of(resolve.object.as_str(), resolve.review_reason);
        retry_while_changed("a manual review", || async {
            let Some(stored) = self.work.get::<ManualReview>(&key).await? else {
                return Ok(Attempt::Done(Err(ReviewRefusal::Unknown)));
            };
            if stored.record.resolution.is_some() {
                return Ok(Attempt::Done(Err(ReviewRefusal::Resolved)));
            }
            let Some(amount) = resolve.grant else {
                match self.dismiss(&stored, resolve).await? {
                    Some(decided) => return Ok(Attempt::Done(decided)),
                    None => return Ok(Attempt::Changed),
                }
            };
            let granted = match Box::pin(self.grant_reviewed(&stored, amount, resolve)).await {
                Err(BillingFailure::StatedAmount { .. }) => {
                    return Ok(Attempt::Done(Err(ReviewRefusal::NotGrantable)));
                }
                granted => granted?,
            };
            match granted {
                Ok(Some(granted)) => {
                    self.alarm_of(&stored.record, granted, resolve);
                    // The grant wrote the fact again.
                    let Some(stored) = self.work.get::<ManualReview>(&key).await? else {
                        return Ok(Attempt::Changed);
                    };
                    let next = self.resolved(&stored.record, Some(granted), resolve);
                    let open = stored.record.resolution.is_none();
                    if open && let Replace::Done(stored) = self.work.replace(&stored, &next).await? {
                        return Ok(Attempt::Done(Ok(stored.record)));
                    }
                }
                Ok(None) => {}
                Err(refusal) => return Ok(Attempt::Done(Err(refusal))),
            }
            Ok(Attempt::Changed)
        })
        .await
    }

    /// Dismisses a fact, and ends its order and any charge in flight in the same transaction. `None`: a record
    /// changed meanwhile, read again.
    async fn dismiss(
        &self,
        fact: &Stored<ManualReview>,
        resolve: &ReviewDecision,
    ) -> Result<Option<Result<ManualReview, ReviewRefusal>>, BillingFailure> {
        if let Some(organization) = self.granted_unnoted(&fact.record, None).await? {
            return Ok(Some(Err(ReviewRefusal::Granted { organization })));
        }
        let next = self.resolved(&fact.record, None, resolve);
        if fact.record.reason == ReviewReason::EarlyFraudWarning {
            return self.fraud_warnings.lift(fact, next, &resolve.actor).await;
        }
        if fact.record.reason == ReviewReason::ContentsChanged && fact.record.payment.is_some() {
            return self.reversals.note_corrected(fact, next, &resolve.actor).await;
        }
        let mut writes = vec![WorkWrite::replace(fact, &next)?];
        if let (Some(organization), Some(order_id)) = (&fact.record.organization, &fact.record.order_id) {
            let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
            if let Some(order) = order.filter(|order| order.record.review.is_some()) {
                let (now, failure) = (self.clock.now(), Some(DISMISSED.to_owned()));
                let failed = order.record.moved_to(OrderStatus::Failed, now);
                let over = failed.unwrap_or_else(|| order.record.clone());
                let over = Order { review: None, failure, ..over }.rescheduled(now);
                writes.push(WorkWrite::replace(&order, &over)?);
                writes.extend(self.top_up.end_of_dismissed(&over).await?);
            }
        }
        let done = self.work.write_together(&writes).await? == Together::Done;
        Ok(done.then_some(Ok(next)))
    }

    /// The other organization to which an earlier decision granted a fact without recording it.
    pub(crate) async fn granted_unnoted(
        &self,
        fact: &ManualReview,
        to: Option<&OrganizationId>,
    ) -> Result<Option<OrganizationId>, BillingFailure> {
        let cause = fact.object.grant_cause().filter(|_| fact.reason.is_grantable());
        let Some(cause) = cause else { return Ok(None) };
        let recorded = self.ledger.find(&cause).await?;
        Ok(recorded.map(|recorded| recorded.receipt.organization).filter(|whose| Some(whose) != to))
    }

    /// A fact with finance's decision.
    fn resolved(
        &self,
        fact: &ManualReview,
        granted: Option<Money>,
        resolve: &ReviewDecision,
    ) -> ManualReview {
        let organization = granted.and(granted_to(fact, resolve).cloned());
        let resolution = ReviewOutcome {
            organization,
            granted,
            reason: resolve.reason.clone(),
            actor: resolve.actor.clone(),
            resolved_at: self.clock.now(),
        };
        ManualReview { resolution: Some(resolution), ..fact.clone() }
    }

    fn alarm_of(&self, fact: &ManualReview, granted: Money, resolve: &ReviewDecision) {
        if let Some(organization) = granted_to(fact, resolve) {
            finance_alarms::of_grant(organization, granted, fact.object.as_str(), &resolve.actor);
        }
    }
}

/// Who gets a grant: for an invoice, the organization that finance names; for an order, the order's organization.
fn granted_to<'a>(fact: &'a ManualReview, resolve: &'a ReviewDecision) -> Option<&'a OrganizationId> {
    let is_invoice = fact.object.kind() == StripeObjectKind::Invoice;
    let named = resolve.organization.as_ref().filter(|_| is_invoice);
    named.or(fact.organization.as_ref())
}
