//! Recovery: what webhooks did not bring. Stripe's events from a stored time on, and everything open read
//! again by its id, whatever its age, through the same code and under the same causes.

use crate::{
    Billing, BillingFailure, Order, Standing, SubscriptionGrant, WebhookAnswer, error::known,
    facts::source::Told, payments::find::GrantRecord, refund_requests::request::REFUND_REQUESTS,
    review::queue::KeptEvent,
};
use ledger::TakeKind;
use serde::{Deserialize, Serialize};
use stripe_client::{
    EventPage, EventQuery, StripeFailure,
    event::{self, Event},
};
use tables::{DueItem, Insert, Key, Lane, Record, Replace, Stored, in_turns};
use terms::{Failing, Fingerprint, Meaning, Timestamp};

/// Stripe keeps events for 30 days.
const EVENTS_KEPT_SECONDS: i64 = 30 * 86_400;

/// Each walk begins so much before the end of the one before: an event may be listed late.
const OVERLAP_SECONDS: i64 = 900;

/// Events of one page.
const PAGE: u32 = 100;

/// Open things that one run looks at; the rest stays due.
const LOOKS_MAX: usize = 2_000;

/// Keys of open things that one run reads to choose from: many times what it looks at, so that one organization's
/// pile hides nobody else's.
const DUE_READ_MAX: usize = 40_000;

/// How far the events were walked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventCursor {
    /// All events created before were decided or kept.
    walked_to: Timestamp,
    /// A walk that time cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    walk: Option<Walk>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Walk {
    began_at: Timestamp,
    /// Which of the groups of types is walked.
    #[serde(default)]
    group: usize,
    /// The event that it goes on behind; none at the beginning of a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl EventCursor {
    fn key() -> Key {
        Key::new("EVENTS", "CURSOR")
    }
}

impl Record for EventCursor {
    const KIND: &'static str = "event-cursor";

    fn key(&self) -> Key {
        Self::key()
    }
}

/// What one run did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// Events decided, most of them for the second time.
    pub events: u32,
    /// Events that could not be decided now: kept, and tried again.
    pub kept: u32,
    /// Open things read again.
    pub looked: u32,
    /// Of those, which failed: still due.
    pub failed: u32,
    /// Of what failed or was kept: because other writers were in the way or Stripe was busy, which is no alarm by itself.
    pub contended: u32,
    /// Whether all events up to now were walked.
    pub walked: bool,
}

impl Recovered {
    fn count(&mut self, failure: &BillingFailure) {
        let contended = matches!(failure.meaning(), Meaning::Contended | Meaning::Busy { .. });
        self.contended = self.contended.saturating_add(u32::from(contended));
    }
}

