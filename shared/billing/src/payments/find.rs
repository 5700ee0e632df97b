//! Which grant a payment belongs to. A grant that is not on the books yet is posted first, from what Stripe
//! says of the payment now, under the same cause as its own news.

use crate::{
    Billing, BillingFailure, Freeze, Order, OrderKind, Reversals, SubscriptionGrant, Terms, WebhookAnswer,
    error::known, facts::source::Told, orders::grant,
};
use ledger::{Cause, CauseKind, GrantKind, Reference};
use stripe_client::CheckoutSession;
use tables::{Record, Stored, TableFailure, WorkWrite};
use terms::{OrderId, OrganizationId, Timestamp};

/// A payment page that Stripe was asked for and did not answer about may have been made: so long after its
/// end it is not looked for any more.
const PAGE_LOST_SECONDS: i64 = 3600;

/// The business record of a grant: where its refunds and disputes are kept.
#[derive(Debug, Clone)]
pub(crate) enum GrantRecord {
    /// Credits bought.
    Order(Box<Stored<Order>>),
    /// Credits that came with a subscription's invoice.
    Invoice(Box<Stored<SubscriptionGrant>>),
}

/// What is known of a payment.
pub(crate) enum Granted {
    /// It was granted.
    Grant(GrantRecord),
    /// It is ours, and no credits were granted for it: there is nothing to take.
    Nothing,
    /// It is none of ours.
    NotOurs,
}

impl GrantRecord {
    pub(crate) fn organization(&self) -> &OrganizationId {
        match self {
            Self::Order(order) => &order.record.organization,
            Self::Invoice(invoice) => &invoice.record.organization,
        }
    }

    /// What the lot of the grant names as its source.
    pub(crate) fn source(&self) -> &str {
        match self {
            Self::Order(order) => order.record.order_id.as_str(),
            Self::Invoice(invoice) => &invoice.record.invoice,
        }
    }

    pub(crate) fn kind(&self) -> GrantKind {
        match self {
            Self::Order(order) => order.record.grant_kind(),
            Self::Invoice(_) => GrantKind::Subscription,
        }
    }

    /// When the granted credits end.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Order(_) => None,
            Self::Invoice(invoice) => invoice.record.expires_at,
        }
    }

    /// The cause of the grant and what was paid and granted; `None` while nothing is granted.
    pub(crate) fn granted(&self) -> Option<(Cause, Terms)> {
        match self {
            Self::Order(order) => {
                let granted = order.record.granted_for.as_ref()?;
                Some((granted.cause(), granted.terms()))
            }
            Self::Invoice(invoice) => {
                let SubscriptionGrant { invoice, paid, granted, .. } = &invoice.record;
                let terms = Terms { paid: *paid, granted: *granted };
                granted.is_positive().then(|| (Cause::new(CauseKind::Invoice, invoice.clone()), terms))
            }
        }
    }

    pub(crate) fn reversals(&self) -> &Reversals {
        match self {
            Self::Order(order) => &order.record.reversals,
            Self::Invoice(invoice) => &invoice.record.reversals,
        }
    }

    pub(crate) fn freeze(&self) -> &Freeze {
        match self {
            Self::Order(order) => &order.record.freeze,
            Self::Invoice(invoice) => &invoice.record.freeze,
        }
    }

    /// The record with these in place of what was read.
    pub(crate) fn with_freeze(
        &self,
        reversals: Reversals,
        freeze: Freeze,
        now: Timestamp,
    ) -> Result<WorkWrite, TableFailure> {
        match self {
            Self::Order(order) => {
                let next = Order { reversals, freeze, ..order.record.clone() }.looked_at(now);
                WorkWrite::replace(order, &next)
            }
            Self::Invoice(invoice) => {
                let next = SubscriptionGrant { reversals, freeze, ..invoice.record.clone() }.looked_at(now);
                WorkWrite::replace(invoice, &next)
            }
        }
    }

    fn answer(self) -> Granted {
        if self.granted().is_some() { Granted::Grant(self) } else { Granted::Nothing }
    }
}

