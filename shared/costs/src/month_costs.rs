//! [`MonthCosts`]: what both vendors delivered in a month, per organization and in total. Pure.

use crate::CostsFailure;
use crate::figures::{DataAxleFigures, Figures, OfVendor, PostgridFigures, sum};
use ledger::{OrganizationMonth, VendorTotals};
use money::Percent;
use serde::Serialize;
use terms::{Month, OrganizationId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationCosts<F> {
    /// The ledger knows ids, not names.
    pub organization_id: OrganizationId,
    #[serde(flatten)]
    pub figures: F,
}

/// A vendor's month: in total, and per organization, highest cost first and then by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorMonth<F> {
    #[serde(flatten)]
    pub total: F,
    /// Those with a delivery or a correction in the month.
    pub organizations: Vec<OrganizationCosts<F>>,
}

pub type DataAxleCosts = VendorMonth<DataAxleFigures>;
pub type PostgridCosts = VendorMonth<PostgridFigures>;

/// What both vendors may bill for a month, and what customers were charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonthCosts {
    /// The UTC month in which the charges were recorded.
    pub month: Month,
    pub data_axle: DataAxleCosts,
    pub postgrid: PostgridCosts,
    /// What both vendors may bill, in USD.
    pub total_cost: money::Money,
    /// What customers were charged for both, in credits.
    pub total_revenue: money::Money,
    /// Revenue minus cost.
    pub total_profit: money::Money,
    /// Profit in percent of revenue; 0.00 without revenue.
    pub margin_percent: Percent,
}

impl MonthCosts {
    /// Adds up a month's roll-ups; an empty month is all zeros. Fails when a sum or a count is out of bounds.
    pub fn from_rows(month: Month, rows: &[OrganizationMonth]) -> Result<Self, CostsFailure> {
        let data_axle: DataAxleCosts = vendor_month(rows, |row| &row.data_axle)?;
        let postgrid: PostgridCosts = vendor_month(rows, |row| &row.postgrid)?;
        let (contacts, cards) = (&data_axle.total.figures, &postgrid.total.figures);
        let total = Figures::of(contacts.cost.plus(cards.cost)?, contacts.revenue.plus(cards.revenue)?)?;
        Ok(Self {
            month,
            data_axle,
            postgrid,
            total_cost: total.cost,
            total_revenue: total.revenue,
            total_profit: total.profit,
            margin_percent: total.margin_percent,
        })
    }

    /// The figures of both vendors together.
    #[must_use]
    pub fn total(&self) -> Figures {
        Figures {
            cost: self.total_cost,
            revenue: self.total_revenue,
            profit: self.total_profit,
            margin_percent: self.margin_percent,
        }
    }
}

