//! Movements that tests of the ledger itself post.

use ledger::{Cause, CauseKind, Command, GrantKind, Movement, Purpose};
use money::{Money, PositiveMoney};
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Actor, Fingerprint, HoldId, OrganizationId, Timestamp};

/// An amount.
///
/// # Panics
/// Where the text is none, as all here.
pub fn money(text: &str) -> Money {
    Money::parse(text).expect("an amount")
}

/// An amount above zero.
pub fn positive(text: &str) -> PositiveMoney {
    PositiveMoney::new(money(text)).expect("above zero")
}

/// A business record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub id: String,
    pub text: String,
}

impl Record for Note {
    const KIND: &'static str = "note";
    fn key(&self) -> Key {
        Key::new("NOTE", self.id.clone())
    }
}

pub fn note(id: &str, text: &str) -> Note {
    Note { id: id.to_owned(), text: text.to_owned() }
}

/// A command under a cause, by a test.
pub fn movement(organization: &OrganizationId, cause: (CauseKind, &str), command: Command) -> Movement {
    Movement {
        organization: organization.clone(),
        cause: Cause::new(cause.0, cause.1),
        fingerprint: Fingerprint::of(&[cause.1, &format!("{command:?}")]),
        actor: Actor::system("test"),
        occurred_at: None,
        description: "test".to_owned(),
        command,
    }
}

/// Credits that do not end.
pub fn grant(
    organization: &OrganizationId,
    cause: (CauseKind, &str),
    kind: GrantKind,
    amount: &str,
) -> Movement {
    let source = cause.1.to_owned();
    let command = Command::Grant { kind, amount: positive(amount), source, expires_at: None };
    movement(organization, cause, command)
}

/// A hold of its own name.
pub fn hold(organization: &OrganizationId, id: &str, amount: &str) -> Movement {
    let id = HoldId::parse(id).expect("a hold's id");
    let name = id.to_string();
    let command = Command::Hold { id, purpose: Purpose::Refund, amount: positive(amount) };
    movement(organization, (CauseKind::ContactsHold, &name), command)
}

/// Free credits that end.
pub fn promotion(organization: &OrganizationId, id: &str, amount: &str, expires_at: &str) -> Movement {
    let command = Command::Grant {
        kind: GrantKind::Promotional,
        amount: positive(amount),
        source: "promotion".to_owned(),
        expires_at: Some(Timestamp::parse(expires_at).expect("a time")),
    };
    movement(organization, (CauseKind::Adjustment, id), command)
}