impl Billing {
    /// One run of recovery, as long as `go_on` says.
    ///
    /// # Errors
    /// [`BillingFailure`] when the cursor, the due index or Stripe's list cannot be read: nothing is skipped.
    pub async fn recover(
        &self,
        go_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Recovered, BillingFailure> {
        let mut recovered = Recovered::default();
        // The walk first: what is open waits for hours anyway, and must not keep news away.
        let walked = self.walk_events(&mut recovered, go_on).await;
        self.look_at_open_things(&mut recovered, go_on).await?;
        walked?;
        if recovered.failed.saturating_add(recovered.kept) > recovered.contended {
            let (failed, kept) = (recovered.failed, recovered.kept);
            tracing::error!(
                alarm = "recovery-incomplete",
                failed,
                kept,
                "recovery could not decide everything"
            );
        }
        Ok(recovered)
    }

    async fn walk_events(
        &self,
        recovered: &mut Recovered,
        go_on: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<(), BillingFailure> {
        let now = self.clock.now();
        let mut cursor = self.event_cursor(now).await?;
        let groups = event::listed_groups();
        let begun = cursor.record.walk.clone().filter(|walk| walk.group < groups.len());
        let mut walk = begun.unwrap_or(Walk { began_at: now, group: 0, after: None });
        let created_from = self.created_from(&cursor.record, walk.began_at);
        while go_on() {
            let Some(types) = groups.get(walk.group) else { return Ok(()) };
            let page = self.events_of(&walk, types.clone(), created_from).await?;
            let mut stopped = false;
            for event in &page.events {
                if !go_on() {
                    stopped = true;
                    break;
                }
                self.recover_event(event, recovered).await?;
                walk.after = Some(event.id.clone());
            }
            if stopped && walk.after.is_none() {
                return Ok(());
            }
            if !page.has_more && !stopped {
                walk = Walk { group: walk.group + 1, after: None, ..walk };
            }
            let next = if walk.group < groups.len() {
                EventCursor { walk: Some(walk.clone()), ..cursor.record.clone() }
            } else {
                EventCursor { walked_to: walk.began_at, walk: None }
            };
            // Another run that walks at once decides the same events under the same causes.
            let Replace::Done(stored) = self.work.replace(&cursor, &next).await? else { return Ok(()) };
            cursor = stored;
            if cursor.record.walk.is_none() {
                recovered.walked = true;
                return Ok(());
            }
        }
        Ok(())
    }

    async fn events_of(
        &self,
        walk: &Walk,
        types: Vec<&'static str>,
        created_from: i64,
    ) -> Result<EventPage, BillingFailure> {
        let query = EventQuery { types, created_from, starting_after: walk.after.clone(), limit: PAGE };
        match self.stripe.events(&query).await {
            Ok(page) => Ok(page),
            // The event that the walk goes on behind is older than what Stripe keeps: so is all behind it.
            Err(failure) if walk.after.is_some() && failure.is_missing() => Ok(EventPage::default()),
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        }
    }

    /// Where the walk begins: a little before the last one's end, and not before what Stripe keeps.
    fn created_from(&self, cursor: &EventCursor, now: Timestamp) -> i64 {
        let wanted = cursor.walked_to.plus_seconds(-OVERLAP_SECONDS).as_seconds();
        let kept = now.plus_seconds(-EVENTS_KEPT_SECONDS).as_seconds();
        if wanted < kept {
            tracing::error!(
                alarm = "events-lost",
                "events older than Stripe keeps were never walked: open things are read by id, others need a \
                 person"
            );
        }
        wanted.max(kept)
    }

    async fn event_cursor(&self, now: Timestamp) -> Result<Stored<EventCursor>, BillingFailure> {
        if let Some(cursor) = self.work.get::<EventCursor>(&EventCursor::key()).await? {
            return Ok(cursor);
        }
        // The first walk ever: all that Stripe keeps.
        let walked_to = now.plus_seconds(OVERLAP_SECONDS - EVENTS_KEPT_SECONDS);
        match self.work.insert(&EventCursor { walked_to, walk: None }).await? {
            Insert::Done(stored) | Insert::Exists(stored) => Ok(stored),
        }
    }

    /// Decides one event; what fails is kept, so that the cursor moves on.
    async fn recover_event(&self, event: &Event, recovered: &mut Recovered) -> Result<(), BillingFailure> {
        match self.decide_event(event).await {
            Ok(_) => recovered.events = recovered.events.saturating_add(1),
            Err(failure) => {
                platform::log::failing("an event could not be decided now", &failure);
                recovered.count(&failure);
                let _: Insert<KeptEvent> =
                    self.work.insert(&KeptEvent::at(&event.id, self.clock.now())).await?;
                recovered.kept = recovered.kept.saturating_add(1);
            }
        }
        Ok(())
    }

    async fn look_at_open_things(
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
        // Another order in each run: what fails for long must not stand before the rest. Organizations take turns.
        due.sort_by_cached_key(|item| shuffled(&item.key, now));
        for item in in_turns(due, owner).into_iter().take(LOOKS_MAX) {
            if !go_on() {
                break;
            }
            match self.look_at(&item).await {
                Ok(()) => recovered.looked = recovered.looked.saturating_add(1),
                // Figures that no money can hold: the same look would fail for ever.
                Err(BillingFailure::StatedAmount { object }) => {
                    self.keep(&object, &Told::read(self, 0)).await?;
                    self.postpone(&item.key).await?;
                    recovered.looked = recovered.looked.saturating_add(1);
                }
                Err(failure) => {
                    platform::log::failing(&format!("looking at {} failed", item.key.sk), &failure);
                    recovered.failed = recovered.failed.saturating_add(1);
                    recovered.count(&failure);
                    if matches!(&failure, BillingFailure::Stripe(refused) if refused.is_definite()) {
                        self.postpone(&item.key).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reads one open thing at Stripe again.
    async fn look_at(&self, item: &DueItem) -> Result<(), BillingFailure> {
        let key = &item.key;
        if key.pk == REFUND_REQUESTS {
            self.go_on_with_refund(key).await?;
            // One that stands as it stood is not the next run's first.
            return self.postpone(key).await;
        }
        match key.sk.split_once('#').map_or(key.sk.as_str(), |(kind, _)| kind) {
            "ORDER" => self.look_at_order(key).await,
            "INVOICE" => self.look_at_invoice(key).await,
            "STANDING" => self.look_at_standing(key).await,
            "EVENT" => self.look_at_event(key).await,
            "AUTO-TOP-UP" => match ledger::due_organization(key) {
                Some(organization) => self.top_up(&organization).await.map(drop),
                None => Ok(()),
            },
            _ => {
                tracing::error!(alarm = "due-unknown", record = key.sk, "nobody looks at this due record");
                Ok(())
            }
        }
    }

    async fn look_at_order(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(order) = self.work.get::<Order>(key).await? else { return Ok(()) };
        if order.record.granted_for.is_none() {
            self.read_order_at_stripe(&order, None).await?;
        }
        let Some(order) = self.work.get::<Order>(key).await? else { return Ok(()) };
        self.look_at_reversals(&GrantRecord::Order(Box::new(order))).await?;
        let Some(order) = self.work.get::<Order>(key).await? else { return Ok(()) };
        if order.record.due_at().is_some_and(|at| at <= self.clock.now()) {
            let next = order.record.clone().looked_at(self.clock.now());
            let _: Replace<Order> = self.work.replace(&order, &next).await?;
        }
        Ok(())
    }

    async fn look_at_invoice(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(grant) = self.work.get::<SubscriptionGrant>(key).await? else { return Ok(()) };
        self.look_at_reversals(&GrantRecord::Invoice(Box::new(grant))).await?;
        let Some(grant) = self.work.get::<SubscriptionGrant>(key).await? else { return Ok(()) };
        if grant.record.due_at().is_some_and(|at| at <= self.clock.now()) {
            let next = grant.record.clone().looked_at(self.clock.now());
            let _: Replace<SubscriptionGrant> = self.work.replace(&grant, &next).await?;
        }
        Ok(())
    }

    /// Refunds under way and open disputes of a grant, by id; and what a fraud warning puts aside of it.
    async fn look_at_reversals(&self, grant: &GrantRecord) -> Result<(), BillingFailure> {
        for (object, reversal) in grant.reversals().objects.iter().filter(|(_, reversal)| reversal.is_open())
        {
            match reversal.kind {
                TakeKind::Refund => match self.stripe.refund(object).await {
                    Ok(refund) => {
                        self.on_refund(&refund, &Told::read(self, refund.created)).await?;
                    }
                    Err(failure) => gone(object, failure)?,
                },
                TakeKind::Dispute => match self.stripe.dispute(object).await {
                    Ok(dispute) => {
                        let told = Told::read(self, dispute.created);
                        self.on_dispute(&dispute, false, false, &told).await?;
                    }
                    Err(failure) => gone(object, failure)?,
                },
            }
        }
        self.freeze_what_returned(grant).await
    }

    /// A subscription's standing, and the invoices that it paid: of any age, should their events be gone.
    async fn look_at_standing(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(standing) = self.work.get::<Standing>(key).await? else { return Ok(()) };
        let subscription = &standing.record.subscription;
        if self.mirror_standing(subscription).await? == WebhookAnswer::NotOurs {
            let next = Standing { look_at: None, ..standing.record.clone() };
            let _: Replace<Standing> = self.work.replace(&standing, &next).await?;
            return Ok(());
        }
        let invoices =
            known(subscription, self.stripe.paid_invoices(subscription).await)?.unwrap_or_default();
        let mut answer = Ok(());
        for invoice in &invoices {
            let told = Told::read(self, invoice.paid_at.unwrap_or(invoice.created));
            // One that fails keeps no other from its credits.
            if let Err(failure) = self.on_invoice_paid(invoice, &told).await {
                answer = Err(failure);
            }
        }
        answer
    }

    /// An event that could not be decided before.
    async fn look_at_event(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(kept) = self.work.get::<KeptEvent>(key).await? else { return Ok(()) };
        let now = self.clock.now();
        let answer = match self.stripe.event(&kept.record.event_id).await {
            Ok(event) => self.decide_event(&event).await.map(drop),
            Err(failure) if failure.is_missing() => {
                tracing::error!(alarm = "events-lost", event = kept.record.event_id, "a kept event is gone");
                Ok(())
            }
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        };
        let again = KeptEvent::at(&kept.record.event_id, now);
        let look_at = if answer.is_ok() { None } else { again.look_at };
        let next = KeptEvent { look_at, ..kept.record.clone() };
        let _: Replace<KeptEvent> = self.work.replace(&kept, &next).await?;
        answer
    }
}

/// What Stripe no longer has is left as it stands, with an alarm: looking again changes nothing.
fn gone(object: &str, failure: StripeFailure) -> Result<(), BillingFailure> {
    if !failure.is_missing() {
        return Err(BillingFailure::Stripe(failure));
    }
    tracing::error!(
        alarm = "object-gone",
        object,
        "Stripe no longer has an object that is open in our books"
    );
    Ok(())
}

/// Whose an open thing is; what is nobody's takes turns as if it were one organization's.
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
