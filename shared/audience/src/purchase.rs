//! Placing a purchase: the hold and the purchase's record in one transaction, then the worker.

use crate::record::{Purchase, PurchaseStatus, purchase_key};
use crate::sales::quantity;
use crate::{
    AudienceFailure, AudienceName, FetchMessage, Filters, MaxContacts, Progress, Quote, Sales, Vendors,
    limits, quote_key,
};
use ledger::{Cause, CauseKind, Command, Companions, Movement, Posted, Purpose, Refusal};
use money::{Money, PositiveMoney, UnitPrice};
use platform::Queue;
use pricing::Price;
use recipients::Mode;
use std::time::Duration;
use tables::{OpenBound, Opened, WorkWrite};
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
    /// The ledger refuses the hold.
    Credits(Refusal),
}

/// The test orders that an organization has open.
const OPEN_TESTS: OpenBound = OpenBound { name: "test-purchases", limit: limits::OPEN_TESTS_MAX };

type Ordered = Result<Result<Placed, PurchaseRefusal>, AudienceFailure>;

impl Sales {
    /// Places a purchase and has it fetched. The same order again is answered with the same purchase, before
    /// anything is counted or priced.
    ///
    /// # Errors
    /// [`AudienceFailure`] when the vendor or something of ours failed: the same order may be sent again.
    pub async fn purchase(
        &self,
        organization: &OrganizationId,
        vendors: &Vendors,
        queue: &Queue,
        order: &PurchaseOrder,
    ) -> Ordered {
        let id = PurchaseId::derive(&[organization.as_str(), "audience-purchase", order.key.as_str()]);
        if let Some(answer) = self.earlier(organization, &id, order).await? {
            return Ok(answer);
        }
        Ok(match self.place(organization, &id, (vendors, queue), order).await? {
            // Another delivery of this very order may have been faster: then its purchase is the answer.
            Err(refusal) => self.earlier(organization, &id, order).await?.unwrap_or(Err(refusal)),
            placed => placed,
        })
    }

    async fn place(
        &self,
        organization: &OrganizationId,
        id: &PurchaseId,
        (vendors, queue): (&Vendors, &Queue),
        order: &PurchaseOrder,
    ) -> Ordered {
        let limit = limits::TEST_CONTACTS_MAX;
        if order.environment == Mode::Test && order.max_contacts.of(u64::MAX) > limit {
            return Ok(Err(PurchaseRefusal::TestTooLarge { limit }));
        }
        let (quota, now) = (limits::ORDERS_OF_AN_ORGANIZATION, self.clock.now());
        let wait = self.wait_for(&format!("orders#{organization}"), quota, now).await?;
        if let Some(retry_after_seconds) = wait {
            return Ok(Err(PurchaseRefusal::TooMany { retry_after_seconds }));
        }
        // Asked again, whatever a count said before: what is held is what matches now.
        let matches = match self.matches(vendors.of(order.environment), &order.filters).await {
            Ok(matches) => matches,
            Err(failure) => {
                let Some(retry_after_seconds) = failure.busy_seconds() else { return Err(failure) };
                tracing::warn!(purchase = %id, retry_after_seconds, "the vendor asks to slow down");
                return Ok(Err(PurchaseRefusal::VendorBusy { retry_after_seconds }));
            }
        };
        let contacts = order.max_contacts.of(matches);
        if contacts == 0 {
            return Ok(Err(PurchaseRefusal::NoMatches));
        }
        let now = self.clock.now();
        let price = self.price(contacts, now);
        if let Some(refusal) = self.stale_quote(organization, order, contacts, price, now).await? {
            self.store_count(&order.filters, matches).await?;
            return Ok(Err(refusal));
        }
        let purchase = new_purchase(organization, id.clone(), order, contacts, price, now)?;
        let placed = match order.environment {
            Mode::Live => self.hold(&purchase).await?,
            Mode::Test => self.open_test(&purchase).await?,
        };
        match placed {
            Some(Ok(())) => {
                queue_fetch(queue, &purchase).await;
                Ok(Ok(Placed::New(purchase)))
            }
            Some(Err(refusal)) => Ok(Err(refusal)),
            // Another delivery of the same order was faster: its purchase stands.
            None => {
                let earlier = self.earlier(organization, &purchase.purchase_id, order).await?;
                earlier.ok_or(AudienceFailure::Missing("a purchase that was placed"))
            }
        }
    }

