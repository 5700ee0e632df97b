//! Vendors' keys: read from Secrets Manager, and never printed. Knows neither which vendor a secret belongs to, nor
//! what its JSON holds.

use serde::{Deserialize, de::DeserializeOwned};

/// A value that no log, response or stored item may show: without `Display` and `Serialize`, and with a `Debug` that
/// hides it.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the one call that needs it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SecretFailure {
    #[error("secret {id} could not be read")]
    Read {
        /// The secret's name or ARN.
        id: String,
        #[source]
        source: Box<aws_sdk_secretsmanager::Error>,
    },
    /// It is binary, or not the expected JSON. The parser's message is left out: it quotes the text.
    #[error("secret {id} is not the JSON expected (line {line}, column {column})")]
    Undecodable {
        /// The secret's name or ARN.
        id: String,
        /// From 1; 0 for a binary secret.
        line: usize,
        /// From 1; 0 for a binary secret.
        column: usize,
    },
}

/// Reads a JSON secret by its name or ARN. Fields of `T` that must not be printed are [`Secret`]s.
pub async fn fetch<T: DeserializeOwned>(
    client: &aws_sdk_secretsmanager::Client,
    id: &str,
) -> Result<T, SecretFailure> {
    let answer = client.get_secret_value().secret_id(id).send().await;
    let value =
        answer.map_err(|error| SecretFailure::Read { id: id.to_owned(), source: Box::new(error.into()) })?;
    decode(id, value.secret_string())
}

fn decode<T: DeserializeOwned>(id: &str, text: Option<&str>) -> Result<T, SecretFailure> {
    let undecodable = |line, column| SecretFailure::Undecodable { id: id.to_owned(), line, column };
    let text = text.ok_or_else(|| undecodable(0, 0))?;
    serde_json::from_str(text).map_err(|error| undecodable(error.line(), error.column()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Keys {
        secret_key: Secret<String>,
        webhook_secrets: Vec<Secret<String>>,
    }

    #[test]
    fn a_secret_is_read_and_never_printed() {
        let keys: Keys =
            decode("s", Some(r#"{"secretKey":"sk_hush","webhookSecrets":["whsec_hush"]}"#)).unwrap();
        assert_eq!(keys.secret_key.reveal(), "sk_hush");
        assert_eq!(keys.webhook_secrets.len(), 1);
        assert!(!format!("{keys:?}").contains("hush"));
    }

    #[test]
    fn an_error_does_not_quote_the_secret() {
        for text in [Some(r#"{"secretKey":["sk_hush"]}"#), Some(r#""sk_hush""#), Some("sk_hush"), None] {
            let error = decode::<Keys>("stripe", text).unwrap_err();
            let said = crate::log::chain(&error) + &format!("{error:?}");
            assert!(said.contains("stripe") && !said.contains("hush"), "{said}");
        }
    }
}
