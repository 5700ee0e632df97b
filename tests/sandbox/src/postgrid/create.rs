//! Creating a postcard: reads the request in either encoding, checks it whole, and makes one card per
//! idempotency key.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::cards::{Artwork, Card, iso};
use super::refusal::{Outcome, Refusal};
use super::{PostGrid, Replay, contact, pdf, schedule};
use crate::message::Request;
use crate::{form, multipart};

/// An idempotency key older than this is a new request.
const KEY_KEPT_MS: u64 = 24 * 60 * 60 * 1_000;
/// A date without a time.
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const SIZES: [&str; 3] = ["6x4", "9x6", "11x6"];
const MAILING_CLASSES: [&str; 6] =
    ["first_class", "standard_class", "express", "certified", "certified_return_receipt", "registered"];
const CARRIER_CLASSES: [&str; 5] = ["usps_", "ca_post_", "ups_", "royal_mail_", "au_post_"];
const KNOWN: [&str; 16] = [
    "to",
    "from",
    "size",
    "frontHTML",
    "backHTML",
    "frontTemplate",
    "backTemplate",
    "pdf",
    "mailingClass",
    "paper",
    "sendDate",
    "mergeVariables",
    "metadata",
    "description",
    "express",
    "color",
];

struct Asked {
    fields: Value,
    pdf: Option<Bytes>,
}

impl PostGrid {
    pub(super) fn create(&mut self, now_ms: u64, live: bool, request: &Request) -> Outcome {
        self.count(live).create_calls += 1;
        let asked = read(request)?;
        let digest = asked.pdf.as_ref().map(|pdf| hex::encode(Sha256::digest(pdf)));
        let summary = format!("{} {}", asked.fields, digest.as_deref().unwrap_or_default());
        let key = request.header("idempotency-key").map(str::to_owned);
        if let Some(place) = self.replayed(now_ms, live, key.as_deref(), &summary)? {
            self.count(live).idempotent_replays += 1;
            return Ok((201, self.cards[place].rendered(now_ms)));
        }
        let artwork = artwork(&asked, digest)?;
        let card = self.make(now_ms, live, &asked.fields, artwork, key.clone())?;
        let rendered = card.rendered(now_ms);
        let place = self.cards.len();
        self.note(live, card.piece());
        self.places.insert(card.id.clone(), place);
        self.cards.push(card);
        if let Some(key) = key {
            self.replays.insert((live, key), Replay { stored_ms: now_ms, asked: summary, card: place });
        }
        Ok((201, rendered))
    }

    /// The place of the card that this key made before, if it is young enough.
    fn replayed(
        &mut self,
        now_ms: u64,
        live: bool,
        key: Option<&str>,
        asked: &str,
    ) -> Result<Option<usize>, Refusal> {
        let Some(key) = key else { return Ok(None) };
        match self.replays.get(&(live, key.to_owned())) {
            Some(replay) if now_ms >= replay.stored_ms + KEY_KEPT_MS => Ok(None),
            Some(replay) if replay.asked == asked => Ok(Some(replay.card)),
            Some(_) => Err(Refusal::other_body()),
            None => Ok(None),
        }
    }

    fn make(
        &mut self,
        now_ms: u64,
        live: bool,
        fields: &Value,
        artwork: Artwork,
        idempotency_key: Option<String>,
    ) -> Result<Card, Refusal> {
        let size = choice(fields, "size", None, |size| SIZES.contains(&size))?;
        let mailing_class = choice(fields, "mailingClass", Some("first_class"), |class| {
            MAILING_CLASSES.contains(&class)
                || CARRIER_CLASSES.iter().any(|carrier| class.starts_with(carrier))
        })?;
        // omitted, the organization's default paper is taken: here the standard one
        let paper = choice(fields, "paper", Some("standard"), |paper| {
            paper == "standard" || paper.starts_with("paper_")
        })?;
        let send_ms = send_date(fields, now_ms)?;
        for name in ["metadata", "mergeVariables"] {
            if !matches!(fields[name], Value::Null | Value::Object(_)) {
                return Err(Refusal::invalid(&format!("{name} should be an object.")));
            }
        }
        let mut contact = |role: &str| {
            let new = contact::New { id: self.ids.fresh("contact_", 22), live, created_at: iso(now_ms) };
            contact::read(&fields[role], role, &new)
        };
        let to = contact("to")?;
        let from = match &fields["from"] {
            Value::Null => Value::Null,
            _ => contact("from")?,
        };
        let mut card = Card {
            id: self.ids.fresh("postcard_", 22),
            live,
            created_ms: now_ms,
            send_ms,
            printing_ms: schedule::printing_ms(send_ms),
            to,
            from,
            size,
            mailing_class,
            paper,
            description: fields["description"].clone(),
            metadata: object_or_empty(&fields["metadata"]),
            merge_variables: object_or_empty(&fields["mergeVariables"]),
            artwork,
            idempotency_key,
            forced: None,
            cancellation: None,
            searchable: String::new(),
        };
        card.searchable = card.rendered(now_ms).to_string();
        Ok(card)
    }

