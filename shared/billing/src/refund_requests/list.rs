//! Finance's list: the requests of every organization.

use crate::{
    BillingFailure, Listed, RefundRequest, RefundRequestStatus,
    refund_requests::{RefundRequests, request::REFUND_REQUESTS},
};

impl RefundRequests {
    /// Those that wait for finance or Stripe first.
    pub async fn listed(&self) -> Result<Listed<RefundRequest>, BillingFailure> {
        let found = self.work.list::<RefundRequest>(REFUND_REQUESTS, "").await?;
        let waits = |one: &RefundRequest| {
            matches!(one.status, RefundRequestStatus::Requested | RefundRequestStatus::Approved)
        };
        let requests = found.into_iter().map(|stored| stored.record).collect();
        Ok(Listed::new(requests, waits, |one| one.requested_at))
    }
}
