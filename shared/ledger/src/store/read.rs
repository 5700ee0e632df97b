//! What can be read of the ledger: balances, statements, causes, months.

use super::{Ledger, items, keys};
use crate::{
    Account, Cause, Entry, EntryKind, Failure, FrozenReason, OrganizationMonth, Recorded, Totals,
    VendorTotals, limits,
};
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::AttributeValue,
};
use futures::future::try_join_all;
use money::Money;
use std::fmt::Debug;
use tables::{Item, Key, TableFailure};
use terms::{Month, OrganizationId, Timestamp};

/// What an organization has now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Negative only through refunds and disputes.
    pub available: Money,
    pub held: Money,
    /// Credits reversed after they were spent.
    pub deficit: Money,
    /// Why new holds are refused; empty when they are accepted.
    pub frozen: Vec<FrozenReason>,
    pub totals: Totals,
    pub last_purchase_at: Option<Timestamp>,
    /// The soonest expiry of unused free credits.
    pub next_expiry: Option<Timestamp>,
    /// The latest entry's number.
    pub seq: u64,
    /// The latest entry's hash.
    pub head: crate::Hash,
}

/// Which entries of a statement to read.
#[derive(Debug, Clone, Default)]
pub struct EntryQuery {
    /// Newest first, or from the first entry on.
    pub newest_first: bool,
    /// 1 to 100 entries.
    pub limit: u32,
    /// Continue after this entry.
    pub after_seq: Option<u64>,
    /// Only this kind.
    pub kind: Option<EntryKind>,
    /// Recorded at or after.
    pub from: Option<Timestamp>,
    /// Recorded before.
    pub to: Option<Timestamp>,
}

/// A page of a statement. With a filter it may hold fewer entries than the limit, even none, and still have a next
/// one.
#[derive(Debug, Clone)]
pub struct EntryPage {
    pub items: Vec<Entry>,
    /// Where the next page continues; `None` at the end.
    pub next: Option<u64>,
}

pub(super) fn unavailable<E: ProvideErrorMetadata, R: Debug>(
    operation: &'static str,
    error: &SdkError<E, R>,
) -> Failure {
    let code = error.code().unwrap_or("no answer").to_owned();
    TableFailure::Unavailable { operation, code }.into()
}

impl Ledger {
    pub(super) async fn read_item(&self, key: &Key) -> Result<Option<Item>, Failure> {
        let request = self.client.get_item().table_name(&self.ledger_table).set_key(Some(key.to_item()));
        let answer = request.consistent_read(true).send().await;
        Ok(answer.map_err(|error| unavailable("GetItem", &error))?.item)
    }

    pub async fn find(&self, cause: &Cause) -> Result<Option<Recorded>, Failure> {
        self.read_item(&keys::cause(cause)).await?.map(items::recorded_of).transpose()
    }

    /// An empty account for an organization without entries.
    pub async fn account(&self, organization: &OrganizationId) -> Result<Account, Failure> {
        let found = self.read_item(&keys::account(organization)).await?;
        found.map_or_else(|| Ok(Account::empty(organization.clone())), items::account_of)
    }

    /// A hold, open or ended.
    pub async fn hold(
        &self,
        organization: &OrganizationId,
        id: &terms::HoldId,
    ) -> Result<Option<crate::Hold>, Failure> {
        self.read_item(&keys::hold(organization, id)).await?.map(items::hold_of).transpose()
    }

    pub async fn entry(&self, organization: &OrganizationId, seq: u64) -> Result<Option<Entry>, Failure> {
        self.read_item(&keys::entry(organization, seq)).await?.map(items::entry_of).transpose()
    }

    /// Without credits that have expired but have no expiry entry yet.
    pub async fn balance(&self, organization: &OrganizationId) -> Result<Balance, Failure> {
        let account = self.account(organization).await?;
        let now = self.clock.now();
        Ok(Balance {
            available: account.available_at(now).map_err(|why| Failure::Damaged(why.to_string()))?,
            held: account.held,
            deficit: account.deficit,
            frozen: account.frozen_reasons(),
            totals: account.totals,
            last_purchase_at: account.last_purchase_at,
            next_expiry: account.lots.iter().filter_map(|lot| lot.expires_at).filter(|at| *at > now).min(),
            seq: account.seq,
            head: account.head,
        })
    }

    /// A page of an organization's statement.
    pub async fn entries(
        &self,
        organization: &OrganizationId,
        query: &EntryQuery,
    ) -> Result<EntryPage, Failure> {
        let wanted = usize::try_from(query.limit.clamp(1, 100)).unwrap_or(100);
        let mut found = Vec::new();
        let mut after = query.after_seq;
        for _ in 0..limits::STATEMENT_READS_MAX {
            let page = self.entries_behind(organization, query.newest_first, after).await?;
            for entry in page.items {
                if query.ends_before(&entry) {
                    return Ok(EntryPage { items: found, next: None });
                }
                after = Some(entry.seq);
                if query.is_wanted(&entry) {
                    found.push(entry);
                }
                if found.len() == wanted {
                    return Ok(EntryPage { items: found, next: after });
                }
            }
            if page.next.is_none() {
                return Ok(EntryPage { items: found, next: None });
            }
        }
        Ok(EntryPage { items: found, next: after })
    }

