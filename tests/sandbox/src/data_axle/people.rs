//! The synthetic population: every attribute of a person follows from the person's index, and nothing is
//! stored.
//!
//! Seven people make a block of four households of one, two, one and three members. Members of a household
//! share family, address, home and income.

use super::geography::{self, City, REGIONS};
use super::names::{FAMILIES, MEN, STREET_KINDS, STREETS, WOMEN};
use crate::ids::mix;

const HOUSEHOLD_OF: [u32; 7] = [0, 1, 1, 2, 3, 3, 3];
const MEMBER_OF: [u32; 7] = [0, 0, 1, 0, 0, 1, 2];
const SIZES: [u32; 4] = [1, 2, 1, 3];
const BLOCK: u32 = 7;

/// How many people there are: indexes are `0..POPULATION`.
pub const POPULATION: u32 = BLOCK * blocks(REGIONS.len());

/// Blocks in the first `regions` regions.
const fn blocks(regions: usize) -> u32 {
    let (mut sum, mut at) = (0, 0);
    while at < regions {
        sum += REGIONS[at].1;
        at += 1;
    }
    sum
}

/// What is drawn for a household, each from its own stream.
#[derive(Clone, Copy)]
enum Draw {
    Home = 1,
    Street,
    Family,
    Age,
    Income,
    Owner,
    HomeValue,
    Married,
    Children,
    First,
    Gender,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    index: u32,
    household: u32,
    member: u32,
    size: u32,
}

impl Person {
    pub(super) fn new(index: u32) -> Self {
        let place = usize::try_from(index % BLOCK).unwrap_or_default();
        let within = HOUSEHOLD_OF[place];
        Self {
            index,
            household: index / BLOCK * 4 + within,
            member: MEMBER_OF[place],
            size: SIZES[usize::try_from(within).unwrap_or_default()],
        }
    }

    /// A number below `bound` for the whole household.
    fn shared(&self, draw: Draw, bound: u64) -> u64 {
        mix((u64::from(self.household) << 8) | draw as u64) % bound
    }

    /// A number below `bound` for this person.
    fn own(&self, draw: Draw, bound: u64) -> u64 {
        mix((1 << 60) | (u64::from(self.index) << 8) | draw as u64) % bound
    }

    pub(super) fn person_id(&self) -> String {
        format!("P{:09}", self.index + 1)
    }

    pub(super) fn family_id(&self) -> String {
        format!("F{:09}", self.household + 1)
    }

    pub(super) fn state(&self) -> &'static str {
        let mut block = self.index / BLOCK;
        for (state, blocks) in REGIONS {
            if block < blocks {
                return state;
            }
            block -= blocks;
        }
        REGIONS[0].0
    }

    fn home(&self) -> (&'static City, u32) {
        geography::home(self.state(), self.shared(Draw::Home, u64::MAX))
    }

    pub(super) fn city(&self) -> &'static str {
        self.home().0.name
    }

    /// The ZIP code as a number; leading zeros belong to its text.
    pub(super) fn zip(&self) -> u32 {
        self.home().1
    }

    pub(super) fn street(&self) -> String {
        let draw = self.shared(Draw::Street, 9_800 * 32 * 8);
        let (number, rest) = (draw / (32 * 8) + 100, draw % (32 * 8));
        format!("{number} {} {}", pick(&STREETS, rest / 8), pick(&STREET_KINDS, rest % 8))
    }

    pub(super) fn last_name(&self) -> &'static str {
        pick(&FAMILIES, self.shared(Draw::Family, 64))
    }

    pub(super) fn first_name(&self) -> &'static str {
        let names = if self.is_woman() { &WOMEN } else { &MEN };
        pick(names, self.own(Draw::First, 40))
    }

    /// `"F"` or `"M"`.
    pub(super) fn gender(&self) -> &'static str {
        if self.is_woman() { "F" } else { "M" }
    }

    fn is_woman(&self) -> bool {
        match self.member {
            // couples are mostly a woman and a man
            0 => self.shared(Draw::Gender, 2) == 0,
            1 => (self.shared(Draw::Gender, 2) == 0) == (self.own(Draw::Gender, 10) == 0),
            _ => self.own(Draw::Gender, 2) == 0,
        }
    }

    pub(super) fn age(&self) -> i64 {
        let head = match self.size {
            // old enough for a grown child at home
            3 => 43 + self.shared(Draw::Age, 30),
            _ => 22 + self.shared(Draw::Age, 66),
        };
        let age = match self.member {
            0 => head,
            1 => (head + self.own(Draw::Age, 9)).saturating_sub(4).max(18),
            _ => 18 + self.own(Draw::Age, 7).min(head - 40),
        };
        i64::try_from(age).unwrap_or_default()
    }

    pub(super) fn is_head(&self) -> bool {
        self.member == 0
    }

    pub(super) fn married(&self) -> bool {
        self.size > 1 && self.member < 2 && self.shared(Draw::Married, 100) < 78
    }

    pub(super) fn adults(&self) -> i64 {
        i64::from(self.size)
    }

    pub(super) fn children(&self) -> i64 {
        let (luck, bound) = (self.shared(Draw::Children, 100), if self.size == 1 { 12 } else { 48 });
        match luck < bound {
            true => i64::try_from(1 + luck % 3).unwrap_or_default(),
            false => 0,
        }
    }

    /// Dollars a year, in thousands; unknown for a few households.
    pub(super) fn income(&self) -> Option<i64> {
        let draw = self.shared(Draw::Income, 100_000);
        // squared, so that most are modest and few are large
        let spread = (draw % 1_000) * (draw % 1_000) / 3_000;
        (!draw.is_multiple_of(97)).then(|| i64::try_from((18 + spread) * 1_000).unwrap_or_default())
    }

    pub(super) fn home_owner(&self) -> bool {
        self.shared(Draw::Owner, 100) < 64
    }

    /// Dollars, in thousands; only homes that are owned have a value.
    pub(super) fn home_value(&self) -> Option<i64> {
        let base = if self.state() == "CA" { 320 } else { 140 };
        let draw = self.shared(Draw::HomeValue, 1_000);
        let value = (base + draw * draw / 800) * 1_000;
        self.home_owner().then(|| i64::try_from(value).unwrap_or_default())
    }
}

fn pick(list: &[&'static str], at: u64) -> &'static str {
    list[usize::try_from(at).unwrap_or_default() % list.len()]
}
