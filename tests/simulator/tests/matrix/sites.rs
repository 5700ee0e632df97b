//! Where the code calls the outside, read from its text.

use std::collections::BTreeMap;
use std::path::Path;

/// What is called: the name of what stands before the dot, and after it.
const RECEIVERS: [&str; 15] = [
    "batches", "client", "costs", "files", "ledger", "objects", "plans", "queue", "sales", "self", "stripe",
    "table", "topic", "vendor", "work",
];
/// Methods that reach a table, a bucket, a queue or a vendor, whatever they are called on.
const METHODS: [&str; 90] = [
    "account",
    "balance",
    "balance_at",
    "balance_before",
    "batch_get_item",
    "batch_write_item",
    "cancel",
    "cancel_payment_intent",
    "card_payment_methods",
    "charge",
    "checkout_session",
    "checkout_sessions_of_customer",
    "checkout_sessions_of_payment",
    "count",
    "create_checkout_session",
    "create_customer",
    "create_payment_intent",
    "create_portal_session",
    "create_postcard",
    "create_refund",
    "crossing",
    "crossing_passed_on",
    "delete_item",
    "dispute",
    "disputes_of",
    "due",
    "due_in",
    "early_fraud_warning",
    "early_fraud_warnings_of",
    "entries",
    "entries_between",
    "entry",
    "event",
    "event_now",
    "events",
    "exists",
    "expire",
    "find",
    "find_by_metadata",
    "get",
    "get_item",
    "get_object",
    "get_secret_value",
    "get_version",
    "head",
    "head_object",
    "hold",
    "insert",
    "insert_all",
    "insert_bounded",
    "invoice",
    "invoice_payments_of",
    "last",
    "latest_balance",
    "list",
    "list_objects_v2",
    "month",
    "paid_invoices",
    "payment_intent",
    "payment_intents_of",
    "payments_of_invoice",
    "post",
    "publish",
    "put",
    "put_item",
    "put_object",
    "query",
    "reference",
    "refund",
    "refunds_of",
    "remember",
    "replace",
    "scan",
    "scan_next",
    "scan_start",
    "search",
    "send",
    "send_after",
    "send_all",
    "send_message",
    "send_message_batch",
    "set_watch",
    "standing",
    "statement",
    "subscription",
    "take",
    "transact_get_items",
    "transact_write_items",
    "update_item",
    "write_together",
];

/// Every call in `shared` and `functions`, by file and by what is called, with how often it stands there. Unit
/// tests are left out.
pub fn of(root: &Path) -> BTreeMap<(String, String), usize> {
    let mut found = BTreeMap::new();
    for folder in ["shared", "functions"] {
        walk(root, &root.join(folder), &mut found);
    }
    found
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<(String, String), usize>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" {
                walk(root, &path, found);
            }
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let file = path.strip_prefix(root).unwrap().display().to_string();
            for call in calls(text.split("#[cfg(test)]").next().unwrap_or_default()) {
                *found.entry((file.clone(), call)).or_default() += 1;
            }
        }
    }
}

/// `receiver.method` of every call in a text. A call may be broken over lines.
fn calls(text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code: String = code.flat_map(str::split_whitespace).collect();
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut calls = Vec::new();
    for (at, _) in code.match_indices('.') {
        let before: &str = code[..at].rsplit(|letter| !is_name(letter)).next().unwrap_or_default();
        let after = &code[at + 1..];
        let method = after.split(|letter| !is_name(letter)).next().unwrap_or_default();
        let rest = &after[method.len()..];
        let called = rest.starts_with('(') || rest.starts_with("::<");
        if called && RECEIVERS.contains(&before) && METHODS.contains(&method) {
            calls.push(format!("{before}.{method}"));
        }
    }
    calls
}

#[test]
fn calls_are_found_over_lines_and_with_types() {
    let text = "let a = self\n    .table\n    .get::<Order>(&key).await; // self.table.get(\nledger.post(&m); map.get(1);";
    assert_eq!(calls(text), ["table.get", "ledger.post"]);
}
