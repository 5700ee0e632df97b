//! Finance's decision on a quarantined fact: grant it after all, or dismiss it; either with a reason.
//!
//! A grant is posted under the cause that the fact itself would have had, so that the news of it, however
//! late, is a replay. What was refunded or disputed meanwhile is taken in the same breath.

use crate::{
    Billing, BillingFailure, Order, OrderStatus, Quarantine, Quarantined, Reason, SubscriptionGrant,
    WebhookAnswer,
    error::known,
    facts::{amounts::sold_by, source::Told},
    finance_alarms,
    orders::{
        grant::OrderGrant,
        session::{ATTEMPTS_MAX, DISMISSED},
    },
    review::queue::{QUARANTINE, Resolution},
};
use ledger::{Cause, CauseKind};
use money::Money;
use stripe_client::{PaymentIntentStatus, PaymentStatus};
use tables::{Record, Replace, Stored, Together, WorkWrite};
use terms::{Actor, OrderId, OrganizationId};

/// What finance decides.
#[derive(Debug, Clone)]
pub struct Resolve {
    /// The quarantined object.
    pub object: String,
    /// Why it was quarantined.
    pub quarantine: Quarantine,
    /// The credits to grant; `None` dismisses it.
    pub grant: Option<Money>,
    /// Whose the money is: needed where nobody knew.
    pub organization: Option<OrganizationId>,
    /// Whether that organization may be one without entries.
    pub new_organization: bool,
    /// Why.
    pub reason: Reason,
    /// Who decides.
    pub actor: Actor,
}

/// Why a decision was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveRefusal {
    /// Nothing of the kind is quarantined.
    #[error("nothing of the kind is quarantined")]
    Unknown,
    /// It was resolved before.
    #[error("it was resolved before")]
    Resolved,
    /// This fact cannot be granted: refund the payment at Stripe and dismiss it.
    #[error("this cannot be granted; refund the payment at Stripe and dismiss it")]
    NotGrantable,
    /// Not an amount from 0.01 to what was paid.
    #[error("grant 0.01 to {paid} credits")]
    Amount {
        /// What was paid, in USD, without tax.
        paid: Money,
    },
    /// An earlier decision granted it, and could not be noted.
    #[error("it was granted to {organization}, which was not noted then: grant it to them again")]
    Granted {
        /// To whom.
        organization: OrganizationId,
    },
    /// The organization that finance names has no entries: a mistyped id must not become an account.
    #[error("no organization of this id has entries: correct the id, or confirm newOrganization")]
    OrganizationUnknown,
    /// No organization is known; name one.
    #[error("name the organization that paid")]
    OrganizationNeeded,
}

impl Billing {
    /// Everything quarantined, resolved or not, oldest object first.
    ///
    /// # Errors
    /// [`BillingFailure`] when the table cannot be read.
    pub async fn quarantined(&self) -> Result<Vec<Quarantined>, BillingFailure> {
        let found = self.work.list::<Quarantined>(QUARANTINE, "OBJECT#").await?;
        Ok(found.into_iter().map(|stored| stored.record).collect())
    }

