//! What the page needs to know: where to sign in, and where artwork is uploaded to.

/// The console's configuration, read once when the function starts.
#[derive(Debug, Clone)]
pub struct Config {
    cognito_origin: String,
    upload_origin: Option<String>,
    /// The body of `/config.json`.
    pub(crate) document: String,
    /// The value of the `content-security-policy` header.
    pub(crate) content_security_policy: String,
}

/// A setting that the console cannot serve its page without, or that is not what it must be.
#[derive(Debug)]
pub enum ConfigError {
    /// The environment variable is missing or empty.
    Missing(&'static str),
    /// The environment variable is not an `http://` or `https://` URL.
    NotAUrl(&'static str, String),
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(name) => write!(formatter, "the environment variable {name} is not set"),
            Self::NotAUrl(name, value) => {
                write!(formatter, "{name} must be an http:// or https:// URL, it is {value:?}")
            }
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads `COGNITO_URL`, and the optional `USER_POOL_CLIENT_ID`, `UPLOAD_URL` and `ROLE_CLAIM` from the
    /// environment. Without a client id (an outside issuer) the page says that it cannot sign anybody in.
    ///
    /// # Errors
    /// When a required variable is missing or an address is not a URL.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// The same, from any source of variables.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let cognito_url = set("COGNITO_URL").ok_or(ConfigError::Missing("COGNITO_URL"))?;
        let upload_origin = match set("UPLOAD_URL") {
            Some(value) => Some(origin("UPLOAD_URL", &value)?),
            None => None,
        };
        let cognito_origin = origin("COGNITO_URL", &cognito_url)?;
        let document = serde_json::json!({
            "cognitoUrl": cognito_url,
            "clientId": set("USER_POOL_CLIENT_ID").unwrap_or_default(),
            "roleClaim": set("ROLE_CLAIM").unwrap_or_else(|| "custom:role".to_owned()),
        })
        .to_string();
        let mut config =
            Self { cognito_origin, upload_origin, document, content_security_policy: String::new() };
        config.content_security_policy = config.policy();
        Ok(config)
    }

    fn policy(&self) -> String {
        let mut connect = format!("connect-src 'self' {}", self.cognito_origin);
        if let Some(upload) = &self.upload_origin {
            connect.push(' ');
            connect.push_str(upload);
        }
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            connect.as_str(),
            "form-action 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            // No module writes markup from strings; the browser holds them to it.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
        .join("; ")
    }
}

/// Scheme, host and port of `url`. A value that could end the policy's directive is refused: the
/// header is built from it.
fn origin(name: &'static str, url: &str) -> Result<String, ConfigError> {
    let refused = || ConfigError::NotAUrl(name, url.to_owned());
    let (scheme, rest) = url.trim().split_once("://").ok_or_else(refused)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if !matches!(scheme, "http" | "https") || authority.is_empty() || !authority.bytes().all(plain) {
        return Err(refused());
    }
    Ok(format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_policy_names_cognito_and_the_upload_bucket_and_nothing_else_outside() {
        let config = read(&[
            ("COGNITO_URL", "https://cognito-idp.us-east-1.amazonaws.com/"),
            ("USER_POOL_CLIENT_ID", "client"),
            ("UPLOAD_URL", "https://artwork.s3.amazonaws.com/"),
        ])
        .unwrap();
        assert!(config.content_security_policy.contains(
            "connect-src 'self' https://cognito-idp.us-east-1.amazonaws.com https://artwork.s3.amazonaws.com;"
        ));
        assert!(!config.content_security_policy.contains("unsafe"));
    }

    #[test]
    fn the_document_carries_what_sign_in_needs() {
        let config =
            read(&[("COGNITO_URL", "http://127.0.0.1:4566"), ("USER_POOL_CLIENT_ID", "abc")]).unwrap();
        let document: serde_json::Value = serde_json::from_str(&config.document).unwrap();
        assert_eq!(document["cognitoUrl"], "http://127.0.0.1:4566");
        assert_eq!(document["clientId"], "abc");
        assert_eq!(document["roleClaim"], "custom:role");
    }

    #[test]
    fn a_missing_or_broken_setting_stops_the_start() {
        for (pairs, expected) in [
            (vec![("USER_POOL_CLIENT_ID", "abc")], "COGNITO_URL"),
            (vec![("COGNITO_URL", " ")], "COGNITO_URL"),
            (vec![("COGNITO_URL", "a.example")], "COGNITO_URL"),
            (vec![("COGNITO_URL", "https://a.example; script-src *")], "COGNITO_URL"),
            (vec![("COGNITO_URL", "https://a.example"), ("UPLOAD_URL", "ftp://b.example")], "UPLOAD_URL"),
        ] {
            assert!(read(&pairs).unwrap_err().to_string().contains(expected), "{pairs:?}");
        }
    }
}
