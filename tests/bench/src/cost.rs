//! What a piece of work cost in DynamoDB: requests, units and items, added up from metered calls.

use rust_decimal::Decimal;
use std::ops::AddAssign;
use support::MeteredCall;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    pub reads: u64,
    pub writes: u64,
    pub read_units: Decimal,
    /// Write units of the tables; a transaction's factor of two is in them.
    pub write_units: Decimal,
    pub index_units: Decimal,
    pub items: u64,
    pub accounts: u64,
}

impl Cost {
    #[must_use]
    pub fn of(calls: &[MeteredCall]) -> Self {
        let mut sum = Self::default();
        for call in calls {
            if call.is_read() {
                sum.reads += 1;
                sum.read_units += call.table_units + call.index_units;
            } else {
                sum.writes += 1;
                sum.write_units += call.table_units;
                sum.index_units += call.index_units;
            }
            let accounts = call.written.iter().filter(|item| item.sk == "ACCOUNT");
            sum.accounts += u64::try_from(accounts.count()).unwrap_or(u64::MAX);
            sum.items += u64::try_from(call.written.len()).unwrap_or(u64::MAX);
        }
        sum
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.reads += other.reads;
        self.writes += other.writes;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.index_units += other.index_units;
        self.items += other.items;
        self.accounts += other.accounts;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use support::Written;

    #[test]
    fn reads_writes_and_accounts_are_told_apart() {
        let item = |sk: &str| Written { pk: "ORG#a".to_owned(), sk: sk.to_owned() };
        let call = |operation: &str, units: i64, written: Vec<Written>| MeteredCall {
            operation: operation.to_owned(),
            done: true,
            written,
            table_units: Decimal::from(units),
            index_units: Decimal::ONE,
        };
        let calls = [
            call("GetItem", 1, Vec::new()),
            call("TransactWriteItems", 4, vec![item("ACCOUNT"), item("ENTRY#000000000001")]),
        ];
        let cost = Cost::of(&calls);
        assert_eq!((cost.reads, cost.writes, cost.items, cost.accounts), (1, 1, 2, 1));
        assert_eq!(cost.read_units, Decimal::TWO);
        assert_eq!((cost.write_units, cost.index_units), (Decimal::from(4), Decimal::ONE));
        let mut twice = cost;
        twice += cost;
        assert_eq!((twice.items, twice.write_units), (4, Decimal::from(8)));
    }
}
