//! A postcard as PostGrid reports it. The address is not read: whoever needs it has it already.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A postcard at PostGrid. Times are ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// `postcard_…`.
    pub id: String,
    /// False under a test key: nothing is mailed.
    #[serde(default)]
    pub live: bool,
    /// Where it is at the printer.
    pub status: CardStatus,
    /// As sent with the request; values that are not texts are left out.
    #[serde(default, deserialize_with = "texts")]
    pub metadata: BTreeMap<String, String>,
    /// Where the mailpiece is at the post, US only; independent of `status`.
    #[serde(default)]
    pub imb_status: Option<MailpieceStatus>,
    #[serde(default)]
    pub imb_date: Option<String>,
    /// Where it was seen.
    #[serde(default, rename = "imbZIPCode")]
    pub imb_zip_code: Option<String>,
    /// Only for express and certified mail.
    #[serde(default)]
    pub tracking_number: Option<String>,
    /// When it goes to print.
    #[serde(default)]
    pub send_date: Option<String>,
    /// Why it was cancelled; PostGrid itself may cancel after it has accepted.
    #[serde(default, rename = "cancellation", deserialize_with = "reason")]
    pub cancellation_reason: Option<String>,
}

/// Where a postcard is at the printer. `Completed` does not mean delivered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum CardStatus {
    /// Accepted; can still be cancelled.
    Ready,
    Printing,
    /// Handed to the post.
    ProcessedForDelivery,
    /// PostGrid has done its part.
    Completed,
    /// Will not be printed.
    Cancelled,
    /// A status that this crate does not know, as PostGrid sent it.
    Other(String),
}

impl From<String> for CardStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "ready" => Self::Ready,
            "printing" => Self::Printing,
            "processed_for_delivery" => Self::ProcessedForDelivery,
            "completed" => Self::Completed,
            "cancelled" => Self::Cancelled,
            _ => Self::Other(word),
        }
    }
}

/// Where a mailpiece is at the post (Intelligent Mail barcode).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum MailpieceStatus {
    /// The post has it.
    EnteredMailStream,
    OutForDelivery,
    ReturnedToSender,
    /// A status that this crate does not know, as PostGrid sent it.
    Other(String),
}

impl From<String> for MailpieceStatus {
    fn from(word: String) -> Self {
        match word.as_str() {
            "entered_mail_stream" => Self::EnteredMailStream,
            "out_for_delivery" => Self::OutForDelivery,
            "returned_to_sender" => Self::ReturnedToSender,
            _ => Self::Other(word),
        }
    }
}

/// A page of a list.
#[derive(Deserialize)]
pub(crate) struct CardList {
    pub data: Vec<Card>,
}

/// Metadata may hold anything; what is not a text is not ours.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let values = Option::<BTreeMap<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
    let text = |(key, value)| if let Value::String(text) = value { Some((key, text)) } else { None };
    Ok(values.into_iter().filter_map(text).collect())
}

fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Cancelled {
        #[serde(default)]
        reason: Option<String>,
    }
    Ok(Option::<Cancelled>::deserialize(deserializer)?.and_then(|cancelled| cancelled.reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_card_is_read() {
        let card: Card = serde_json::from_str(
            r#"{"id":"postcard_1","object":"postcard","live":false,"status":"ready","size":"6x4",
                "mailingClass":"first_class","sendDate":"2026-12-01T05:00:00.000Z",
                "to":{"id":"contact_2","addressStatus":"verified"},"imbStatus":null,"imbDate":null,
                "imbZIPCode":null,
                "trackingNumber":null,"url":null,"metadata":{"piece":"pc_1","n":1},"cancellation":null}"#,
        )
        .unwrap();
        assert_eq!((card.id.as_str(), card.live, card.status), ("postcard_1", false, CardStatus::Ready));
        assert_eq!(card.metadata, BTreeMap::from([("piece".to_owned(), "pc_1".to_owned())]));
        assert_eq!(card.cancellation_reason, None);
    }

    #[test]
    fn new_words_and_a_vendors_cancellation_are_kept() {
        let card: Card = serde_json::from_str(
            r#"{"id":"postcard_1","live":true,"status":"cancelled","metadata":null,"imbStatus":"lost",
                "cancellation":{"reason":"invalid_content","cancelledByUser":null}}"#,
        )
        .unwrap();
        assert_eq!(card.imb_status, Some(MailpieceStatus::Other("lost".to_owned())));
        assert_eq!(card.cancellation_reason.as_deref(), Some("invalid_content"));
        assert!(serde_json::from_str::<Card>(r#"{"id":"postcard_1"}"#).is_err());
    }
}
