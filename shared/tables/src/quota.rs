//! Rate limits: a number of uses per window of time.

use crate::{TableFailure, WorkTable, work::unknown};
use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::AttributeValue,
};
use terms::Timestamp;

/// How long a counter outlives its window before DynamoDB may delete it.
const COUNTER_KEPT_SECONDS: i64 = 3_600;

/// A limit for each window. Windows are fixed (they begin at multiples of their length), so that one counter and one
/// write decide. At worst, twice the limit falls into one window's length, across the border of two windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub limit: u32,
    pub window_seconds: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Allowed, and counted.
    Allowed,
    /// The window is full.
    Full {
        /// Until the next window begins; at least 1.
        retry_after_seconds: u64,
    },
}

impl Quota {
    fn window_start(self, now: Timestamp) -> i64 {
        let length = self.window_seconds.max(1);
        now.as_seconds().saturating_sub(now.as_seconds().rem_euclid(length))
    }

    fn rest_of_window(self, now: Timestamp) -> u64 {
        let end = self.window_start(now).saturating_add(self.window_seconds.max(1));
        u64::try_from(end.saturating_sub(now.as_seconds())).unwrap_or(1).max(1)
    }
}

impl WorkTable {
    /// Counts one more of `name` in the present window, if the limit allows it: one conditional write, which decides
    /// among concurrent callers. If a response is lost, the SDK's retry counts a second time; at worst a caller has
    /// to wait one window too early. After a failure it is unknown whether one was counted.
    pub async fn take(&self, name: &str, quota: Quota, now: Timestamp) -> Result<Taken, TableFailure> {
        let start = quota.window_start(now);
        let kept_until = start.saturating_add(quota.window_seconds).saturating_add(COUNTER_KEPT_SECONDS);
        let sent = self
            .counter(name, start)
            .update_expression("ADD taken :one, version :one SET expiresAt = :expiry, kind = :kind")
            .condition_expression("attribute_not_exists(taken) OR taken < :limit")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":expiry", number(kept_until))
            .expression_attribute_values(":limit", number(i64::from(quota.limit)))
            .expression_attribute_values(":kind", AttributeValue::S("quota".to_owned()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Taken::Allowed),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                    Ok(Taken::Full { retry_after_seconds: quota.rest_of_window(now) })
                }
                _ => Err(unknown("UpdateItem", &error)),
            },
        }
    }

    /// Returns one of `name` that was taken at `taken_at` and not used. The counter never falls below zero; at worst
    /// the SDK's retry lets one more through. After a failure, the one may stay taken until its window ends.
    pub async fn give_back(&self, name: &str, quota: Quota, taken_at: Timestamp) -> Result<(), TableFailure> {
        let sent = self
            .counter(name, quota.window_start(taken_at))
            .update_expression("ADD taken :less, version :one")
            .condition_expression("taken > :zero")
            .expression_attribute_values(":less", number(-1))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":zero", number(0))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(unknown("UpdateItem", &error)),
            },
        }
    }

    fn counter(&self, name: &str, window_start: i64) -> UpdateItemFluentBuilder {
        let update = self.client.update_item().table_name(&self.name);
        update
            .key("pk", AttributeValue::S(format!("QUOTA#{name}")))
            .key("sk", AttributeValue::S(format!("WINDOW#{window_start}")))
    }
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_begins_at_a_multiple_of_its_length_and_names_its_rest() {
        let quota = Quota { limit: 1, window_seconds: 10 };
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let (first, last) = (at("2026-11-22T08:00:00.000Z"), at("2026-11-22T08:00:09.999Z"));
        assert_eq!(quota.window_start(first), quota.window_start(last));
        assert_eq!((quota.rest_of_window(first), quota.rest_of_window(last)), (10, 1));
        assert_eq!(quota.window_start(at("2026-11-22T08:00:10Z")), quota.window_start(first) + 10);
    }
}