    /// The record of a test order, which holds nothing: within what may be open at once. `None` when it stands
    /// already.
    async fn open_test(
        &self,
        purchase: &Purchase,
    ) -> Result<Option<Result<(), PurchaseRefusal>>, AudienceFailure> {
        let is_open = |earlier: &Purchase| earlier.finished_at.is_none();
        Ok(match self.table.insert_bounded(OPEN_TESTS, purchase, &[], is_open).await? {
            Opened::Done(_) => Some(Ok(())),
            Opened::Exists(_) | Opened::Changed => None,
            Opened::Full => Some(Err(PurchaseRefusal::TooManyTests { limit: OPEN_TESTS.limit })),
        })
    }

    async fn earlier(
        &self,
        organization: &OrganizationId,
        id: &PurchaseId,
        order: &PurchaseOrder,
    ) -> Result<Option<Result<Placed, PurchaseRefusal>>, AudienceFailure> {
        let earlier = self.table.get::<Purchase>(&purchase_key(organization, id)).await?;
        Ok(earlier.map(|earlier| {
            if earlier.record.fingerprint == order.fingerprint {
                Ok(Placed::Replay(earlier.record))
            } else {
                Err(PurchaseRefusal::KeyReused)
            }
        }))
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

    /// Hold and record, both or none. `None` when the purchase stands already.
    async fn hold(
        &self,
        purchase: &Purchase,
    ) -> Result<Option<Result<(), PurchaseRefusal>>, AudienceFailure> {
        let movement = Movement {
            organization: purchase.organization_id.clone(),
            cause: Cause::new(CauseKind::ContactsHold, purchase.purchase_id.as_str()),
            fingerprint: purchase.fingerprint.clone(),
            actor: purchase.actor.clone(),
            occurred_at: None,
            description: format!("{} contacts: {}", purchase.requested, purchase.audience_name.as_str()),
            command: Command::Hold {
                id: HoldId::from(&purchase.purchase_id),
                purpose: Purpose::Contacts,
                amount: PositiveMoney::new(purchase.held)?,
            },
        };
        let with = Companions { work: vec![WorkWrite::insert(purchase)?], ..Companions::default() };
        Ok(match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => Some(Ok(())),
            Ok(Posted::Replay(_)) | Err(Refusal::RecordChanged { .. } | Refusal::HoldExists) => None,
            Err(Refusal::CauseReused) => Some(Err(PurchaseRefusal::KeyReused)),
            Err(refusal) => Some(Err(PurchaseRefusal::Credits(refusal))),
        })
    }
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
        status: PurchaseStatus::Queued,
        placed_at: now,
        deadline: now.plus_seconds(limits::DEADLINE_SECONDS),
        begun_at: None,
        lease: None,
        leases: 0,
        paused_until: None,
        progress: Progress::default(),
        due_at: Some(now.plus_seconds(limits::FIRST_LOOK_SECONDS)),
        finished_at: None,
        charged: Money::ZERO,
        released: Money::ZERO,
        csv_key: None,
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
    let Some(until) = purchase.paused_until else { return };
    let pause_ms = until.as_ms().saturating_sub(now.as_ms()).saturating_add(1_000);
    let pause = Duration::from_millis(u64::try_from(pause_ms).unwrap_or(0));
    if let Err(failure) = queue.send_after(&FetchMessage::of(purchase), pause).await {
        platform::log::failure("a paused purchase of contacts was not queued", &failure);
    }
}
