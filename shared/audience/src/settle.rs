//! How a purchase ends, and its hold with it: settled by what is stored, or released before it began.

use crate::sales::quantity;
use crate::{Audience, AudienceFailure, Purchase, csv, pages, purchase_key};
use holds::{Ending, HeldFor, HoldEnd};
use ledger::{Vendor, VendorFigures};
use money::Money;
use recipients::{Mode, RecipientList, read_all};
use tables::{Attempt, Stored, WorkWrite, retry_while_changed};
use terms::HoldId;

impl Audience {
    /// Settles what is stored, under the lease: the manifest is fixed, the charge is for exactly its persons,
    /// and the rest of the hold returns. If the lease was lost, whoever has it settles.
    pub(crate) async fn settle(&self, owned: &Stored<Purchase>) -> Result<(), AudienceFailure> {
        let purchase = &owned.record;
        let (charge, cost) = match purchase.environment {
            Mode::Live => {
                let delivered = quantity(purchase.progress.stored);
                let vendor_delivered = quantity(purchase.progress.vendor_delivered);
                (purchase.price.charge(delivered)?, purchase.price.vendor_cost(vendor_delivered)?)
            }
            Mode::Test => (Money::ZERO, Money::ZERO),
        };
        let mut ended = purchase.ended(self.clock.now(), charge, purchase.held.minus(charge)?);
        let mut work = Vec::new();
        if purchase.progress.stored > 0 {
            ended.csv_key = Some(self.write_csv(purchase).await?);
            work.push(WorkWrite::insert(&recipient_list(&ended))?);
        }
        work.insert(0, WorkWrite::replace(owned, &ended)?);
        // A purchase of which the vendor delivered nothing is no order there.
        let vendor = (purchase.progress.vendor_delivered > 0).then_some(VendorFigures {
            vendor: Vendor::DataAxle,
            orders: 1,
            quantity: i64::from(purchase.progress.stored),
            cost,
            charge,
        });
        let name = purchase.audience_name.as_str();
        let description = format!("{} of {} contacts: {name}", purchase.progress.stored, purchase.requested);
        let ending = Ending::Settled { charge, vendor };
        if let Attempt::Changed = self.end(&ended, description, ending, work).await? {
            tracing::warn!(purchase = %purchase.purchase_id, "a lease was lost before its settle");
        }
        Ok(())
    }

    /// The file that the owner downloads, of exactly the manifest's rows; stored before the settle names it.
    async fn write_csv(&self, purchase: &Purchase) -> Result<String, AudienceFailure> {
        let contacts = read_all(&self.objects, &purchase.manifest()).await?;
        let key = pages::csv_key(purchase, purchase.leases);
        self.objects.put(&key, csv::write(&contacts)?, "text/csv; charset=utf-8").await?;
        Ok(key)
    }

    /// Ends a purchase that has not begun, hold included, under the condition that it has not begun. One that
    /// has begun in the meantime goes on.
    pub(crate) async fn end_unbegun(&self, seen: &Purchase) -> Result<(), AudienceFailure> {
        let key = purchase_key(&seen.organization_id, &seen.purchase_id);
        retry_while_changed("a purchase that has not begun", async || {
            let read = self.table.get::<Purchase>(&key).await?;
            let read = read.ok_or(AudienceFailure::Missing("a purchase that has not begun"))?;
            let purchase = &read.record;
            if purchase.finished_at.is_some() || purchase.begun_at.is_some() {
                return Ok(Attempt::Done(()));
            }
            let ended = purchase.ended(self.clock.now(), Money::ZERO, purchase.held);
            let work = vec![WorkWrite::replace(&read, &ended)?];
            let description = format!("Not fetched: {}", purchase.audience_name.as_str());
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
        if ended.environment == Mode::Test {
            return Ok(self.table.write_together(&work).await?.into());
        }
        let (organization, id) = (&ended.organization_id, HoldId::from(&ended.purchase_id));
        let end = HoldEnd { organization, held_for: HeldFor::Contacts, id, description, ending };
        Ok(holds::end(&self.ledger, end, work).await?)
    }
}

fn recipient_list(ended: &Purchase) -> RecipientList {
    RecipientList {
        organization_id: ended.organization_id.clone(),
        recipient_list_id: ended.recipient_list_id.clone(),
        name: ended.audience_name.as_str().to_owned(),
        purchase_id: ended.purchase_id.clone(),
        environment: ended.environment,
        contacts: ended.progress.stored,
        pages: ended.manifest(),
        created_at: ended.finished_at.unwrap_or(ended.placed_at),
    }
}
