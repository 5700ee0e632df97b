//! What the page needs to know: where to sign in, and where artwork is uploaded to.

use lambda_http::http::HeaderValue;
use platform::{ClaimNames, ConfigError, Environment, StartFailure, config::name};

/// The console's configuration, read once when the function starts.
#[derive(Debug)]
pub(crate) struct Config {
    /// The body of `/config.json`.
    pub(crate) document: String,
    /// The value of the `content-security-policy` header.
    pub(crate) content_security_policy: HeaderValue,
}

impl Config {
    /// Without a client id (an outside issuer) the page says that it cannot sign anybody in.
    pub(crate) fn of(environment: &Environment) -> Result<Self, StartFailure> {
        let cognito_url = environment.text(name::COGNITO_URL)?;
        let cognito_origin = origin(name::COGNITO_URL, &cognito_url)?;
        let upload_url = environment.option(name::UPLOAD_URL);
        let upload_origin = upload_url.map(|url| origin(name::UPLOAD_URL, url)).transpose()?;
        let document = serde_json::json!({
            "cognitoUrl": cognito_url,
            "clientId": environment.text_or(name::USER_POOL_CLIENT_ID, ""),
            "roleClaim": ClaimNames::from_environment(environment).role,
        });
        let policy = HeaderValue::try_from(policy(&cognito_origin, upload_origin.as_deref()));
        Ok(Self {
            document: document.to_string(),
            content_security_policy: policy.map_err(StartFailure::unusable("the content security policy"))?,
        })
    }
}

fn policy(cognito_origin: &str, upload_origin: Option<&str>) -> String {
    let mut connect = format!("connect-src 'self' {cognito_origin}");
    if let Some(upload) = upload_origin {
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

/// Scheme, host and port of `url`. A value that could end the policy's directive is refused: the
/// header is built from it.
fn origin(name: &str, url: &str) -> Result<String, ConfigError> {
    let refused = || ConfigError::Invalid { name: name.to_owned(), expected: "http:// or https:// URL" };
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

    fn read(pairs: &[(&str, &str)]) -> Result<Config, StartFailure> {
        Config::of(&Environment::of(pairs.iter().copied()))
    }

    #[test]
    fn the_policy_names_cognito_and_the_upload_bucket_and_nothing_else_outside() {
        let config = read(&[
            ("COGNITO_URL", "https://cognito-idp.us-east-1.amazonaws.com/"),
            ("USER_POOL_CLIENT_ID", "client"),
            ("UPLOAD_URL", "https://artwork.s3.amazonaws.com/"),
        ])
        .unwrap();
        let policy = config.content_security_policy.to_str().unwrap();
        assert!(policy.contains(
            "connect-src 'self' https://cognito-idp.us-east-1.amazonaws.com https://artwork.s3.amazonaws.com;"
        ));
        assert!(!policy.contains("unsafe"));
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
            let failure = platform::log::chain(&read(&pairs).unwrap_err());
            assert!(failure.contains(expected), "{pairs:?}: {failure}");
        }
    }
}
