//! Balances imported from the existing application: each row once, a bad file not at all.

use super::import_row;
use ledger::LotKind;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem},
    shop::Shop,
};
use support::assert_members;

const HEADER: &str = "rowId,organizationId,credits,stripeCustomerId\n";

fn file(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

fn done(answer: &Value) -> Vec<bool> {
    answer["rows"].as_array().unwrap().iter().map(|row| row["done"] == true).collect()
}

#[tokio::test]
async fn a_file_sent_twice_and_a_longer_one_bring_each_row_over_once() {
    let shop = Shop::new().await;
    let short = file(&["row-1,org_a,127.50,cus_a", "row-2,org_b,0.01,"]);
    let (status, first) = import_row(&shop, &short).await;
    assert_eq!((status, done(&first)), (200, vec![true, true]), "{first}");
    assert_eq!(import_row(&shop, &short).await, (200, first));
    let long = file(&["row-1,org_a,127.50,cus_a", "row-3,org_c,10.00,cus_c", "row-2,org_b,0.01,"]);
    assert_eq!(done(&import_row(&shop, &long).await.1), [true, true, true]);
    let stands =
        [shop.available("org_a").await, shop.available("org_b").await, shop.available("org_c").await];
    assert_eq!(stands, ["127.50", "0.01", "10.00"]);
    let account = shop.world.ledger.account(&shop.org("org_a")).await.unwrap();
    assert!(account.lots.iter().all(|lot| lot.kind == LotKind::Opening && lot.expires_at.is_none()));
    let credits = shop.credits("org_a").await;
    assert_members!(credits, {"totalCreditsPurchased": "127.50", "totalCreditsGranted": "0.00"});
}

#[tokio::test]
async fn one_bad_row_anywhere_changes_nothing_and_is_named_by_its_line() {
    let good = "row-1,org_a,127.50,cus_a";
    let bad = [
        "row-2,org_b,-1,",
        "row-2,org_b,1.001,",
        "row-2,org_b,many,",
        "row-2,org#b,1.00,",
        "row-2,,1.00,",
        ",org_b,1.00,",
        "row-2,org_b,1.00,acct_1",
        "row-2,org_b,1.00,cus_ä",
        "row-2,org_b,0.00,",
        "row-1,org_b,1.00,",
        "row-2,org_b",
        "row-2,org_b,1.00,cus_b,more",
    ];
    for row in bad {
        let shop = Shop::new().await;
        let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_droplab", "finance");
        let response = shop.credit_adjustments(call.body(file(&[good, row, good]))).await;
        assert_eq!(assert_problem(&response, 400, "invalid_row")["line"], 3, "{row}");
        let stored = [shop.world.dynamo.dump("ledger"), shop.world.dynamo.dump("work")];
        assert!(stored.iter().all(Vec::is_empty), "{row}");
    }
}

#[tokio::test]
async fn an_import_error_names_the_line_of_the_file() {
    let shop = Shop::new().await;
    let head = "rowId,organizationId,credits,stripeCustomerId";
    let table = [
        (format!("{head}\n\n\nrow-1,org_a,many,\n"), "invalid_row", (4, 3), "credits is an amount"),
        (
            format!("\u{feff}{head}\r\n\r\n , ,\t,\r\nrow-1,org_a,-1,\r\n"),
            "invalid_row",
            (4, 3),
            "not below 0.00",
        ),
        (
            format!("{head}\n\"row-1\n\n\",org_a,1.00,\nrow-2,org b,1.00,\n"),
            "invalid_row",
            (5, 2),
            "\"org b\"",
        ),
        (format!("{head}\n\"row-1\n\",org_a,1.00,acct_1\n"), "invalid_row", (3, 4), "cus_ id"),
        (
            format!("{head}\rrow-1,org_a,1.00,\r\rrow-1,org_a,1.00,\r"),
            "invalid_row",
            (4, 1),
            "once in the file",
        ),
        (format!("{head}\n\nrow-1,org_a\n"), "invalid_row", (3, 3), "2 cells where the header has 4"),
        (
            format!("{head}\nrow-1,org_a,1.00,,more\n"),
            "invalid_row",
            (2, 5),
            "5 cells where the header has 4",
        ),
        (
            format!("{head}\nrow-1,\"org_a,1.00,\nrow-2,org_a,1.00,\n"),
            "invalid_row",
            (2, 3),
            "quotation mark",
        ),
        (
            "\n\nrowId,organisation,credits\nr,o,1\n".to_owned(),
            "invalid_header",
            (3, 2),
            "header has \"organisation\"",
        ),
        ("rowId,credits,rowId\n".to_owned(), "invalid_header", (1, 3), "header names rowId twice"),
    ];
    for (csv, code, (line, column), words) in table {
        let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_droplab", "finance");
        let found = assert_problem(&shop.credit_adjustments(call.body(&*csv)).await, 400, code);
        assert_eq!((&found["line"], &found["column"]), (&json!(line), &json!(column)), "{csv:?}: {found}");
        let detail = found["detail"].as_str().unwrap();
        let place = format!("Line {line}, column {column}: ");
        assert!(detail.starts_with(&place) && detail.contains(words), "{csv:?}: {detail}");
    }
}

#[tokio::test]
async fn a_wrong_header_is_named_and_what_a_spreadsheet_writes_is_read() {
    let shop = Shop::new().await;
    let table = [
        ("rowId,credits\nrow-1,1.00\n", "header has no column organizationId"),
        ("rowId;organizationId;credits\nrow-1;org_a;1.00\n", "by semicolons: save the file with commas"),
        ("rowId\torganizationId\tcredits\n", "by tabs"),
        ("sep=,\nrowId,organizationId,credits\n", "sep= line"),
        ("\u{feff}\"SEP=;\"\r\nrowId;organizationId;credits\r\n", "sep= line"),
        ("", "the file is empty"),
    ];
    for (csv, words) in table {
        let (status, found) = import_row(&shop, csv).await;
        assert_eq!(
            (status, &found["code"], &found["line"]),
            (400, &json!("invalid_header"), &json!(1)),
            "{csv:?}"
        );
        assert!(found["detail"].as_str().unwrap().contains(words), "{csv:?}: {found}");
    }
    let windows = credit_adjustments::rows::read(b"rowId,organizationId,credits\n\nrow-1,org_\xE4,1.00\n");
    assert_eq!(windows.unwrap_err().code(), "invalid_file");
    let stored = [shop.world.dynamo.dump("ledger"), shop.world.dynamo.dump("work")];
    assert!(stored.iter().all(Vec::is_empty), "nothing was imported");
    // What a spreadsheet writes: a byte order mark, columns in its own order, blank lines at the end.
    let sheet = "\u{feff}credits,organizationId,rowId\r\n\"127.50\",org_a, row-1 \r\n,,\r\n\r\n";
    let (status, answer) = import_row(&shop, sheet).await;
    assert_eq!(
        (status, done(&answer), &answer["rows"][0]["rowId"]),
        (200, vec![true], &json!("row-1")),
        "{answer}"
    );
    assert_eq!(shop.available("org_a").await, "127.50");
}

#[tokio::test]
async fn a_file_without_rows_with_too_many_or_with_other_columns_is_refused() {
    let shop = Shop::new().await;
    let rows: Vec<String> = (0..501).map(|at| format!("row-{at},org_{at},1.00,")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(import_row(&shop, &file(&rows)).await.1["code"], "too_many_rows");
    for csv in ["", HEADER, "a,b\n1,2\n", "rowId;organizationId;credits\nrow-1;org_a;1.00\n"] {
        assert_eq!(import_row(&shop, csv).await.0, 400, "{csv}");
    }
    for role in ["owner", "member"] {
        let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_a", role);
        let response = shop.credit_adjustments(call.body(file(&["row-1,org_a,1.00,"]))).await;
        assert_problem(&response, 403, "forbidden");
    }
    assert!(shop.world.dynamo.dump("ledger").is_empty());
    assert_eq!(done(&import_row(&shop, &file(&rows[..200])).await.1).len(), 200);
    assert_eq!(
        (shop.available("org_0").await, shop.available("org_199").await),
        ("1.00".into(), "1.00".into())
    );
}

#[tokio::test]
async fn a_row_with_other_contents_than_before_is_not_done_and_says_why() {
    let shop = Shop::new().await;
    import_row(&shop, &file(&["row-1,org_a,127.50,cus_a"])).await;
    for row in ["row-1,org_a,127.51,cus_a", "row-1,org_b,127.50,cus_b", "row-1,org_a,127.50,"] {
        let (status, answer) = import_row(&shop, &file(&[row, "row-2,org_c,5.00,"])).await;
        assert_eq!(answer["rows"][0]["code"], "recorded_otherwise", "{answer}");
        assert_eq!((status, done(&answer)), (200, vec![false, true]), "{row}: {answer}");
        assert!(answer["rows"][0]["why"].as_str().unwrap().contains("other contents"), "{answer}");
    }
    assert_eq!(
        (shop.available("org_a").await, shop.available("org_b").await),
        ("127.50".into(), "0.00".into())
    );
    assert_eq!(shop.available("org_c").await, "5.00");
}

#[tokio::test]
async fn a_customer_belongs_to_one_organization_and_an_organization_has_one() {
    let shop = Shop::new().await;
    import_row(&shop, &file(&["row-1,org_a,10.00,cus_a", "row-2,org_c,0.00,cus_c"])).await;
    let rows = [
        "row-3,org_b,5.00,cus_a",
        "row-4,org_a,5.00,cus_other",
        "row-5,org_b,0.00,cus_c",
        "row-6,org_c,5.00,cus_c",
    ];
    let (_, answer) = import_row(&shop, &file(&rows)).await;
    assert_eq!(done(&answer), [false, false, false, true], "{answer}");
    let stands =
        [shop.available("org_a").await, shop.available("org_b").await, shop.available("org_c").await];
    assert_eq!(stands, ["10.00", "0.00", "5.00"]);
    assert_eq!(
        done(&import_row(&shop, &file(&["row-3,org_b,5.00,cus_b"])).await.1),
        [true],
        "the row may be mended"
    );
}

#[tokio::test]
async fn the_subscription_of_an_imported_customer_is_granted_to_its_organization_and_its_portal_opens() {
    let shop = Shop::new().await;
    import_row(&shop, &file(&["row-1,org_a,0.00,cus_a"])).await;
    let body = json!({"customer": "cus_a", "amountCents": 49_900});
    shop.control("POST", "stripe/subscriptions", body).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_a").await, "499.00");
    let portal = shop.billing_portal(Call::new("POST", "/api/stripe/portal").by("org_a", "owner")).await;
    assert_eq!(portal.status(), 200);
    shop.order("org_a", "50").await;
    assert_eq!(shop.at_stripe("customers").await.len(), 1, "purchases go to the customer that it had");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_file_sent_by_eight_people_at_once_imports_each_row_once() {
    let shop = Shop::new().await;
    let csv = file(&["row-1,org_a,127.50,cus_a", "row-2,org_c,5.00,cus_c", "row-3,org_b,7.00,cus_b"]);
    let answers = futures::future::join_all((0..8).map(|_| import_row(&shop, &csv))).await;
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 503)), "{answers:?}");
    assert_eq!(done(&import_row(&shop, &csv).await.1), [true; 3]);
    assert_eq!(
        (shop.available("org_a").await, shop.available("org_b").await),
        ("127.50".into(), "7.00".into())
    );
}
