//! Watched levels on the page of arithmetic: below a level or not, before and after. Written from the words
//! "fell below" and "rose to" and not from the ledger's own.

use crate::reference::Cents;
use std::collections::BTreeSet;
use terms::Timestamp;

/// That levels were crossed: by the entry of this number, or by being set behind it at this time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    pub seq: u64,
    pub set_at: Option<Timestamp>,
    pub fell_below: Vec<Cents>,
    pub rose_to: Vec<Cents>,
    pub available: Cents,
}

/// What is watched, and what was noted because of it.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    pub watched: BTreeSet<Cents>,
    pub notes: BTreeSet<Note>,
}

impl Levels {
    pub fn moved(&mut self, seq: u64, before: Cents, available: Cents) {
        let levels = || self.watched.iter().copied();
        let fell_below = levels().filter(|level| (available + 1..=before).contains(level)).collect();
        let rose_to = levels().filter(|level| (before + 1..=available).contains(level)).collect();
        self.add(Note { seq, set_at: None, fell_below, rose_to, available });
    }

    pub fn set(&mut self, seq: u64, levels: BTreeSet<Cents>, available: Cents, at: Timestamp) {
        let fell_below: Vec<Cents> =
            levels.difference(&self.watched).copied().filter(|level| available < *level).collect();
        self.watched = levels;
        self.add(Note { seq, set_at: Some(at), fell_below, rose_to: Vec::new(), available });
    }

    fn add(&mut self, note: Note) {
        if note.fell_below.len() + note.rose_to.len() > 0 {
            self.notes.insert(note);
        }
    }
}
