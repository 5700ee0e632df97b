//! A postcard as a request. Deterministic: the same postcard is the same bytes, as an idempotency key requires.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use crate::multipart;

/// A postcard to print and mail.
#[derive(Debug, Clone)]
pub struct Postcard {
    pub to: Contact,
    /// Optional for postcards.
    pub from: Option<Contact>,
    pub size: Size,
    pub artwork: Artwork,
    /// `None`: `first_class`.
    pub mailing_class: Option<String>,
    /// ISO 8601; `None`: at once.
    pub send_date: Option<String>,
    /// For people who read the order at PostGrid.
    pub description: Option<String>,
    /// Comes back with the postcard, and can be searched for.
    pub metadata: BTreeMap<String, String>,
    /// Separates the parts of the body; letters, digits, `-` and `_`, made from the caller's id of the piece.
    pub boundary: String,
}

/// Width and height in inches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Size {
    #[serde(rename = "6x4")]
    Six4,
    #[serde(rename = "9x6")]
    Nine6,
    #[serde(rename = "11x6")]
    Eleven6,
}

impl Size {
    /// As PostGrid writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Six4 => "6x4",
            Self::Nine6 => "9x6",
            Self::Eleven6 => "11x6",
        }
    }
}

/// What is printed.
#[derive(Clone)]
pub enum Artwork {
    /// A PDF of two pages, sent as bytes: never as a link, behind which the file could change later.
    Pdf(Bytes),
    Html {
        /// Picture side.
        front: String,
        /// Address side.
        back: String,
    },
}

impl fmt::Debug for Artwork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pdf(content) => write!(formatter, "Pdf({} bytes)", content.len()),
            Self::Html { front, back } => write!(formatter, "Html({} bytes)", front.len() + back.len()),
        }
    }
}

/// A name and an address. Personal data: its Debug shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Required without a company name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Required without a first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Street and number.
    pub address_line1: String,
    /// Flat, floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Two letters in the United States.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province_or_state: Option<String>,
    /// ZIP code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_or_zip: Option<String>,
    /// Two letters, `US`.
    pub country_code: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Contact").finish_non_exhaustive()
    }
}

impl Contact {
    fn fields(&self, prefix: &str) -> Vec<(String, String)> {
        let fields = [
            ("firstName", self.first_name.as_deref()),
            ("lastName", self.last_name.as_deref()),
            ("companyName", self.company_name.as_deref()),
            ("addressLine1", Some(self.address_line1.as_str())),
            ("addressLine2", self.address_line2.as_deref()),
            ("city", self.city.as_deref()),
            ("provinceOrState", self.province_or_state.as_deref()),
            ("postalOrZip", self.postal_or_zip.as_deref()),
            ("countryCode", Some(self.country_code.as_str())),
        ];
        let filled = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        filled.map(|(name, value)| (format!("{prefix}[{name}]"), value.to_owned())).collect()
    }
}

impl Postcard {
    /// The body and its content type: JSON for HTML, multipart for a PDF.
    pub(crate) fn body(&self) -> multipart::Body {
        match &self.artwork {
            Artwork::Pdf(content) => {
                let file = multipart::File {
                    name: "pdf",
                    file_name: "postcard.pdf",
                    content_type: "application/pdf",
                    content,
                };
                multipart::encode(&self.fields(), &file, &self.boundary)
            }
            Artwork::Html { front, back } => self.json(front, back),
        }
    }

    fn fields(&self) -> Vec<(String, String)> {
        let mut fields = self.to.fields("to");
        if let Some(from) = &self.from {
            fields.extend(from.fields("from"));
        }
        fields.push(("size".to_owned(), self.size.as_str().to_owned()));
        let optional = [
            ("mailingClass", &self.mailing_class),
            ("sendDate", &self.send_date),
            ("description", &self.description),
        ];
        for (name, value) in optional {
            fields.extend(value.iter().map(|value| (name.to_owned(), value.clone())));
        }
        fields.extend(self.metadata.iter().map(|(key, value)| (format!("metadata[{key}]"), value.clone())));
        fields
    }

    fn json(&self, front: &str, back: &str) -> multipart::Body {
        let wire = OnTheWire {
            to: &self.to,
            from: self.from.as_ref(),
            size: self.size,
            front_html: front,
            back_html: back,
            mailing_class: self.mailing_class.as_deref(),
            send_date: self.send_date.as_deref(),
            description: self.description.as_deref(),
            metadata: &self.metadata,
        };
        // Cannot fail: strings and maps with string keys only.
        let bytes = serde_json::to_vec(&wire).unwrap_or_default();
        multipart::Body { content_type: "application/json".to_owned(), bytes: bytes.into() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OnTheWire<'a> {
    to: &'a Contact,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a Contact>,
    size: Size,
    #[serde(rename = "frontHTML")]
    front_html: &'a str,
    #[serde(rename = "backHTML")]
    back_html: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailing_class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    metadata: &'a BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postcard(artwork: Artwork) -> Postcard {
        let to = Contact {
            first_name: Some("Ana".to_owned()),
            address_line1: "1 Main St".to_owned(),
            city: Some("Tampa".to_owned()),
            province_or_state: Some("FL".to_owned()),
            postal_or_zip: Some("33602".to_owned()),
            country_code: "US".to_owned(),
            ..Contact::default()
        };
        Postcard {
            to,
            from: None,
            size: Size::Six4,
            artwork,
            mailing_class: None,
            send_date: None,
            description: None,
            metadata: BTreeMap::from([("piece".to_owned(), "pc_1".to_owned())]),
            boundary: "pc_1".to_owned(),
        }
    }

    #[test]
    fn a_pdf_goes_as_multipart_with_bracketed_fields() {
        let body = postcard(Artwork::Pdf(Bytes::from_static(b"%PDF-1.7"))).body();
        assert_eq!(body.content_type, "multipart/form-data; boundary=pc_1");
        let text = String::from_utf8(body.bytes.to_vec()).unwrap();
        let names: Vec<_> = text.split("name=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        let address =
            ["to[firstName]", "to[addressLine1]", "to[city]", "to[provinceOrState]", "to[postalOrZip]"];
        assert_eq!(names[..5], address);
        assert_eq!(names[5..], ["to[countryCode]", "size", "metadata[piece]", "pdf", "postcard.pdf"]);
    }

    #[test]
    fn html_goes_as_json() {
        let body = postcard(Artwork::Html { front: "<b>".to_owned(), back: "<i>".to_owned() }).body();
        assert_eq!(body.content_type, "application/json");
        assert_eq!(
            std::str::from_utf8(&body.bytes).unwrap(),
            r#"{"to":{"firstName":"Ana","addressLine1":"1 Main St","city":"Tampa","provinceOrState":"FL","#
                .to_owned()
                + r#""postalOrZip":"33602","countryCode":"US"},"size":"6x4","#
                + r#""frontHTML":"<b>","backHTML":"<i>","#
                + r#""metadata":{"piece":"pc_1"}}"#
        );
    }

    #[test]
    fn debug_shows_neither_address_nor_artwork() {
        let shown = format!("{:?}", postcard(Artwork::Pdf(Bytes::from_static(b"%PDF-1.7"))));
        assert!(
            !shown.contains("Ana") && !shown.contains("Main") && shown.contains("Pdf(8 bytes)"),
            "{shown}"
        );
    }
}
