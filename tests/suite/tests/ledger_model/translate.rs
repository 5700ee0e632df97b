//! Between the two languages: what is asked of the page of arithmetic as the store is asked it, and what the
//! store answers as the page would.

use crate::{
    reference::{self, Ask, Cents, Grant, Piece, Why},
    steps::{Outcome, Step},
};
use ledger::{Command, GrantRef, Part, PostResult, Posted, Receipt, Refusal};
use money::{Money, PositiveMoney};
use terms::HoldId;

/// What a caller learns of its own movement after it was found on the books. The clock's has no cause: it
/// finds that nothing is left to do.
pub fn replayed(step: &Step) -> Outcome {
    let outcome = &step.outcome;
    let Outcome::Receipt(receipt) = outcome else { panic!("only what was carried out: {outcome:?}") };
    if step.asked.ask == Ask::Expire {
        return Outcome::Refused(Why::NothingExpired);
    }
    Outcome::Replay(receipt.clone())
}

pub fn read(answer: PostResult) -> Result<Outcome, String> {
    Ok(match answer.map_err(|failure| failure.to_string())? {
        Ok(Posted::Receipt(receipt)) => Outcome::Receipt(receipt_of(&receipt)),
        Ok(Posted::Replay(receipt)) => Outcome::Replay(receipt_of(&receipt)),
        Err(refusal) => Outcome::Refused(why(refusal)),
    })
}

fn receipt_of(receipt: &Receipt) -> reference::Receipt {
    reference::Receipt {
        seq: receipt.seq,
        kind: receipt.kind,
        amount: receipt.amount.cents(),
        available: receipt.available_after.cents(),
        held: receipt.held_after.cents(),
    }
}

fn why(refusal: Refusal) -> Why {
    match refusal {
        Refusal::InsufficientCredits { available, shortfall, .. } => {
            Why::Insufficient { available: available.cents(), shortfall: shortfall.cents() }
        }
        Refusal::AccountFrozen { .. } => Why::Frozen,
        Refusal::TooManyOpen { .. } => Why::TooManyOpen,
        Refusal::CauseReused => Why::CauseReused,
        Refusal::HoldMissing => Why::HoldMissing,
        Refusal::HoldEnded { status } => Why::HoldEnded(status),
        Refusal::HoldExists => Why::HoldExists,
        Refusal::ChargeExceedsHold => Why::ChargeExceedsHold,
        Refusal::NothingExpired => Why::NothingExpired,
        other => panic!("nothing asked for this: {other}"),
    }
}

pub fn command(ask: &Ask) -> Command {
    let positive = |cents: Cents| PositiveMoney::new(money(cents)).unwrap();
    let parts = |pieces: &[Piece]| pieces.iter().map(part).collect();
    let hold = |id: &u64| HoldId::parse(&format!("h{id}")).unwrap();
    let object = |object: &u8| format!("dp_{object}");
    match ask {
        Ask::Grant { kind, cents, ends } => {
            let source = "model".to_owned();
            Command::Grant { kind: *kind, amount: positive(*cents), source, expires_at: *ends }
        }
        Ask::Hold { id, purpose, cents } => {
            Command::Hold { id: hold(id), purpose: *purpose, amount: positive(*cents) }
        }
        Ask::HoldOfGrant { id, grant, cents } => {
            Command::HoldOfGrant { id: hold(id), amount: positive(*cents), grant: grant_ref(*grant) }
        }
        Ask::Refund { id, grant, cents } => {
            Command::SettleRefund { hold: hold(id), amount: positive(*cents), grant_seq: *grant }
        }
        Ask::Withdraw { cents } => Command::Withdraw { amount: positive(*cents) },
        Ask::Expire => Command::Expire,
        Ask::Settle { id, cents } => Command::Settle { hold: hold(id), charge: money(*cents) },
        Ask::Release { id } => Command::Release { hold: hold(id) },
        Ask::Take { kind, grant, cents } => {
            Command::Take { kind: *kind, amount: positive(*cents), grant: grant_ref(*grant) }
        }
        Ask::GiveBack { kind, reversal, pieces } => {
            Command::GiveBack { kind: *kind, parts: parts(pieces), taking_seq: *reversal }
        }
        Ask::CreditBack { charge, pieces } => {
            Command::CreditBack { parts: parts(pieces), charge_seq: *charge }
        }
        Ask::Freeze { object: of, reason } => Command::Freeze { object: object(of), reason: *reason },
        Ask::Unfreeze { object: of } => Command::Unfreeze { object: object(of) },
    }
}

fn grant_ref((seq, kind): Grant) -> GrantRef {
    GrantRef { seq, kind }
}

fn part(piece: &Piece) -> Part {
    Part {
        lot: piece.lot,
        kind: piece.kind,
        source: "model".to_owned(),
        amount: money(piece.cents),
        expires_at: piece.ends,
    }
}

pub fn money(cents: Cents) -> Money {
    Money::from_cents(cents).unwrap()
}
