//! A postcard: what was asked, what its artwork was, and how far it is.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::schedule;

pub(super) const DEFAULT_LIMIT: usize = 10;
pub(super) const MAX_LIMIT: usize = 100;

/// Why and by whom a card was cancelled.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) reason: &'static str,
    /// `user_…`; none where the vendor itself cancelled.
    pub(super) by_user: Option<String>,
    pub(super) text: Value,
}

/// What the artwork was. The bytes themselves are not stored.
#[derive(Clone, Debug)]
pub(super) enum Artwork {
    Pdf { sha256: String, bytes: usize },
    Html { sha256: String },
    Link(String),
}

#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) id: String,
    pub(super) live: bool,
    pub(super) created_ms: u64,
    pub(super) send_ms: u64,
    /// When it stops being ready by itself.
    pub(super) printing_ms: u64,
    pub(super) to: Value,
    pub(super) from: Value,
    pub(super) size: String,
    pub(super) mailing_class: String,
    pub(super) paper: String,
    pub(super) description: Value,
    pub(super) metadata: Value,
    pub(super) merge_variables: Value,
    pub(super) artwork: Artwork,
    pub(super) idempotency_key: Option<String>,
    /// A status that was set by hand, and when.
    pub(super) forced: Option<(u64, &'static str)>,
    pub(super) cancellation: Option<Note>,
    /// The card as the vendor renders it at first, for searches.
    pub(super) searchable: String,
}

impl Card {
    pub(super) fn status(&self, now_ms: u64) -> &'static str {
        match self.forced {
            Some((_, status)) => status,
            None => schedule::status(self.live, self.printing_ms, now_ms),
        }
    }

    pub(super) fn piece(&self) -> Option<&str> {
        self.metadata["piece"].as_str()
    }

    pub(super) fn cancel(&mut self, now_ms: u64, note: Note) {
        self.forced = Some((now_ms, "cancelled"));
        self.cancellation = Some(note);
    }

    /// Sets the status by hand; false when there is no such status.
    pub(super) fn force(&mut self, now_ms: u64, status: &str) -> bool {
        let known = ["ready", "printing", "processed_for_delivery", "completed"];
        if status == "cancelled" {
            self.cancel(now_ms, Note { reason: "invalid_content", by_user: None, text: Value::Null });
            return true;
        }
        match known.iter().find(|known| **known == status) {
            Some(status) => {
                self.forced = Some((now_ms, status));
                self.cancellation = None;
                true
            }
            None => false,
        }
    }

    /// The card as the vendor answers it.
    pub(super) fn rendered(&self, now_ms: u64) -> Value {
        let updated_ms = match self.forced {
            Some((forced_ms, _)) => forced_ms,
            None if now_ms >= self.printing_ms => self.printing_ms,
            None => self.created_ms,
        };
        let cancellation = self
            .cancellation
            .as_ref()
            .map(|note| json!({"reason": note.reason, "cancelledByUser": note.by_user, "note": note.text}));
        let mut card = json!({
            "id": self.id,
            "object": "postcard",
            "live": self.live,
            "status": self.status(now_ms),
            "to": self.to,
            "from": self.from,
            "size": self.size,
            "mailingClass": self.mailing_class,
            "paper": self.paper,
            "sendDate": iso(self.send_ms),
            "description": self.description,
            "metadata": self.metadata,
            "mergeVariables": self.merge_variables,
            "imbStatus": null,
            "imbDate": null,
            "imbZIPCode": null,
            "trackingNumber": null,
            "url": null,
            "createdAt": iso(self.created_ms),
            "updatedAt": iso(updated_ms),
        });
        if let Some(cancellation) = cancellation {
            card["cancellation"] = cancellation;
        }
        if let Artwork::Link(url) = &self.artwork {
            card["uploadedPDF"] = Value::from(url.as_str());
        }
        card
    }

    pub(super) fn inspected(&self, now_ms: u64) -> Value {
        let mut card = self.rendered(now_ms);
        card["idempotencyKey"] = Value::from(self.idempotency_key.clone());
        card["artwork"] = match &self.artwork {
            Artwork::Pdf { sha256, bytes } => json!({"kind": "pdf", "sha256": sha256, "bytes": bytes}),
            Artwork::Html { sha256 } => json!({"kind": "html", "sha256": sha256}),
            Artwork::Link(url) => json!({"kind": "link", "url": url}),
        };
        card
    }
}

/// Unix milliseconds in RFC 3339, UTC.
pub(super) fn iso(unix_ms: u64) -> String {
    schedule::moment(unix_ms).format(&Rfc3339).unwrap_or_default()
}
