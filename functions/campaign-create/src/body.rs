//! What the request says, before any of it is believed.

use platform::{Problem, http};
use printing::{CampaignName, NewArtwork, PostcardSize, limits};
use serde::Deserialize;
use terms::RecipientListId;

/// The request's body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Wire {
    name: String,
    recipient_list_id: String,
    #[serde(default, deserialize_with = "http::present")]
    max_pieces: Option<u32>,
    size: PostcardSize,
    artwork: WireArtwork,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum WireArtwork {
    Pdf {},
    PdfPerRecipient {},
    Html { front: String, back: String },
}

/// The same, believed.
pub(crate) struct Wanted {
    pub(crate) name: CampaignName,
    pub(crate) recipient_list: RecipientListId,
    pub(crate) pieces_max: Option<u32>,
    pub(crate) size: PostcardSize,
    pub(crate) artwork: NewArtwork,
}

impl Wire {
    /// Takes the fields one by one.
    ///
    /// # Errors
    /// A problem that names the field.
    pub(crate) fn believed(self) -> Result<Wanted, Problem> {
        let name = CampaignName::parse(&self.name)
            .map_err(|why| Problem::bad_request("invalid_name", format!("The campaign's name {why}.")))?;
        // An id that no list can have is answered as a list that is not there.
        let recipient_list =
            RecipientListId::parse(&self.recipient_list_id).map_err(|_| Problem::not_found())?;
        if self.max_pieces.is_some_and(|pieces| !(1..=limits::JOB_PIECES_MAX).contains(&pieces)) {
            return Err(Problem::bad_request(
                "invalid_max_pieces",
                "maxPieces is not valid. Send a whole number from 1 to 100,000.",
            ));
        }
        let artwork = match self.artwork {
            WireArtwork::Pdf {} => NewArtwork::Pdf,
            WireArtwork::PdfPerRecipient {} => NewArtwork::PdfPerRecipient,
            WireArtwork::Html { front, back } if front.trim().is_empty() || back.trim().is_empty() => {
                return Err(Problem::bad_request(
                    "invalid_artwork",
                    "A side of the HTML artwork is missing. Send a front and a back.",
                ));
            }
            WireArtwork::Html { front, back } => NewArtwork::Html { front, back },
        };
        Ok(Wanted { name, recipient_list, pieces_max: self.max_pieces, size: self.size, artwork })
    }
}
