//! What the sweeper and the watched levels need of the ledger: due accounts and crossings, expiries, new levels.

use super::{Companions, Ledger, items, keys, write::Role};
use crate::{Cause, CauseKind, Command, Crossing, Failure, Movement, PostResult, Watch, limits};
use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use tables::{
    Backoff, DUE_INDEX, DueItem, Key, Lane, TableFailure, TransactFailure, WorkWrite, key_of, transact,
};
use terms::{Actor, Fingerprint, OrganizationId, Timestamp};

/// The kind of a due account: some of its credits expire.
pub const DUE_ACCOUNT: &str = "account";
/// The kind of a due crossing.
pub const DUE_CROSSING: &str = "crossing";

impl Ledger {
    /// Posts the expiries of an organization that are due, each an entry of its own, or refuses with
    /// [`crate::Refusal::NothingExpired`]. After a failure the account stays due.
    pub async fn expire(&self, organization: &OrganizationId, actor: Actor) -> PostResult {
        let movement = Movement {
            organization: organization.clone(),
            cause: Cause::new(CauseKind::Expiry, organization.as_str()),
            fingerprint: Fingerprint::of(&[organization.as_str(), "expiry"]),
            actor,
            occurred_at: None,
            description: String::new(),
            command: Command::Expire,
        };
        self.post(&movement, &Companions::default()).await
    }

    /// Sets the levels of available credits that are watched, with business records in the same transaction.
    /// `Ok(Err(index))`: that record has changed since it was read, and nothing was written. After a failure the same
    /// levels may be set again.
    pub async fn set_watch(
        &self,
        organization: &OrganizationId,
        watch: &Watch,
        work: &[WorkWrite],
    ) -> Result<Result<(), usize>, Failure> {
        const OPERATION: &str = "watch";
        let mut backoff = Backoff::new();
        loop {
            let account = self.account(organization).await?;
            let crossing = Crossing::of_setting(&account, watch, self.clock.now())
                .map_err(|refusal| Failure::Damaged(refusal.to_string()))?;
            let actions = self.watch_actions(&account, watch, crossing.as_ref(), work)?;
            match transact(&self.client, actions.items).await {
                Ok(()) => return Ok(Ok(())),
                Err(TransactFailure::Refused(refused)) => {
                    let record = refused.iter().find_map(|at| match actions.roles.get(at.index) {
                        Some(Role::Record(index)) => Some(*index),
                        _ => None,
                    });
                    if let Some(index) = record {
                        return Ok(Err(index));
                    }
                }
                Err(TransactFailure::Contended) => {}
                Err(TransactFailure::Unknown(code) | TransactFailure::Failed(code)) => {
                    return Err(TableFailure::Unknown { operation: OPERATION, code }.into());
                }
            }
            if !backoff.again().await {
                return Err(TableFailure::Contended { operation: OPERATION }.into());
            }
        }
    }

    /// Accounts with expired credits, and crossings, due at `now`. Oldest first; the index lags behind the table by
    /// moments.
    pub async fn due(&self, now: Timestamp) -> Result<Vec<DueItem>, Failure> {
        let shards = try_join_all((0..8u8).map(|shard| self.due_of_shard(shard, now))).await?;
        let mut due: Vec<DueItem> = shards.into_iter().flatten().collect();
        due.sort_by_key(|item| item.due_at);
        Ok(due)
    }

    async fn due_of_shard(&self, shard: u8, now: Timestamp) -> Result<Vec<DueItem>, Failure> {
        let answer = self
            .client
            .query()
            .table_name(&self.ledger_table)
            .index_name(DUE_INDEX)
            .key_condition_expression("dueShard = :shard AND dueAt <= :now")
            .expression_attribute_values(":shard", AttributeValue::S(Lane::Sweeper.shard(shard)))
            .expression_attribute_values(":now", AttributeValue::S(now.to_string()))
            .limit(limits::DUE_PER_SHARD)
            .send()
            .await
            .map_err(|error| super::read::unavailable("Query due", &error))?;
        let read = |item: &tables::Item| {
            let due_at = Timestamp::parse(item.get("dueAt")?.as_s().ok()?).ok()?;
            let key = key_of(item)?;
            let kind = if is_crossing(&key) { DUE_CROSSING } else { DUE_ACCOUNT };
            Some(DueItem { key, kind: kind.to_owned(), due_at })
        };
        Ok(answer.items.unwrap_or_default().iter().filter_map(read).collect())
    }

    pub async fn crossing(&self, key: &Key) -> Result<Option<Crossing>, Failure> {
        self.read_item(key).await?.map(items::crossing_of).transpose()
    }

    /// Takes a crossing out of the due index after it was passed on. After a failure it stays due, and is passed on
    /// again under the same name.
    pub async fn crossing_passed_on(&self, key: &Key) -> Result<(), Failure> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.ledger_table)
            .set_key(Some(key.to_item()))
            .update_expression("REMOVE dueShard, dueAt")
            .condition_expression("attribute_exists(pk)")
            .send()
            .await;
        sent.map(drop).map_err(|error| super::read::unavailable("UpdateItem", &error))
    }
}

/// The organization to which a due key of the ledger belongs.
#[must_use]
pub fn due_organization(key: &Key) -> Option<OrganizationId> {
    let organization = key.pk.strip_prefix("ORG#").or_else(|| key.pk.strip_prefix(keys::WATCH_PREFIX));
    OrganizationId::parse(organization?).ok()
}

fn is_crossing(key: &Key) -> bool {
    key.sk.starts_with(keys::CROSSING_PREFIX)
}