    /// Up to 100 entries after a number, unfiltered.
    pub(super) async fn entries_behind(
        &self,
        organization: &OrganizationId,
        newest_first: bool,
        after: Option<u64>,
    ) -> Result<EntryPage, Failure> {
        let (low, high) = match (newest_first, after) {
            (true, Some(seq)) => (0, seq.saturating_sub(1)),
            (false, Some(seq)) => (seq.saturating_add(1), u64::MAX),
            (_, None) => (0, u64::MAX),
        };
        if low > high || high == 0 {
            return Ok(EntryPage { items: Vec::new(), next: None });
        }
        // Keys compare as text, with numbers of twelve digits.
        let high = high.min(999_999_999_999);
        let answer = self
            .client
            .query()
            .table_name(&self.ledger_table)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(keys::partition(organization)))
            .expression_attribute_values(":low", AttributeValue::S(keys::entry(organization, low).sk))
            .expression_attribute_values(":high", AttributeValue::S(keys::entry(organization, high).sk))
            .scan_index_forward(!newest_first)
            .consistent_read(true)
            .limit(100)
            .send()
            .await
            .map_err(|error| unavailable("Query", &error))?;
        let found: Result<Vec<Entry>, Failure> =
            answer.items.unwrap_or_default().into_iter().map(items::entry_of).collect();
        let found = found?;
        let next = answer.last_evaluated_key.and(found.last().map(|entry| entry.seq));
        Ok(EntryPage { items: found, next })
    }

    /// Every organization's roll-up of a month. Its cost grows with the organizations, not with history.
    pub async fn month(&self, month: Month) -> Result<Vec<OrganizationMonth>, Failure> {
        let shards = try_join_all((0..8u8).map(|shard| self.month_shard(month, shard))).await?;
        let mut rows: Vec<OrganizationMonth> = shards.into_iter().flatten().collect();
        rows.sort_by(|left, right| left.organization.cmp(&right.organization));
        Ok(rows)
    }

    async fn month_shard(&self, month: Month, shard: u8) -> Result<Vec<OrganizationMonth>, Failure> {
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.ledger_table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(keys::month_partition(month, shard)))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| unavailable("Query", &error))?;
            for item in answer.items.unwrap_or_default() {
                rows.push(month_of(&item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }
}

impl EntryQuery {
    fn is_wanted(&self, entry: &Entry) -> bool {
        self.kind.is_none_or(|kind| entry.kind == kind)
            && self.from.is_none_or(|from| entry.recorded_at >= from)
            && self.to.is_none_or(|to| entry.recorded_at < to)
    }

    /// Whether neither this entry nor a later one can match: times never decrease.
    fn ends_before(&self, entry: &Entry) -> bool {
        if self.newest_first {
            self.from.is_some_and(|from| entry.recorded_at < from)
        } else {
            self.to.is_some_and(|to| entry.recorded_at >= to)
        }
    }
}

impl Ledger {
    /// An organization's whole statement from the first entry on, page by page.
    pub async fn statement(&self, organization: &OrganizationId) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::new();
        let mut query = EntryQuery { limit: limits::STATEMENT_PAGE, ..EntryQuery::default() };
        loop {
            let page = self.entries(organization, &query).await?;
            entries.extend(page.items);
            query.after_seq = page.next;
            if page.next.is_none() {
                return Ok(entries);
            }
        }
    }
}

fn month_of(item: &Item) -> Result<OrganizationMonth, Failure> {
    let damaged = |what: &str| Failure::Damaged(format!("month roll-up: {what}"));
    let key = tables::key_of(item).ok_or_else(|| damaged("key"))?;
    let organization = key.sk.strip_prefix("ORG#").ok_or_else(|| damaged("organization"))?;
    let number = |name: &str| item.get(name).and_then(|value| value.as_n().ok()).map_or("0", String::as_str);
    let money = |name: &str| Money::parse(number(name)).map_err(|_| damaged(name));
    let count = |name: &str| number(name).parse::<i64>().map_err(|_| damaged(name));
    let vendor = |prefix: &str| -> Result<VendorTotals, Failure> {
        Ok(VendorTotals {
            orders: count(&format!("{prefix}Orders"))?,
            quantity: count(&format!("{prefix}Quantity"))?,
            cost: money(&format!("{prefix}Cost"))?,
            charge: money(&format!("{prefix}Charge"))?,
        })
    };
    Ok(OrganizationMonth {
        organization: OrganizationId::parse(organization).map_err(|_| damaged("organization"))?,
        bought: money("bought")?,
        granted: money("granted")?,
        corrected: money("corrected")?,
        spent: money("spent")?,
        credited_back: money("creditedBack")?,
        taken: money("taken")?,
        data_axle: vendor("dataAxle")?,
        postgrid: vendor("postgrid")?,
    })
}
