//! Granting a fact in manual review.

use crate::{
    BillingFailure, FactOutcome, ManualReview, Order, ReviewDecision, ReviewRefusal, StripeObjectId,
    StripeObjectKind, SubscriptionGrant,
    facts::{amounts::sold_by, metadata::named_in_metadata, read::known, source::EventSource},
    orders::grant::NewGrant,
    review::Review,
};
use money::Money;
use stripe_client::{PaymentIntentStatus, PaymentStatus};
use tables::{Record, Stored, WorkWrite};
use terms::OrderId;

impl Review {
    /// Returns what is granted: another amount than this decision's, if an earlier one was not recorded. The grant
    /// writes the fact again in its transaction, unresolved: of a grant and a dismissal at once, one finds the fact
    /// changed. It is resolved when what was refunded is reversed. `None`: a record changed meanwhile.
    pub(crate) async fn grant_reviewed(
        &self,
        stored: &Stored<ManualReview>,
        amount: Money,
        resolve: &ReviewDecision,
    ) -> Result<Result<Option<Money>, ReviewRefusal>, BillingFailure> {
        let grantable = stored.record.reason.is_grantable();
        match stored.record.object.kind() {
            StripeObjectKind::CheckoutSession | StripeObjectKind::PaymentIntent if grantable => {
                self.grant_order_anyway(stored, amount, resolve).await
            }
            StripeObjectKind::Invoice if grantable => {
                self.grant_invoice_anyway(stored, amount, resolve).await
            }
            _ => Ok(Err(ReviewRefusal::NotGrantable)),
        }
    }

    async fn grant_order_anyway(
        &self,
        stored: &Stored<ManualReview>,
        amount: Money,
        resolve: &ReviewDecision,
    ) -> Result<Result<Option<Money>, ReviewRefusal>, BillingFailure> {
        let object = &stored.record.object;
        let Some((order, mut grant)) = self.reviewed_payment(object).await? else {
            return Ok(Err(ReviewRefusal::NotGrantable));
        };
        if order.record.grant.as_ref().is_some_and(|granted| granted.object != object.as_str()) {
            return Ok(Err(ReviewRefusal::NotGrantable));
        }
        let paid = grant.most()?;
        if !amount.is_positive() || amount > paid {
            return Ok(Err(ReviewRefusal::Amount { paid }));
        }
        grant.granted = amount;
        grant.actor = resolve.actor.clone();
        grant.description = format!("Purchase of ${} granted after review", grant.paid);
        let source = EventSource::read(0, self.clock.now(), self.livemode);
        let mut more = self.top_up.end_of_charge(&order.record).await?;
        more.push(WorkWrite::replace(stored, &stored.record)?);
        let Some(answer) = self.orders.post_grant(&order, &grant, &source, more).await? else {
            return Ok(Ok(None));
        };
        if matches!(answer, FactOutcome::ManualReview(_)) {
            return Ok(Err(ReviewRefusal::NotGrantable));
        }
        if let Some(payment) = &grant.payment_intent {
            self.reversals.apply_to(payment).await?;
        }
        let order = self.work.get::<Order>(&order.record.key()).await?;
        let granted = order.and_then(|order| order.record.grant).map(|granted| granted.granted);
        Ok(Ok(Some(granted.unwrap_or(amount))))
    }

    /// The order of a session or payment in manual review, and what it would be granted for. `None`: nothing was
    /// paid, or not in USD, or the order is unknown.
    async fn reviewed_payment(
        &self,
        object: &StripeObjectId,
    ) -> Result<Option<(Stored<Order>, NewGrant)>, BillingFailure> {
        let (id, mut session, mut payment) = (object.as_str(), None, None);
        match object.kind() {
            StripeObjectKind::CheckoutSession => {
                session = known(id, self.stripe.checkout_session(id).await)?;
            }
            StripeObjectKind::PaymentIntent => payment = known(id, self.stripe.payment_intent(id).await)?,
            _ => {}
        }
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
                dollars.then(|| NewGrant::of_session(&order.record, session))
            }
            (None, Some(payment)) if payment.status == PaymentIntentStatus::Succeeded => {
                (payment.currency == "usd").then(|| NewGrant::of_payment(&order.record, payment))
            }
            _ => None,
        };
        Ok(grant.transpose()?.map(|grant| (order, grant)))
    }

    async fn grant_invoice_anyway(
        &self,
        stored: &Stored<ManualReview>,
        amount: Money,
        resolve: &ReviewDecision,
    ) -> Result<Result<Option<Money>, ReviewRefusal>, BillingFailure> {
        // The organization that finance names comes first: the recorded one is a guess, and may be wrong.
        let named = resolve.organization.as_ref().or(stored.record.organization.as_ref());
        let Some(organization) = named else { return Ok(Err(ReviewRefusal::OrganizationNeeded)) };
        if let Some(organization) = self.granted_unnoted(&stored.record, Some(organization)).await? {
            return Ok(Err(ReviewRefusal::Granted { organization }));
        }
        // Entries are never removed, so the account need not be read in the grant's transaction.
        let named = resolve.organization.is_some() && !resolve.new_organization;
        if named && self.ledger.account(organization).await?.seq == 0 {
            return Ok(Err(ReviewRefusal::OrganizationUnknown));
        }
        let object = stored.record.object.as_str();
        let Some(invoice) = known(object, self.stripe.invoice(object).await)? else {
            return Ok(Err(ReviewRefusal::NotGrantable));
        };
        let paid = sold_by(&invoice)?;
        if invoice.currency != "usd" || invoice.livemode != self.livemode {
            return Ok(Err(ReviewRefusal::NotGrantable));
        }
        if !amount.is_positive() || amount > paid {
            return Ok(Err(ReviewRefusal::Amount { paid }));
        }
        let source = EventSource::read(invoice.created, self.clock.now(), self.livemode);
        let meets = vec![WorkWrite::replace(stored, &stored.record)?];
        let answer = self.subscriptions.grant_as(organization, &invoice, amount, &source, meets).await?;
        let Some(answer) = answer else { return Ok(Ok(None)) };
        if !matches!(answer, FactOutcome::Granted | FactOutcome::Replayed) {
            return Ok(Err(ReviewRefusal::NotGrantable));
        }
        self.reversals.apply_to_invoice(object).await?;
        // Its facts came while its organization was unknown.
        if let Some(subscription) = &invoice.subscription {
            self.subscriptions.mirror(subscription).await?;
        }
        let key = SubscriptionGrant::key_of(organization, object);
        let grant = self.work.get::<SubscriptionGrant>(&key).await?;
        Ok(Ok(Some(grant.map_or(amount, |grant| grant.record.granted))))
    }
}
