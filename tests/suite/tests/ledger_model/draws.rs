//! How steps are drawn at random: what is likely, what is rare, what lies on a bound.

use crate::{
    reference::Cents,
    steps::{Act, Bent, Trouble},
};
use ledger::{FrozenReason, LotKind, Purpose, TakeKind, limits};
use proptest::{prelude::*, sample::Index};

#[derive(Debug, Clone)]
pub enum Amount {
    Cents(Cents),
    All,
    OneCentMore,
    Nothing,
    LessThanNothing,
    Percent(i64),
}

impl Amount {
    pub fn of(&self, whole: Cents) -> Cents {
        match self {
            Self::Cents(cents) => *cents,
            Self::All => whole,
            Self::OneCentMore => whole + 1,
            Self::Nothing => 0,
            Self::LessThanNothing => -1,
            Self::Percent(percent) => whole * percent / 100,
        }
    }
}

pub fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        82 => Just(Trouble::Nothing),
        3 => Just(Trouble::LostWrite),
        3 => Just(Trouble::LostAnswer),
        2 => Just(Trouble::ServerError),
        3 => Just(Trouble::Conflict),
        2 => Just(Trouble::Throttled),
        3 => Just(Trouble::LostRead),
        2 => Just(Trouble::Silence),
    ]
}

pub fn act(bent: Bent) -> impl Strategy<Value = Act> {
    let [grant, hold, end, take, give_back, refund] = match bent {
        Bent::Everything => [10, 12, 12, 4, 2, 4],
        Bent::ManyLots => [60, 6, 6, 4, 3, 3],
        Bent::ManyHolds => [8, 45, 6, 1, 1, 2],
        Bent::Debts => [12, 10, 8, 14, 7, 3],
    };
    let most = if bent == Bent::Everything { 50_000 } else { 2_000 };
    let index = any::<Index>;
    let object = 0..3u8;
    prop_oneof![
        grant => self::grant(most),
        hold => (purpose(), hold_amount()).prop_map(|(purpose, amount)| Act::Hold { purpose, amount }),
        refund => (index(), hold_amount()).prop_map(|(which, amount)| Act::HoldOfGrant { which, amount }),
        refund => (index(), charge()).prop_map(|(which, amount)| Act::Refund { which, amount }),
        2 => hold_amount().prop_map(|amount| Act::Withdraw { amount }),
        2 => any::<bool>().prop_map(|waits| Act::Expire { waits }),
        2 => prop::collection::vec(level(), 0..=limits::WATCH_LEVELS_MAX).prop_map(Act::Watch),
        1 => index().prop_map(Act::HoldAgain),
        end => (index(), prop::bool::weighted(0.9), prop::option::weighted(0.75, charge()))
            .prop_map(|(which, open, charge)| Act::End { which, open, charge }),
        take => (take_kind(), index(), part())
            .prop_map(|(kind, which, amount)| Act::Take { kind, which, amount }),
        give_back => index().prop_map(Act::GiveBack),
        3 => (index(), part()).prop_map(|(which, amount)| Act::CreditBack { which, amount }),
        1 => (object.clone(), reason()).prop_map(|(object, reason)| Act::Freeze { object, reason }),
        3 => object.prop_map(|object| Act::Unfreeze { object }),
        6 => hours().prop_map(|hours| Act::Clock { hours }),
        6 => (index(), prop::bool::weighted(0.7))
            .prop_map(|(which, same_body)| Act::Again { which, same_body }),
    ]
}

fn grant(most: Cents) -> impl Strategy<Value = Act> {
    let kinds = prop::sample::select(vec![
        LotKind::Purchase,
        LotKind::Purchase,
        LotKind::TopUp,
        LotKind::Opening,
        LotKind::Subscription,
        LotKind::Promotional,
        LotKind::Adjustment,
    ]);
    // An end at day 0 is past as soon as it is granted.
    (kinds, 1..most, prop::option::of(0..60i64)).prop_map(|(kind, cents, days)| Act::Grant {
        kind,
        cents,
        days,
    })
}

fn purpose() -> impl Strategy<Value = Purpose> {
    prop::sample::select(vec![Purpose::Contacts, Purpose::Contacts, Purpose::Postcards, Purpose::Refund])
}

fn take_kind() -> impl Strategy<Value = TakeKind> {
    prop::sample::select(vec![TakeKind::Refund, TakeKind::Dispute])
}

fn reason() -> impl Strategy<Value = FrozenReason> {
    prop::sample::select(vec![FrozenReason::Dispute, FrozenReason::BillingPastDue])
}

fn hold_amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        6 => (1..100i64).prop_map(Amount::Percent),
        3 => (1..60_000i64).prop_map(Amount::Cents),
        2 => Just(Amount::All),
        1 => Just(Amount::OneCentMore),
    ]
}

/// Mostly near what is available, so that it is crossed.
fn level() -> impl Strategy<Value = Amount> {
    prop_oneof![
        6 => (1..200i64).prop_map(Amount::Percent),
        1 => Just(Amount::All),
        1 => Just(Amount::OneCentMore),
        2 => (1..60_000i64).prop_map(Amount::Cents),
    ]
}

fn charge() -> impl Strategy<Value = Amount> {
    prop_oneof![
        12 => (0..=100i64).prop_map(Amount::Percent),
        4 => Just(Amount::All),
        2 => Just(Amount::Nothing),
        1 => Just(Amount::OneCentMore),
        1 => Just(Amount::LessThanNothing),
    ]
}

fn part() -> impl Strategy<Value = Amount> {
    prop_oneof![2 => (1..=100i64).prop_map(Amount::Percent), 1 => Just(Amount::All)]
}

/// Mostly on, at times over lots' ends and month ends, at times back.
fn hours() -> impl Strategy<Value = i64> {
    prop_oneof![5 => 1..48i64, 2 => 48..24 * 40i64, 1 => -30..0i64]
}
