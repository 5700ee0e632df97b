//! A refund request as finance sees it.

use billing::RefundRequest;
use serde_json::{Value, json};

/// Its JSON.
pub(crate) fn shown(request: &RefundRequest) -> Value {
    json!({
        "refundId": request.id,
        "organizationId": request.organization,
        "orderId": request.order_id,
        "amount": request.amount,
        "reason": request.reason,
        "requestedAt": request.requested_at,
        "status": request.status,
        "decision": request.decision,
        "stripeRefund": request.refund,
        "failure": request.failure,
    })
}
