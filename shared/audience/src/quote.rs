//! Counting, which is free, and the quote that comes with a count.

use crate::sales::quantity;
use crate::{
    Asker, AudienceError, AudienceFailure, CountRefusal, Filters, MaxContacts, Sales, Vendors, limits,
};
use ledger::Ledger;
use money::{Money, UnitPrice};
use pricing::Price;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{OrganizationId, QuoteId, Timestamp};

/// A stored quote: its price holds for a purchase within 30 minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    pub organization_id: OrganizationId,
    pub quote_id: QuoteId,
    pub filters: Filters,
    pub contacts: u32,
    /// What one of them costs the customer, and DropLab at the vendor.
    pub price: Price,
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

#[must_use]
pub fn quote_key(organization: &OrganizationId, quote: &QuoteId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("QUOTE#{quote}"))
}

/// The response to a count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Count {
    /// How many people match.
    pub count: u64,
    /// `None` when nobody matches.
    pub quote: Option<Offer>,
    /// What to do when nobody matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<&'static str>,
}

/// A quote as the customer sees it; amounts in credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    pub quote_id: QuoteId,
    pub contacts: u32,
    /// The price of one contact.
    pub unit_price: UnitPrice,
    pub total: Money,
    pub available: Money,
    /// What the organization lacks for `total`; zero if nothing.
    pub shortfall: Money,
    /// The package of credits that covers the shortfall.
    pub suggested_package: Option<Money>,
    /// How many purchases of that package it takes; 0 without a shortfall.
    pub purchases: u32,
    pub expires_at: Timestamp,
}

impl Sales {
    /// Counts the people who match and quotes at most `max_contacts` of them, at the price of their tier. The count
    /// may be up to ten minutes old; a purchase counts again.
    pub async fn count(
        &self,
        asker: Asker<'_>,
        vendors: &Vendors,
        filters: &Filters,
        max_contacts: MaxContacts,
    ) -> Result<Count, AudienceError<CountRefusal>> {
        let count = self.free_count(asker, vendors, filters).await?;
        let contacts = max_contacts.of(count);
        if contacts == 0 {
            let message = Some("Nobody matches all of these filters. Leave one out, or widen a range.");
            return Ok(Count { count, quote: None, message });
        }
        let now = self.clock.now();
        let quote = self.quote(asker.organization, filters, contacts, now)?;
        self.table.insert(&quote).await?;
        Ok(Count { count, quote: Some(offer(&self.ledger, &quote).await?), message: None })
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
