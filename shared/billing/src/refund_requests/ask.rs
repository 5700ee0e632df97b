//! An owner requests a refund.

use crate::{
    BillingFailure, Grant, NewRefundRequest, Order, Reason, RefundRefusal, RefundRequest,
    RefundRequestStatus,
    limits::REFUND_REQUESTS_MAX,
    refund_requests::{
        RefundRequests,
        request::{REFUND_REQUESTS, RefundRequestResult},
    },
};
use ledger::GrantRef;
use money::{Money, MoneyError, PositiveMoney};
use tables::{Backoff, StillChanging, Stored, Together, WorkWrite};
use terms::{OrderId, OrganizationId, RefundRequestId, Timestamp};

impl RefundRequests {
    /// Records an owner's request for a refund. Nothing moves. After a failure the same key may be sent again.
    pub async fn request(
        &self,
        organization: &OrganizationId,
        asked: &NewRefundRequest,
    ) -> RefundRequestResult<RefundRequest> {
        let id = RefundRequestId::derive(&[organization.as_str(), "refund", &asked.key]);
        let known = self.work.get::<RefundRequest>(&RefundRequest::key_of(organization, &id)).await?;
        if let Some(known) = known {
            return Ok(same_request(known.record, asked));
        }
        let mut backoff = Backoff::new();
        loop {
            // The order is read before the requests for it and written with each of them, so a request that comes in
            // between makes the write fail.
            let refundable = self.refundable(organization, &asked.order_id).await?;
            let asked_before =
                self.work.list::<RefundRequest>(REFUND_REQUESTS, &format!("{organization}#")).await?;
            // Another delivery of this request may have come in between.
            if let Some(twin) = asked_before.iter().find(|one| one.record.id == id) {
                return Ok(same_request(twin.record.clone(), asked));
            }
            let waiting =
                asked_before.iter().filter(|one| one.record.status == RefundRequestStatus::Requested);
            let waiting: Vec<_> = waiting.map(|one| &one.record.order_id).collect();
            if waiting.contains(&&asked.order_id) || waiting.len() >= REFUND_REQUESTS_MAX {
                return Ok(Err(RefundRefusal::AskedBefore));
            }
            let ((order, _), unused) = match refundable {
                Ok(found) => found,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let amount = match amount_of(&order.record, asked, unused)? {
                Ok(amount) => amount,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let request = asked.request(organization, &id, amount, self.clock.now());
            let writes = [WorkWrite::insert(&request)?, WorkWrite::replace(&order, &order.record)?];
            match self.work.write_together(&writes).await? {
                Together::Done => return Ok(Ok(request)),
                Together::Refused { .. } if backoff.again().await => {}
                Together::Refused { .. } => return Err(StillChanging("an order").into()),
            }
        }
    }

    /// An order and the money that may be refunded of it: at most for the unused credits of its lot that were not
    /// refunded, with that part of the tax that was on top of the price.
    pub(crate) async fn refundable(
        &self,
        organization: &OrganizationId,
        order_id: &OrderId,
    ) -> RefundRequestResult<((Stored<Order>, GrantRef), Money)> {
        let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
        let Some(order) = order else { return Ok(Err(RefundRefusal::Unknown)) };
        let Some(granted) = &order.record.grant else { return Ok(Err(RefundRefusal::NotPaid)) };
        let recorded = self.ledger.find(&granted.cause()).await?;
        let recorded = recorded.ok_or_else(|| BillingFailure::missing("grant", &granted.object))?;
        let grant = GrantRef { seq: recorded.receipt.seq, kind: order.record.grant_kind() };
        let account = self.ledger.account(organization).await?;
        let left = granted.granted.minus(order.record.reversals.posted)?;
        // One credit is one dollar of the price; where finance granted another amount, at most what was paid.
        let price = granted.price()?;
        let unused = account.remaining_of(grant).min(left).min(price);
        let money = granted.paid.share(unused, price)?;
        Ok(Ok(((order, grant), money)))
    }
}

impl NewRefundRequest {
    fn request(
        &self,
        organization: &OrganizationId,
        id: &RefundRequestId,
        amount: Money,
        requested_at: Timestamp,
    ) -> RefundRequest {
        RefundRequest {
            id: id.clone(),
            organization: organization.clone(),
            order_id: self.order_id.clone(),
            amount,
            whole: Some(self.amount.is_none()),
            reason: self.reason.clone(),
            actor: self.actor.clone(),
            requested_at,
            status: RefundRequestStatus::Requested,
            credits: None,
            decision: None,
            payment_intent: None,
            refund: None,
            failure: None,
            next_check: None,
        }
    }
}

/// The requested amount, or all that is unused.
fn amount_of(
    order: &Order,
    asked: &NewRefundRequest,
    unused: Money,
) -> Result<Result<Money, RefundRefusal>, BillingFailure> {
    let amount = asked.amount.unwrap_or(unused);
    if !amount.is_positive() || amount > unused {
        return Ok(Err(RefundRefusal::MoreThanUnused { unused }));
    }
    let Some(granted) = &order.grant else { return Ok(Err(RefundRefusal::NotPaid)) };
    Ok(credits_of(granted, amount)?.map(|_| amount))
}

/// The credits that a refund of this money reverses, in proportion to the price that was paid. Where tax is a large
/// part of the payment, a cent of it may be worth none.
pub(crate) fn credits_of(
    granted: &Grant,
    money: Money,
) -> Result<Result<PositiveMoney, RefundRefusal>, MoneyError> {
    let price = granted.price()?;
    let credits = PositiveMoney::new(price.share(money, granted.paid)?);
    match credits {
        Ok(credits) => Ok(Ok(credits)),
        Err(_) => {
            Ok(Err(RefundRefusal::TooSmall { minimum: granted.paid.share(Money::from_cents(1)?, price)? }))
        }
    }
}

/// The response to a key that was used before.
fn same_request(known: RefundRequest, asked: &NewRefundRequest) -> Result<RefundRequest, RefundRefusal> {
    // An older request may have been stored as it was typed.
    let typed_anew = Reason::parse(known.reason.as_str());
    let same = known.order_id == asked.order_id
        && (known.reason == asked.reason || typed_anew.as_ref() == Ok(&asked.reason))
        && known.whole.is_none_or(|whole| whole == asked.amount.is_none())
        && asked.amount.is_none_or(|amount| amount == known.amount);
    if same { Ok(known) } else { Err(RefundRefusal::KeyReused) }
}
