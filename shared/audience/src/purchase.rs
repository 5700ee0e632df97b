//! Placing a purchase: the hold and the purchase's record in one transaction, then the worker.

use crate::record::{PlacedPurchase, Purchase, purchase_key};
use crate::sales::quantity;
use crate::{
    AudienceError::{self, Refused},
    AudienceFailure, AudienceName, FetchMessage, Filters, MaxContacts, Progress, PurchaseState, Quote, Sales,
    Turn, Vendors, limits, quote_key,
};
use holds::{HeldFor, HoldRefusal, NewHold, PlaceError};
use money::{Money, UnitPrice};
use platform::Queue;
use pricing::Price;
use recipients::Mode;
use std::time::Duration;
use tables::{Attempt, OpenBound, Opened, WorkWrite};
use terms::{
    Actor, Fingerprint, HoldId, IdempotencyKey, OrganizationId, PurchaseId, QuoteId, RecipientListId,
    Timestamp,
};

/// What the owner orders.
#[derive(Debug, Clone)]
pub struct PurchaseOrder {
    /// Who is wanted, checked.
    pub filters: Filters,
    /// How many at most.
    pub max_contacts: MaxContacts,
    /// What the owner calls them.
    pub audience_name: AudienceName,
    /// The quote that the owner saw.
    pub quote: Option<QuoteId>,
    /// Live or test.
    pub environment: Mode,
    /// The caller's key: the same key is the same order.
    pub key: IdempotencyKey,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who ordered.
    pub actor: Actor,
}

/// A purchase that is placed.
#[derive(Debug, Clone)]
pub enum Placed {
    /// Just now.
    New(Purchase),
    /// Earlier, by the same order; as it stands now.
    Replay(Purchase),
}

/// Why a purchase is not placed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PurchaseRefusal {
    /// The key was used for another order.
    KeyReused,
    /// Nobody matches.
    NoMatches,
    /// The quote has run out, is for something else, or no longer holds.
    PriceChanged {
        /// How many contacts it is now.
        contacts: u32,
        /// What one of them costs now.
        unit_price: UnitPrice,
        /// What they cost together now.
        total: Money,
    },
    /// A test order of more contacts than a test needs.
    TestTooLarge {
        /// The most.
        limit: u32,
    },
    /// As many test orders as may be are open.
    TooManyTests {
        /// The most.
        limit: usize,
    },
    /// The organization has ordered too often.
    TooMany {
        /// When to order again, in seconds.
        retry_after_seconds: u64,
    },
    /// The vendor asks us to slow down.
    VendorBusy {
        /// When to order again, in seconds.
        retry_after_seconds: u64,
    },
    /// The hold is refused.
    Credits(HoldRefusal),
}

/// The test orders that an organization has open.
const OPEN_TESTS: OpenBound = OpenBound { name: "test-purchases", limit: limits::OPEN_TESTS_MAX };

impl Sales {
    /// Places a purchase and has it fetched. The same order again is answered with the same purchase, before
    /// anything is counted or priced.
    ///
    /// # Errors
    /// [`AudienceError`]; when the vendor or something of ours failed the same order may be sent again.
    pub async fn purchase(
        &self,
        organization: &OrganizationId,
        vendors: &Vendors,
        queue: &Queue,
        order: &PurchaseOrder,
    ) -> Result<Placed, AudienceError<PurchaseRefusal>> {
        let id = PurchaseId::derive(&[organization.as_str(), "audience-purchase", order.key.as_str()]);
        if let Some(earlier) = self.earlier(organization, &id, order).await? {
            return Ok(earlier);
        }
        match self.place(organization, &id, (vendors, queue), order).await {
            // Another delivery of this very order may have been faster: then its purchase is the answer.
            Err(Refused(refusal)) => self.earlier(organization, &id, order).await?.ok_or(Refused(refusal)),
            placed => placed,
        }
    }

