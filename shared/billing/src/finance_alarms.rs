//! Alarm lines for what finance does alone: large grants, and exceptions to a rule.

use crate::limits;
use money::Money;
use terms::{Actor, OrganizationId};

/// A grant by finance above the bound. A repetition raises the alarm again, because a crash may have prevented the
/// first.
pub(crate) fn of_grant(organization: &OrganizationId, amount: Money, object: &str, actor: &Actor) {
    if amount > limits::large_grant() {
        tracing::error!(
            alarm = "large-grant",
            organization = organization.as_str(),
            object,
            actor = actor.as_str(),
            %amount,
            "finance granted many credits at once"
        );
    }
}

/// An opening balance that finance imported against the rule.
pub(crate) fn of_override(organization: &OrganizationId, row: &str, actor: &Actor) {
    tracing::error!(
        alarm = "finance-override",
        organization = organization.as_str(),
        row,
        actor = actor.as_str(),
        "finance imported an opening balance that the rule refuses"
    );
}
