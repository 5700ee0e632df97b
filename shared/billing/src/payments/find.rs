//! Which grant a payment belongs to. A grant that is not on the books yet is posted first, from what Stripe
//! says of the payment now, under the cause that its own facts have.

use crate::{
    BillingFailure, FactOutcome, Order, OrderKind, StripeObjectId, StripeObjectKind, SubscriptionGrant,
    facts::{metadata::named_in_metadata, read::known, source::EventSource},
    payments::{
        Payments,
        grant::{GrantRecord, Granted},
    },
};
use ledger::Reference;
use tables::{Record, Stored};
use terms::{OrderId, Timestamp};

/// The grant of a payment.
pub(crate) struct FoundGrant {
    pub granted: Granted,
    /// Its invoice, if that left manual review just now: what was refunded or disputed of it meanwhile is to be reversed.
    pub left_review: Option<String>,
}

impl From<Granted> for FoundGrant {
    fn from(granted: Granted) -> Self {
        Self { granted, left_review: None }
    }
}

impl Payments {
    /// The grant of a payment, posted now if it is not on the books yet.
    pub(crate) async fn grant_of(
        &self,
        payment: &str,
        source: &EventSource,
    ) -> Result<FoundGrant, BillingFailure> {
        if let Some(Granted::Grant(grant)) = self.known(payment).await? {
            return Ok(Granted::Grant(grant).into());
        }
        let Some(intent) = known(payment, self.stripe.payment_intent(payment).await)? else {
            return Ok(Granted::NotOurs.into());
        };
        let named = ["credits", "top-up"];
        let named = named.iter().find_map(|kind| named_in_metadata(&intent.metadata, kind));
        if let Some((organization, order_id)) = named {
            let Ok(order_id) = OrderId::parse(&order_id) else { return Ok(Granted::NotOurs.into()) };
            let key = Order::key_of(&organization, &order_id);
            let Some(order) = self.work.get::<Order>(&key).await? else { return Ok(Granted::NotOurs.into()) };
            self.read_order(&order, Some(payment)).await?;
            let Some(order) = self.work.get::<Order>(&key).await? else { return Ok(Granted::NotOurs.into()) };
            // A second payment that names the order: what was granted, was granted for the other one.
            let is_its_payment = order.record.payment_intent.as_deref() == Some(payment);
            let grant = GrantRecord::Order(Box::new(order));
            return Ok(if is_its_payment { grant.answer() } else { Granted::Nothing }.into());
        }
        self.grant_of_invoice_payment(payment, source).await
    }

    /// Decides an order by what Stripe says of it now.
    pub(crate) async fn read_order(
        &self,
        order: &Stored<Order>,
        payment: Option<&str>,
    ) -> Result<FactOutcome, BillingFailure> {
        match order.record.paid_by {
            OrderKind::TopUp => self.top_up.read_at_stripe(order).await,
            OrderKind::Checkout => self.orders.read_at_stripe(order, payment).await,
        }
    }

    /// A grant's record as it stands now.
    pub(crate) async fn read_again(
        &self,
        grant: &GrantRecord,
    ) -> Result<Option<GrantRecord>, BillingFailure> {
        Ok(match grant {
            GrantRecord::Order(order) => {
                let order = self.work.get::<Order>(&order.record.key()).await?;
                order.map(|order| GrantRecord::Order(Box::new(order)))
            }
            GrantRecord::Invoice(invoice) => {
                let invoice = self.work.get::<SubscriptionGrant>(&invoice.record.key()).await?;
                invoice.map(|invoice| GrantRecord::Invoice(Box::new(invoice)))
            }
        })
    }

    /// What a reference says of a payment.
    pub(crate) async fn known(&self, payment: &str) -> Result<Option<Granted>, BillingFailure> {
        let Some(reference) = self.ledger.reference(payment).await? else { return Ok(None) };
        let found = self.grant_of_reference(&reference).await?;
        let found = found.ok_or_else(|| BillingFailure::missing("record of the payment", payment))?;
        Ok(Some(found.answer()))
    }

    async fn grant_of_reference(&self, reference: &Reference) -> Result<Option<GrantRecord>, BillingFailure> {
        let Reference { organization, record, .. } = reference;
        if StripeObjectId::from(record.as_str()).kind() == StripeObjectKind::Invoice {
            let key = SubscriptionGrant::key_of(organization, record);
            return Ok(self.work.get(&key).await?.map(|found| GrantRecord::Invoice(Box::new(found))));
        }
        let Ok(order_id) = OrderId::parse(record) else { return Ok(None) };
        let found = self.work.get(&Order::key_of(organization, &order_id)).await?;
        Ok(found.map(|order| GrantRecord::Order(Box::new(order))))
    }

    /// An invoice does not name its payment, nor a payment its invoice: Stripe lists what pays what.
    async fn grant_of_invoice_payment(
        &self,
        payment: &str,
        source: &EventSource,
    ) -> Result<FoundGrant, BillingFailure> {
        let paid = known(payment, self.stripe.invoice_payments_of(payment).await)?;
        let Some(invoice) = paid.into_iter().flatten().find_map(|paid| paid.invoice) else {
            return Ok(Granted::NotOurs.into());
        };
        let mut left_review = false;
        if self.ledger.reference(&invoice).await?.is_none() {
            let Some(read) = known(&invoice, self.stripe.invoice(&invoice).await)? else {
                return Ok(Granted::NotOurs.into());
            };
            let now = EventSource::read(read.created, self.clock.now(), self.livemode);
            let read_source = EventSource { occurred_at: paid_at(&read, source), ..now };
            let paid = self.subscriptions.on_paid_invoice(&read, &read_source).await?;
            if matches!(paid.outcome, FactOutcome::NotOurs) {
                return Ok(Granted::NotOurs.into());
            }
            left_review = paid.left_review;
        }
        let Some(reference) = self.ledger.reference(&invoice).await? else {
            return Ok(Granted::Nothing.into());
        };
        // Next time the payment is known at once. Nothing rests on it.
        let object = payment.to_owned();
        let known =
            Reference { object, organization: reference.organization.clone(), record: invoice.clone() };
        self.ledger.remember(&known).await?;
        let grant = self.grant_of_reference(&known).await?;
        let granted = grant.map_or(Granted::Nothing, GrantRecord::answer);
        Ok(FoundGrant { granted, left_review: left_review.then_some(invoice) })
    }
}

fn paid_at(invoice: &stripe_client::Invoice, source: &EventSource) -> Timestamp {
    invoice.paid_at.map_or(source.occurred_at, Timestamp::from_seconds)
}
