//! The page's style sheet, and how figures are written on it.

use money::Money;
use terms::Month;

/// Self-contained: system fonts, no scripts, no outside files. On paper it needs no backgrounds.
pub(crate) const SHEET: &str = r#"
:root { --ink: #16202c; --soft: #56616f; --line: #d9dee5; --paper: #ffffff; --wash: #f5f7f9;
  --revenue: #1d6f5c; --cost: #b4552d; --note: #7a5200; --note-wash: #fff6e0; color-scheme: light; }
* { box-sizing: border-box; }
html { background: var(--wash); }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 2rem 3rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
header { border-bottom: 2px solid var(--ink); padding-bottom: 1rem; }
.brand { margin: 0; font-weight: 700; letter-spacing: .02em; color: var(--soft); }
h1 { margin: .25rem 0; font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.2rem; }
.status { margin: 0; color: var(--soft); }
.provisional { margin: 1rem 0 0; padding: .6rem .9rem; border-left: 4px solid var(--note);
  background: var(--note-wash); color: var(--note); }
.key { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem;
  margin: 1.75rem 0 0; }
.key div { border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; }
.key dt { color: var(--soft); font-size: .875rem; }
.key dd { margin: 0; font-size: 1.5rem; font-weight: 650; font-variant-numeric: tabular-nums; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { font-family: inherit; font-size: 13px; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .group { font-weight: 650; }
svg .value { fill: var(--soft); }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .revenue { fill: var(--revenue); }
svg .cost { fill: var(--cost); }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .4rem; }
th, td { padding: .45rem .6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line); }
thead th { border-bottom: 1px solid var(--ink); font-size: .875rem; color: var(--soft); font-weight: 600; }
th:first-child { text-align: left; }
tbody th { font-weight: 500; }
tfoot th, tfoot td { border-top: 1px solid var(--ink); border-bottom: 0; font-weight: 700; }
.none { color: var(--soft); }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft);
  font-size: .875rem; }
footer p { margin: 0 0 .5rem; }
@media print {
  @page { margin: 16mm; }
  html, body { background: none; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  svg, .provisional { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  figure, tr, .key div { break-inside: avoid; }
  h2 { break-after: avoid; }
  thead { display: table-header-group; }
}
"#;

/// For people: `$12,500.00`, `−$8.50`.
pub(crate) fn dollars(amount: Money) -> String {
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("−", digits));
    let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
    format!("{sign}${}.{cents}", grouped(whole))
}

/// For people: `65,000`.
pub(crate) fn count(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(&number.unsigned_abs().to_string()))
}

fn grouped(digits: &str) -> String {
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or("")).collect();
    groups.join(",")
}

/// For people: `November 2026`.
pub(crate) fn month_name(month: Month) -> String {
    const NAMES: [(&str, &str); 12] = [
        ("01", "January"),
        ("02", "February"),
        ("03", "March"),
        ("04", "April"),
        ("05", "May"),
        ("06", "June"),
        ("07", "July"),
        ("08", "August"),
        ("09", "September"),
        ("10", "October"),
        ("11", "November"),
        ("12", "December"),
    ];
    let text = month.to_string();
    let (year, number) = text.split_once('-').unwrap_or((&text, ""));
    let name = NAMES.iter().find(|(digits, _)| *digits == number).map_or(number, |(_, name)| name);
    format!("{name} {year}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_for_people() {
        let table = [
            ("0", "$0.00"),
            ("999.9", "$999.90"),
            ("1000", "$1,000.00"),
            ("12500", "$12,500.00"),
            ("1234567.89", "$1,234,567.89"),
            ("-8.5", "−$8.50"),
        ];
        for (amount, shown) in table {
            assert_eq!(dollars(Money::parse(amount).unwrap()), shown);
        }
        assert_eq!(
            (count(65_000).as_str(), count(7).as_str(), count(-1_200).as_str()),
            ("65,000", "7", "−1,200")
        );
        assert_eq!(month_name(Month::parse("2026-11").unwrap()), "November 2026");
    }
}
