//! What browsers see besides the payment page: receipts, invoices, the customer portal.

use sandbox::stripe::NewSubscription;
use sandbox::{Request, Response, Stripe};
use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, check_refused, get, id, new, paid, post, request};

const BASE: &str = "http://127.0.0.1:4270/stripe";

fn open(stripe: &mut Stripe, link: &Value) -> Response {
    let link = link.as_str().expect("a link");
    let path = link.strip_prefix(BASE).expect("a page of the sandbox");
    stripe.handle(NOW_MS, &Request::new("GET", path))
}

fn text(page: &Response) -> String {
    assert_eq!(page.status, 200);
    String::from_utf8_lossy(&page.body).into_owned()
}

#[test]
fn a_charge_leads_to_its_receipt_which_also_shows_what_was_refunded() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let plain = get(&mut stripe, &format!("/v1/payment_intents/{intent}"));
    assert_eq!(plain["latest_charge"], json!(charge));
    let expanded = get(&mut stripe, &format!("/v1/payment_intents/{intent}?expand[]=latest_charge"));
    assert_eq!(expanded["latest_charge"], get(&mut stripe, &format!("/v1/charges/{charge}")));
    let link = expanded["latest_charge"]["receipt_url"].clone();
    let page = text(&open(&mut stripe, &link));
    assert!(page.contains("$250.00") && page.contains(&intent) && page.contains("no money has moved"));
    assert!(!page.contains("Refunded"));
    post(&mut stripe, "/v1/refunds", &format!("charge={charge}&amount=1050"));
    assert!(text(&open(&mut stripe, &link)).contains("$10.50"));
    let wrong = format!("/v1/payment_intents/{intent}?expand[]=colour");
    check_refused(&stripe.handle(NOW_MS, &request("GET", &wrong, "")), 400, "invalid_request_error", "");
    let missing = stripe.handle(NOW_MS, &Request::new("GET", "/receipts/ch_none"));
    assert_eq!(missing.status, 404);
}

#[test]
fn an_invoice_leads_to_a_page_and_a_pdf() {
    let mut stripe = new();
    let plan = NewSubscription {
        customer: "cus_imported".to_owned(),
        amount_cents: 49_900,
        metadata: json!({}),
        trial: false,
    };
    let (_, invoice) = stripe.subscribe(NOW_MS, plan);
    let page = text(&open(&mut stripe, &invoice["hosted_invoice_url"]));
    assert!(page.contains("$499.00") && page.contains(invoice["number"].as_str().expect("a number")));
    let pdf = open(&mut stripe, &invoice["invoice_pdf"]);
    assert_eq!(pdf.headers[0].1, "application/pdf");
    let bytes = text(&pdf);
    assert!(bytes.starts_with("%PDF-1.4") && bytes.ends_with("%%EOF\n") && bytes.contains("$499.00"));
    let table = bytes.find("xref\n").expect("a table");
    assert!(bytes.contains(&format!("startxref\n{table}\n")), "the end says where the table begins");
    let form = format!("{SESSION}&invoice_creation[enabled]=true");
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", &form));
    let session = stripe.pay_session(NOW_MS, &cs, false).expect("an open session");
    let receipt = get(&mut stripe, &format!("/v1/invoices/{}", session["invoice"].as_str().expect("an id")));
    assert!(text(&open(&mut stripe, &receipt["hosted_invoice_url"])).contains("$250.00"));
}

#[test]
fn the_portal_is_the_customers_and_leads_back() {
    let mut stripe = new();
    let customer = id(&post(&mut stripe, "/v1/customers", "name=Alder"));
    let back = "http://app.example/credits?tab=cards";
    let form = format!("customer={customer}&return_url=http://app.example/credits?tab%3Dcards");
    let session = post(&mut stripe, "/v1/billing_portal/sessions", &form);
    assert_eq!((&session["customer"], &session["return_url"]), (&json!(customer), &json!(back)));
    let page = text(&open(&mut stripe, &session["url"]));
    assert!(page.contains(&format!("href=\"{back}\"")) && page.contains(&customer));
    let mut check = |form: &str, code: &str| {
        let asked = request("POST", "/v1/billing_portal/sessions", form);
        check_refused(&stripe.handle(NOW_MS, &asked), 400, "invalid_request_error", code);
    };
    check("return_url=http://app.example", "parameter_missing");
    check("customer=cus_none", "resource_missing");
    check(&format!("customer={customer}&return_url=javascript:alert(1)"), "url_invalid");
    assert_eq!(stripe.handle(NOW_MS, &Request::new("GET", "/portal/bps_none")).status, 404);
}
