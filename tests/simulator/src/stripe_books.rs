//! What Stripe's own objects say that our books must hold, computed from them alone: what was paid for credits,
//! what of it was taken back, and who is frozen.

use crate::people::People;
use crate::stripe_life::STRANGER;
use crate::system::RENEWAL_GRANT_MAX;
use money::Money;
use sandbox::stripe::Stripe;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::records::{Records, money};
use terms::Timestamp;

#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub kind: &'static str,
    pub id: String,
    pub organization: String,
    pub payment: String,
    pub paid: i64,
    pub granted: i64,
}

impl Grant {
    /// Credits that refunds and disputes leave gone: their share of the payment, cumulative, rounded half-even.
    pub(crate) fn taken(&self, stripe: &Stripe) -> i64 {
        let of_payment = |object: &Value| object["payment_intent"] == self.payment.as_str();
        let refunds = stripe.objects("refunds").into_iter().filter(|refund| of_payment(refund));
        let refunded: i64 = refunds.filter(|refund| is_active(refund)).map(cents_of).sum();
        let disputes = stripe.objects("disputes").into_iter().filter(|dispute| of_payment(dispute));
        let disputed: i64 = disputes.filter(|dispute| is_withdrawn(dispute)).map(cents_of).sum();
        share(self.granted, (refunded + disputed).min(self.paid), self.paid)
    }
}

pub(crate) fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_default().to_owned()
}

pub(crate) fn cents_of(object: &Value) -> i64 {
    object["amount"].as_i64().unwrap_or(0)
}

/// Not failed and not canceled.
pub(crate) fn is_active(refund: &Value) -> bool {
    !matches!(refund["status"].as_str(), Some("failed" | "canceled"))
}

/// More was taken for it than came back.
pub(crate) fn is_withdrawn(dispute: &Value) -> bool {
    let moved = dispute["balance_transactions"].as_array().into_iter().flatten();
    moved.map(cents_of).sum::<i64>() < 0
}

fn share(of: i64, part: i64, whole: i64) -> i64 {
    let (of, part, whole) = (i128::from(of), i128::from(part), i128::from(whole.max(1)));
    let (quotient, rest) = (of * part / whole, of * part % whole);
    let up = 2 * rest > whole || (2 * rest == whole && quotient % 2 == 1);
    i64::try_from(quotient + i128::from(up)).expect("in range")
}

pub(crate) fn grants(stripe: &Stripe, records: &Records, people: &People) -> Vec<Grant> {
    let mut grants = Vec::new();
    for session in stripe.objects("sessions") {
        if session["payment_status"] == "paid" && session["metadata"]["type"] == "credits" {
            let cents = session["amount_total"].as_i64().unwrap_or(0);
            grants.push(Grant {
                kind: "checkout-session",
                id: text(session, "id"),
                organization: text(&session["metadata"], "organization_id"),
                payment: text(session, "payment_intent"),
                paid: cents,
                granted: cents,
            });
        }
    }
    for payment in stripe.objects("payment_intents") {
        if payment["status"] == "succeeded" && payment["metadata"]["type"] == "top-up" {
            let id = text(payment, "id");
            grants.push(Grant {
                kind: "payment-intent",
                organization: text(&payment["metadata"], "organization_id"),
                payment: id.clone(),
                id,
                paid: cents_of(payment),
                granted: cents_of(payment),
            });
        }
    }
    grants.extend(of_invoices(stripe, records, people));
    grants
}

fn of_invoices(stripe: &Stripe, records: &Records, people: &People) -> Vec<Grant> {
    let paid: Vec<&Value> =
        stripe.objects("invoices").into_iter().filter(|invoice| grants_credits(invoice)).collect();
    let first = first_invoices(&paid, records);
    let most = Money::parse(RENEWAL_GRANT_MAX).expect("the plan's cap").cents();
    let mut grants = Vec::new();
    for invoice in paid {
        let (id, amount) = (text(invoice, "id"), invoice["amount_paid"].as_i64().unwrap_or(0));
        let by_rule = if first.contains(&id) { amount } else { amount.min(most) };
        let mut grant = Grant {
            kind: "invoice",
            organization: text(invoice, "customer").trim_start_matches("cus_before_").to_owned(),
            payment: payment_of(stripe, &id),
            id,
            paid: amount,
            granted: by_rule,
        };
        let is_due = match grant.organization.as_str() {
            STRANGER => decided_for_stranger(&mut grant, records, people),
            // stands in the opening balance, unless its event came before that
            _ if imported(&grant, invoice, records) => records.entry_of("invoice", &grant.id).is_some(),
            _ => true,
        };
        if is_due {
            grants.push(grant);
        }
    }
    grants.extend(granted_by_finance(stripe, records, people));
    grants
}

