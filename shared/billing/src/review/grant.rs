//! Granting what waits for a decision.

use crate::{
    Billing, BillingFailure, Order, Quarantined, Resolve, ResolveRefusal, SubscriptionGrant, WebhookAnswer,
    facts::{amounts::sold_by, metadata::named_in_metadata, read::known, source::Told},
    orders::grant::OrderGrant,
};
use money::Money;
use stripe_client::{PaymentIntentStatus, PaymentStatus};
use tables::{Record, Stored, WorkWrite};
use terms::OrderId;

impl Billing {
    /// Answers what is granted: another amount than this decision's, where an earlier one was not recorded. The
    /// grant writes the fact anew in its transaction, unresolved: of a grant and a dismissal that meet, one finds
    /// the fact changed. It is resolved when what was refunded is taken back. `None`: a record changed meanwhile.
    pub(crate) async fn grant_quarantined(
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
            ["credits", "top-up"].iter().find_map(|kind| named_in_metadata(metadata, kind))
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
}
