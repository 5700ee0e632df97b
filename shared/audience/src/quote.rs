//! Counting, which is free, and the quote that goes with a count.

use crate::sales::quantity;
use crate::{Asker, AudienceFailure, CountRefusal, Filters, MaxContacts, Sales, Vendors, limits};
use ledger::Ledger;
use money::{Money, UnitPrice};
use pricing::Price;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{OrganizationId, QuoteId, Timestamp};

/// A quote as it is stored: what a purchase is held to for 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// For whom.
    pub organization_id: OrganizationId,
    /// Its id.
    pub quote_id: QuoteId,
    /// Who is wanted.
    pub filters: Filters,
    /// How many contacts.
    pub contacts: u32,
    /// What one of them costs the customer, and DropLab at the vendor.
    pub price: Price,
    /// Until when it holds.
    pub valid_until: Timestamp,
}

impl Record for Quote {
    const KIND: &'static str = "quote";

    fn key(&self) -> Key {
        quote_key(&self.organization_id, &self.quote_id)
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.valid_until)
    }
}

/// Where an organization's quote stands.
#[must_use]
pub fn quote_key(organization: &OrganizationId, quote: &QuoteId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("QUOTE#{quote}"))
}

/// The answer to a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// How many people match.
    pub count: u64,
    /// What they cost; none when nobody matches.
    pub quote: Option<Offer>,
    /// What to do when nobody matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
}

/// A quote as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Its id.
    pub quote_id: QuoteId,
    /// How many contacts.
    pub contacts: u32,
    /// What one of them costs, in credits.
    pub unit_price: UnitPrice,
    /// What they cost together, in credits.
    pub total: Money,
    /// What the organization can spend, in credits.
    pub available: Money,
    /// What it lacks, in credits; zero when nothing.
    pub shortfall: Money,
    /// The package of credits that covers what it lacks.
    pub suggested_package: Option<Money>,
    /// How many purchases of that package it takes; 0 when nothing lacks.
    pub purchases: u32,
    /// Until when the quote holds.
    pub expires_at: Timestamp,
}

impl Sales {
    /// Counts who matches and quotes at most `max_contacts` of them, at the price of their tier. The count may be up to
    /// ten minutes old; a purchase counts again.
    ///
    /// # Errors
    /// [`AudienceFailure`]; nothing but a quote may have been stored.
    pub async fn count(
        &self,
        asker: Asker<'_>,
        vendors: &Vendors,
        filters: &Filters,
        max_contacts: MaxContacts,
    ) -> Result<Result<Count, CountRefusal>, AudienceFailure> {
        let count = match self.free_count(asker, vendors, filters).await? {
            Ok(count) => count,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let contacts = max_contacts.of(count);
        if contacts == 0 {
            let message = Some("Nobody matches all of these filters. Leave one out, or widen a range.");
            return Ok(Ok(Count { count, quote: None, message }));
        }
        let now = self.clock.now();
        let quote = self.quote(asker.organization, filters, contacts, now)?;
        self.table.insert(&quote).await?;
        Ok(Ok(Count { count, quote: Some(offer(&self.ledger, &quote).await?), message: None }))
    }

    fn quote(
        &self,
        organization: &OrganizationId,
        filters: &Filters,
        contacts: u32,
        now: Timestamp,
    ) -> Result<Quote, AudienceFailure> {
        let price = self.price(contacts, now);
        let canonical =
            serde_json::to_string(filters).map_err(|_| AudienceFailure::Pages("filters have no JSON"))?;
        let parts = [organization.as_str(), &canonical, &contacts.to_string(), &price.unit_price.to_string()];
        let id = QuoteId::derive(&[&parts[..], &[&now.to_string()]].concat());
        Ok(Quote {
            organization_id: organization.clone(),
            quote_id: id,
            filters: filters.clone(),
            contacts,
            price,
            valid_until: now.plus_seconds(limits::QUOTE_VALID_SECONDS),
        })
    }
}

async fn offer(ledger: &Ledger, quote: &Quote) -> Result<Offer, AudienceFailure> {
    let total = quote.price.charge(quantity(quote.contacts))?;
    let available = ledger.balance(&quote.organization_id).await?.available;
    let shortfall = total.minus(available)?.max(Money::ZERO);
    let suggestion = pricing::suggest(shortfall);
    Ok(Offer {
        quote_id: quote.quote_id.clone(),
        contacts: quote.contacts,
        unit_price: quote.price.unit_price,
        total,
        available,
        shortfall,
        suggested_package: suggestion.map(|suggestion| suggestion.package),
        purchases: suggestion.map_or(0, |suggestion| suggestion.purchases),
        expires_at: quote.valid_until,
    })
}
