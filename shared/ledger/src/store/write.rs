//! The actions of one movement's transaction, and which of them is which.

use super::{Companions, Ledger, items, keys};
use crate::{
    Accepted, Account, Command, Failure, HoldChange, MonthDelta, Movement, Receipt, Recorded, Reference,
    Vendor, VendorFigures, Watch,
};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use money::Money;
use std::collections::HashMap;
use tables::{Item, Key, TableFailure, WorkWrite};
use terms::Month;

/// What an action of the transaction is, so that its refusal can be interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// The account's snapshot, an entry or the hold to end: refused when another movement came first.
    Books,
    /// A hold to open: refused when its id is taken.
    NewHold,
    /// The cause's guard: refused when the movement is on the books already.
    Cause,
    /// A roll-up: never refused.
    Month,
    /// Whom a Stripe object belongs to.
    Reference(String),
    /// A business record, by its place among the companions.
    Record(usize),
}

/// The actions and their roles, in the same order.
pub(super) struct Actions {
    pub items: Vec<TransactWriteItem>,
    pub roles: Vec<Role>,
}

fn unbuildable(why: impl std::fmt::Display) -> Failure {
    Failure::Table(TableFailure::Undecodable { kind: "action", reason: why.to_string() })
}

impl Actions {
    fn put(&mut self, role: Role, table: &str, item: Item, guard: Guard) -> Result<(), Failure> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .set_condition_expression(guard.condition.map(str::to_owned))
            .set_expression_attribute_names(guard.names)
            .set_expression_attribute_values(guard.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().put(put).build());
        self.roles.push(role);
        Ok(())
    }

    /// Sets an account's levels and no other attribute: IAM allows the function that sets levels only this one, also
    /// in a condition. Refused when other levels were set meanwhile.
    fn set_levels(&mut self, table: &str, read: &Account, watch: &Watch) -> Result<(), Failure> {
        let mut values = HashMap::new();
        let condition = if read.watch.is_empty() {
            "attribute_not_exists(watch)"
        } else {
            values.insert(":read".to_owned(), AttributeValue::S(read.watch.as_text()));
            "watch = :read"
        };
        let change = if watch.is_empty() {
            "REMOVE watch"
        } else {
            values.insert(":watch".to_owned(), AttributeValue::S(watch.as_text()));
            "SET watch = :watch"
        };
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(keys::account(&read.organization).to_item()))
            .update_expression(change)
            .condition_expression(condition)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build()
            .map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().update(update).build());
        self.roles.push(Role::Books);
        Ok(())
    }

    /// Refused when an entry came after the account was read.
    fn at_latest_entry(&mut self, table: &str, read: &Account) -> Result<(), Failure> {
        let next = keys::entry(&read.organization, read.seq.saturating_add(1));
        let check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(next.to_item()))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(unbuildable)?;
        self.items.push(TransactWriteItem::builder().condition_check(check).build());
        self.roles.push(Role::Books);
        Ok(())
    }
}

struct Guard {
    condition: Option<&'static str>,
    names: Option<HashMap<String, String>>,
    values: Option<HashMap<String, AttributeValue>>,
}

impl Guard {
    fn absent() -> Self {
        Self { condition: Some("attribute_not_exists(pk)"), names: None, values: None }
    }

    /// No condition.
    fn none() -> Self {
        Self { condition: None, names: None, values: None }
    }

    /// The account is as it was read: its latest entry, and its watched levels, which change apart from the books.
    /// Before the first entry the item may be absent or hold levels alone.
    fn account(read: &Account) -> Self {
        let mut values = HashMap::from([(":seq".to_owned(), AttributeValue::N(read.seq.to_string()))]);
        let condition = match (read.seq, read.watch.is_empty()) {
            (0, true) => "attribute_not_exists(watch) AND (attribute_not_exists(seq) OR seq = :seq)",
            (0, false) => "watch = :watch AND (attribute_not_exists(seq) OR seq = :seq)",
            (_, true) => "seq = :seq AND attribute_not_exists(watch)",
            (_, false) => "seq = :seq AND watch = :watch",
        };
        if !read.watch.is_empty() {
            values.insert(":watch".to_owned(), AttributeValue::S(read.watch.as_text()));
        }
        Self { condition: Some(condition), names: None, values: Some(values) }
    }

    fn hold_open() -> Self {
        let names = HashMap::from([("#status".to_owned(), "status".to_owned())]);
        let values = HashMap::from([(":open".to_owned(), AttributeValue::S("open".to_owned()))]);
        Self { condition: Some("#status = :open"), names: Some(names), values: Some(values) }
    }

    fn reference(reference: &Reference) -> Self {
        Self {
            condition: Some(
                "attribute_not_exists(pk) OR (organization = :organization AND #record = :record)",
            ),
            names: Some(HashMap::from([("#record".to_owned(), "record".to_owned())])),
            values: Some(HashMap::from(Ledger::reference_values(reference))),
        }
    }
}

