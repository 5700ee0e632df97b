//! Looks at artwork as a printer's intake does: is it a PDF at all?

/// How far from the end the end marker may be.
const TAIL_BYTES: usize = 1_024;

/// Why these bytes are not a PDF; `None` when they look like one.
pub(super) fn fault(artwork: &[u8]) -> Option<&'static str> {
    if artwork.is_empty() {
        return Some("The artwork is empty.");
    }
    if !artwork.starts_with(b"%PDF-") {
        return Some("The artwork is not a PDF: its header is missing.");
    }
    let tail = &artwork[artwork.len().saturating_sub(TAIL_BYTES)..];
    match tail.windows(5).any(|window| window == b"%%EOF") {
        true => None,
        false => Some("The artwork is not a complete PDF: its end is missing."),
    }
}
