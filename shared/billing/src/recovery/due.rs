//! Everything that is open at Stripe, read again by its id when it is due.

use crate::{
    AutoTopUp, BillingFailure, FactOutcome, MirroredSubscription, Order, Recovered, RefundRequest,
    SubscriptionGrant,
    facts::{read::known, source::EventSource},
    limits::{CHECKS_MAX, DUE_READ_MAX},
    payments::grant::GrantRecord,
    recovery::{Recovery, event::UndecidedEvent},
    refund_requests::request::REFUND_REQUESTS,
};
use tables::{DueItem, Key, Lane, Record, Replace, in_turns};
use terms::{Fingerprint, Timestamp};

impl Recovery {
    pub(crate) async fn check_due(
        &self,
        recovered: &mut Recovered,
        go_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<(), BillingFailure> {
        let now = self.clock.now();
        let mut due = self.work.due_in(Lane::Recovery, now, DUE_READ_MAX).await?;
        if due.len() >= DUE_READ_MAX {
            tracing::error!(
                alarm = "due-backlog",
                due = due.len(),
                "more is due than recovery reads at once"
            );
        }
        // Another order in each run: a check that keeps failing must not block the others. Organizations take turns.
        due.sort_by_cached_key(|item| shuffled(&item.key, now));
        for item in in_turns(due, owner).into_iter().take(CHECKS_MAX) {
            if !go_on() {
                break;
            }
            match Box::pin(self.check(&item)).await {
                Ok(()) => recovered.checked = recovered.checked.saturating_add(1),
                // An amount that no account can hold: the same check would always fail.
                Err(BillingFailure::StatedAmount { object }) => {
                    self.facts
                        .add_undecidable(&object, &EventSource::read(0, self.clock.now(), self.livemode))
                        .await?;
                    self.postpone(&item).await?;
                    recovered.checked = recovered.checked.saturating_add(1);
                }
                Err(failure) => {
                    platform::log::failing(&format!("looking at {} failed", item.key.sk), &failure);
                    recovered.failed = recovered.failed.saturating_add(1);
                    recovered.count(&failure);
                    if matches!(&failure, BillingFailure::Stripe(refused) if refused.is_definite()) {
                        self.postpone(&item).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads one due object at Stripe again.
    async fn check(&self, item: &DueItem) -> Result<(), BillingFailure> {
        let key = &item.key;
        match item.kind.as_str() {
            Order::KIND => self.check_order(key).await,
            SubscriptionGrant::KIND => self.check_invoice(key).await,
            MirroredSubscription::KIND => self.check_subscription(key).await,
            UndecidedEvent::KIND => self.check_event(key).await,
            AutoTopUp::KIND => match ledger::due_organization(key) {
                Some(organization) => self.top_up.run(&organization).await.map(drop),
                None => Ok(()),
            },
            RefundRequest::KIND => {
                self.refund_requests.go_on(key).await?;
                // An unchanged object must not be the first in the next run too.
                self.postpone(item).await
            }
            kind => {
                tracing::error!(
                    alarm = "due-unknown",
                    kind,
                    record = key.sk,
                    "nobody looks at this due record"
                );
                Ok(())
            }
        }
    }

    async fn check_order(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(order) = self.work.get::<Order>(key).await? else { return Ok(()) };
        if order.record.grant.is_none() {
            self.payments.read_order(&order, None).await?;
        }
        let Some(order) = self.work.get::<Order>(key).await? else { return Ok(()) };
        self.reversals.check_open(&GrantRecord::Order(Box::new(order))).await?;
        let Some(order) = self.work.get::<Order>(key).await? else { return Ok(()) };
        if order.record.due_at().is_some_and(|at| at <= self.clock.now()) {
            let next = order.record.clone().rescheduled(self.clock.now());
            let _: Replace<Order> = self.work.replace(&order, &next).await?;
        }
        Ok(())
    }

    async fn check_invoice(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(grant) = self.work.get::<SubscriptionGrant>(key).await? else { return Ok(()) };
        self.reversals.check_open(&GrantRecord::Invoice(Box::new(grant))).await?;
        let Some(grant) = self.work.get::<SubscriptionGrant>(key).await? else { return Ok(()) };
        if grant.record.due_at().is_some_and(|at| at <= self.clock.now()) {
            let next = grant.record.clone().rescheduled(self.clock.now());
            let _: Replace<SubscriptionGrant> = self.work.replace(&grant, &next).await?;
        }
        Ok(())
    }

    /// A subscription's status, and the invoices that it paid: of any age, in case their events are gone.
    async fn check_subscription(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(mirrored) = self.work.get::<MirroredSubscription>(key).await? else { return Ok(()) };
        let subscription = &mirrored.record.subscription;
        if self.subscriptions.mirror(subscription).await? == FactOutcome::NotOurs {
            let next = MirroredSubscription { next_check: None, ..mirrored.record.clone() };
            let _: Replace<MirroredSubscription> = self.work.replace(&mirrored, &next).await?;
            return Ok(());
        }
        let invoices =
            known(subscription, self.stripe.paid_invoices(subscription).await)?.unwrap_or_default();
        let mut answer = Ok(());
        for invoice in &invoices {
            let source = EventSource::read(
                invoice.paid_at.unwrap_or(invoice.created),
                self.clock.now(),
                self.livemode,
            );
            // One that fails must not delay the credits of another.
            if let Err(failure) = self.facts.on_paid_invoice(invoice, &source).await {
                answer = Err(failure);
            }
        }
        answer
    }
}

/// The owner of a due object; objects without one take turns as if they were one organization's.
fn owner(key: &Key) -> String {
    match key.sk.rsplit_once('#') {
        Some((organization, _)) if key.pk == REFUND_REQUESTS => format!("ORG#{organization}"),
        _ => key.pk.clone(),
    }
}

/// A place that differs from run to run.
fn shuffled(key: &Key, now: Timestamp) -> String {
    Fingerprint::of(&[&key.pk, &key.sk, &now.to_string()]).as_str().to_owned()
}
