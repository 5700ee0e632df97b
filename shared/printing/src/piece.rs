//! One postcard to one recipient: its id, and the request that the vendor gets for it.

use crate::{PostcardSize, PrintJob};
use postgrid_client::{Artwork, Contact, Postcard, Size};
use recipients::Recipient;
use std::collections::BTreeMap;
use terms::{CampaignId, PieceId};

/// Under which key of the vendor's metadata a piece's id stands.
pub(crate) const METADATA_KEY: &str = "piece";

/// The id of the piece of this campaign to this person: the vendor's idempotency key, for ever the same.
pub(crate) fn piece_id(campaign: &CampaignId, person: &str) -> PieceId {
    PieceId::derive(&[campaign.as_str(), person])
}

/// The request for one piece: a pure function of the job, the recipient and the pinned artwork, byte for
/// byte, so that a repetition under the same key asks the same.
pub(crate) fn postcard(job: &PrintJob, recipient: &Recipient, artwork: Artwork) -> Postcard {
    let piece = piece_id(&job.placed.campaign_id, &recipient.person_id);
    Postcard {
        to: Contact {
            first_name: recipient.first_name.clone(),
            last_name: recipient.last_name.clone(),
            company_name: None,
            address_line1: recipient.address_line1.clone().unwrap_or_default(),
            address_line2: None,
            city: recipient.city.clone(),
            province_or_state: recipient.state.clone(),
            postal_or_zip: recipient.postal_code.clone(),
            country_code: "US".to_owned(),
        },
        from: None,
        size: match job.placed.size {
            PostcardSize::Six4 => Size::Six4,
            PostcardSize::Nine6 => Size::Nine6,
            PostcardSize::Eleven6 => Size::Eleven6,
        },
        artwork,
        mailing_class: None,
        send_date: None,
        description: None,
        metadata: BTreeMap::from([(METADATA_KEY.to_owned(), piece.as_str().to_owned())]),
        boundary: format!("droplab-{piece}"),
    }
}
