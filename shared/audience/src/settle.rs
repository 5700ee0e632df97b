//! How a purchase ends, and its hold with it: settled by what is stored, or released before it began.

use crate::sales::quantity;
use crate::{Audience, AudienceFailure, Purchase, csv, pages, purchase_key};
use holds::{Ending, HeldFor, HoldEnd};
use ledger::{Vendor, VendorFigures};
use money::Money;
use recipients::{Mode, RecipientList, read_all};
use tables::{Attempt, Stored, WorkWrite, retry_while_changed};
use terms::{HoldId, Timestamp};

impl Audience {
    /// Settles what is stored, under the lease: the manifest is fixed, the charge is for exactly its persons,
    /// and the rest of the hold returns. If the lease was lost, whoever has it settles.
    pub(crate) async fn settle(&self, owned: &Stored<Purchase>) -> Result<(), AudienceFailure> {
        let purchase = &owned.record;
        let (charge, cost) = match purchase.placed.environment {
            Mode::Live => {
                let delivered = quantity(purchase.progress.stored);
                let vendor_delivered = quantity(purchase.progress.vendor_delivered);
                (
                    purchase.placed.price.charge(delivered)?,
                    purchase.placed.price.vendor_cost(vendor_delivered)?,
                )
            }
            Mode::Test => (Money::ZERO, Money::ZERO),
        };
        let (at, released) = (self.clock.now(), purchase.placed.held.minus(charge)?);
        let is_any_stored = purchase.progress.stored > 0;
        let csv_key = if is_any_stored { Some(self.write_csv(purchase).await?) } else { None };
        let ended = purchase.ended(at, charge, released, csv_key);
        let mut work = vec![WorkWrite::replace(owned, &ended)?];
        if is_any_stored {
            work.push(WorkWrite::insert(&recipient_list(&ended, at))?);
        }
        // A purchase of which the vendor delivered nothing is no order there.
        let vendor = (purchase.progress.vendor_delivered > 0).then_some(VendorFigures {
            vendor: Vendor::DataAxle,
            orders: 1,
            quantity: i64::from(purchase.progress.stored),
            cost,
            charge,
        });
        let name = purchase.placed.audience_name.as_str();
        let description =
            format!("{} of {} contacts: {name}", purchase.progress.stored, purchase.placed.requested);
        let ending = Ending::Settled { charge, vendor };
        if let Attempt::Changed = self.end(&ended, description, ending, work).await? {
            tracing::warn!(purchase = %purchase.placed.purchase_id, "a lease was lost before its settle");
        }
        Ok(())
    }

    /// The file that the owner downloads, of exactly the manifest's rows; stored before the settle names it.
    async fn write_csv(&self, purchase: &Purchase) -> Result<String, AudienceFailure> {
        let contacts = read_all(&self.objects, &purchase.manifest()).await?;
        let key = pages::csv_key(purchase, purchase.state.leases);
        self.objects.put(&key, csv::write(&contacts)?, "text/csv; charset=utf-8").await?;
        Ok(key)
    }

    /// Ends a purchase that has not begun, hold included, under the condition that it has not begun. One that
    /// has begun in the meantime goes on.
    pub(crate) async fn end_unbegun(&self, seen: &Purchase) -> Result<(), AudienceFailure> {
        let key = purchase_key(&seen.placed.organization_id, &seen.placed.purchase_id);
        retry_while_changed("a purchase that has not begun", || async {
            let read = self.table.get::<Purchase>(&key).await?;
            let read = read.ok_or(AudienceFailure::Missing("a purchase that has not begun"))?;
            let purchase = &read.record;
            if purchase.is_ended() || purchase.state.begun_at.is_some() {
                return Ok(Attempt::Done(()));
            }
            let ended = purchase.ended(self.clock.now(), Money::ZERO, purchase.placed.held, None);
            let work = vec![WorkWrite::replace(&read, &ended)?];
            let description = format!("Not fetched: {}", purchase.placed.audience_name.as_str());
            self.end(&ended, description, Ending::Released, work).await
        })
        .await
    }

    async fn end(
        &self,
        ended: &Purchase,
        description: String,
        ending: Ending,
        work: Vec<WorkWrite>,
    ) -> Result<Attempt<()>, AudienceFailure> {
        if ended.placed.environment == Mode::Test {
            return Ok(self.table.write_together(&work).await?.into());
        }
        let (organization, id) = (&ended.placed.organization_id, HoldId::from(&ended.placed.purchase_id));
        let end = HoldEnd { organization, held_for: HeldFor::Contacts, id, description, ending };
        Ok(holds::end(&self.ledger, end, work).await?)
    }
}

fn recipient_list(ended: &Purchase, created_at: Timestamp) -> RecipientList {
    RecipientList {
        organization_id: ended.placed.organization_id.clone(),
        recipient_list_id: ended.placed.recipient_list_id.clone(),
        name: ended.placed.audience_name.as_str().to_owned(),
        purchase_id: ended.placed.purchase_id.clone(),
        environment: ended.placed.environment,
        contacts: ended.progress.stored,
        pages: ended.manifest(),
        created_at,
    }
}
