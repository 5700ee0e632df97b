//! Random sequences of commands: the books balance after each.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Act {
    Grant(LotKind, u32, Option<u8>),
    Hold(u8, u32),
    HoldOfGrant(u8, u32, u8),
    Settle(u8, u8),
    SettleRefund(u8, u8),
    Release(u8),
    Take(u32, u8),
    Withdraw(u32),
    Expire,
    Later(u16),
}

fn act() -> impl Strategy<Value = Act> {
    let kinds = prop_oneof![
        Just(LotKind::Purchase),
        Just(LotKind::TopUp),
        Just(LotKind::Subscription),
        Just(LotKind::Promotional)
    ];
    prop_oneof![
        (kinds, 1u32..50_000, proptest::option::of(1u8..60))
            .prop_map(|(kind, cents, days)| Act::Grant(kind, cents, days)),
        (0u8..12, 1u32..40_000).prop_map(|(name, cents)| Act::Hold(name, cents)),
        (0u8..12, 1u32..40_000, 1u8..10).prop_map(|(name, cents, seq)| Act::HoldOfGrant(name, cents, seq)),
        (0u8..12, 0u8..=100).prop_map(|(name, percent)| Act::Settle(name, percent)),
        (0u8..12, 1u8..=100).prop_map(|(name, percent)| Act::SettleRefund(name, percent)),
        (0u8..12).prop_map(Act::Release),
        (1u32..60_000, 1u8..10).prop_map(|(cents, seq)| Act::Take(cents, seq)),
        (1u32..60_000).prop_map(Act::Withdraw),
        Just(Act::Expire),
        (1u16..2000).prop_map(Act::Later),
    ]
}

impl Book {
    fn percent_of(&self, name: u8, percent: u8) -> Option<Money> {
        let held = self.holds.get(&format!("h{name}"))?.amount.cents();
        Some(Money::from_cents(held * i64::from(percent) / 100).unwrap())
    }

    /// Carries out an act, which may be refused. Invariants are checked after each accepted one.
    fn play(&mut self, act: &Act) {
        let cents = |cents: i64| PositiveMoney::new(Money::from_cents(cents).unwrap()).unwrap();
        let _answer = match act {
            Act::Grant(kind, amount, days) => self.try_do(Command::Grant {
                kind: *kind,
                amount: cents(i64::from(*amount)),
                source: "src".to_owned(),
                expires_at: days.map(|days| self.now.plus_seconds(i64::from(days) * 86_400)),
            }),
            Act::Hold(name, amount) => self.try_do(Command::Hold {
                id: hold_id(&format!("h{name}")),
                purpose: Purpose::Refund,
                amount: cents(i64::from(*amount)),
            }),
            Act::HoldOfGrant(name, amount, seq) => self.try_do(Command::HoldOfGrant {
                id: hold_id(&format!("h{name}")),
                amount: cents(i64::from(*amount)),
                grant: self.grant_at(u64::from(*seq)),
            }),
            Act::Settle(name, percent) => {
                let Some(charge) = self.percent_of(*name, *percent) else { return };
                self.try_do(Command::Settle { hold: hold_id(&format!("h{name}")), charge })
            }
            Act::SettleRefund(name, percent) => {
                let refunded = self.percent_of(*name, *percent);
                let Some(amount) = refunded.and_then(|amount| PositiveMoney::new(amount).ok()) else {
                    return;
                };
                self.try_do(Command::SettleRefund {
                    hold: hold_id(&format!("h{name}")),
                    amount,
                    grant_seq: 1,
                })
            }
            Act::Release(name) => self.release(&format!("h{name}")),
            Act::Take(amount, seq) => self.try_do(Command::Take {
                kind: TakeKind::Dispute,
                amount: cents(i64::from(*amount)),
                grant: self.grant_at(u64::from(*seq)),
            }),
            Act::Withdraw(amount) => self.try_do(Command::Withdraw { amount: cents(i64::from(*amount)) }),
            Act::Expire => self.try_do(Command::Expire),
            Act::Later(minutes) => {
                self.now = self.now.plus_seconds(i64::from(*minutes) * 60);
                return;
            }
        };
    }
}

/// 512 sequences, or as many as `PROPTEST_CASES` says.
fn cases() -> ProptestConfig {
    let set = std::env::var_os("PROPTEST_CASES").is_some();
    if set { ProptestConfig::default() } else { ProptestConfig::with_cases(512) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn whatever_happens_the_books_balance(acts in proptest::collection::vec(act(), 1..60)) {
        let mut book = Book::new();
        let mut below_zero_allowed = false;
        for act in &acts {
            below_zero_allowed |= matches!(act, Act::Take(..));
            book.play(act);
            prop_assert!(below_zero_allowed || !book.account.available().unwrap().is_negative());
        }
        // Once every hold has ended, nothing is held.
        let open: Vec<String> = book.holds.values()
            .filter(|hold| hold.status == HoldStatus::Open).map(|hold| hold.id.to_string()).collect();
        for name in open {
            book.release(&name).unwrap();
        }
        prop_assert!(book.account.held.is_zero() && book.account.open_holds.is_empty());
    }
}
