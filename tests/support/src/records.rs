//! The business records against the books: what was sold is what is charged, and every hold ends with its
//! purchase or job.
//!
//! Reads items as they are stored, not through the flows, so that a flow's own reading cannot hide a mistake.

use crate::Dynamo;
use money::{Money, Quantity, UnitPrice};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A DynamoDB item as plain JSON: whole numbers as numbers, all else as text.
#[must_use]
pub fn plain(item: &Value) -> Value {
    let Some(fields) = item.as_object() else { return Value::Null };
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), plain_value(value))).collect())
}

fn plain_value(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|fields| fields.iter().next()) else {
        return Value::Null;
    };
    match kind.as_str() {
        "N" => {
            let text = inner.as_str().unwrap_or_default();
            text.parse::<i64>().map_or_else(|_| inner.clone(), Value::from)
        }
        "M" => plain(inner),
        "L" => inner.as_array().map(|items| items.iter().map(plain_value).collect()).unwrap_or_default(),
        "NULL" => Value::Null,
        _ => inner.clone(),
    }
}

#[must_use]
pub fn money(value: &Value) -> Money {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = if value.is_null() { "0".to_owned() } else { text };
    Money::parse(&text).unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// DynamoDB's rule: names and values in UTF-8 bytes, 3 bytes per list or map and 1 per element of it.
#[must_use]
pub fn item_size(item: &Value) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| name.len() + attribute_size(value)).sum()
}

fn attribute_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else { return 0 };
    let text = value.as_str().unwrap_or_default().len();
    match kind.as_str() {
        "S" => text,
        "B" => text * 3 / 4,
        "N" => text / 2 + 1,
        "L" => 3 + value.as_array().into_iter().flatten().map(|one| 1 + attribute_size(one)).sum::<usize>(),
        "M" => 3 + item_size(value) + value.as_object().map_or(0, Map::len),
        _ => 1,
    }
}

fn keyed(items: &[Value]) -> BTreeMap<(String, String), Value> {
    let keyed = items.iter().map(|item| {
        let item = plain(item);
        let key = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        ((key("pk"), key("sk")), item)
    });
    keyed.collect()
}

/// All items of both tables, by partition and sort key.
#[derive(Debug, Default)]
pub struct Records {
    pub work: BTreeMap<(String, String), Value>,
    pub ledger: BTreeMap<(String, String), Value>,
}

impl Records {
    #[must_use]
    pub fn of(dynamo: &Dynamo) -> Self {
        Self { work: keyed(&dynamo.dump("work")), ledger: keyed(&dynamo.dump("ledger")) }
    }

    #[must_use]
    pub fn of_organization(dynamo: &Dynamo, organization: &str) -> Self {
        let (whole, own) = (("", "~"), format!("ORG#{organization}"));
        let mut work = keyed(&dynamo.items("work", &own, whole));
        let jobs: Vec<String> =
            work.keys().filter(|(_, sk)| sk.starts_with("JOB#")).map(|(_, sk)| sk.clone()).collect();
        for job in jobs {
            work.extend(keyed(&dynamo.items("work", &job, whole)));
        }
        let (from, to) = (format!("{organization}#"), format!("{organization}#~"));
        work.extend(keyed(&dynamo.items("work", "REFUND-REQUESTS", (&from, &to))));
        Self { work, ledger: keyed(&dynamo.items("ledger", &own, whole)) }
    }

    /// The records whose sort key begins with this.
    pub fn kind<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Value> {
        self.work.iter().filter(move |((_, sk), _)| sk.starts_with(prefix)).map(|(_, item)| item)
    }

    pub fn entries(&self) -> impl Iterator<Item = &Value> {
        self.ledger.iter().filter(|((_, sk), _)| sk.starts_with("ENTRY#")).map(|(_, item)| item)
    }

    #[must_use]
    pub fn entry_of(&self, kind: &str, id: &str) -> Option<&Value> {
        self.entries().find(|entry| entry["cause"]["kind"] == kind && entry["cause"]["id"] == id)
    }

    /// Whether a record says what it is. One that a test has damaged does not; no credits may hang on it.
    fn is_whole(&self, record: &Value, id: &str) -> bool {
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        let named = text("sk").split_once('#').map(|(_, id)| format!("HOLD#{id}")).unwrap_or_default();
        let whole = record[id].is_string();
        let holds = self.ledger.contains_key(&(text("pk").to_owned(), named));
        assert!(whole || !holds, "{}: a damaged record has a hold", text("sk"));
        whole
    }