    /// The purchase of an earlier delivery of this very order.
    async fn earlier(
        &self,
        organization: &OrganizationId,
        id: &PurchaseId,
        order: &PurchaseOrder,
    ) -> Result<Option<Placed>, AudienceError<PurchaseRefusal>> {
        match self.table.get::<Purchase>(&purchase_key(organization, id)).await? {
            None => Ok(None),
            Some(read) if read.record.placed.fingerprint == order.fingerprint => {
                Ok(Some(Placed::Replay(read.record)))
            }
            Some(_) => Err(Refused(PurchaseRefusal::KeyReused)),
        }
    }

    async fn place(
        &self,
        organization: &OrganizationId,
        id: &PurchaseId,
        (vendors, queue): (&Vendors, &Queue),
        order: &PurchaseOrder,
    ) -> Result<Placed, AudienceError<PurchaseRefusal>> {
        let contacts = self.orderable(organization, id, vendors, order).await?;
        let now = self.clock.now();
        let price = self.price(contacts.ordered, now);
        if let Some(refusal) = self.stale_quote(organization, order, contacts.ordered, price, now).await? {
            self.store_count(&order.filters, contacts.matches).await?;
            return Err(Refused(refusal));
        }
        let purchase = new_purchase(organization, id.clone(), order, contacts.ordered, price, now)?;
        let written = match order.environment {
            Mode::Live => self.hold(&purchase).await?,
            Mode::Test => self.open_test(&purchase).await?,
        };
        match written {
            Attempt::Done(()) => {
                queue_fetch(queue, &purchase).await;
                Ok(Placed::New(purchase))
            }
            // Another delivery of the same order was faster: its purchase stands.
            Attempt::Changed => {
                let earlier = self.earlier(organization, id, order).await?;
                earlier.ok_or(AudienceFailure::Missing("a purchase that was placed").into())
            }
        }
    }

    /// How many contacts are ordered: within the quota of orders, and of those that match now, whatever a count said
    /// before.
    async fn orderable(
        &self,
        organization: &OrganizationId,
        id: &PurchaseId,
        vendors: &Vendors,
        order: &PurchaseOrder,
    ) -> Result<Contacts, AudienceError<PurchaseRefusal>> {
        let limit = limits::TEST_CONTACTS_MAX;
        if order.environment == Mode::Test && order.max_contacts.of(u64::MAX) > limit {
            return Err(Refused(PurchaseRefusal::TestTooLarge { limit }));
        }
        let (quota, now) = (limits::ORDERS_OF_AN_ORGANIZATION, self.clock.now());
        let wait = self.wait_for(&format!("orders#{organization}"), quota, now).await?;
        if let Some(retry_after_seconds) = wait {
            return Err(Refused(PurchaseRefusal::TooMany { retry_after_seconds }));
        }
        let matches = match self.matches(vendors.of(order.environment), &order.filters).await {
            Ok(matches) => matches,
            Err(failure) => {
                let Some(retry_after_seconds) = failure.busy_seconds() else { return Err(failure.into()) };
                tracing::warn!(purchase = %id, retry_after_seconds, "the vendor asks to slow down");
                return Err(Refused(PurchaseRefusal::VendorBusy { retry_after_seconds }));
            }
        };
        match order.max_contacts.of(matches) {
            0 => Err(Refused(PurchaseRefusal::NoMatches)),
            ordered => Ok(Contacts { matches, ordered }),
        }
    }

    /// The record of a test order, which holds nothing: within what may be open at once.
    async fn open_test(&self, purchase: &Purchase) -> Result<Attempt<()>, AudienceError<PurchaseRefusal>> {
        let is_open = |earlier: &Purchase| !earlier.is_ended();
        match self.table.insert_bounded(OPEN_TESTS, purchase, &[], is_open).await? {
            Opened::Done(_) => Ok(Attempt::Done(())),
            Opened::Exists(_) | Opened::Changed => Ok(Attempt::Changed),
            Opened::Full => Err(Refused(PurchaseRefusal::TooManyTests { limit: OPEN_TESTS.limit })),
        }
    }

