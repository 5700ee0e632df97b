//! Asking, deciding, and going on with a refund.

use super::request::{
    Decision, REFUND_REQUESTS, Reason, RefundAsked, RefundRefusal, RefundRequest, RefundStatus,
};
use crate::{
    Billing, BillingFailure, Order, Pause, error::known, facts::source::Told, orders::session::ATTEMPTS_MAX,
};
use ledger::{Cause, CauseKind, Command, Companions, GrantRef, Movement, Refusal};
use money::{Money, PositiveMoney};
use std::collections::BTreeMap;
use stripe_client::NewRefund;
use tables::{Insert, Key, Stored, Together, WorkWrite};
use terms::{Fingerprint, OrderId, OrganizationId, RefundRequestId};

/// Undecided requests of one organization: an owner must not fill finance's list.
const REQUESTS_MAX: usize = 200;

/// So long the same key means the same refund at Stripe, which keeps keys for at least 24 hours.
const KEY_SENT_SECONDS: i64 = 20 * 3600;

/// A refund whose end is unknown is looked at again after so long.
const LOOK_AGAIN_SECONDS: i64 = 300;

type Answer<T> = Result<Result<T, RefundRefusal>, BillingFailure>;

impl Billing {
    /// An owner asks for a refund. Nothing moves.
    ///
    /// # Errors
    /// [`BillingFailure`]: ask again with the same key.
    pub async fn ask_for_refund(
        &self,
        organization: &OrganizationId,
        asked: &RefundAsked,
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
        if waiting.contains(&&asked.order_id) || waiting.len() >= REQUESTS_MAX {
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
            look_at: None,
        };
        Ok(match self.work.insert(&request).await? {
            Insert::Done(stored) => Ok(stored.record),
            Insert::Exists(stored) => same_request(stored.record, asked),
        })
    }

