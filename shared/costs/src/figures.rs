//! What one vendor delivered: quantity, cost, revenue, profit and margin.

use crate::CostsFailure;
use ledger::VendorTotals;
use money::{Money, MoneyError, Percent};
use serde::Serialize;

/// Cost, revenue and what lies between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// What the vendor may bill, in USD.
    pub cost: Money,
    /// What customers were charged, in credits (1 credit = 1 USD), free credits included.
    pub revenue: Money,
    /// Revenue less cost.
    pub profit: Money,
    /// Profit in percent of revenue; 0.00 where nothing was charged.
    pub margin_percent: Percent,
}

impl Figures {
    /// The figures of a cost and the revenue that stands against it.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] when the profit is out of bounds.
    pub fn of(cost: Money, revenue: Money) -> Result<Self, MoneyError> {
        let profit = revenue.minus(cost)?;
        Ok(Self { cost, revenue, profit, margin_percent: Percent::of(profit, revenue) })
    }
}

/// Contacts bought of Data Axle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataAxleFigures {
    /// How many purchases.
    pub purchases: i64,
    /// How many contacts were delivered.
    pub contacts: i64,
    /// Cost, revenue, profit, margin.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Postcards made by PostGrid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostgridFigures {
    /// How many print jobs.
    pub jobs: i64,
    /// How many pieces were accepted.
    pub pieces: i64,
    /// Cost, revenue, profit, margin.
    #[serde(flatten)]
    pub figures: Figures,
}

/// One vendor's figures in that vendor's words, made from the ledger's totals.
pub(crate) trait OfVendor: Sized {
    fn of(totals: &VendorTotals) -> Result<Self, MoneyError>;
    fn figures(&self) -> &Figures;
}

impl OfVendor for DataAxleFigures {
    fn of(totals: &VendorTotals) -> Result<Self, MoneyError> {
        let figures = Figures::of(totals.cost, totals.charge)?;
        Ok(Self { purchases: totals.orders, contacts: totals.quantity, figures })
    }

    fn figures(&self) -> &Figures {
        &self.figures
    }
}

impl OfVendor for PostgridFigures {
    fn of(totals: &VendorTotals) -> Result<Self, MoneyError> {
        let figures = Figures::of(totals.cost, totals.charge)?;
        Ok(Self { jobs: totals.orders, pieces: totals.quantity, figures })
    }

    fn figures(&self) -> &Figures {
        &self.figures
    }
}

/// The sum of many totals.
pub(crate) fn sum<'a>(rows: impl Iterator<Item = &'a VendorTotals>) -> Result<VendorTotals, CostsFailure> {
    rows.into_iter().try_fold(VendorTotals::default(), |sum, row| {
        Ok(VendorTotals {
            orders: sum.orders.checked_add(row.orders).ok_or(CostsFailure::Count)?,
            quantity: sum.quantity.checked_add(row.quantity).ok_or(CostsFailure::Count)?,
            cost: sum.cost.plus(row.cost)?,
            charge: sum.charge.plus(row.charge)?,
        })
    })
}
