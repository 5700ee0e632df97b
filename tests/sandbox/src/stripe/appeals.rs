//! Decisions of disputes that are looked into again.

use serde_json::{Value, json};

use super::{Stripe, disputes, objects};

impl Stripe {
    /// The decision of a dispute is appealed against: `appeal_needs_response`, or `appeal_under_review` once there is
    /// evidence. `withdraw`: the bank takes the money of a dispute that was won a second time. It ends as a dispute
    /// does. The error is a sentence.
    pub fn appeal_dispute(
        &mut self,
        now_ms: u64,
        id: &str,
        under_review: bool,
        withdraw: bool,
    ) -> Result<Value, String> {
        let before = self.find_dispute(id)?;
        let status = objects::text(&before, "status");
        if !matches!(status, "won" | "lost" | "appeal_needs_response") {
            return Err(format!("Only a decision is appealed against; this dispute is {status}."));
        }
        if withdraw && disputes::is_withdrawn(&before) {
            return Err("The bank has this dispute's money already.".to_owned());
        }
        let mut dispute = before.clone();
        let status = if under_review { "appeal_under_review" } else { "appeal_needs_response" };
        objects::set(&mut dispute, json!({"status": status}));
        if withdraw {
            let amount = dispute["amount"].as_i64().unwrap_or_default();
            self.move_funds(now_ms, &mut dispute, -amount);
        }
        self.keep_dispute(&dispute);
        self.emit_change(now_ms, "charge.dispute.updated", &before, &dispute);
        if withdraw {
            self.emit(now_ms, "charge.dispute.funds_withdrawn", &dispute);
        }
        Ok(dispute)
    }
}