fn granted_by_finance(stripe: &Stripe, records: &Records, people: &People) -> Vec<Grant> {
    let mut grants = Vec::new();
    for invoice in stripe.objects("invoices") {
        let id = text(invoice, "id");
        let Some(entry) = records.entry_of("invoice", &id).filter(|_| !grants_credits(invoice)) else {
            continue;
        };
        let credited = money(&entry["amount"]);
        let decided = people.resolved.contains(&(id.clone(), credited.to_string()));
        grants.push(Grant {
            kind: "invoice",
            organization: text(entry, "pk").trim_start_matches("ORG#").to_owned(),
            payment: payment_of(stripe, &id),
            id,
            paid: invoice["amount_paid"].as_i64().unwrap_or(0),
            granted: if decided { credited.cents() } else { 0 },
        });
    }
    grants
}

/// An invoice of a customer that nobody knows is granted as finance decides, whether or not the decision could be
/// noted then; and by the rule, once finance has given another invoice of the same subscription to somebody.
fn decided_for_stranger(grant: &mut Grant, records: &Records, people: &People) -> bool {
    let Some(entry) = records.entry_of("invoice", &grant.id) else {
        let fact = records.kind("OBJECT#").find(|fact| fact["object"] == grant.id.as_str());
        return fact.is_some_and(|fact| !fact["resolution"]["granted"].is_null());
    };
    grant.organization = text(entry, "pk").trim_start_matches("ORG#").to_owned();
    let credited = money(&entry["amount"]);
    if people.resolved.contains(&(grant.id.clone(), credited.to_string())) {
        grant.granted = credited.cents();
    }
    true
}

/// Whether an invoice was paid before its organization was imported.
fn imported(grant: &Grant, invoice: &Value, records: &Records) -> bool {
    imported_at(records, &grant.organization).is_some_and(|at| paid_at(invoice) < at)
}

/// When an organization was imported, in unix seconds.
pub(crate) fn imported_at(records: &Records, organization: &str) -> Option<i64> {
    let profile = records.work.get(&(format!("ORG#{organization}"), "PROFILE".to_owned()));
    let at = profile.and_then(|profile| profile["broughtOverAt"].as_str());
    at.and_then(|at| Timestamp::parse(at).ok()).map(Timestamp::as_seconds)
}

fn paid_at(invoice: &Value) -> i64 {
    invoice["status_transitions"]["paid_at"].as_i64().unwrap_or(i64::MAX)
}

fn payment_of(stripe: &Stripe, invoice: &str) -> String {
    let payments = stripe.objects("invoice_payments");
    let payment = payments.iter().find(|payment| payment["invoice"] == invoice);
    payment.map(|payment| text(&payment["payment"], "payment_intent")).unwrap_or_default()
}

/// Whether the plan grants credits for an invoice.
pub(crate) fn grants_credits(invoice: &Value) -> bool {
    let begins =
        matches!(invoice["billing_reason"].as_str(), Some("subscription_create" | "subscription_cycle"));
    begins && invoice["status"] == "paid" && invoice["amount_paid"].as_i64() > Some(0)
}

pub(crate) fn subscription_of(invoice: &Value) -> String {
    text(&invoice["parent"]["subscription_details"], "subscription")
}

fn first_invoices(paid: &[&Value], records: &Records) -> BTreeSet<String> {
    let mut first: BTreeMap<String, (i64, bool, String)> = BTreeMap::new();
    for invoice in paid {
        let id = text(invoice, "id");
        // of two that were paid within one second the one that was granted as the first is the first
        let other = !records.kind("SUBSCRIPTION#").any(|record| record["invoice"] == id.as_str());
        let rank = (paid_at(invoice), other, id);
        let earliest = first.entry(subscription_of(invoice)).or_insert_with(|| rank.clone());
        if rank < *earliest {
            *earliest = rank;
        }
    }
    first.into_values().map(|(_, _, id)| id).collect()
}

pub(crate) fn frozen(
    stripe: &Stripe,
    grants: &[Grant],
    records: &Records,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut frozen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for dispute in stripe.objects("disputes") {
        let open = match dispute["status"].as_str() {
            Some("needs_response" | "under_review") => true,
            // what was won may go again; what was lost is taken
            Some("appeal_needs_response" | "appeal_under_review") => !is_withdrawn(dispute),
            _ => false,
        };
        let payment = text(dispute, "payment_intent");
        let grant = grants.iter().find(|grant| grant.payment == payment);
        if let Some(grant) = grant.filter(|_| open) {
            frozen.entry(grant.organization.clone()).or_default().insert(text(dispute, "id"));
        }
    }
    for subscription in stripe.objects("subscriptions") {
        let id = text(subscription, "id");
        let known = match subscription["metadata"]["organization_id"].as_str() {
            Some(organization) => Some(organization.to_owned()),
            None => records
                .kind("INVOICE#")
                .find(|grant| grant["subscription"] == id.as_str())
                .map(|grant| text(grant, "organization")),
        };
        let past_due = matches!(subscription["status"].as_str(), Some("past_due" | "unpaid"));
        if let Some(organization) = known.filter(|_| past_due) {
            frozen.entry(organization).or_default().insert(id);
        }
    }
    frozen
}
