//! Our own metadata on Stripe's objects.

use std::collections::BTreeMap;
use terms::OrganizationId;

/// The order that our own metadata names, as `kind` (`credits` or `top-up`). Only what has the form of our metadata:
/// another application at the same Stripe account may use the same names for its own ids.
pub(crate) fn named_in_metadata(
    metadata: &BTreeMap<String, String>,
    kind: &str,
) -> Option<(OrganizationId, String)> {
    let organization = metadata.get("organization_id")?;
    let order = metadata.get("order_id").filter(|order| order.starts_with("ord_"))?;
    metadata.get("type").filter(|found| *found == kind)?;
    Some((OrganizationId::parse(organization).ok()?, order.clone()))
}