impl Ledger {
    /// The transaction of an accepted movement: account, cause, entries, hold, months, references, records.
    pub(super) fn actions(
        &self,
        read: &Account,
        movement: &Movement,
        accepted: &Accepted,
        with: &Companions,
    ) -> Result<Actions, Failure> {
        let table = self.ledger_table.as_str();
        let mut actions = Actions { items: Vec::new(), roles: Vec::new() };
        actions.put(Role::Books, table, items::account_item(&accepted.account)?, Guard::account(read))?;
        // An expiry is the effect of the clock: the account's sequence alone guards against a second one.
        if movement.command != Command::Expire {
            let recorded =
                Recorded { fingerprint: movement.fingerprint.clone(), receipt: receipt(accepted, with)? };
            let item = items::cause_item(&movement.cause, &recorded)?;
            actions.put(Role::Cause, table, item, Guard::absent())?;
        }
        for entry in &accepted.entries {
            actions.put(Role::Books, table, items::entry_item(entry)?, Guard::absent())?;
        }
        match &accepted.hold {
            Some(HoldChange::Open(hold)) => {
                actions.put(Role::NewHold, table, items::hold_item(hold)?, Guard::absent())?;
            }
            Some(HoldChange::End(hold)) => {
                actions.put(Role::Books, table, items::hold_item(hold)?, Guard::hold_open())?;
            }
            None => {}
        }
        if let Some(crossing) = &accepted.crossing {
            actions.put(Role::Books, table, items::crossing_item(crossing)?, Guard::absent())?;
        }
        if let Some(update) = self.month_update(accepted, with.vendor)? {
            actions.items.push(TransactWriteItem::builder().update(update).build());
            actions.roles.push(Role::Month);
        }
        for reference in &with.references {
            let role = Role::Reference(reference.object.clone());
            actions.put(role, table, reference.to_item()?, Guard::reference(reference))?;
        }
        for (index, write) in with.work.iter().enumerate() {
            actions.items.push(write.to_action(&self.work_table)?);
            actions.roles.push(Role::Record(index));
        }
        Ok(actions)
    }

    /// The transaction that sets an account's watched levels, and records those that are crossed already.
    pub(super) fn watch_actions(
        &self,
        read: &Account,
        watch: &Watch,
        crossing: Option<&crate::Crossing>,
        work: &[WorkWrite],
    ) -> Result<Actions, Failure> {
        let table = self.ledger_table.as_str();
        let mut actions = Actions { items: Vec::new(), roles: Vec::new() };
        actions.set_levels(table, read, watch)?;
        actions.at_latest_entry(table, read)?;
        if let Some(crossing) = crossing {
            // The same levels set twice after one entry within a millisecond are one crossing.
            actions.put(Role::Books, table, items::crossing_item(crossing)?, Guard::none())?;
        }
        for (index, write) in work.iter().enumerate() {
            actions.items.push(write.to_action(&self.work_table)?);
            actions.roles.push(Role::Record(index));
        }
        Ok(actions)
    }

    fn month_update(
        &self,
        accepted: &Accepted,
        vendor: Option<VendorFigures>,
    ) -> Result<Option<Update>, Failure> {
        if accepted.month.is_empty() && vendor.is_none() {
            return Ok(None);
        }
        let entry = accepted.entry();
        let key = keys::month(Month::of(entry.recorded_at), &entry.organization);
        let sums = month_sums(&accepted.month, vendor);
        add_update(&self.ledger_table, &key, &sums).map(Some)
    }
}

/// The receipt of an accepted movement.
pub(super) fn receipt(accepted: &Accepted, with: &Companions) -> Result<Receipt, Failure> {
    let entry = accepted.entry();
    let available_after = accepted.account.available();
    Ok(Receipt {
        organization: entry.organization.clone(),
        seq: entry.seq,
        kind: entry.kind,
        amount: entry.amount,
        available_after: available_after.map_err(|why| Failure::Damaged(why.to_string()))?,
        held_after: accepted.account.held,
        hold: accepted.hold_id(),
        recorded_at: entry.recorded_at,
        answer: with.answer.clone(),
    })
}

fn month_sums(month: &MonthDelta, vendor: Option<VendorFigures>) -> Vec<(String, String)> {
    let mut sums: Vec<(String, String)> = [
        ("bought", month.bought),
        ("granted", month.granted),
        ("corrected", month.corrected),
        ("spent", month.spent),
        ("creditedBack", month.credited_back),
        ("taken", month.taken),
    ]
    .into_iter()
    .filter(|(_, amount)| *amount != Money::ZERO)
    .map(|(name, amount)| (name.to_owned(), amount.to_string()))
    .collect();
    if let Some(figures) = vendor {
        let prefix = match figures.vendor {
            Vendor::DataAxle => "dataAxle",
            Vendor::PostGrid => "postgrid",
        };
        sums.push((format!("{prefix}Orders"), figures.orders.to_string()));
        sums.push((format!("{prefix}Quantity"), figures.quantity.to_string()));
        sums.push((format!("{prefix}Cost"), figures.cost.to_string()));
        sums.push((format!("{prefix}Charge"), figures.charge.to_string()));
    }
    sums
}

fn add_update(table: &str, key: &Key, sums: &[(String, String)]) -> Result<Update, Failure> {
    let mut clauses = Vec::new();
    let mut names = HashMap::new();
    let mut values = HashMap::new();
    for (at, (name, by)) in sums.iter().enumerate() {
        clauses.push(format!("#n{at} :v{at}"));
        names.insert(format!("#n{at}"), name.clone());
        values.insert(format!(":v{at}"), AttributeValue::N(by.clone()));
    }
    Update::builder()
        .table_name(table)
        .set_key(Some(key.to_item()))
        .update_expression(format!("ADD {}", clauses.join(", ")))
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(Some(values))
        .build()
        .map_err(unbuildable)
}
