//! The report as one self-contained page of HTML, for a screen, for paper and for a screen reader.

use crate::month_costs::{MonthCosts, VendorMonth};
use crate::report::ReportStatus;
use crate::report::chart::{Bars, chart};
use crate::report::style::{SHEET, count, dollars, month_name};
use crate::{DataAxleFigures, Figures, PostgridFigures};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use terms::Timestamp;

/// Every text from outside is escaped.
#[must_use]
pub fn html(costs: &MonthCosts, status: ReportStatus) -> String {
    let name = month_name(costs.month);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { "Vendor costs, " (name) " – DropLab" }
                style { (PreEscaped(SHEET)) }
            }
            body {
                (head_of(&name, status))
                main {
                    (key_figures(&costs.total()))
                    h2 { "Cost and revenue" }
                    figure { (vendor_chart(costs, &name)) }
                    h2 { "By vendor" }
                    (vendor_table(costs, &name))
                    h2 { "Contacts from Data Axle, by organization" }
                    (organizations(&costs.data_axle, ["Purchases", "Contacts"], of_data_axle))
                    h2 { "Postcards by PostGrid, by organization" }
                    (organizations(&costs.postgrid, ["Print jobs", "Pieces"], of_postgrid))
                }
                (foot())
            }
        }
    };
    page.into_string()
}

fn head_of(name: &str, status: ReportStatus) -> Markup {
    html! {
        header {
            p .brand { "DropLab" }
            h1 { "Vendor costs, " (name) }
            @match status {
                ReportStatus::Final => p .status {
                    "Final: the month is closed and these figures do not change."
                },
                ReportStatus::Provisional { as_of } => p .provisional role="note" {
                    "Provisional: the month is open. Figures as of "
                    time datetime=(as_of) { (minute(as_of)) } "."
                },
            }
        }
    }
}

/// For people: `2026-11-22 08:00 UTC`.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

fn key_figures(total: &Figures) -> Markup {
    html! {
        dl .key {
            div { dt { "Cost" } dd { (dollars(total.cost)) } }
            div { dt { "Revenue" } dd { (dollars(total.revenue)) } }
            div { dt { "Profit" } dd { (dollars(total.profit)) } }
            div { dt { "Margin" } dd { (total.margin_percent) " %" } }
        }
    }
}

fn vendor_chart(costs: &MonthCosts, name: &str) -> Markup {
    let group = |label, figures: &Figures| Bars { label, cost: figures.cost, revenue: figures.revenue };
    let groups = [
        group("Data Axle", &costs.data_axle.total.figures),
        group("PostGrid", &costs.postgrid.total.figures),
        group("Both vendors", &costs.total()),
    ];
    chart("vendors", &format!("Cost and revenue by vendor, {name}"), &groups)
}

fn vendor_table(costs: &MonthCosts, name: &str) -> Markup {
    let (contacts, cards) = (&costs.data_axle.total, &costs.postgrid.total);
    html! {
        div .scroll { table {
            caption { "What each vendor may bill for " (name) ", in USD" }
            thead { tr { th scope="col" { "Vendor" } th scope="col" { "Delivered" } (figure_heads()) } }
            tbody {
                tr {
                    th scope="row" { "Data Axle" }
                    td { (count(contacts.contacts)) " contacts" }
                    (figure_cells(&contacts.figures))
                }
                tr {
                    th scope="row" { "PostGrid" }
                    td { (count(cards.pieces)) " pieces" }
                    (figure_cells(&cards.figures))
                }
            }
            tfoot { tr { th scope="row" { "Total" } td {} (figure_cells(&costs.total())) } }
        } }
    }
}

/// How many orders and how much quantity a line stands for, and its figures.
type Line = ([i64; 2], Figures);

fn of_data_axle(row: &DataAxleFigures) -> Line {
    ([row.purchases, row.contacts], row.figures)
}

fn of_postgrid(row: &PostgridFigures) -> Line {
    ([row.jobs, row.pieces], row.figures)
}

fn organizations<F>(month: &VendorMonth<F>, heads: [&str; 2], read: fn(&F) -> Line) -> Markup {
    if month.organizations.is_empty() {
        return html! { p .none { "Nothing was delivered in this month." } };
    }
    let cells = |row: &F| {
        let (counts, figures) = read(row);
        html! { @for number in counts { td { (count(number)) } } (figure_cells(&figures)) }
    };
    html! {
        div .scroll { table {
            caption { "Dearest first, in USD" }
            thead { tr {
                th scope="col" { "Organization" }
                @for head in heads { th scope="col" { (head) } }
                (figure_heads())
            } }
            tbody { @for row in &month.organizations {
                tr { th scope="row" { (row.organization_id) } (cells(&row.figures)) }
            } }
            tfoot { tr { th scope="row" { "Total" } (cells(&month.total)) } }
        } }
    }
}

fn figure_heads() -> Markup {
    html! { @for head in ["Cost", "Revenue", "Profit", "Margin"] { th scope="col" { (head) } } }
}

fn figure_cells(figures: &Figures) -> Markup {
    html! {
        td { (dollars(figures.cost)) }
        td { (dollars(figures.revenue)) }
        td { (dollars(figures.profit)) }
        td { (figures.margin_percent) " %" }
    }
}

fn foot() -> Markup {
    html! {
        footer {
            p { "Cost is what the vendor may bill for what was delivered. Revenue is what customers were "
                "charged in credits (1 credit = 1 USD), free credits included. Profit is revenue less cost; "
                "margin is profit in percent of revenue." }
            p { "A month is the UTC month in which a charge was recorded. Later corrections fall into the "
                "month in which they are recorded." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::month_costs::tests::{november, november_story};

    #[test]
    fn the_page_shows_the_november_story() {
        let page = html(&november_story(), ReportStatus::Final);
        for figure in [
            "$6,950.00",
            "$12,500.00",
            "$5,550.00",
            "44.40 %",
            "$9,945.00",
            "$11,700.00",
            "$1,755.00",
            "15.00 %",
            "$16,895.00",
            "$24,200.00",
            "$7,305.00",
            "65,000 contacts",
            "11,700 pieces",
            "org_cedar",
            "Vendor costs, November 2026",
            "Final: the month is closed",
        ] {
            assert!(page.contains(figure), "{figure}");
        }
    }

    #[test]
    fn a_provisional_page_says_so() {
        let as_of = Timestamp::parse("2026-11-22T08:00:00Z").unwrap();
        let page = html(&november_story(), ReportStatus::Provisional { as_of });
        assert!(page.contains("Provisional: the month is open") && page.contains("2026-11-22 08:00 UTC"));
        assert!(!page.contains("Final:"));
    }

    #[test]
    fn an_empty_month_has_a_page() {
        let empty = MonthCosts::from_rows(november(), &[]).unwrap();
        let page = html(&empty, ReportStatus::Final);
        assert_eq!(page.matches("Nothing was delivered in this month.").count(), 2);
        assert!(page.contains("0.00 %"));
    }

    #[test]
    fn the_page_escapes_what_others_wrote() {
        let hostile = html! { th { ("<script>alert(1)</script>\"&") } }.into_string();
        assert_eq!(hostile, "<th>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;</th>");
        let page = html(&november_story(), ReportStatus::Final);
        assert!(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"));
    }
}