    fn hold(&self, organization: &Value, id: &Value) -> Option<&Value> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.ledger.get(&(format!("ORG#{}", text(organization)), format!("HOLD#{}", text(id))))
    }
}

/// Panics with the broken invariant's sentence, if a purchase, list, job, batch or order disagrees with the
/// books.
pub fn assert_records_agree(dynamo: &Dynamo) {
    assert_agree(&Records::of(dynamo));
}

pub fn assert_records_of_agree(dynamo: &Dynamo, organization: &str) {
    assert_agree(&Records::of_organization(dynamo, organization));
}

fn assert_agree(records: &Records) {
    for purchase in records.kind("PURCHASE#").filter(|record| records.is_whole(record, "purchaseId")) {
        assert_purchase(records, purchase);
    }
    for job in records.kind("JOB#").filter(|record| records.is_whole(record, "printJobId")) {
        assert_job(records, job);
    }
    for order in records.kind("ORDER#") {
        assert_order(records, order);
    }
    for grant in records.kind("INVOICE#") {
        assert_reversals(records, grant, money(&grant["granted"]));
    }
    let requests = records.work.iter().filter(|((pk, _), _)| pk == "REFUND-REQUESTS");
    for (_, request) in requests {
        assert_refund_request(records, request);
    }
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

fn times(price: &Value, quantity: u64) -> Money {
    let price = UnitPrice::parse(price.as_str().unwrap_or_default()).expect("a unit price");
    price.times(Quantity::new(quantity)).expect("in range")
}

/// Hold and record of a purchase or a job: open while it is, ended with it, and nothing lost in between.
fn assert_ends_together(records: &Records, record: &Value, id: &Value, settle: &str) {
    let hold = records.hold(&record["organizationId"], id);
    if record["environment"] == "test" {
        assert!(hold.is_none(), "{id}: a test holds nothing");
        assert!(money(&record["charged"]).is_zero(), "{id}: a test costs nothing");
        return;
    }
    let hold = hold.unwrap_or_else(|| panic!("{id}: it stands with its hold"));
    assert_eq!(money(&hold["amount"]), money(&record["held"]), "{id}: the hold is what the record says");
    let ended = !record["finishedAt"].is_null();
    assert_eq!(hold["status"] != "open", ended, "{id}: the hold ends with its record, not before, not after");
    let Some(entry) = records.entry_of(settle, id.as_str().unwrap_or_default()) else {
        return assert!(!ended, "{id}: it ended without an entry");
    };
    assert!(ended, "{id}: an entry ended its hold, and it goes on");
    let charged = if entry["kind"] == "charge" { money(&entry["amount"]).negated() } else { Money::ZERO };
    assert_eq!(charged, money(&record["charged"]), "{id}: what the books charged is what the record says");
    let sum = charged.plus(money(&record["released"])).expect("in range");
    assert_eq!(sum, money(&record["held"]), "{id}: charged and released are what was held");
}

fn assert_purchase(records: &Records, purchase: &Value) {
    let id = &purchase["purchaseId"];
    assert_ends_together(records, purchase, id, "contacts-settle");
    let stored = count(&purchase["progress"]["stored"]);
    assert!(stored <= count(&purchase["requested"]), "{id}: more is stored than was held for");
    let pages = purchase["progress"]["pages"].as_array().map(Vec::as_slice).unwrap_or_default();
    let counted: u64 = pages.iter().map(|page| count(&page["contacts"])).sum();
    assert_eq!(counted, stored, "{id}: the pages are what is stored");
    if purchase["finishedAt"].is_null() {
        return;
    }
    if purchase["environment"] != "test" {
        let due = times(&purchase["price"]["unitPrice"], stored);
        assert_eq!(money(&purchase["charged"]), due, "{id}: contacts charged are contacts stored");
    }
    let list = records.kind("LIST#").find(|list| list["recipientListId"] == purchase["recipientListId"]);
    assert_eq!(list.is_some(), stored > 0, "{id}: a list stands if anything was stored");
    if let Some(list) = list {
        let pages = list["pages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let listed: u64 = pages.iter().map(|page| count(&page["contacts"])).sum();
        assert_eq!((count(&list["contacts"]), listed), (stored, stored), "{id}: the list is what is stored");
    }
}

fn assert_job(records: &Records, job: &Value) {
    let id = &job["printJobId"];
    assert_ends_together(records, job, id, "print-settle");
    let ends = ["accepted", "refused", "unknown", "notSent"].map(|name| count(&job[name]));
    let pieces: u64 = ends.iter().sum();
    assert!(pieces <= count(&job["pieces"]), "{id}: more pieces ended than there are");
    let batches: Vec<&Value> = records.kind("BATCH#").filter(|batch| batch["printJobId"] == *id).collect();
    let mut counted = [0_u64; 4];
    for outcome in batches
        .iter()
        .filter(|batch| !batch["endedAt"].is_null())
        .flat_map(|batch| batch["outcomes"].as_array().map(Vec::as_slice).unwrap_or_default())
    {
        let at = match outcome.as_str().and_then(|text| text.chars().next()) {
            Some('a') => 0,
            Some('r' | 'f') => 1,
            Some('x') => 2,
            Some('n') => 3,
            _ => panic!("{id}: an ended batch has a piece without an end: {outcome}"),
        };
        counted[at] += 1;
    }
    if job["begunAt"].is_null() {
        assert_eq!(counted, [0; 4], "{id}: what has not begun has no result");
    } else {
        assert_eq!(counted, ends, "{id}: the job's counters are its batches' outcomes");
    }
    let done = batches.iter().filter(|batch| !batch["endedAt"].is_null()).count();
    assert_eq!(u64::try_from(done).ok(), Some(count(&job["batchesDone"])), "{id}: batches that are done");
    if job["finishedAt"].is_null() {
        return;
    }
    assert_eq!(pieces, count(&job["pieces"]), "{id}: every piece of a job that ended has ended");
    if job["environment"] != "test" {
        let due = times(&job["price"]["unitPrice"], ends[0]);
        assert_eq!(money(&job["charged"]), due, "{id}: cards charged are cards accepted");
    }
}

fn assert_order(records: &Records, order: &Value) {
    let id = &order["orderId"];
    let granted = &order["grantedFor"];
    assert_eq!(order["status"] == "paid", !granted.is_null(), "{id}: paid is granted");
    let bought = records.entries().filter(|entry| {
        let grants = entry["kind"] == "purchase" || entry["kind"] == "top-up";
        let lots = entry["lots"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_cause = !granted.is_null() && entry["cause"]["id"] == granted["object"];
        grants && (is_cause || lots.iter().any(|lot| lot["source"] == *id))
    });
    let bought: Vec<&Value> = bought.collect();
    assert_eq!(bought.len(), usize::from(!granted.is_null()), "{id}: an order is granted once");
    let Some(entry) = bought.first() else { return };
    let kind = if order["paidBy"] == "top-up" { "top-up" } else { "purchase" };
    assert_eq!(entry["kind"], kind, "{id}: as what it was ordered");
    assert_eq!(entry["cause"]["id"], granted["object"], "{id}: for the payment that the order names");
    assert_eq!(money(&entry["amount"]), money(&granted["granted"]), "{id}: what the order says");
    let paid = money(&granted["paid"]);
    assert!(money(&granted["granted"]) <= paid, "{id}: no more credits than dollars");
    assert_eq!(entry["pk"], order["pk"], "{id}: to the order's own organization");
    assert_reversals(records, order, money(&granted["granted"]));
}

/// What the books took of a grant is what its record says, and never more than was granted.
fn assert_reversals(records: &Records, grant: &Value, granted: Money) {
    let sk = &grant["sk"];
    let reversals = &grant["reversals"];
    let posted = money(&reversals["posted"]);
    assert!(!posted.is_negative() && posted <= granted, "{sk}: {posted} of {granted} was taken");
    let mut sum = Money::ZERO;
    for (object, _) in reversals["objects"].as_object().into_iter().flatten() {
        for kind in ["refund", "refund-undone", "dispute-taken", "dispute-returned"] {
            if let Some(entry) = records.entry_of(kind, object) {
                assert_eq!(entry["pk"], grant["pk"], "{sk}: {object} moved its own organization's credits");
                sum = sum.minus(money(&entry["amount"])).expect("in range");
            }
        }
    }
    assert_eq!(sum, posted, "{sk}: what the books took is what the record says");
}

fn assert_refund_request(records: &Records, request: &Value) {
    let id = &request["id"];
    let status = request["status"].as_str().unwrap_or_default();
    let hold = records.hold(&request["organization"], id);
    match status {
        "requested" | "declined" => assert!(hold.is_none(), "{id}: nothing is held before finance agrees"),
        "approved" => assert_eq!(hold.expect("a hold")["status"], "open", "{id}: credits are held"),
        _ => assert!(hold.is_some_and(|hold| hold["status"] != "open"), "{id}: {status} leaves no hold"),
    }
}

/// Panics unless each month's roll-up is the sum of its entries and of the purchases and jobs that ended in it.
/// For worlds in which nothing was posted by hand.
pub fn assert_months_are_their_records(dynamo: &Dynamo) {
    let records = Records::of(dynamo);
    let mut expected: BTreeMap<(String, String), Map<String, Value>> = BTreeMap::new();
    let mut add = |entry: &Value, name: &str, by: Money| {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let organization = text("pk").trim_start_matches("ORG#").to_owned();
        let key = (text("recordedAt")[..7].to_owned(), organization);
        let sums = expected.entry(key).or_default();
        let before = sums.get(name).map_or(Money::ZERO, money);
        sums.insert(name.to_owned(), Value::from(before.plus(by).expect("in range").to_string()));
    };
    for entry in records.entries() {
        let amount = money(&entry["amount"]);
        match entry["kind"].as_str().unwrap_or_default() {
            "purchase" | "top-up" => add(entry, "bought", amount),
            "adjustment" if amount.is_negative() => add(entry, "corrected", amount.negated()),
            "subscription" | "promotional" | "opening" | "adjustment" => add(entry, "granted", amount),
            "charge" => add(entry, "spent", amount.negated()),
            "refund" | "refund-undone" | "dispute" | "dispute-returned" => {
                add(entry, "taken", amount.negated());
            }
            _ => {}
        }
    }
    let whole = |count: u64| Money::parse(&count.to_string()).expect("in range");
    let ended = |record: &&Value| !record["finishedAt"].is_null() && record["environment"] != "test";
    for purchase in records.kind("PURCHASE#").filter(ended) {
        let delivered = count(&purchase["progress"]["vendorDelivered"]);
        let id = purchase["purchaseId"].as_str().unwrap_or_default();
        let entry = records.entry_of("contacts-settle", id).expect("it ended with an entry");
        if delivered > 0 {
            add(entry, "dataAxleOrders", whole(1));
            add(entry, "dataAxleQuantity", whole(count(&purchase["progress"]["stored"])));
            add(entry, "dataAxleCost", times(&purchase["price"]["vendorUnitPrice"], delivered));
            add(entry, "dataAxleCharge", money(&purchase["charged"]));
        }
    }
    for job in records.kind("JOB#").filter(ended).filter(|job| count(&job["accepted"]) > 0) {
        let id = job["printJobId"].as_str().unwrap_or_default();
        let entry = records.entry_of("print-settle", id).expect("it ended with an entry");
        add(entry, "postgridOrders", whole(1));
        add(entry, "postgridQuantity", whole(count(&job["accepted"])));
        add(entry, "postgridCost", times(&job["price"]["vendorUnitPrice"], count(&job["accepted"])));
        add(entry, "postgridCharge", money(&job["charged"]));
    }
    compare_months(&records, &expected);
}

fn compare_months(records: &Records, expected: &BTreeMap<(String, String), Map<String, Value>>) {
    const FIGURES: [&str; 13] = [
        "bought",
        "granted",
        "corrected",
        "spent",
        "taken",
        "dataAxleOrders",
        "dataAxleQuantity",
        "dataAxleCost",
        "dataAxleCharge",
        "postgridOrders",
        "postgridQuantity",
        "postgridCost",
        "postgridCharge",
    ];
    let mut found: BTreeMap<(String, String), &Value> = BTreeMap::new();
    for ((pk, sk), item) in &records.ledger {
        let Some(month) = pk.strip_prefix("MONTH#") else { continue };
        let organization = sk.strip_prefix("ORG#").unwrap_or_default();
        found.insert((month[..7].to_owned(), organization.to_owned()), item);
    }
    let keys: std::collections::BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    for key in keys {
        for name in FIGURES {
            let rolled_up = found.get(key).map_or(Money::ZERO, |item| money(&item[name]));
            let summed = expected.get(key).and_then(|sums| sums.get(name)).map_or(Money::ZERO, money);
            assert_eq!(rolled_up, summed, "{} {}: {name} of the month is that of its records", key.1, key.0);
        }
    }
}
