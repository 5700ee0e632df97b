//! The status of a subscription: mirrored from Stripe, whatever order its events come in.
//!
//! The mirror is read before Stripe is, and written only over what was read: of two deliveries at once the slower one
//! reads Stripe again, so an older status never stays.

use crate::{
    BillingFailure, FactOutcome,
    facts::read,
    limits::{PAST_DUE_CHECK_SECONDS, SUBSCRIPTION_CHECK_SECONDS},
    subscriptions::Subscriptions,
};
use alerts::{Alert, AlertKind};
use ledger::{Cause, CauseKind, Command, Companions, FrozenReason, Movement, Posted, Refusal};
use serde::{Deserialize, Serialize};
use stripe_client::{Invoice, Subscription, SubscriptionStatus, event::InvoiceChange};
use tables::{Attempt, Key, Lane, Record, Stored, Together, WorkWrite, retry_while_changed};
use terms::{Actor, Fingerprint, OrganizationId, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MirroredSubscription {
    pub organization: OrganizationId,
    /// `sub_…`.
    pub subscription: String,
    /// Stripe's value, for example `active` or `past_due`.
    pub status: String,
    /// Whether new holds are refused because of it.
    pub past_due: bool,
    /// How often it has been past due: each time has a cause of its own.
    pub times: u32,
    /// Recovery's next check.
    #[serde(rename = "lookAt")]
    pub next_check: Option<Timestamp>,
}

impl MirroredSubscription {
    #[must_use]
    pub fn key_of(organization: &OrganizationId, subscription: &str) -> Key {
        Key::new(format!("ORG#{organization}"), format!("STANDING#{subscription}"))
    }
}

impl Record for MirroredSubscription {
    const KIND: &'static str = "standing";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.subscription)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}

impl Subscriptions {
    /// Mirrors a subscription's present status at Stripe, and freezes or unfreezes the account accordingly.
    pub(crate) async fn mirror(&self, subscription: &str) -> Result<FactOutcome, BillingFailure> {
        retry_while_changed("a subscription", || async {
            let known = match self.ledger.reference(subscription).await? {
                Some(reference) => self.mirrored(&reference.organization, subscription).await?,
                None => None,
            };
            let Some(read) = read::known(subscription, self.stripe.subscription(subscription).await)? else {
                return Ok(Attempt::Done(FactOutcome::NotOurs));
            };
            let (customer, metadata) = (read.customer.as_deref(), &read.metadata);
            let Some(organization) = self.organization_of(customer, subscription, metadata).await? else {
                return Ok(Attempt::Done(FactOutcome::NotOurs));
            };
            if read.livemode != self.livemode {
                return Ok(Attempt::Done(FactOutcome::NotOurs));
            }
            // Before its first grant it is known by its customer alone: read the mirror before Stripe once more.
            if known.is_none() && self.mirrored(&organization, subscription).await?.is_some() {
                self.remember(&organization, subscription).await?;
                return Ok(Attempt::Changed);
            }
            if self.write(&organization, known.as_ref(), &read).await? {
                return Ok(Attempt::Done(FactOutcome::SubscriptionMirrored));
            }
            self.remember(&organization, subscription).await?;
            Ok(Attempt::Changed)
        })
        .await
    }

    async fn remember(
        &self,
        organization: &OrganizationId,
        subscription: &str,
    ) -> Result<(), BillingFailure> {
        let (object, organization) = (subscription.to_owned(), organization.clone());
        let reference = ledger::Reference { record: object.clone(), object, organization };
        self.ledger.remember(&reference).await?;
        Ok(())
    }

    async fn mirrored(
        &self,
        organization: &OrganizationId,
        subscription: &str,
    ) -> Result<Option<Stored<MirroredSubscription>>, BillingFailure> {
        Ok(self.work.get(&MirroredSubscription::key_of(organization, subscription)).await?)
    }

    /// `false`: another delivery mirrored it meanwhile.
    async fn write(
        &self,
        organization: &OrganizationId,
        known: Option<&Stored<MirroredSubscription>>,
        read: &Subscription,
    ) -> Result<bool, BillingFailure> {
        let past_due = matches!(read.status, SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid);
        let was = known.is_some_and(|known| known.record.past_due);
        let times = known.map_or(0, |known| known.record.times) + u32::from(past_due && !was);
        let ended =
            matches!(read.status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired);
        let again = if past_due { PAST_DUE_CHECK_SECONDS } else { SUBSCRIPTION_CHECK_SECONDS };
        let next = MirroredSubscription {
            organization: organization.clone(),
            subscription: read.id.clone(),
            status: read.status.as_str().to_owned(),
            past_due,
            times,
            next_check: (!ended).then(|| self.clock.now().plus_seconds(again)),
        };
        let write = match known {
            Some(known) => WorkWrite::replace(known, &next)?,
            None => WorkWrite::insert(&next)?,
        };
        if past_due == was {
            return Ok(self.work.write_together(&[write]).await? == Together::Done);
        }
        let movement = movement(&next);
        let mut work = vec![write];
        if past_due {
            let kind = AlertKind::SpendingStopped { reason: "billing-past-due".to_owned() };
            let name = format!("{}-{times}-stopped", read.id);
            work.push(Alert::new(organization.clone(), name, self.clock.now(), kind).write()?);
        }
        let with = Companions { work, ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => Ok(true),
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. }) => Ok(false),
            Err(refusal) => Err(BillingFailure::refused("standing-refused", &read.id, refusal)),
        }
    }

    /// What an invoice says about its subscription's status: one that is unpaid, or one that was paid while the
    /// subscription was past due.
    pub(crate) async fn after_invoice(
        &self,
        change: InvoiceChange,
        invoice: &Invoice,
        answer: FactOutcome,
    ) -> Result<FactOutcome, BillingFailure> {
        let Some(subscription) = &invoice.subscription else { return Ok(answer) };
        if change != InvoiceChange::Paid {
            return self.mirror(subscription).await;
        }
        let Some(reference) = self.ledger.reference(subscription).await? else { return Ok(answer) };
        let mirrored = self.mirrored(&reference.organization, subscription).await?;
        if mirrored.is_none_or(|mirrored| mirrored.record.past_due) {
            self.mirror(subscription).await?;
        }
        Ok(answer)
    }
}

fn movement(next: &MirroredSubscription) -> Movement {
    let MirroredSubscription { organization, subscription, past_due, times, .. } = next;
    let (kind, description, command) = if *past_due {
        let reason = FrozenReason::BillingPastDue;
        (
            CauseKind::Frozen,
            "Subscription past due: spending stops",
            Command::Freeze { object: subscription.clone(), reason },
        )
    } else {
        (
            CauseKind::Unfrozen,
            "Subscription no longer past due",
            Command::Unfreeze { object: subscription.clone() },
        )
    };
    let id = format!("{subscription}#{times}");
    Movement {
        organization: organization.clone(),
        fingerprint: Fingerprint::of(&[organization.as_str(), kind.as_str(), &id]),
        cause: Cause::new(kind, id),
        actor: Actor::stripe(),
        occurred_at: None,
        description: description.to_owned(),
        command,
    }
}
