//! What a refused hold is answered, as problem+json.
//!
//! Owns the codes, sentences and extra members for what the ledger refuses a purchase or print job. Knows nothing of
//! the endpoints that answer it: each adds what only it refuses.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

use holds::{HeldFor, HoldRefusal};
use http::StatusCode;
use ledger::FrozenReason;
use platform::Problem;

/// Where credits are bought in the console.
const BUY_URL: &str = "/settings";

/// The problem of a refused hold, in words for what was to be paid.
#[must_use]
pub fn hold_refused(refusal: &HoldRefusal, held_for: HeldFor) -> Problem {
    match refusal {
        HoldRefusal::InsufficientCredits { required, available, shortfall } => {
            let suggestion = pricing::suggest(*shortfall);
            let title = "Not enough credits";
            let detail = format!(
                "This costs {required} credits and {available} are available. Buy at least {shortfall} more, then try again."
            );
            Problem::new(StatusCode::PAYMENT_REQUIRED, "insufficient_credits", title, detail)
                .with("required", required)
                .with("available", available)
                .with("shortfall", shortfall)
                .with("suggestedPackage", suggestion.map(|suggestion| suggestion.package))
                .with("purchases", suggestion.map_or(0, |suggestion| suggestion.purchases))
                .with("buyUrl", BUY_URL)
        }
        HoldRefusal::AccountFrozen { reasons }
            if reasons.iter().all(|reason| *reason == FrozenReason::BillingPastDue) =>
        {
            let again = match held_for {
                HeldFor::Contacts => "buy",
                HeldFor::Postcards => "print",
            };
            let detail = format!("A subscription's invoice is unpaid. Pay it, then {again} again.");
            Problem::conflict("billing_past_due", detail)
        }
        HoldRefusal::AccountFrozen { reasons } => {
            Problem::conflict("account_frozen", FrozenReason::what_ends(reasons)).with("reasons", reasons)
        }
        HoldRefusal::TooManyOpen { limit } => {
            let detail = |open| format!("{limit} {open} are open. Wait until one of them has ended.");
            let problem = match held_for {
                HeldFor::Contacts => {
                    Problem::conflict("too_many_open_purchases", detail("purchases of contacts"))
                }
                HeldFor::Postcards => Problem::conflict("too_many_open_jobs", detail("print jobs")),
            };
            problem.with("limit", limit)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Money;
    use serde_json::{Value, json};

    fn check(refusal: &HoldRefusal, held_for: HeldFor, status: u16, expected: Value) {
        let problem = hold_refused(refusal, held_for);
        assert_eq!(problem.status().as_u16(), status, "{refusal}");
        let mut body = problem.to_json(None);
        let members = body.as_object_mut().unwrap();
        for common in ["type", "title", "status"] {
            assert!(members.remove(common).is_some(), "{common}");
        }
        assert_eq!(body, expected, "{refusal}");
    }

    #[test]
    fn missing_credits_are_answered_with_what_to_buy() {
        let credits = |text| Money::parse(text).unwrap();
        let (required, available, shortfall) = (credits("60.00"), credits("10.00"), credits("50.00"));
        let refusal = HoldRefusal::InsufficientCredits { required, available, shortfall };
        let suggestion = pricing::suggest(shortfall).unwrap();
        let expected = json!({
            "code": "insufficient_credits",
            "detail": "This costs 60.00 credits and 10.00 are available. Buy at least 50.00 more, then try again.",
            "required": "60.00", "available": "10.00", "shortfall": "50.00",
            "suggestedPackage": suggestion.package, "purchases": suggestion.purchases, "buyUrl": "/settings",
        });
        for held_for in [HeldFor::Contacts, HeldFor::Postcards] {
            check(&refusal, held_for, 402, expected.clone());
        }
    }

    #[test]
    fn a_freeze_says_what_ends_it() {
        let frozen = |reasons: &[FrozenReason]| HoldRefusal::AccountFrozen { reasons: reasons.to_vec() };
        let unpaid = frozen(&[FrozenReason::BillingPastDue]);
        for (held_for, again) in [(HeldFor::Contacts, "buy"), (HeldFor::Postcards, "print")] {
            let detail = format!("A subscription's invoice is unpaid. Pay it, then {again} again.");
            check(&unpaid, held_for, 409, json!({"code": "billing_past_due", "detail": detail}));
        }
        let reasons = [FrozenReason::BillingPastDue, FrozenReason::Dispute];
        let expected = json!({"code": "account_frozen", "detail": FrozenReason::what_ends(&reasons),
            "reasons": ["billing-past-due", "dispute"]});
        check(&frozen(&reasons), HeldFor::Contacts, 409, expected);
    }

    #[test]
    fn what_is_open_is_named_with_its_limit() {
        let refusal = HoldRefusal::TooManyOpen { limit: 20 };
        let purchases = json!({"code": "too_many_open_purchases", "limit": 20,
            "detail": "20 purchases of contacts are open. Wait until one of them has ended."});
        check(&refusal, HeldFor::Contacts, 409, purchases);
        let jobs = json!({"code": "too_many_open_jobs", "limit": 20,
            "detail": "20 print jobs are open. Wait until one of them has ended."});
        check(&refusal, HeldFor::Postcards, 409, jobs);
    }
}
