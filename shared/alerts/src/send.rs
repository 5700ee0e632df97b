//! Sending an alert: claim it, publish it, mark it as sent. Two senders never publish one alert at once. If a sender
//! dies between publishing and marking, the alert is published a second time, later.

use crate::Alert;
use aws_sdk_sns::types::MessageAttributeValue;
use serde_json::json;
use tables::{Key, Replace, TableFailure, WorkTable};
use terms::{Failing, Meaning, Timestamp};

/// How long a claim lasts.
const CLAIM_SECONDS: i64 = 300;

/// Why an alert was not sent. It stays due.
#[derive(Debug, thiserror::Error)]
pub enum AlertFailure {
    #[error("the alert's record failed")]
    Table(#[from] TableFailure),
    /// SNS refused it or did not respond.
    #[error("the alert could not be published")]
    Publish(#[source] Box<aws_sdk_sns::Error>),
}

impl Failing for AlertFailure {
    fn meaning(&self) -> Meaning {
        match self {
            Self::Table(failure) => failure.meaning(),
            Self::Publish(_) => Meaning::TryAgain,
        }
    }
}

/// The SNS topic of owners' alerts. Subscriptions filter by the attributes `organizationId` and `kind`
/// (docs.aws.amazon.com/sns, "Message filtering").
#[derive(Debug, Clone)]
pub struct Topic {
    client: aws_sdk_sns::Client,
    arn: String,
}

impl Topic {
    pub fn new(client: aws_sdk_sns::Client, arn: impl Into<String>) -> Self {
        Self { client, arn: arn.into() }
    }

    async fn publish(&self, alert: &Alert) -> Result<(), AlertFailure> {
        let content = json!(alert.kind);
        let kind = content["kind"].as_str().unwrap_or_default();
        let attribute = |value: &str| {
            let built = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            built.map_err(|error| AlertFailure::Publish(Box::new(error.into())))
        };
        let sent = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(alert.title())
            .message(alert.text())
            .message_attributes("organizationId", attribute(alert.organization.as_str())?)
            .message_attributes("kind", attribute(kind)?)
            .send()
            .await;
        sent.map(drop).map_err(|error| AlertFailure::Publish(Box::new(error.into())))
    }
}

/// Sends the alert at `key`, unless another sender has claimed or sent it. After a failure it is due again when its
/// claim ends.
pub async fn send(work: &WorkTable, topic: &Topic, key: &Key, now: Timestamp) -> Result<(), AlertFailure> {
    let Some(stored) = work.get::<Alert>(key).await? else { return Ok(()) };
    if stored.record.due_at_now(now) {
        let claim = Alert { sending_until: Some(now.plus_seconds(CLAIM_SECONDS)), ..stored.record.clone() };
        let Replace::Done(claimed) = work.replace(&stored, &claim).await? else { return Ok(()) };
        topic.publish(&claimed.record).await?;
        let sent = Alert { sent_at: Some(now), sending_until: None, ..claimed.record.clone() };
        work.replace(&claimed, &sent).await?;
        tracing::info!(alert = sent.name, "an alert was sent");
    }
    Ok(())
}

impl Alert {
    fn due_at_now(&self, now: Timestamp) -> bool {
        self.sent_at.is_none() && self.sending_until.is_none_or(|until| until <= now)
    }
}