impl Billing {
    /// The grant of a payment, posted now if it is not on the books yet.
    pub(crate) async fn grant_of_payment(
        &self,
        payment: &str,
        told: &Told,
    ) -> Result<Granted, BillingFailure> {
        if let Some(Granted::Grant(grant)) = self.known_grant(payment).await? {
            return Ok(Granted::Grant(grant));
        }
        let Some(intent) = known(payment, self.stripe.payment_intent(payment).await)? else {
            return Ok(Granted::NotOurs);
        };
        let named = ["credits", "top-up"];
        let named = named.iter().find_map(|kind| grant::named_in_metadata(&intent.metadata, kind));
        if let Some((organization, order_id)) = named {
            let Ok(order_id) = OrderId::parse(&order_id) else { return Ok(Granted::NotOurs) };
            let key = Order::key_of(&organization, &order_id);
            let Some(order) = self.work.get::<Order>(&key).await? else { return Ok(Granted::NotOurs) };
            self.read_order_at_stripe(&order, Some(payment)).await?;
            let Some(order) = self.work.get::<Order>(&key).await? else { return Ok(Granted::NotOurs) };
            // A second payment that names the order: what was granted, was granted for the other one.
            let is_its_payment = order.record.payment_intent.as_deref() == Some(payment);
            let grant = GrantRecord::Order(Box::new(order));
            return Ok(if is_its_payment { grant.answer() } else { Granted::Nothing });
        }
        self.grant_of_invoice_payment(payment, told).await
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
    pub(crate) async fn known_grant(&self, payment: &str) -> Result<Option<Granted>, BillingFailure> {
        let Some(reference) = self.ledger.reference(payment).await? else { return Ok(None) };
        let found = self.grant_of_reference(&reference).await?;
        let found = found.ok_or_else(|| BillingFailure::missing("record of the payment", payment))?;
        Ok(Some(found.answer()))
    }

    async fn grant_of_reference(&self, reference: &Reference) -> Result<Option<GrantRecord>, BillingFailure> {
        let Reference { organization, record, .. } = reference;
        if record.starts_with("in_") {
            let key = SubscriptionGrant::key_of(organization, record);
            return Ok(self.work.get(&key).await?.map(|found| GrantRecord::Invoice(Box::new(found))));
        }
        let Ok(order_id) = OrderId::parse(record) else { return Ok(None) };
        let found = self.work.get(&Order::key_of(organization, &order_id)).await?;
        Ok(found.map(|order| GrantRecord::Order(Box::new(order))))
    }

    /// An invoice does not name its payment, nor a payment its invoice: Stripe lists what pays what.
    async fn grant_of_invoice_payment(&self, payment: &str, told: &Told) -> Result<Granted, BillingFailure> {
        let paid = known(payment, self.stripe.invoice_payments_of(payment).await)?;
        let Some(invoice) = paid.into_iter().flatten().find_map(|paid| paid.invoice) else {
            return Ok(Granted::NotOurs);
        };
        if self.ledger.reference(&invoice).await?.is_none() {
            let Some(read) = known(&invoice, self.stripe.invoice(&invoice).await)? else {
                return Ok(Granted::NotOurs);
            };
            let read_told = Told { occurred_at: paid_at(&read, told), ..Told::read(self, read.created) };
            let answer = self.on_invoice_paid(&read, &read_told).await?;
            if matches!(answer, WebhookAnswer::NotOurs) {
                return Ok(Granted::NotOurs);
            }
        }
        let Some(reference) = self.ledger.reference(&invoice).await? else { return Ok(Granted::Nothing) };
        // Next time the payment is known at once. Nothing rests on it.
        let object = payment.to_owned();
        let known = Reference { object, organization: reference.organization.clone(), record: invoice };
        self.ledger.remember(&known).await?;
        let grant = self.grant_of_reference(&known).await?;
        Ok(grant.map_or(Granted::Nothing, GrantRecord::answer))
    }

    /// Decides an order by what Stripe says of it now.
    pub(crate) async fn read_order_at_stripe(
        &self,
        order: &Stored<Order>,
        payment: Option<&str>,
    ) -> Result<WebhookAnswer, BillingFailure> {
        if order.record.paid_by == OrderKind::TopUp {
            return self.read_top_up_at_stripe(order).await;
        }
        if let Some(session) = self.session_of(&order.record, payment).await? {
            let told = Told::read(self, 0);
            return self.on_session_read(&session, &told).await;
        }
        let lost_at = order.record.expires_at.plus_seconds(PAGE_LOST_SECONDS);
        if self.clock.now() > lost_at
            && let Some(next) = order.record.moved_to(crate::OrderStatus::Expired, self.clock.now())
        {
            self.work.replace(order, &next).await?;
        }
        Ok(WebhookAnswer::NothingToDo)
    }

    /// An order's session. Where we did not hear Stripe's answer, it is found by its payment or its customer.
    async fn session_of(
        &self,
        order: &Order,
        payment: Option<&str>,
    ) -> Result<Option<CheckoutSession>, BillingFailure> {
        if let Some(id) = &order.session_id {
            return known(id, self.stripe.checkout_session(id).await);
        }
        let listed = match payment {
            Some(payment) => self.stripe.checkout_sessions_of_payment(payment).await,
            None => {
                let from = order.created_at.plus_seconds(-300).as_seconds();
                self.stripe.checkout_sessions_of_customer(&order.customer, from).await
            }
        };
        // A customer that Stripe no longer has, has no page either.
        let sessions = known(payment.unwrap_or(&order.customer), listed)?.unwrap_or_default();
        let ours = |session: &CheckoutSession| {
            session.client_reference_id.as_deref() == Some(order.order_id.as_str())
        };
        Ok(sessions.into_iter().find(ours))
    }
}

fn paid_at(invoice: &stripe_client::Invoice, told: &Told) -> Timestamp {
    invoice.paid_at.map_or(told.occurred_at, Timestamp::from_seconds)
}
