//! Bars of cost beside revenue, as SVG. Every bar carries its figure as text, so that nothing depends on colour.

use crate::report::style::dollars;
use maud::{Markup, html};
use money::Money;

/// In the drawing's own units: where the bars begin, how long the longest is, and the whole width.
const LEFT: i64 = 130;
const LONGEST: i64 = 400;
const WIDTH: i64 = 720;
/// The height of one group: two bars and the space below them.
const GROUP: i64 = 62;
const BAR: i64 = 20;

pub(crate) struct Bars<'a> {
    pub(crate) label: &'a str,
    pub(crate) cost: Money,
    pub(crate) revenue: Money,
}

/// `id` must be unique on the page; a screen reader reads `title` instead of the drawing.
pub(crate) fn chart(id: &str, title: &str, groups: &[Bars<'_>]) -> Markup {
    let amounts = groups.iter().flat_map(|group| [group.cost, group.revenue]);
    let greatest = amounts.map(Money::cents).max().unwrap_or(0);
    let bottom = (0_i64..).zip(groups).last().map_or(GROUP, |(at, _)| top_of(at.saturating_add(1)));
    let (title_id, words_id) = (format!("{id}-title"), format!("{id}-words"));
    let (view, read_out) = (format!("0 0 {WIDTH} {bottom}"), format!("{title_id} {words_id}"));
    html! {
        svg viewBox=(view) role="img" aria-labelledby=(read_out) {
            title id=(title_id) { (title) }
            desc id=(words_id) { (in_words(groups)) }
            line .axis x1=(LEFT) y1="0" x2=(LEFT) y2=(bottom) {}
            @for (at, group) in (0_i64..).zip(groups) {
                text .group x="0" y=(top_of(at).saturating_add(BAR).saturating_add(5)) { (group.label) }
                (bar("revenue", "Revenue", group.revenue, greatest, top_of(at)))
                (bar("cost", "Cost", group.cost, greatest, top_of(at).saturating_add(BAR).saturating_add(2)))
            }
        }
    }
}

fn top_of(group: i64) -> i64 {
    group.saturating_mul(GROUP).saturating_add(6)
}

fn bar(class: &str, word: &str, amount: Money, greatest: i64, top: i64) -> Markup {
    let length = length(amount.cents(), greatest);
    let after = LEFT.saturating_add(length).saturating_add(8);
    html! {
        rect class=(class) x=(LEFT) y=(top) width=(length) height=(BAR) rx="2" {}
        text .value x=(after) y=(top.saturating_add(15)) { (word) " " (dollars(amount)) }
    }
}

/// The greatest amount has the longest bar; zero and negative amounts have none.
fn length(cents: i64, greatest: i64) -> i64 {
    cents.max(0).checked_mul(LONGEST).and_then(|scaled| scaled.checked_div(greatest)).unwrap_or(0)
}

fn in_words(groups: &[Bars<'_>]) -> String {
    let sentence = |group: &Bars<'_>| {
        format!("{}: revenue {}, cost {}.", group.label, dollars(group.revenue), dollars(group.cost))
    };
    groups.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion_and_an_empty_month_divides_by_nothing() {
        let table = [(0, 0, 0), (10, 10, 400), (5, 10, 200), (-5, 10, 0), (1, 1_000_000, 0), (-5, -5, 0)];
        for (cents, greatest, expected) in table {
            assert_eq!(length(cents, greatest), expected, "{cents} of {greatest}");
        }
    }

    #[test]
    fn a_chart_is_read_out_in_words_and_escapes_labels() {
        let money = |raw| Money::parse(raw).unwrap();
        let groups = [Bars { label: "<b>&", cost: money("6950"), revenue: money("12500") }];
        let svg = chart("vendors", "By vendor", &groups).into_string();
        assert!(svg.contains("&lt;b&gt;&amp;: revenue $12,500.00, cost $6,950.00."));
        assert!(svg.contains(r#"aria-labelledby="vendors-title vendors-words""#));
        assert!(!svg.contains("<b>"));
        // SVG has no void elements in HTML: an axis that is not closed would swallow the bars.
        assert!(svg.contains("</line>") && svg.matches("</rect>").count() == 2);
    }
}
