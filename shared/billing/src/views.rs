//! What an owner sees of orders, invoices and refunds.

use crate::{
    BillingFailure, Order, OrderKind, OrderStatus, RefundRequest, RefundRequestStatus, SubscriptionGrant,
    limits::{LISTED_MAX, SHOWN_MAX},
    refund_requests::request::REFUND_REQUESTS,
};
use ledger::TakeKind;
use money::Money;
use serde::Serialize;
use tables::WorkTable;
use terms::{OrderId, OrganizationId, RefundRequestId, Timestamp};

/// An order as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderView {
    /// Its id.
    pub order_id: OrderId,
    /// Bought by a person, or by auto top-up.
    pub kind: OrderKind,
    /// In USD, equally credits.
    pub amount: Money,
    /// Where it stands.
    pub status: OrderStatus,
    /// Money arrived that is not what was ordered; DropLab looks into it.
    pub in_review: bool,
    /// When it was placed.
    pub created_at: Timestamp,
    /// While it is pending and its page is open: where to pay.
    pub pay_url: Option<String>,
    /// Why a top-up failed, as a code.
    pub failure: Option<String>,
    /// The credits that were granted for it.
    pub granted: Option<Money>,
    /// What was paid, in USD, tax included.
    pub paid: Option<Money>,
    /// What a coupon took off the price, in USD.
    pub discount: Money,
    /// The tax within what was paid, in USD.
    pub tax: Money,
    /// Refunded, in USD.
    pub refunded: Money,
    /// Disputed, in USD.
    pub disputed: Money,
    /// Whether Stripe has a receipt of it.
    pub has_receipt: bool,
    /// Refund requests.
    pub refund_requests: Vec<RefundView>,
}

/// A refund that was asked for, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundView {
    /// Its id.
    pub id: RefundRequestId,
    /// In USD.
    pub amount: Money,
    /// Where it stands.
    pub status: RefundRequestStatus,
    /// What DropLab said to it.
    pub decision: Option<String>,
    /// When it was asked for.
    pub requested_at: Timestamp,
}

/// A subscription's invoice as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvoiceView {
    /// Stripe's id.
    pub invoice: String,
    /// In USD, tax included.
    pub paid: Money,
    /// The tax within it, in USD.
    pub tax: Money,
    /// In credits.
    pub granted: Money,
    /// Why nothing was granted, as a code.
    pub why_nothing: Option<String>,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// When the granted credits end.
    pub expires_at: Option<Timestamp>,
    /// Refunded, in USD.
    pub refunded: Money,
    /// Disputed, in USD.
    pub disputed: Money,
    /// Stripe's page of it.
    pub invoice_url: Option<String>,
}

/// Everything that was bought or came with the subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bought {
    /// Newest first, at most 200.
    pub orders: Vec<OrderView>,
    /// Newest first, at most 200.
    pub invoices: Vec<InvoiceView>,
    /// Whether there are more than are shown.
    pub more: bool,
}

/// What an organization bought.
///
/// # Errors
/// [`BillingFailure`] when the table cannot be read.
pub async fn bought(
    work: &WorkTable,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<Bought, BillingFailure> {
    let partition = format!("ORG#{organization}");
    let requests = work.list::<RefundRequest>(REFUND_REQUESTS, &format!("{organization}#")).await?;
    let requests: Vec<RefundRequest> = requests.into_iter().map(|stored| stored.record).collect();
    let orders = work.list::<Order>(&partition, "ORDER#").await?;
    let mut orders: Vec<Order> = orders.into_iter().map(|stored| stored.record).collect();
    orders.sort_by_key(|one| std::cmp::Reverse(one.created_at));
    let invoices = work.list::<SubscriptionGrant>(&partition, "INVOICE#").await?;
    let mut invoices: Vec<SubscriptionGrant> = invoices.into_iter().map(|stored| stored.record).collect();
    invoices.sort_by_key(|one| std::cmp::Reverse(one.paid_at));
    let more = orders.len() > SHOWN_MAX || invoices.len() > SHOWN_MAX;
    let orders: Result<Vec<_>, _> =
        orders.iter().take(SHOWN_MAX).map(|order| order_view(order, &requests, now)).collect();
    let invoices: Result<Vec<_>, _> = invoices.iter().take(SHOWN_MAX).map(invoice_view).collect();
    Ok(Bought { orders: orders?, invoices: invoices?, more })
}

fn order_view(
    order: &Order,
    requests: &[RefundRequest],
    now: Timestamp,
) -> Result<OrderView, BillingFailure> {
    let open = order.status == OrderStatus::Pending && order.expires_at > now;
    let of_order = requests.iter().filter(|request| request.order_id == order.order_id);
    Ok(OrderView {
        order_id: order.order_id.clone(),
        kind: order.paid_by,
        amount: order.amount,
        status: order.status,
        in_review: order.review.is_some(),
        created_at: order.created_at,
        pay_url: order.session_url.clone().filter(|_| open && order.review.is_none()),
        failure: order.failure.clone(),
        granted: order.grant.as_ref().map(|granted| granted.granted),
        paid: order.grant.as_ref().map(|granted| granted.paid),
        discount: order.grant.as_ref().map_or(Money::ZERO, |granted| granted.discount),
        tax: order.grant.as_ref().map_or(Money::ZERO, |granted| granted.tax),
        refunded: order.reversals.money(TakeKind::Refund)?,
        disputed: order.reversals.money(TakeKind::Dispute)?,
        has_receipt: order.grant.is_some() && order.payment_intent.is_some(),
        refund_requests: of_order.map(refund_view).collect(),
    })
}

fn refund_view(request: &RefundRequest) -> RefundView {
    RefundView {
        id: request.id.clone(),
        amount: request.amount,
        status: request.status,
        decision: request.decision.as_ref().map(|decision| decision.reason.to_string()),
        requested_at: request.requested_at,
    }
}

fn invoice_view(grant: &SubscriptionGrant) -> Result<InvoiceView, BillingFailure> {
    Ok(InvoiceView {
        invoice: grant.invoice.clone(),
        paid: grant.paid,
        tax: grant.tax,
        granted: grant.granted,
        why_nothing: grant.why_nothing.clone(),
        paid_at: grant.paid_at,
        expires_at: grant.expires_at,
        refunded: grant.reversals.money(TakeKind::Refund)?,
        disputed: grant.reversals.money(TakeKind::Dispute)?,
        invoice_url: grant.invoice_url.clone(),
    })
}

/// What finance is shown of a list: what waits for it first, newest first, within one answer's size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// At most a thousand.
    pub rows: Vec<T>,
    /// Whether there are more.
    pub more: bool,
}

impl<T> Listed<T> {
    pub(crate) fn new(mut rows: Vec<T>, waits: impl Fn(&T) -> bool, at: impl Fn(&T) -> Timestamp) -> Self {
        rows.sort_by_key(|row| (!waits(row), std::cmp::Reverse(at(row))));
        let more = rows.len() > LISTED_MAX;
        rows.truncate(LISTED_MAX);
        Self { rows, more }
    }
}
