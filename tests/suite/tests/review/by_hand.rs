//! Invoices that somebody wrote by hand, of customers whom we know and of no subscription: finance says whose each is.

use super::{decide, in_review, ordered};
use billing::ReviewReason;
use serde_json::{Value, json};
use suite::{gateway::read, shop::Shop};

const REASON: &str = "grants-nothing";

/// Two organizations, each of which has bought 10.00.
async fn two_customers() -> (Shop, [String; 2]) {
    let shop = Shop::new().await;
    let mut customers = Vec::new();
    for organization in ["org_a", "org_b"] {
        shop.bought(organization, "10").await;
        let customer = shop.at_stripe("customers").await.last().expect("a customer")["id"].clone();
        customers.push(customer.as_str().expect("an id").to_owned());
    }
    (shop, customers.try_into().expect("two"))
}

/// The customer pays 50.00 for something that another application sells, with an invoice; the invoice's id.
async fn invoice_by_hand(shop: &Shop, customer: &str) -> String {
    let form = [
        ("mode", "payment"),
        ("customer", customer),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "5000"),
        ("line_items[0][price_data][product_data][name]", "Design work"),
        ("invoice_creation[enabled]", "true"),
        ("success_url", "https://other.example/"),
    ];
    let session = shop.stripe_api("checkout/sessions", &form).await;
    shop.pay(session["id"].as_str().expect("an id"), false).await;
    shop.deliver_all().await;
    let invoices = shop.at_stripe("invoices").await;
    let invoice = invoices.last().expect("it was written");
    assert_eq!((&invoice["billing_reason"], &invoice["customer"]), (&json!("manual"), &json!(customer)));
    invoice["id"].as_str().expect("an id").to_owned()
}

/// Finance grants 40.00 of an invoice to this organization, or to whom the invoice is known to be of.
async fn grant(shop: &Shop, object: &str, reason: &str, organization: Option<&str>) -> (u16, Value) {
    let more = organization
        .map_or(json!({}), |organization| json!({"organizationId": organization, "newOrganization": false}));
    read(&decide(shop, object, reason, Some("40"), more).await)
}

/// To whom a fact's decision says that it was granted: as answered, and as stored.
async fn granted_to(shop: &Shop, object: &str, answer: &Value) -> [String; 2] {
    let facts = shop.billing.review.all().await.expect("a list");
    let fact = facts.into_iter().find(|fact| fact.object.as_str() == object).expect("it stands");
    let stored = fact.resolution.expect("it was decided").organization.expect("to whom");
    [answer["resolution"]["organization"].as_str().unwrap_or_default().to_owned(), stored.to_string()]
}

#[tokio::test]
async fn invoices_without_a_subscription_are_granted_to_one_organization_and_to_another() {
    let (shop, [a, b]) = two_customers().await;
    let (of_a, of_b) = (invoice_by_hand(&shop, &a).await, invoice_by_hand(&shop, &b).await);
    let reason = ReviewReason::GrantsNothing;
    assert_eq!(in_review(&shop).await.into_iter().filter(|fact| fact.1 == reason).count(), 2);
    for (invoice, organization) in [(&of_a, "org_a"), (&of_b, "org_b")] {
        let (status, answer) = grant(&shop, invoice, REASON, None).await;
        assert_eq!(status, 200, "{organization}: {answer}");
        assert_eq!(shop.available(organization).await, "50.00");
        assert_eq!(granted_to(&shop, invoice, &answer).await, [organization, organization]);
    }
    assert_eq!(in_review(&shop).await, []);
}

#[tokio::test]
async fn a_decision_on_an_invoice_names_the_organization_that_finance_named() {
    let (shop, [a, _]) = two_customers().await;
    let invoice = invoice_by_hand(&shop, &a).await;
    let (status, answer) = grant(&shop, &invoice, REASON, Some("org_b")).await;
    assert_eq!(status, 200, "{answer}");
    let available = [shop.available("org_a").await, shop.available("org_b").await];
    assert_eq!(available, ["10.00", "50.00"], "what finance names wins");
    assert_eq!(granted_to(&shop, &invoice, &answer).await, ["org_b", "org_b"]);
}

#[tokio::test]
async fn a_decision_on_an_order_names_the_orders_organization_whomever_finance_named() {
    let it = ordered().await;
    it.shop.bought("org_b", "10").await;
    let session = it.in_review(30_000).await;
    let (status, answer) = grant(&it.shop, &session, "amount-mismatch", Some("org_b")).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!([it.available().await, it.shop.available("org_b").await], ["40.00", "10.00"]);
    assert_eq!(granted_to(&it.shop, &session, &answer).await, ["org_a", "org_a"]);
}
