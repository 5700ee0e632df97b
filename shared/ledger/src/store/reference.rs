//! `REF` items: which organization and business record a Stripe object belongs to.

use super::{Ledger, keys};
use crate::Failure;
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use serde::{Deserialize, Serialize};
use tables::{Backoff, Item, TableFailure, is_contention};
use terms::OrganizationId;

/// Which organization and which of its business records a Stripe object belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// Stripe's id: `cus_`, `cs_`, `pi_`, `sub_` or `in_`.
    pub object: String,
    pub organization: OrganizationId,
    /// The business record's id, an order's for a `cs_`; the organization's own id for a `cus_`.
    pub record: String,
}

/// The outcome of [`Ledger::remember`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RememberOutcome {
    /// It is recorded as given, now or before.
    Done,
    /// The object is recorded with other contents, which stay.
    KnownAs(Reference),
}

impl Reference {
    pub(super) fn to_item(&self) -> Result<Item, Failure> {
        let mut item: Item = serde_dynamo::aws_sdk_dynamodb_1::to_item(self)
            .map_err(|why| Failure::Damaged(format!("reference: {why}")))?;
        item.extend(keys::reference(&self.object).to_item());
        Ok(item)
    }
}

impl Ledger {
    pub async fn reference(&self, object: &str) -> Result<Option<Reference>, Failure> {
        let found = self.read_item(&keys::reference(object)).await?;
        found.map(reference_of).transpose()
    }

    /// Records whom a Stripe object belongs to. The first record stays; repeating it is allowed.
    pub async fn remember(&self, reference: &Reference) -> Result<RememberOutcome, Failure> {
        let mut backoff = Backoff::new();
        loop {
            let sent = self
                .client
                .put_item()
                .table_name(&self.ledger_table)
                .set_item(Some(reference.to_item()?))
                .condition_expression("attribute_not_exists(pk)")
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                .send()
                .await;
            let refused = match sent {
                Ok(_) => return Ok(RememberOutcome::Done),
                Err(SdkError::ServiceError(context)) => context.into_err(),
                Err(_) => return Err(unknown("no answer")),
            };
            match refused {
                PutItemError::ConditionalCheckFailedException(refused) => {
                    let known = reference_of(refused.item.unwrap_or_default())?;
                    let same = known == *reference;
                    return Ok(if same { RememberOutcome::Done } else { RememberOutcome::KnownAs(known) });
                }
                // The movement that records the same object may be in progress.
                other if is_contention(other.code().unwrap_or("")) && backoff.again().await => {}
                other => return Err(unknown(other.code().unwrap_or("no code"))),
            }
        }
    }

    pub(super) fn reference_values(reference: &Reference) -> [(String, AttributeValue); 2] {
        [
            (":organization".to_owned(), AttributeValue::S(reference.organization.to_string())),
            (":record".to_owned(), AttributeValue::S(reference.record.clone())),
        ]
    }
}

fn unknown(code: &str) -> Failure {
    TableFailure::Unknown { operation: "PutItem", code: code.to_owned() }.into()
}

pub(super) fn reference_of(item: Item) -> Result<Reference, Failure> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item)
        .map_err(|why| Failure::Damaged(format!("reference: {why}")))
}