    /// An order and the money that may be refunded of it: at most for what is unused of its lot and was not refunded,
    /// with that part of the tax that was on top of the price.
    async fn refundable(
        &self,
        organization: &OrganizationId,
        order_id: &OrderId,
    ) -> Answer<((Stored<Order>, GrantRef), Money)> {
        let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
        let Some(order) = order else { return Ok(Err(RefundRefusal::Unknown)) };
        let Some(granted) = &order.record.granted_for else { return Ok(Err(RefundRefusal::NotPaid)) };
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

    /// Finance decides a request. An approval holds the credits and asks Stripe.
    ///
    /// # Errors
    /// [`BillingFailure`]: the decision may stand; recovery goes on with it, and the same decision may be sent
    /// again.
    pub async fn decide_refund(
        &self,
        organization: &OrganizationId,
        id: &RefundRequestId,
        decision: &Decision,
    ) -> Answer<RefundRequest> {
        for _ in 0..ATTEMPTS_MAX {
            let key = RefundRequest::key_of(organization, id);
            let Some(request) = self.work.get::<RefundRequest>(&key).await? else {
                return Ok(Err(RefundRefusal::Unknown));
            };
            if request.record.status != RefundStatus::Requested {
                let same = request.record.decision.as_ref().is_some_and(|before| {
                    before.approved == decision.approved && before.actor == decision.actor
                });
                return Ok(if same { Ok(request.record) } else { Err(RefundRefusal::Decided) });
            }
            let written = if decision.approved {
                match self.approve(&request, decision).await? {
                    Ok(written) => written,
                    Err(refusal) => return Ok(Err(refusal)),
                }
            } else {
                let next = RefundRequest {
                    status: RefundStatus::Declined,
                    decision: Some(decision.clone()),
                    ..request.record.clone()
                };
                self.work.write_together(&[WorkWrite::replace(&request, &next)?]).await? == Together::Done
            };
            if written {
                self.go_on_with_refund(&key).await?;
                let decided = self.work.get::<RefundRequest>(&key).await?;
                let decided = decided.ok_or_else(|| BillingFailure::missing("refund request", id))?;
                return Ok(Ok(decided.record));
            }
        }
        Err(BillingFailure::Contended)
    }

    /// The hold and the approval in one transaction. `false`: the request changed meanwhile.
    async fn approve(&self, request: &Stored<RefundRequest>, decision: &Decision) -> Answer<bool> {
        let RefundRequest { organization, order_id, amount, id, .. } = &request.record;
        let (order, grant) = match self.refundable(organization, order_id).await? {
            Ok((_, unused)) if *amount > unused => {
                return Ok(Err(RefundRefusal::MoreThanUnused { unused }));
            }
            Ok((found, _)) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (Some(payment), Some(granted)) = (&order.record.payment_intent, &order.record.granted_for) else {
            return Ok(Err(RefundRefusal::NotPaid));
        };
        let credits = granted.price()?.share(*amount, granted.paid)?;
        let next = RefundRequest {
            status: RefundStatus::Approved,
            decision: Some(decision.clone()),
            payment_intent: Some(payment.clone()),
            credits: (credits != *amount).then_some(credits),
            look_at: Some(self.clock.now().plus_seconds(LOOK_AGAIN_SECONDS)),
            ..request.record.clone()
        };
        let mut work = vec![WorkWrite::replace(request, &next)?];
        work.extend(self.pause_top_up(organization, Pause::Refunded).await?);
        let held = PositiveMoney::new(credits)?;
        let movement = self.movement(
            &next,
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

    fn movement(
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

    /// Goes on with an approved request: asks Stripe by its key, or searches for what became of it.
    ///
    /// # Errors
    /// [`BillingFailure`]: it stays due.
    pub(crate) async fn go_on_with_refund(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(request) = self.work.get::<RefundRequest>(key).await? else { return Ok(()) };
        let RefundRequest { id, amount, payment_intent, decision, status, .. } = &request.record;
        let (Some(payment), Some(decision)) = (payment_intent, decision) else { return Ok(()) };
        if *status != RefundStatus::Approved {
            return Ok(());
        }
        let asked_until = decision.decided_at.plus_seconds(KEY_SENT_SECONDS);
        if self.clock.now() > asked_until {
            let refunds = known(payment, self.stripe.refunds_of(payment).await)?.unwrap_or_default();
            let ours = |refund: &&stripe_client::Refund| {
                refund.metadata.get("refund_request").map(String::as_str) == Some(id.as_str())
            };
            return match refunds.iter().find(ours) {
                Some(refund) => self.on_own_refund(refund).await,
                None => self.release_refund(&request, "Stripe does not know of the refund").await,
            };
        }
        let refund = NewRefund {
            payment_intent: payment.clone(),
            amount_cents: amount.cents(),
            metadata: BTreeMap::from([("refund_request".to_owned(), id.to_string())]),
        };
        match self.stripe.create_refund(&refund, &format!("droplab:refund:{id}")).await {
            Ok(refund) => self.on_own_refund(&refund).await,
            Err(failure) if failure.is_definite() => {
                platform::log::failure("Stripe refused a refund", &failure);
                self.release_refund(&request, "Stripe refused the refund").await
            }
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        }
    }

    /// A refund of ours, through the same code as its webhook. One that has failed by the time it is first seen
    /// took nothing: its hold is released.
    async fn on_own_refund(&self, refund: &stripe_client::Refund) -> Result<(), BillingFailure> {
        let told = Told::read(self, refund.created);
        self.on_refund(refund, &told).await.map(drop)
    }

    /// Ends the hold of a request that came to nothing.
    pub(crate) async fn release_refund(
        &self,
        request: &Stored<RefundRequest>,
        why: &str,
    ) -> Result<(), BillingFailure> {
        let next = request.record.failed(why);
        let movement = self.releasing(&request.record);
        let with = Companions { work: vec![WorkWrite::replace(request, &next)?], ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            Ok(_) | Err(Refusal::RecordChanged { .. }) => Ok(()),
            Err(refusal) => Err(BillingFailure::refused("refund-refused", &next.id, refusal)),
        }
    }
}

/// The answer to a key that named a request before.
fn same_request(known: RefundRequest, asked: &RefundAsked) -> Result<RefundRequest, RefundRefusal> {
    // A request may have been stored as it was typed.
    let typed_anew = Reason::parse(known.reason.as_str());
    let same = known.order_id == asked.order_id
        && (known.reason == asked.reason || typed_anew.as_ref() == Ok(&asked.reason))
        && asked.amount.is_none_or(|amount| amount == known.amount);
    if same { Ok(known) } else { Err(RefundRefusal::KeyReused) }
}
