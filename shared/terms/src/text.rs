//! Texts that a person types: names, reasons, cities.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The first character of a UTF-8 file, by which a spreadsheet on Windows recognizes UTF-8.
pub const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Why a text is refused, worded to follow the field's name: "the reason is empty: …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It has no visible character.
    #[error("is empty: give 1 to {max} characters that can be seen")]
    Empty { max: usize },
    #[error("has {length} characters: give at most {max}")]
    TooLong { length: usize, max: usize },
    /// This character breaks the line, controls a terminal or changes the direction of reading.
    #[error("holds the invisible character U+{:04X}, which does not belong in one line of text: remove it", u32::from(*.0))]
    Character(char),
}

/// One line of typed text of 1 to `MAX` characters: trimmed, in Unicode's composed form (NFC), so that what looks the
/// same is equal, and without characters that hide or turn text.
///
/// serde does not check: a record written before a rule stays readable. So a request's text goes through
/// [`PersonText::parse`], never through serde.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonText<const MAX: usize>(String);

impl<const MAX: usize> PersonText<MAX> {
    pub fn parse(raw: &str) -> Result<Self, TextError> {
        let composed: String = raw.nfc().collect();
        let text = composed.trim_matches(is_blank);
        if let Some(character) = text.chars().find(|character| breaks_the_line(*character)) {
            return Err(TextError::Character(character));
        }
        if text.chars().all(|character| character.is_whitespace() || is_invisible(character)) {
            return Err(TextError::Empty { max: MAX });
        }
        let length = text.chars().count();
        if length > MAX {
            return Err(TextError::TooLong { length, max: MAX });
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> From<PersonText<MAX>> for String {
    fn from(text: PersonText<MAX>) -> Self {
        text.0
    }
}

impl<const MAX: usize> std::fmt::Display for PersonText<MAX> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text with plain apostrophes, hyphens and single spaces in place of the typographic ones that phones and word
/// processors insert, to compare it with a vendor's spelling.
#[must_use]
pub fn with_plain_punctuation(text: &str) -> String {
    let plain = |character: char| match character {
        // Quotation marks, modifier letters, prime, acute, grave, full-width.
        '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02B9}' | '\u{02BB}' | '\u{02BC}' | '\u{2032}'
        | '\u{00B4}' | '`' | '\u{FF07}' => '\'',
        // Hyphens, dashes, minus, small and full-width.
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        other => other,
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().map(plain).collect()
}

/// What is trimmed at the ends: white space, and the invisible characters that are copied along with a text.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
}

/// Controls, line and paragraph separators, direction overrides and isolates, annotations.
fn breaks_the_line(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}'..='\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}'
        )
}

/// Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), and the blank braille pattern. Inside a text
/// they are legitimate: they join emoji and shape Indic scripts.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Name = PersonText<120>;

    fn name(raw: &str) -> Result<String, TextError> {
        Name::parse(raw).map(String::from)
    }

    #[test]
    fn a_text_of_a_person_is_one_clean_line() {
        let taken = [
            ("  Tampa homeowners ", "Tampa homeowners"),
            ("\u{FEFF}Spring\u{200B}\u{00A0}", "Spring"),
            ("Spring\n", "Spring"),
            ("Cafe\u{301}", "Café"),
            ("O’Neil – 35–55", "O’Neil – 35–55"),
            ("👩\u{200D}🌾 ❤\u{FE0F}", "👩\u{200D}🌾 ❤\u{FE0F}"),
            ("שלום עולם", "שלום עולם"),
        ];
        for (raw, text) in taken {
            assert_eq!(name(raw), Ok(text.to_owned()), "{raw:?}");
        }
        for hidden in ['\n', '\t', '\0', '\u{7F}', '\u{85}', '\u{2028}', '\u{202E}', '\u{2066}', '\u{FFF9}'] {
            assert_eq!(name(&format!("a{hidden}b")), Err(TextError::Character(hidden)), "{hidden:?}");
        }
        for nothing in
            ["", "  ", "\u{200B}", "\u{2060}\u{FE0F}", "\u{200D}\u{200D}", "\u{3164} \u{3164}", "\u{2800}"]
        {
            assert_eq!(name(nothing), Err(TextError::Empty { max: 120 }), "{nothing:?}");
        }
    }

    #[test]
    fn a_text_holds_at_120_characters_and_breaks_at_121() {
        assert!(name(&"e\u{301}".repeat(120)).is_ok(), "as many as are seen");
        assert_eq!(name(&"é".repeat(121)), Err(TextError::TooLong { length: 121, max: 120 }));
        let words = [TextError::Character('\u{202E}').to_string(), TextError::Empty { max: 9 }.to_string()];
        assert!(words[0].contains("U+202E") && words[1].contains("1 to 9 characters"), "{words:?}");
    }

    #[test]
    fn a_text_that_was_stored_before_is_read_as_it_stands() {
        let stored: Name = serde_json::from_str("\" a\\u202eb \"").unwrap();
        assert_eq!(stored.as_str(), " a\u{202E}b ");
        assert_eq!(serde_json::to_string(&stored).unwrap(), "\" a\u{202E}b \"");
    }

    #[test]
    fn typographic_punctuation_becomes_that_of_a_keyboard() {
        let table = [
            ("Coeur d’Alene", "Coeur d'Alene"),
            ("O`Fallon", "O'Fallon"),
            ("Land O\u{02BC} Lakes", "Land O' Lakes"),
            ("Winston–Salem", "Winston-Salem"),
            ("Wilkes\u{2011}Barre", "Wilkes-Barre"),
            ("St.\u{00A0} Louis", "St. Louis"),
            ("Cañon City", "Cañon City"),
        ];
        for (typed, plain) in table {
            assert_eq!(with_plain_punctuation(typed), plain);
        }
    }
}
