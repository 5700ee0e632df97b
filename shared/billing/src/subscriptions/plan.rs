//! What a subscription's invoices grant: validated configuration, `infra/plan.json`.

use money::{Money, MoneyError};
use serde::Deserialize;

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("the plan is not readable: {0}")]
    Shape(#[from] serde_json::Error),
    #[error("the plan's renewalGrantMax: {0}")]
    Amount(#[from] MoneyError),
    #[error("the plan's renewalGrantMax must not be negative")]
    Negative,
    #[error("the plan's freeCreditsExpireAfterDays must be 1 to 3650")]
    Days,
}

/// A subscription's grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The most that a renewal grants, in credits. The first paid invoice grants the amount paid.
    pub renewal_grant_max: Money,
    /// `None`: granted credits never expire.
    pub free_credits_expire_after_days: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    #[serde(default, rename = "comment")]
    _comment: Option<String>,
    renewal_grant_max: String,
    free_credits_expire_after_days: Option<u16>,
}

impl Plan {
    pub fn parse(json: &str) -> Result<Self, PlanError> {
        let wire: Wire = serde_json::from_str(json)?;
        let renewal_grant_max = Money::parse(&wire.renewal_grant_max)?;
        if renewal_grant_max.is_negative() {
            return Err(PlanError::Negative);
        }
        if wire.free_credits_expire_after_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            return Err(PlanError::Days);
        }
        let free_credits_expire_after_days = wire.free_credits_expire_after_days;
        Ok(Self { renewal_grant_max, free_credits_expire_after_days })
    }

    /// The plan that ships with the project; fails only if `infra/plan.json` is wrong.
    pub fn shipped() -> Result<Self, PlanError> {
        Self::parse(include_str!("../../../../infra/plan.json"))
    }

    #[must_use]
    pub fn grant(&self, paid: Money, first: bool) -> Money {
        if first { paid } else { paid.min(self.renewal_grant_max) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }

    #[test]
    fn the_first_invoice_grants_what_was_paid_and_renewals_at_most_the_cap() {
        let plan = Plan::shipped().unwrap();
        assert_eq!(plan.grant(money("499"), true), money("499"));
        assert_eq!(plan.grant(money("499"), false), money("99"));
        assert_eq!(plan.grant(money("49"), false), money("49"));
    }

    #[test]
    fn mistakes_are_named() {
        let plan = |cap: &str, days: &str| {
            Plan::parse(&format!(r#"{{"renewalGrantMax":{cap},"freeCreditsExpireAfterDays":{days}}}"#))
        };
        assert!(matches!(plan("\"-1\"", "null"), Err(PlanError::Negative)));
        assert!(matches!(plan("\"9.999\"", "null"), Err(PlanError::Amount(_))));
        assert!(matches!(plan("\"9\"", "0"), Err(PlanError::Days)));
        assert!(matches!(plan("9", "1"), Err(PlanError::Shape(_))));
        assert!(plan("\"9\"", "3650").is_ok());
    }
}
