//! POST /api/campaigns: a campaign of a recipient list, a size and artwork.

mod body;
pub mod handler;