    /// The refusal, if the owner saw another price than the present one. A test costs nothing: no quote binds
    /// it.
    async fn stale_quote(
        &self,
        organization: &OrganizationId,
        order: &PurchaseOrder,
        contacts: u32,
        price: Price,
        now: Timestamp,
    ) -> Result<Option<PurchaseRefusal>, AudienceFailure> {
        let Some(id) = order.quote.as_ref().filter(|_| order.environment == Mode::Live) else {
            return Ok(None);
        };
        // The key begins with the organization, so another's quote is not found.
        let quote = self.table.get::<Quote>(&quote_key(organization, id)).await?;
        let holds = quote.is_some_and(|quote| {
            let Quote { filters, contacts: quoted, price: seen, valid_until, .. } = quote.record;
            valid_until > now
                && filters == order.filters
                && quoted == contacts
                && seen.unit_price == price.unit_price
        });
        if holds {
            return Ok(None);
        }
        let total = price.charge(quantity(contacts))?;
        Ok(Some(PurchaseRefusal::PriceChanged { contacts, unit_price: price.unit_price, total }))
    }

    /// Hold and record, both or none.
    async fn hold(&self, purchase: &Purchase) -> Result<Attempt<()>, AudienceError<PurchaseRefusal>> {
        let hold = NewHold {
            organization: &purchase.placed.organization_id,
            held_for: HeldFor::Contacts,
            id: HoldId::from(&purchase.placed.purchase_id),
            amount: purchase.placed.held,
            fingerprint: &purchase.placed.fingerprint,
            actor: &purchase.placed.actor,
            description: format!(
                "{} contacts: {}",
                purchase.placed.requested,
                purchase.placed.audience_name.as_str()
            ),
        };
        let work = vec![WorkWrite::insert(purchase)?];
        holds::place(&self.ledger, hold, work).await.map_err(|error| match error {
            PlaceError::KeyReused => Refused(PurchaseRefusal::KeyReused),
            PlaceError::Refused(refusal) => Refused(PurchaseRefusal::Credits(refusal)),
            PlaceError::Failed(failure) => failure.into(),
        })
    }
}

/// How many people match, and how many of them are ordered.
struct Contacts {
    matches: u64,
    ordered: u32,
}

fn new_purchase(
    organization: &OrganizationId,
    id: PurchaseId,
    order: &PurchaseOrder,
    contacts: u32,
    price: Price,
    now: Timestamp,
) -> Result<Purchase, AudienceFailure> {
    let held = match order.environment {
        Mode::Live => price.charge(quantity(contacts))?,
        Mode::Test => Money::ZERO,
    };
    Ok(Purchase {
        placed: PlacedPurchase {
            organization_id: organization.clone(),
            recipient_list_id: RecipientListId::derive(&[organization.as_str(), id.as_str()]),
            purchase_id: id,
            audience_name: order.audience_name.clone(),
            environment: order.environment,
            filters: order.filters.clone(),
            requested: contacts,
            price,
            held,
            fingerprint: order.fingerprint.clone(),
            actor: order.actor.clone(),
            placed_at: now,
            deadline: now.plus_seconds(limits::DEADLINE_SECONDS),
        },
        state: PurchaseState::placed(),
        progress: Progress::default(),
        due_at: Some(now.plus_seconds(limits::FIRST_LOOK_SECONDS)),
    })
}

/// The fast path only: a message that is lost is found again by the purchase's due time.
pub(crate) async fn queue_fetch(queue: &Queue, purchase: &Purchase) {
    if let Err(failure) = queue.send(&FetchMessage::of(purchase)).await {
        platform::log::failure("a purchase of contacts was not queued", &failure);
    }
}

/// The fast path only, as above: right after a short pause a scan is still alive, before the sweeper's turn
/// it may not be.
pub(crate) async fn queue_after_pause(queue: &Queue, purchase: &Purchase, now: Timestamp) {
    let Turn::Paused { until } = purchase.state.turn else { return };
    let pause_ms = until.as_ms().saturating_sub(now.as_ms()).saturating_add(1_000);
    let pause = Duration::from_millis(u64::try_from(pause_ms).unwrap_or(0));
    if let Err(failure) = queue.send_after(&FetchMessage::of(purchase), pause).await {
        platform::log::failure("a paused purchase of contacts was not queued", &failure);
    }
}
