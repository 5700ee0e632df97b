//! Contacts as CSV (RFC 4180) for people: UTF-8 with a byte order mark, so that a spreadsheet on Windows reads it as
//! such, and cells that no spreadsheet takes for a formula.

use crate::AudienceFailure;
use recipients::Recipient;
use terms::BYTE_ORDER_MARK;

const HEADER: [&str; 7] =
    ["person_id", "first_name", "last_name", "address_line_1", "city", "state", "postal_code"];

/// The file, header first.
pub(crate) fn write(contacts: &[Recipient]) -> Result<Vec<u8>, AudienceFailure> {
    // The writer's own words may quote a cell.
    let failed = || AudienceFailure::Pages("the contacts have no CSV");
    let mut writer = ::csv::Writer::from_writer(BYTE_ORDER_MARK.to_string().into_bytes());
    writer.write_record(HEADER).map_err(|_| failed())?;
    for contact in contacts {
        let cells = [
            Some(&contact.person_id),
            contact.first_name.as_ref(),
            contact.last_name.as_ref(),
            contact.address_line1.as_ref(),
            contact.city.as_ref(),
            contact.state.as_ref(),
            contact.postal_code.as_ref(),
        ];
        writer.write_record(cells.map(|cell| safe(cell.map_or("", String::as_str)))).map_err(|_| failed())?;
    }
    writer.into_inner().map_err(|_| failed())
}

/// A cell that begins like a formula gets an apostrophe before it (OWASP, CSV injection). Spaces before it do
/// not hide it, and full-width signs count too.
fn safe(cell: &str) -> String {
    let risky = cell
        .trim_start_matches(' ')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if risky { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::sample;

    #[test]
    fn rows_follow_the_header_and_quotes_are_doubled() {
        let mut contact = sample("p1");
        contact.address_line1 = Some("1 \"Main\" St, Apt 2".into());
        contact.city = None;
        let text = String::from_utf8(write(&[contact]).unwrap()).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("\u{feff}person_id,first_name,last_name,address_line_1,city,state,postal_code")
        );
        assert_eq!(lines.next(), Some(r#"p1,Ana,Ruiz,"1 ""Main"" St, Apt 2",,FL,02108"#));
        assert_eq!(lines.next(), None);
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1"] {
            assert_eq!(safe(bad), format!("'{bad}"));
        }
        for good in ["", "Ana", "O'Neil", "1-3 Main St", "a=b"] {
            assert_eq!(safe(good), good);
        }
    }
}
