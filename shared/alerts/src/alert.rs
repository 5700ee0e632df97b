//! One alert: its kind, its words and its record.

use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Record, TableFailure, WorkTable, WorkWrite};
use terms::{OrderId, OrganizationId, Timestamp};

const KEPT_DAYS: i64 = 400;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum AlertKind {
    /// Available credits fell below a level.
    LowBalance {
        level: Money,
        /// In credits, when the alert was raised.
        available: Money,
    },
    /// Available credits reached a level again.
    BalanceRecovered {
        level: Money,
        /// In credits, when the alert was raised.
        available: Money,
    },
    /// Free credits end soon.
    CreditsExpiring {
        /// The unused ones, in credits.
        amount: Money,
        ends_at: Timestamp,
    },
    /// An automatic top-up failed, or was not tried.
    TopUpFailed {
        /// The intended purchase, in USD.
        amount: Money,
        /// A code: `declined`, `authentication-required`, `no-card`, `cap-reached`, `refunded`, `disputed`,
        /// `dismissed`, `corrected`, `not-found`.
        reason: String,
        /// When it is tried again. `None`: not before the owner acts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again_at: Option<Timestamp>,
    },
    /// The saved card was charged, and the credits are granted.
    TopUpDone {
        order_id: OrderId,
        /// In USD, equally credits.
        amount: Money,
    },
    /// No new purchase or print job can be started.
    SpendingStopped {
        /// A code: `dispute` or `billing-past-due`.
        reason: String,
    },
    /// The payment of an order failed.
    OrderFailed {
        order_id: OrderId,
        /// In USD.
        amount: Money,
    },
    /// A refund did not reach the owner, and its credits are available again.
    RefundFailed {
        /// The order or invoice that was to be refunded.
        source: String,
        /// In USD.
        amount: Money,
    },
    /// The card's bank warned of fraud: the unspent credits of a purchase are frozen.
    CreditsFrozen {
        /// The order or invoice.
        source: String,
    },
    /// Money was refunded, and its credits were reversed.
    RefundDone {
        /// The refunded order or invoice.
        source: String,
        /// In USD.
        amount: Money,
    },
}

/// An owner's alert, sent once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    pub organization: OrganizationId,
    /// The same occasion always gives the same name, so that its alert is written once.
    pub name: String,
    pub raised_at: Timestamp,
    #[serde(rename = "told")]
    pub kind: AlertKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    /// The sender that claimed it works on it until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending_until: Option<Timestamp>,
}

impl Alert {
    /// `name` and `raised_at` together identify the occasion.
    #[must_use]
    pub fn new(organization: OrganizationId, name: String, raised_at: Timestamp, kind: AlertKind) -> Self {
        Self { organization, name, raised_at, kind, sent_at: None, sending_until: None }
    }

    /// The write that joins the transaction of the occasion.
    pub fn write(&self) -> Result<WorkWrite, TableFailure> {
        WorkWrite::insert(self)
    }