fn vendor_month<F: OfVendor>(
    rows: &[OrganizationMonth],
    of_vendor: impl Fn(&OrganizationMonth) -> &VendorTotals,
) -> Result<VendorMonth<F>, CostsFailure> {
    let mut organizations = Vec::new();
    for row in rows {
        let totals = of_vendor(row);
        if *totals != VendorTotals::default() {
            let organization_id = row.organization.clone();
            organizations.push(OrganizationCosts { organization_id, figures: F::of(totals)? });
        }
    }
    organizations.sort_by(|left, right| {
        let dearest_first = right.figures.figures().cost.cmp(&left.figures.figures().cost);
        dearest_first.then_with(|| left.organization_id.cmp(&right.organization_id))
    });
    let total = F::of(&sum(rows.iter().map(of_vendor))?)?;
    Ok(VendorMonth { total, organizations })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use money::Money;
    use serde_json::json;

    pub(crate) fn totals(orders: i64, quantity: i64, cost: &str, charge: &str) -> VendorTotals {
        let money = |raw| Money::parse(raw).unwrap();
        VendorTotals { orders, quantity, cost: money(cost), charge: money(charge) }
    }

    pub(crate) fn row(id: &str, data_axle: VendorTotals, postgrid: VendorTotals) -> OrganizationMonth {
        OrganizationMonth {
            organization: OrganizationId::parse(id).unwrap(),
            bought: Money::ZERO,
            granted: Money::ZERO,
            corrected: Money::ZERO,
            spent: data_axle.charge.plus(postgrid.charge).unwrap(),
            credited_back: Money::ZERO,
            taken: Money::ZERO,
            data_axle,
            postgrid,
        }
    }

    pub(crate) fn november() -> Month {
        Month::parse("2026-11").unwrap()
    }

    /// A: 10,000 contacts at once and 500 postcards. B: 5 × 1,000 and 1,200. C: 50,000 and 10,000.
    pub(crate) fn november_story() -> MonthCosts {
        let rows = [
            row("org_alder", totals(1, 10_000, "1200", "2000"), totals(1, 500, "425", "500")),
            row("org_birch", totals(5, 5_000, "750", "1500"), totals(1, 1_200, "1020", "1200")),
            row("org_cedar", totals(1, 50_000, "5000", "9000"), totals(1, 10_000, "8500", "10000")),
        ];
        MonthCosts::from_rows(november(), &rows).unwrap()
    }

    #[test]
    fn the_november_story_comes_to_the_designs_figures() {
        let november = serde_json::to_value(november_story()).unwrap();
        let mut data_axle = november["dataAxle"].clone();
        let organizations = data_axle.as_object_mut().unwrap().remove("organizations").unwrap();
        assert_eq!(
            data_axle,
            json!({"purchases": 7, "contacts": 65_000, "cost": "6950.00", "revenue": "12500.00",
                "profit": "5550.00", "marginPercent": "44.40"})
        );
        assert_eq!(
            organizations[0],
            json!({"organizationId": "org_cedar", "purchases": 1, "contacts": 50_000, "cost": "5000.00",
                "revenue": "9000.00", "profit": "4000.00", "marginPercent": "44.44"})
        );
        let mut postgrid = november["postgrid"].clone();
        postgrid.as_object_mut().unwrap().remove("organizations");
        assert_eq!(
            postgrid,
            json!({"jobs": 3, "pieces": 11_700, "cost": "9945.00", "revenue": "11700.00",
                "profit": "1755.00", "marginPercent": "15.00"})
        );
        let of = |name: &str| november[name].as_str().unwrap().to_owned();
        assert_eq!((of("totalCost"), of("totalRevenue")), ("16895.00".into(), "24200.00".into()));
        assert_eq!((of("totalProfit"), of("marginPercent")), ("7305.00".into(), "30.19".into()));
        assert_eq!(of("month"), "2026-11");
    }

    #[test]
    fn an_empty_month_divides_by_nothing() {
        let empty = MonthCosts::from_rows(november(), &[]).unwrap();
        let json = serde_json::to_value(&empty).unwrap();
        let vendor = json!({"cost": "0.00", "revenue": "0.00", "profit": "0.00", "marginPercent": "0.00",
            "purchases": 0, "contacts": 0, "organizations": []});
        assert_eq!(json["dataAxle"], vendor);
        assert_eq!((empty.total_cost, empty.total_profit), (Money::ZERO, Money::ZERO));
        assert_eq!(empty.margin_percent.to_string(), "0.00");
    }

    #[test]
    fn organizations_stand_dearest_first_then_by_id_and_only_where_something_was_delivered() {
        let none = VendorTotals::default();
        let rows = [
            row("org_b", totals(1, 10, "1.80", "3.50"), none),
            row("org_a", totals(1, 10, "1.80", "3.50"), none),
            row("org_c", totals(1, 100, "18.00", "35.00"), none),
            row("org_d", none, totals(1, 1, "0.85", "1.00")),
        ];
        let month = MonthCosts::from_rows(november(), &rows).unwrap();
        let ids: Vec<_> =
            month.data_axle.organizations.iter().map(|row| row.organization_id.as_str()).collect();
        assert_eq!(ids, ["org_c", "org_a", "org_b"]);
        assert_eq!(month.postgrid.organizations.len(), 1);
    }

    #[test]
    fn a_month_of_nothing_but_corrections_is_negative_and_keeps_its_margin() {
        let rows = [row("org_a", VendorTotals::default(), totals(0, -10, "-8.50", "-10.00"))];
        let month = MonthCosts::from_rows(november(), &rows).unwrap();
        assert_eq!(month.total_profit.to_string(), "-1.50");
        assert_eq!(month.postgrid.total.pieces, -10);
        assert_eq!(month.margin_percent.to_string(), "15.00");
    }

    #[test]
    fn a_count_out_of_bounds_is_a_failure_and_never_wraps() {
        let huge = || totals(1, i64::MAX, "1", "1");
        let rows = [row("org_a", huge(), huge()), row("org_b", huge(), huge())];
        assert!(matches!(MonthCosts::from_rows(november(), &rows), Err(CostsFailure::Count)));
    }
}
