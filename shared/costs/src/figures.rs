//! What one vendor delivered: quantity, cost, revenue, profit and margin.

use crate::CostsFailure;
use ledger::VendorTotals;
use money::{Money, MoneyError, Percent};
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// What the vendor may bill, in USD.
    pub cost: Money,
    /// What customers were charged, in credits (1 credit = 1 USD), free credits included.
    pub revenue: Money,
    /// Revenue minus cost.
    pub profit: Money,
    /// Profit in percent of revenue; 0.00 without revenue.
    pub margin_percent: Percent,
}

impl Figures {
    pub fn of(cost: Money, revenue: Money) -> Result<Self, MoneyError> {
        let profit = revenue.minus(cost)?;
        Ok(Self { cost, revenue, profit, margin_percent: Percent::of(profit, revenue) })
    }
}

/// Contacts bought from Data Axle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DataAxleFigures {
    pub purchases: i64,
    /// The delivered ones.
    pub contacts: i64,
    #[serde(flatten)]
    pub figures: Figures,
}

/// Postcards printed by PostGrid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostgridFigures {
    pub jobs: i64,
    /// The accepted ones.
    pub pieces: i64,
    #[serde(flatten)]
    pub figures: Figures,
}

/// One vendor's figures under that vendor's names, made from the ledger's totals.
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
