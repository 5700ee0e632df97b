//! ZIP codes: texts of five digits, whose first may be zero.

use serde::{Deserialize, Deserializer};

/// Five digits.
#[must_use]
pub fn is_zip_code(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The five digits of a ZIP code as a vendor or spreadsheet wrote it: restores leading zeros that a number lost,
/// drops the four digits of ZIP+4. Anything else stays as it is: the print vendor judges it.
#[must_use]
pub fn zip_code_of(raw: &str) -> String {
    let raw = raw.trim();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (first, rest) = raw.split_once('-').unwrap_or((raw, ""));
    if !digits(first) || !digits(rest) {
        return raw.to_owned();
    }
    match (first.len(), rest.len()) {
        (3..=5, 0 | 4) => format!("{first:0>5}"),
        (7..=9, 0) => format!("{first:0>9}").chars().take(5).collect(),
        _ => raw.to_owned(),
    }
}

/// For serde: a stored ZIP code, with the leading zeros that it may have lost.
pub fn stored_zip_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(|raw| zip_code_of(&raw)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_has_five_digits_whatever_it_came_as() {
        let table = [
            ("02108", "02108"),
            ("2108", "02108"),
            ("501", "00501"),
            (" 33602 ", "33602"),
            ("33602-1234", "33602"),
            ("2108-1234", "02108"),
            ("336021234", "33602"),
            ("21081234", "02108"),
        ];
        for (raw, zip) in table {
            assert_eq!(zip_code_of(raw), zip);
            assert!(is_zip_code(zip));
        }
        for other in ["", "K1A 0B1", "12", "33602-12", "123456", "１２３４５"] {
            assert_eq!(zip_code_of(other), other);
            assert!(!is_zip_code(other), "{other}");
        }
    }
}