    fn note(&mut self, live: bool, piece: Option<&str>) {
        let counters = self.count(live);
        counters.cards_created += 1;
        if let Some(piece) = piece {
            let cards = counters.by_piece.entry(piece.to_owned()).or_default();
            *cards += 1;
            counters.cards_per_piece_max = counters.cards_per_piece_max.max(*cards);
        }
    }
}

fn read(request: &Request) -> Result<Asked, Refusal> {
    let content_type = request.header("content-type").unwrap_or_default();
    let asked = match multipart::boundary(content_type) {
        Some(boundary) => read_multipart(request, &boundary)?,
        None => {
            let fields = serde_json::from_slice(&request.body)
                .map_err(|_| Refusal::invalid("The body is neither JSON nor multipart/form-data."))?;
            Asked { fields, pdf: None }
        }
    };
    let object = asked.fields.as_object().ok_or_else(|| Refusal::invalid("The body should be an object."))?;
    match object.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        Some(unknown) => Err(Refusal::invalid(&format!("{unknown} is not a field of a postcard."))),
        None => Ok(asked),
    }
}

fn read_multipart(request: &Request, boundary: &str) -> Result<Asked, Refusal> {
    let parts = multipart::parse(&request.body, boundary).map_err(|message| Refusal::invalid(&message))?;
    let (mut pairs, mut pdf) = (Vec::new(), None);
    for part in parts {
        match part.file_name {
            Some(_) if part.name == "pdf" && pdf.is_none() => pdf = Some(part.content),
            Some(_) => {
                return Err(Refusal::invalid(&format!("{} is not a file of a postcard.", part.name)));
            }
            None => pairs.push((part.name, String::from_utf8_lossy(&part.content).into_owned())),
        }
    }
    let fields = form::nest(pairs).map_err(|message| Refusal::invalid(&message))?;
    Ok(Asked { fields, pdf })
}

/// Exactly one kind of artwork, and it must be what it claims to be.
fn artwork(asked: &Asked, digest: Option<String>) -> Result<Artwork, Refusal> {
    let fields = &asked.fields;
    let given = |name: &str| fields[name].as_str().filter(|text| !text.is_empty());
    let pair = |front: &str, back: &str| match (given(front), given(back)) {
        (Some(front), Some(back)) => Ok(Some(format!("{front}\n{back}"))),
        (None, None) => Ok(None),
        _ => Err(Refusal::invalid(&format!("{front} and {back} belong together."))),
    };
    let html = pair("frontHTML", "backHTML")?;
    let templates = pair("frontTemplate", "backTemplate")?;
    let link = given("pdf");
    let kinds = [html.is_some(), templates.is_some(), link.is_some(), asked.pdf.is_some()];
    if kinds.into_iter().filter(|given| *given).count() != 1 {
        return Err(Refusal::invalid(
            "Give exactly one of frontHTML and backHTML, frontTemplate and backTemplate, or pdf.",
        ));
    }
    if let (Some(pdf), Some(sha256)) = (&asked.pdf, digest) {
        return match pdf::fault(pdf) {
            Some(fault) => Err(Refusal::invalid(fault)),
            None => Ok(Artwork::Pdf { sha256, bytes: pdf.len() }),
        };
    }
    if let Some(url) = link {
        return match url.starts_with("https://") || url.starts_with("http://") {
            true => Ok(Artwork::Link(url.to_owned())),
            false => Err(Refusal::invalid("pdf should be a file or the URL of one.")),
        };
    }
    match html {
        Some(html) => Ok(Artwork::Html { sha256: hex::encode(Sha256::digest(html)) }),
        None => Err(Refusal::invalid("There is no template of this id.")),
    }
}

fn choice(
    fields: &Value,
    name: &str,
    default: Option<&str>,
    known: impl Fn(&str) -> bool,
) -> Result<String, Refusal> {
    match (&fields[name], default) {
        (Value::Null, Some(default)) => Ok(default.to_owned()),
        (Value::String(given), _) if known(given) => Ok(given.clone()),
        (given, _) => Err(Refusal::invalid(&format!("{name} cannot be {given}."))),
    }
}

fn send_date(fields: &Value, now_ms: u64) -> Result<u64, Refusal> {
    let wrong = || Refusal::invalid("sendDate should be a time in ISO 8601.");
    let text = match &fields["sendDate"] {
        Value::Null => return Ok(now_ms),
        Value::String(text) => text,
        _ => return Err(wrong()),
    };
    let moment = match Date::parse(text, &DAY) {
        // a date alone is that day's beginning
        Ok(date) => date.midnight().assume_utc(),
        Err(_) => OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong())?,
    };
    u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).map_err(|_| wrong())
}

fn object_or_empty(value: &Value) -> Value {
    match value {
        Value::Object(_) => value.clone(),
        _ => json!({}),
    }
}