    /// One line: what happened.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.kind {
            AlertKind::LowBalance { level, .. } => format!("Your credits fell below {level}"),
            AlertKind::BalanceRecovered { level, .. } => format!("Your credits are at {level} again"),
            AlertKind::CreditsExpiring { amount, .. } => format!("{amount} credits end soon"),
            AlertKind::TopUpFailed { amount, reason, .. } => top_up_title(*amount, reason),
            AlertKind::TopUpDone { amount, .. } => format!("Your saved card was charged ${amount}"),
            AlertKind::SpendingStopped { reason } if reason == "dispute" => {
                "A payment is disputed: nothing new can be started".to_owned()
            }
            AlertKind::SpendingStopped { .. } => {
                "Your subscription is past due: nothing new can be started".to_owned()
            }
            AlertKind::OrderFailed { amount, .. } => format!("The payment of ${amount} failed"),
            AlertKind::CreditsFrozen { .. } => "The credits of a purchase cannot be spent for now".to_owned(),
            AlertKind::RefundDone { amount, .. } => format!("${amount} was refunded"),
            AlertKind::RefundFailed { amount, .. } => format!("A refund of ${amount} did not succeed"),
        }
    }

    /// What it means, and what to do next.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.kind {
            AlertKind::LowBalance { available, .. } => {
                format!("{available} credits were left then. Buy more, unless auto top-up does it for you.")
            }
            AlertKind::BalanceRecovered { available, .. } => {
                format!("{available} credits were available then.")
            }
            AlertKind::CreditsExpiring { ends_at, .. } => format!(
                "They came with your subscription and end on {} (UTC). Credits that you bought never end.",
                ends_at.to_string().get(..10).unwrap_or_default()
            ),
            AlertKind::TopUpFailed { reason, again_at, .. } => top_up_text(reason, *again_at),
            AlertKind::TopUpDone { amount, order_id } => {
                format!("Auto top-up bought {amount} credits, order {order_id}. The settings page has the receipt.")
            }
            AlertKind::SpendingStopped { reason } if reason == "dispute" => {
                "Work in progress continues. Withdraw the dispute at the bank, or wait for the decision; contact \
                 support if you know of none."
                    .to_owned()
            }
            AlertKind::SpendingStopped { .. } => {
                "Work in progress continues. Pay the open invoice, or save another card: the settings page leads to \
                 both."
                    .to_owned()
            }
            AlertKind::OrderFailed { order_id, .. } => format!(
                "No credits were granted for order {order_id} and nothing was charged. Order again, or pay \
                 with another method."
            ),
            AlertKind::RefundFailed { .. } => {
                "The money could not be sent to your payment method. The credits are available again. Request the \
                 refund again, or contact support."
                    .to_owned()
            }
            AlertKind::CreditsFrozen { source } => format!(
                "The bank of the card that paid for {source} reports that the cardholder may not know of the payment. \
                 Its unused credits are on hold until DropLab decides; you can spend all other credits. Contact \
                 support if you know the payment."
            ),
            AlertKind::RefundDone { .. } => {
                "The money is on its way to your payment method, and the credits were removed from your balance."
                    .to_owned()
            }
        }
    }
}

/// A failed charge names its amount; where no charge was tried, there is none.
fn top_up_title(amount: Money, reason: &str) -> String {
    match reason {
        "cap-reached" => "Auto top-up reached your monthly cap".to_owned(),
        "no-card" | "refunded" | "disputed" | "corrected" => "Auto top-up is paused".to_owned(),
        _ => format!("Auto top-up of ${amount} did not succeed"),
    }
}

/// `2026-11-24 10:15 (UTC)`.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    format!("{} {} (UTC)", part(0..10), part(11..16))
}

fn top_up_text(reason: &str, again_at: Option<Timestamp>) -> String {
    let why = match reason {
        "declined" => "Your card was declined.",
        "authentication-required" => {
            "Your bank asks you to confirm the payment: buy the credits once on the settings page and confirm \
             there."
        }
        "no-card" => "No card is saved: buy credits once and choose to save the card.",
        "cap-reached" => "The monthly cap that you set is reached.",
        "refunded" => {
            "Credits were refunded, so nothing is bought automatically until you switch it on again."
        }
        "dismissed" => {
            "DropLab reviewed the charge and granted no credits for it; its money is refunded to you."
        }
        "corrected" => {
            "DropLab removed credits, so nothing is bought automatically until you switch it on again."
        }
        "disputed" => "A payment is disputed, so nothing is charged automatically until that is decided.",
        _ => "The charge was not completed; your card was not charged.",
    };
    match again_at {
        Some(at) => format!("{why} It is tried again after {}.", minute(at)),
        None => {
            format!("{why} Until then it is paused: save it once more on the settings page to resume it.")
        }
    }
}

impl Record for Alert {
    const KIND: &'static str = "alert";

    fn key(&self) -> Key {
        let Self { organization, name, raised_at, .. } = self;
        Key::new(format!("ORG#{organization}"), format!("ALERT#{:013}#{name}", raised_at.as_ms()))
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.sent_at.is_none().then(|| self.sending_until.unwrap_or(self.raised_at))
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.raised_at.plus_seconds(KEPT_DAYS * 86_400))
    }
}

/// Newest first.
pub async fn alerts_of(
    work: &WorkTable,
    organization: &OrganizationId,
    limit: u32,
) -> Result<Vec<Alert>, TableFailure> {
    let found = work.last::<Alert>(&format!("ORG#{organization}"), "ALERT#", limit).await?;
    Ok(found.into_iter().map(|stored| stored.record).collect())
}
