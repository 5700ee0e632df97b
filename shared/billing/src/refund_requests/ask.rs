//! An owner asks for a refund.

use crate::{
    Billing, BillingFailure, NewRefundRequest, Order, Reason, RefundRefusal, RefundRequest, RefundStatus,
    limits::REFUND_REQUESTS_MAX,
    refund_requests::request::{Answer, REFUND_REQUESTS},
};
use ledger::GrantRef;
use money::Money;
use tables::{Insert, Stored};
use terms::{OrderId, OrganizationId, RefundRequestId};

impl Billing {
    /// An owner asks for a refund. Nothing moves.
    ///
    /// # Errors
    /// [`BillingFailure`]: ask again with the same key.
    pub async fn request_refund(
        &self,
        organization: &OrganizationId,
        asked: &NewRefundRequest,
    ) -> Answer<RefundRequest> {
        let id = RefundRequestId::derive(&[organization.as_str(), "refund", &asked.key]);
        let known = self.work.get::<RefundRequest>(&RefundRequest::key_of(organization, &id)).await?;
        if let Some(known) = known {
            return Ok(same_request(known.record, asked));
        }
        let asked_before =
            self.work.list::<RefundRequest>(REFUND_REQUESTS, &format!("{organization}#")).await?;
        // A twin of this request may have come between.
        if let Some(twin) = asked_before.iter().find(|one| one.record.id == id) {
            return Ok(same_request(twin.record.clone(), asked));
        }
        let waiting = asked_before.iter().filter(|one| one.record.status == RefundStatus::Requested);
        let waiting: Vec<_> = waiting.map(|one| &one.record.order_id).collect();
        if waiting.contains(&&asked.order_id) || waiting.len() >= REFUND_REQUESTS_MAX {
            return Ok(Err(RefundRefusal::AskedBefore));
        }
        let unused = match self.refundable(organization, &asked.order_id).await? {
            Ok((_, unused)) => unused,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let amount = asked.amount.unwrap_or(unused);
        if !amount.is_positive() || amount > unused {
            return Ok(Err(RefundRefusal::MoreThanUnused { unused }));
        }
        let request = RefundRequest {
            id,
            organization: organization.clone(),
            order_id: asked.order_id.clone(),
            amount,
            reason: asked.reason.clone(),
            actor: asked.actor.clone(),
            requested_at: self.clock.now(),
            status: RefundStatus::Requested,
            credits: None,
            decision: None,
            payment_intent: None,
            refund: None,
            failure: None,
            next_check: None,
        };
        Ok(match self.work.insert(&request).await? {
            Insert::Done(stored) => Ok(stored.record),
            Insert::Exists(stored) => same_request(stored.record, asked),
        })
    }

    /// An order and the money that may be refunded of it: at most for what is unused of its lot and was not refunded,
    /// with that part of the tax that was on top of the price.
    pub(crate) async fn refundable(
        &self,
        organization: &OrganizationId,
        order_id: &OrderId,
    ) -> Answer<((Stored<Order>, GrantRef), Money)> {
        let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
        let Some(order) = order else { return Ok(Err(RefundRefusal::Unknown)) };
        let Some(granted) = &order.record.grant else { return Ok(Err(RefundRefusal::NotPaid)) };
        let recorded = self.ledger.find(&granted.cause()).await?;
        let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &granted.object))?;
        let grant = GrantRef { seq: recorded.receipt.seq, kind: order.record.grant_kind() };
        let account = self.ledger.account(organization).await?;
        let left = granted.granted.minus(order.record.reversals.posted)?;
        // One credit is one dollar of the price; where a person granted another amount, at most what was paid.
        let price = granted.price()?;
        let unused = account.remaining_of(grant).min(left).min(price);
        let money = granted.paid.share(unused, price)?;
        Ok(Ok(((order, grant), money)))
    }
}

/// The answer to a key that named a request before.
fn same_request(known: RefundRequest, asked: &NewRefundRequest) -> Result<RefundRequest, RefundRefusal> {
    // A request may have been stored as it was typed.
    let typed_anew = Reason::parse(known.reason.as_str());
    let same = known.order_id == asked.order_id
        && (known.reason == asked.reason || typed_anew.as_ref() == Ok(&asked.reason))
        && asked.amount.is_none_or(|amount| amount == known.amount);
    if same { Ok(known) } else { Err(RefundRefusal::KeyReused) }
}
