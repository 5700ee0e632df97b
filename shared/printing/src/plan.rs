//! How a job is cut into batches. Pure.

use crate::limits::BATCH_PIECES;
use serde::{Deserialize, Serialize};
use terms::BatchNumber;

/// Which recipients of the list, counted from 0: `from` is in, `to` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceRange {
    /// The first.
    pub from: u32,
    /// The one after the last.
    pub to: u32,
}

impl PieceRange {
    /// How many pieces.
    #[must_use]
    pub fn pieces(self) -> u32 {
        self.to.saturating_sub(self.from)
    }

    /// The places of its recipients in the list.
    pub(crate) fn recipients(self) -> std::ops::Range<u32> {
        self.from..self.to
    }
}

/// The batches of a job of this many pieces: every piece in exactly one, in the order of the list.
#[must_use]
pub fn batches_of(pieces: u32) -> Vec<(BatchNumber, PieceRange)> {
    let count = pieces.div_ceil(BATCH_PIECES);
    (0..count)
        .map(|number| {
            let from = number.saturating_mul(BATCH_PIECES);
            (number, PieceRange { from, to: pieces.min(from.saturating_add(BATCH_PIECES)) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_is_in_exactly_one_batch() {
        let table = [(0, 0, 0), (1, 1, 1), (25, 1, 25), (26, 2, 1), (60, 3, 10), (100_000, 4_000, 25)];
        for (pieces, batches, last) in table {
            let plan = batches_of(pieces);
            assert_eq!(plan.len(), batches, "{pieces}");
            let mut next = 0;
            for (number, (at, range)) in (0..).zip(&plan) {
                assert_eq!((number, next), (*at, range.from));
                assert!((1..=BATCH_PIECES).contains(&range.pieces()));
                next = range.to;
            }
            assert_eq!(next, pieces);
            assert_eq!(plan.last().map_or(0, |(_, range)| range.pieces()), last);
        }
    }
}
