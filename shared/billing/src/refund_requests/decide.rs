//! Finance decides on a refund request: an approval holds the credits.

use crate::{
    BillingFailure, NewRefundDecision, Pause, RefundDecision, RefundRefusal, RefundRequest,
    RefundRequestStatus,
    limits::REFUND_CHECK_SECONDS,
    refund_requests::{RefundRequests, ask::credits_of, request::RefundRequestResult},
    top_up::pause::pause_writes,
};
use ledger::{CauseKind, Command, Companions, Refusal};
use tables::{Attempt, Stored, Together, WorkWrite, retry_while_changed};
use terms::{OrganizationId, RefundRequestId};

impl RefundRequests {
    /// Finance decides on a request. An approval holds the credits and requests the refund from Stripe. After a
    /// failure the decision may be written: recovery continues it, and the same decision may be sent again.
    pub async fn decide(
        &self,
        organization: &OrganizationId,
        id: &RefundRequestId,
        decision: NewRefundDecision,
    ) -> RefundRequestResult<RefundRequest> {
        let NewRefundDecision { approved, reason, actor } = decision;
        let decision = &RefundDecision { approved, reason, actor, decided_at: self.clock.now() };
        retry_while_changed("a refund request", || async {
            let key = RefundRequest::key_of(organization, id);
            let Some(request) = self.work.get::<RefundRequest>(&key).await? else {
                return Ok(Attempt::Done(Err(RefundRefusal::Unknown)));
            };
            if request.record.status != RefundRequestStatus::Requested {
                let same = request.record.decision.as_ref().is_some_and(|before| {
                    before.approved == decision.approved && before.actor == decision.actor
                });
                return Ok(Attempt::Done(if same {
                    Ok(request.record)
                } else {
                    Err(RefundRefusal::Decided)
                }));
            }
            let written = if decision.approved {
                match self.approve(&request, decision).await? {
                    Ok(written) => written,
                    Err(refusal) => return Ok(Attempt::Done(Err(refusal))),
                }
            } else {
                let next = RefundRequest {
                    status: RefundRequestStatus::Declined,
                    decision: Some(decision.clone()),
                    ..request.record.clone()
                };
                self.work.write_together(&[WorkWrite::replace(&request, &next)?]).await? == Together::Done
            };
            if written {
                self.go_on(&key).await?;
                let decided = self.work.get::<RefundRequest>(&key).await?;
                let decided = decided.ok_or_else(|| BillingFailure::missing("refund request", id))?;
                return Ok(Attempt::Done(Ok(decided.record)));
            }
            Ok(Attempt::Changed)
        })
        .await
    }

    /// The hold and the approval in one transaction. `false`: the request changed meanwhile.
    async fn approve(
        &self,
        request: &Stored<RefundRequest>,
        decision: &RefundDecision,
    ) -> RefundRequestResult<bool> {
        let RefundRequest { organization, order_id, amount, id, .. } = &request.record;
        let (order, grant) = match self.refundable(organization, order_id).await? {
            Ok((_, unused)) if *amount > unused => {
                return Ok(Err(RefundRefusal::MoreThanUnused { unused }));
            }
            Ok((found, _)) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (Some(payment), Some(granted)) = (&order.record.payment_intent, &order.record.grant) else {
            return Ok(Err(RefundRefusal::NotPaid));
        };
        let held = match credits_of(granted, *amount)? {
            Ok(held) => held,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let next = RefundRequest {
            status: RefundRequestStatus::Approved,
            decision: Some(decision.clone()),
            payment_intent: Some(payment.clone()),
            credits: (held.get() != *amount).then_some(held.get()),
            next_check: Some(self.clock.now().plus_seconds(REFUND_CHECK_SECONDS)),
            ..request.record.clone()
        };
        let mut work = vec![WorkWrite::replace(request, &next)?];
        work.extend(pause_writes(&self.work, organization, Pause::Refunded, self.clock.now()).await?);
        let movement = next.movement(
            CauseKind::RefundHold,
            Command::HoldOfGrant { id: id.into(), amount: held, grant },
            format!("Held for the refund of ${amount} of {order_id}"),
        );
        let with = Companions { work, ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            Ok(_) => Ok(Ok(true)),
            Err(Refusal::RecordChanged { .. }) => Ok(Ok(false)),
            Err(Refusal::InsufficientCredits { available, .. }) => {
                Ok(Err(RefundRefusal::MoreThanUnused { unused: available }))
            }
            Err(Refusal::AccountFrozen { .. }) => Ok(Err(RefundRefusal::Frozen)),
            Err(refusal) => Err(BillingFailure::refused("refund-refused", id, refusal)),
        }
    }
}