    /// Carries out finance's decision, once.
    ///
    /// # Errors
    /// [`BillingFailure`]: decide again; what was granted is not granted twice.
    pub async fn resolve(
        &self,
        resolve: &Resolve,
    ) -> Result<Result<Quarantined, ResolveRefusal>, BillingFailure> {
        let key = Quarantined::key_of(&resolve.object, resolve.quarantine);
        for _ in 0..ATTEMPTS_MAX {
            let Some(stored) = self.work.get::<Quarantined>(&key).await? else {
                return Ok(Err(ResolveRefusal::Unknown));
            };
            if stored.record.resolution.is_some() {
                return Ok(Err(ResolveRefusal::Resolved));
            }
            let Some(amount) = resolve.grant else {
                match self.dismiss(&stored, resolve).await? {
                    Some(decided) => return Ok(decided),
                    None => continue,
                }
            };
            let granted = match self.grant_quarantined(&stored, amount, resolve).await {
                Err(BillingFailure::StatedAmount { .. }) => return Ok(Err(ResolveRefusal::NotGrantable)),
                granted => granted?,
            };
            match granted {
                Ok(Some(granted)) => {
                    self.alarm_of(&stored.record, granted, resolve);
                    // The grant wrote the fact anew.
                    let Some(stored) = self.work.get::<Quarantined>(&key).await? else { continue };
                    let next = resolved(self, &stored.record, Some(granted), resolve);
                    let open = stored.record.resolution.is_none();
                    if open && let Replace::Done(stored) = self.work.replace(&stored, &next).await? {
                        return Ok(Ok(stored.record));
                    }
                }
                Ok(None) => {}
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        Err(BillingFailure::Contended)
    }

    /// Dismisses a fact. Its order is over in the same transaction: nothing is looked into any more, and no charge
    /// is in flight for it. `None`: a record changed meanwhile, look again.
    async fn dismiss(
        &self,
        fact: &Stored<Quarantined>,
        resolve: &Resolve,
    ) -> Result<Option<Result<Quarantined, ResolveRefusal>>, BillingFailure> {
        if let Some(organization) = self.granted_unnoted(&fact.record, None).await? {
            return Ok(Some(Err(ResolveRefusal::Granted { organization })));
        }
        let next = resolved(self, &fact.record, None, resolve);
        if fact.record.reason == Quarantine::EarlyFraudWarning {
            return self.lift(fact, next, &resolve.actor).await;
        }
        let mut writes = vec![WorkWrite::replace(fact, &next)?];
        if let (Some(organization), Some(order_id)) = (&fact.record.organization, &fact.record.order_id) {
            let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
            if let Some(order) = order.filter(|order| order.record.review.is_some()) {
                let (now, failure) = (self.clock.now(), Some(DISMISSED.to_owned()));
                let failed = order.record.moved_to(OrderStatus::Failed, now);
                let over = failed.unwrap_or_else(|| order.record.clone());
                let over = Order { review: None, failure, ..over }.looked_at(now);
                writes.push(WorkWrite::replace(&order, &over)?);
                writes.extend(self.end_of_dismissed(&over).await?);
            }
        }
        let done = self.work.write_together(&writes).await? == Together::Done;
        Ok(done.then_some(Ok(next)))
    }

    /// To whom else than to this organization an earlier decision granted a fact, without noting it.
    async fn granted_unnoted(
        &self,
        fact: &Quarantined,
        to: Option<&OrganizationId>,
    ) -> Result<Option<OrganizationId>, BillingFailure> {
        let kind = match fact.object.split_once('_').map(|(kind, _)| kind) {
            Some("cs") => CauseKind::CheckoutSession,
            Some("pi") => CauseKind::PaymentIntent,
            Some("in") => CauseKind::Invoice,
            _ => return Ok(None),
        };
        if !fact.reason.is_grantable() {
            return Ok(None);
        }
        let recorded = self.ledger.find(&Cause::new(kind, fact.object.clone())).await?;
        Ok(recorded.map(|recorded| recorded.receipt.organization).filter(|whose| Some(whose) != to))
    }

    /// Answers what is granted: another amount than this decision's, where an earlier one was not recorded. The
    /// grant writes the fact anew in its transaction, unresolved: of a grant and a dismissal that meet, one finds
    /// the fact changed. It is resolved when what was refunded is taken back. `None`: a record changed meanwhile.
    async fn grant_quarantined(
        &self,
        stored: &Stored<Quarantined>,
        amount: Money,
        resolve: &Resolve,
    ) -> Result<Result<Option<Money>, ResolveRefusal>, BillingFailure> {
        let grantable = stored.record.reason.is_grantable();
        let object = &stored.record.object;
        match object.split_once('_').map(|(kind, _)| kind) {
            Some("cs" | "pi") if grantable => self.grant_order_anyway(stored, amount, resolve).await,
            Some("in") if grantable => self.grant_invoice_anyway(stored, amount, resolve).await,
            _ => Ok(Err(ResolveRefusal::NotGrantable)),
        }
    }

    async fn grant_order_anyway(
        &self,
        stored: &Stored<Quarantined>,
        amount: Money,
        resolve: &Resolve,
    ) -> Result<Result<Option<Money>, ResolveRefusal>, BillingFailure> {
        let object = &stored.record.object;
        let Some((order, mut grant)) = self.quarantined_payment(object).await? else {
            return Ok(Err(ResolveRefusal::NotGrantable));
        };
        if order.record.granted_for.as_ref().is_some_and(|granted| granted.object != *object) {
            return Ok(Err(ResolveRefusal::NotGrantable));
        }
        let paid = grant.most()?;
        if !amount.is_positive() || amount > paid {
            return Ok(Err(ResolveRefusal::Amount { paid }));
        }
        grant.granted = amount;
        grant.actor = resolve.actor.clone();
        grant.description = format!("Purchase of ${} granted after review", grant.paid);
        let told = Told::read(self, 0);
        let mut more = self.end_of_charge(&order.record).await?;
        more.push(WorkWrite::replace(stored, &stored.record)?);
        let Some(answer) = self.post_order_grant(&order, &grant, &told, more).await? else {
            return Ok(Ok(None));
        };
        if matches!(answer, WebhookAnswer::Quarantined(_)) {
            return Ok(Err(ResolveRefusal::NotGrantable));
        }
        if let Some(payment) = &grant.payment_intent {
            self.read_reversals(payment).await?;
        }
        let order = self.work.get::<Order>(&order.record.key()).await?;
        let granted = order.and_then(|order| order.record.granted_for).map(|granted| granted.granted);
        Ok(Ok(Some(granted.unwrap_or(amount))))
    }

    /// The order of a quarantined session or payment, and what it would be granted for. `None`: nothing was
    /// paid, or not in USD, or the order is unknown.
    async fn quarantined_payment(
        &self,
        object: &str,
    ) -> Result<Option<(Stored<Order>, OrderGrant)>, BillingFailure> {
        let session = if object.starts_with("cs_") {
            known(object, self.stripe.checkout_session(object).await)?
        } else {
            None
        };
        let payment = if object.starts_with("pi_") {
            known(object, self.stripe.payment_intent(object).await)?
        } else {
            None
        };
        let metadata = session.as_ref().map(|session| &session.metadata);
        let metadata = metadata.or(payment.as_ref().map(|payment| &payment.metadata));
        let named = metadata.and_then(|metadata| {
            ["credits", "top-up"]
                .iter()
                .find_map(|kind| crate::orders::grant::named_in_metadata(metadata, kind))
        });
        let Some((organization, order)) = named else { return Ok(None) };
        let Ok(order) = OrderId::parse(&order) else { return Ok(None) };
        let order = self.work.get::<Order>(&Order::key_of(&organization, &order)).await?;
        let Some(order) = order else { return Ok(None) };
        let grant = match (&session, &payment) {
            (Some(session), _) if session.payment_status == PaymentStatus::Paid => {
                let dollars = session.currency.as_deref() == Some("usd");
                dollars.then(|| OrderGrant::of_session(&order.record, session))
            }
            (None, Some(payment)) if payment.status == PaymentIntentStatus::Succeeded => {
                (payment.currency == "usd").then(|| OrderGrant::of_payment(&order.record, payment))
            }
            _ => None,
        };
        Ok(grant.transpose()?.map(|grant| (order, grant)))
    }

    async fn grant_invoice_anyway(
        &self,
        stored: &Stored<Quarantined>,
        amount: Money,
        resolve: &Resolve,
    ) -> Result<Result<Option<Money>, ResolveRefusal>, BillingFailure> {
        // What finance names wins: a guess may be what went wrong.
        let named = resolve.organization.as_ref().or(stored.record.organization.as_ref());
        let Some(organization) = named else { return Ok(Err(ResolveRefusal::OrganizationNeeded)) };
        if let Some(organization) = self.granted_unnoted(&stored.record, Some(organization)).await? {
            return Ok(Err(ResolveRefusal::Granted { organization }));
        }
        // Entries are never removed, so the account need not be read in the grant's transaction.
        let named = resolve.organization.is_some() && !resolve.new_organization;
        if named && self.ledger.account(organization).await?.seq == 0 {
            return Ok(Err(ResolveRefusal::OrganizationUnknown));
        }
        let object = &stored.record.object;
        let Some(invoice) = known(object, self.stripe.invoice(object).await)? else {
            return Ok(Err(ResolveRefusal::NotGrantable));
        };
        let paid = sold_by(&invoice)?;
        if invoice.currency != "usd" || invoice.livemode != self.livemode {
            return Ok(Err(ResolveRefusal::NotGrantable));
        }
        if !amount.is_positive() || amount > paid {
            return Ok(Err(ResolveRefusal::Amount { paid }));
        }
        let told = Told::read(self, invoice.created);
        let meets = vec![WorkWrite::replace(stored, &stored.record)?];
        let answer = self.grant_invoice_as(organization, &invoice, amount, &told, meets).await?;
        let Some(answer) = answer else { return Ok(Ok(None)) };
        if !matches!(answer, WebhookAnswer::Granted | WebhookAnswer::Replayed) {
            return Ok(Err(ResolveRefusal::NotGrantable));
        }
        self.take_what_was_reversed(object).await?;
        // Its news came while nobody knew whose it is.
        if let Some(subscription) = &invoice.subscription {
            self.mirror_standing(subscription).await?;
        }
        let key = SubscriptionGrant::key_of(organization, object);
        let grant = self.work.get::<SubscriptionGrant>(&key).await?;
        Ok(Ok(Some(grant.map_or(amount, |grant| grant.record.granted))))
    }

    fn alarm_of(&self, fact: &Quarantined, granted: Money, resolve: &Resolve) {
        if let Some(organization) = granted_to(fact, resolve) {
            finance_alarms::of_grant(organization, granted, &fact.object, &resolve.actor);
        }
    }

    /// Every refund, dispute and fraud warning of a payment, as Stripe lists them.
    pub(crate) async fn read_reversals(&self, payment: &str) -> Result<(), BillingFailure> {
        let refunds = known(payment, self.stripe.refunds_of(payment).await)?;
        for refund in refunds.into_iter().flatten() {
            self.on_refund(&refund, &Told::read(self, refund.created)).await?;
        }
        let disputes = known(payment, self.stripe.disputes_of(payment).await)?;
        for dispute in disputes.into_iter().flatten() {
            self.on_dispute(&dispute, false, false, &Told::read(self, dispute.created)).await?;
        }
        let warnings = known(payment, self.stripe.early_fraud_warnings_of(payment).await)?;
        for warning in warnings.into_iter().flatten() {
            let told = Told::read(self, warning.created);
            Box::pin(self.on_early_fraud_warning(&warning, &told)).await?;
        }
        Ok(())
    }
}

/// A fact with finance's decision.
fn resolved(billing: &Billing, fact: &Quarantined, granted: Option<Money>, resolve: &Resolve) -> Quarantined {
    let organization = granted.and(granted_to(fact, resolve).cloned());
    let resolution = Resolution {
        organization,
        granted,
        reason: resolve.reason.clone(),
        actor: resolve.actor.clone(),
        resolved_at: billing.clock.now(),
    };
    Quarantined { resolution: Some(resolution), ..fact.clone() }
}

/// To whom a grant goes: of an invoice, to whom finance names; whose an order is, the order says.
fn granted_to<'a>(fact: &'a Quarantined, resolve: &'a Resolve) -> Option<&'a OrganizationId> {
    let named = resolve.organization.as_ref().filter(|_| fact.object.starts_with("in_"));
    named.or(fact.organization.as_ref())
}
