//! Balances brought over from the existing application: each row once, a bad file not at all.

use super::bring_over;
use ledger::LotKind;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem},
    shop::Shop,
};
use support::{ANY, Fault};

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
    let (status, first) = bring_over(&shop, &short).await;
    assert_eq!((status, done(&first)), (200, vec![true, true]), "{first}");
    assert_eq!(bring_over(&shop, &short).await, (200, first));
    let long = file(&["row-1,org_a,127.50,cus_a", "row-3,org_c,10.00,cus_c", "row-2,org_b,0.01,"]);
    assert_eq!(done(&bring_over(&shop, &long).await.1), [true, true, true]);
    let stands =
        [shop.available("org_a").await, shop.available("org_b").await, shop.available("org_c").await];
    assert_eq!(stands, ["127.50", "0.01", "10.00"]);
    let account = shop.world.ledger.account(&shop.org("org_a")).await.unwrap();
    assert!(account.lots.iter().all(|lot| lot.kind == LotKind::Opening && lot.expires_at.is_none()));
    let credits = shop.credits("org_a").await;
    assert_eq!(
        (&credits["totalCreditsPurchased"], &credits["totalCreditsGranted"]),
        (&json!("127.50"), &json!("0.00"))
    );
    shop.world.assert_books_balance().await;
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
async fn a_file_without_rows_with_too_many_or_with_other_columns_is_refused() {
    let shop = Shop::new().await;
    let rows: Vec<String> = (0..501).map(|at| format!("row-{at},org_{at},1.00,")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(bring_over(&shop, &file(&rows)).await.1["code"], "too_many_rows");
    for csv in ["", HEADER, "a,b\n1,2\n", "rowId;organizationId;credits\nrow-1;org_a;1.00\n"] {
        assert_eq!(bring_over(&shop, csv).await.0, 400, "{csv}");
    }
    for role in ["owner", "member"] {
        let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_a", role);
        let response = shop.credit_adjustments(call.body(file(&["row-1,org_a,1.00,"]))).await;
        assert_problem(&response, 403, "forbidden");
    }
    assert!(shop.world.dynamo.dump("ledger").is_empty());
    assert_eq!(done(&bring_over(&shop, &file(&rows[..200])).await.1).len(), 200);
    assert_eq!(
        (shop.available("org_0").await, shop.available("org_199").await),
        ("1.00".into(), "1.00".into())
    );
    shop.world.assert_books_balance().await;
}

#[tokio::test]
async fn a_row_with_other_contents_than_before_is_not_done_and_says_why() {
    let shop = Shop::new().await;
    bring_over(&shop, &file(&["row-1,org_a,127.50,cus_a"])).await;
    for row in ["row-1,org_a,127.51,cus_a", "row-1,org_b,127.50,cus_b", "row-1,org_a,127.50,"] {
        let (status, answer) = bring_over(&shop, &file(&[row, "row-2,org_c,5.00,"])).await;
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
    bring_over(&shop, &file(&["row-1,org_a,10.00,cus_a", "row-2,org_c,0.00,cus_c"])).await;
    let rows = [
        "row-3,org_b,5.00,cus_a",
        "row-4,org_a,5.00,cus_other",
        "row-5,org_b,0.00,cus_c",
        "row-6,org_c,5.00,cus_c",
    ];
    let (_, answer) = bring_over(&shop, &file(&rows)).await;
    assert_eq!(done(&answer), [false, false, false, true], "{answer}");
    let stands =
        [shop.available("org_a").await, shop.available("org_b").await, shop.available("org_c").await];
    assert_eq!(stands, ["10.00", "0.00", "5.00"]);
    assert_eq!(
        done(&bring_over(&shop, &file(&["row-3,org_b,5.00,cus_b"])).await.1),
        [true],
        "the row may be mended"
    );
}

#[tokio::test]
async fn the_subscription_of_a_customer_brought_over_is_granted_to_its_organization_and_its_portal_opens() {
    let shop = Shop::new().await;
    bring_over(&shop, &file(&["row-1,org_a,0.00,cus_a"])).await;
    let body = json!({"customer": "cus_a", "amountCents": 49_900});
    shop.control("POST", "stripe/subscriptions", body).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_a").await, "499.00");
    let portal = shop.billing_portal(Call::new("POST", "/api/credits/portal").by("org_a", "owner")).await;
    assert_eq!(portal.status(), 200);
    shop.order("org_a", "50").await;
    assert_eq!(shop.at_stripe("customers").await.len(), 1, "purchases go to the customer that it had");
}

#[tokio::test]
async fn wherever_an_import_dies_the_same_file_brings_each_row_over_once() {
    let csv = file(&["row-1,org_a,127.50,cus_a", "row-2,org_b,5.00,", "row-3,org_c,0.00,cus_c"]);
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        let mut at = 0;
        loop {
            let shop = Shop::new().await;
            let faults = shop.world.dynamo.faults();
            faults.after(ANY, at, fault);
            let died = faults.until_it_dies(bring_over(&shop, &csv)).await.is_none();
            faults.clear();
            if !died {
                break;
            }
            let (status, answer) = bring_over(&shop, &csv).await;
            assert_eq!((status, done(&answer)), (200, vec![true; 3]), "{fault:?} {at}: {answer}");
            let stands = (shop.available("org_a").await, shop.available("org_b").await);
            assert_eq!(stands, ("127.50".into(), "5.00".into()), "{fault:?} {at}");
            let known = shop.world.ledger.reference("cus_c").await.unwrap().unwrap();
            assert_eq!(known.organization.as_str(), "org_c", "{fault:?} {at}");
            shop.world.assert_books_balance().await;
            at += 1;
        }
        assert!(at > 8, "{at}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_file_sent_by_eight_people_at_once_brings_each_row_over_once() {
    let shop = Shop::new().await;
    let csv = file(&["row-1,org_a,127.50,cus_a", "row-2,org_c,5.00,cus_c", "row-3,org_b,7.00,cus_b"]);
    let answers = futures::future::join_all((0..8).map(|_| bring_over(&shop, &csv))).await;
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 503)), "{answers:?}");
    assert_eq!(done(&bring_over(&shop, &csv).await.1), [true; 3]);
    assert_eq!(
        (shop.available("org_a").await, shop.available("org_b").await),
        ("127.50".into(), "7.00".into())
    );
    shop.world.assert_books_balance().await;
}
