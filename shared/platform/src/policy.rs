//! Uploads straight into a bucket: a POST policy, signed here with Signature Version 4.
//!
//! The SDK signs requests but no POST policies. Follows AWS's page "Authenticating Requests: Browser-Based Uploads
//! Using POST (AWS Signature Version 4)". Pure: credentials and time come in, a form comes out.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde_json::json;
use sha2::Sha256;
use std::collections::BTreeMap;
use terms::Timestamp;

/// The content type that uploaded files must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentType<'a> {
    /// This one, given in the form's fields.
    Exactly(&'a str),
    /// Any with this beginning; the browser adds the field `Content-Type`.
    StartsWith(&'a str),
}

/// What may be uploaded under one policy.
#[derive(Debug, Clone, Copy)]
pub struct UploadRules<'a> {
    /// Every object's key begins with it.
    pub prefix: &'a str,
    pub content_type: ContentType<'a>,
    /// The largest file; an empty one is refused.
    pub bytes_max: u64,
    /// How long the policy is valid; it ends earlier if the function's own credentials do.
    pub valid_seconds: i64,
}

/// A form for uploads: the browser posts these fields to `url`, before them `key` (the prefix and a name of its own),
/// after them `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    pub url: String,
    /// To be sent unchanged.
    pub fields: BTreeMap<String, String>,
    /// Each object's key must begin with it.
    pub prefix: String,
}

/// The credentials, and what they sign for.
pub(crate) struct Signer<'a> {
    pub access_key: &'a str,
    pub secret_key: &'a str,
    pub session_token: Option<&'a str>,
    pub region: &'a str,
    pub bucket: &'a str,
}

impl Signer<'_> {
    /// The form's fields, policy and signature included.
    pub fn fields(&self, rules: &UploadRules<'_>, now: Timestamp) -> BTreeMap<String, String> {
        let stamp = stamp(now);
        let day = stamp.get(..8).unwrap_or_default();
        let credential = format!("{}/{day}/{}/s3/aws4_request", self.access_key, self.region);
        let mut fields = BTreeMap::from([
            ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential".to_owned(), credential),
            ("x-amz-date".to_owned(), stamp.clone()),
        ]);
        if let Some(token) = self.session_token {
            fields.insert("x-amz-security-token".to_owned(), token.to_owned());
        }
        if let ContentType::Exactly(kind) = rules.content_type {
            fields.insert("Content-Type".to_owned(), kind.to_owned());
        }
        let mut conditions = vec![
            json!({"bucket": self.bucket}),
            json!(["starts-with", "$key", rules.prefix]),
            json!(["content-length-range", 1, rules.bytes_max]),
        ];
        if let ContentType::StartsWith(kind) = rules.content_type {
            conditions.push(json!(["starts-with", "$Content-Type", kind]));
        }
        conditions.extend(fields.iter().map(|(name, value)| json!({ name: value })));
        let expiration = now.plus_seconds(rules.valid_seconds).to_string();
        let policy = STANDARD.encode(json!({"expiration": expiration, "conditions": conditions}).to_string());
        fields.insert("x-amz-signature".to_owned(), self.signature(day, &policy));
        fields.insert("policy".to_owned(), policy);
        fields
    }

    /// The signature of a policy's base64, by a key for this day, region and service.
    fn signature(&self, day: &str, policy: &str) -> String {
        let mut key = format!("AWS4{}", self.secret_key).into_bytes();
        for part in [day, self.region, "s3", "aws4_request"] {
            key = hmac_sha256(&key, part.as_bytes());
        }
        hex::encode(hmac_sha256(&key, policy.as_bytes()))
    }
}

/// As AWS writes it: `20151229T000000Z`.
fn stamp(at: Timestamp) -> String {
    let text: String = at.to_string().chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    let whole_seconds = text.split('.').next().unwrap_or_default();
    format!("{whole_seconds}Z")
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    assert!(mac.is_ok(), "HMAC takes a key of any length");
    mac.map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// The policy of AWS's page, whose lines end in CR LF.
    const PUBLISHED: &str = r#"{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}"#;

    fn signer(session_token: Option<&'static str>) -> Signer<'static> {
        Signer {
            access_key: "AKIAIOSFODNN7EXAMPLE",
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            session_token,
            region: "us-east-1",
            bucket: "sigv4examplebucket",
        }
    }

    fn rules(content_type: ContentType<'static>) -> UploadRules<'static> {
        UploadRules {
            prefix: "artwork/org_a/cmp_1/",
            content_type,
            bytes_max: 10_000_000,
            valid_seconds: 3600,
        }
    }

    fn form(
        session_token: Option<&'static str>,
        content_type: ContentType<'static>,
    ) -> (BTreeMap<String, String>, Value) {
        let now = Timestamp::parse("2015-12-29T00:00:00Z").unwrap();
        let fields = signer(session_token).fields(&rules(content_type), now);
        let policy = serde_json::from_slice(&STANDARD.decode(&fields["policy"]).unwrap()).unwrap();
        (fields, policy)
    }

    #[test]
    fn the_signature_is_the_one_that_aws_published() {
        let policy = STANDARD.encode(PUBLISHED.replace('\n', "\r\n"));
        let expected = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
        assert_eq!(signer(None).signature("20151229", &policy), expected);
    }

    #[test]
    fn a_policy_binds_bucket_prefix_type_size_and_time() {
        let (fields, policy) = form(None, ContentType::Exactly("application/pdf"));
        assert_eq!(policy["expiration"], "2015-12-29T01:00:00.000Z");
        let conditions = policy["conditions"].as_array().unwrap();
        for condition in [
            json!({"bucket": "sigv4examplebucket"}),
            json!(["starts-with", "$key", "artwork/org_a/cmp_1/"]),
            json!(["content-length-range", 1, 10_000_000]),
            json!({"Content-Type": "application/pdf"}),
            json!({"x-amz-date": "20151229T000000Z"}),
            json!({"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"}),
        ] {
            assert!(conditions.contains(&condition), "{condition}");
        }
        assert_eq!(fields["x-amz-signature"], signer(None).signature("20151229", &fields["policy"]));
        assert!(!fields.contains_key("x-amz-security-token"));
    }

    #[test]
    fn every_field_but_policy_and_signature_is_bound_by_a_condition() {
        for kind in [ContentType::Exactly("application/pdf"), ContentType::StartsWith("image/")] {
            let (fields, policy) = form(Some("session"), kind);
            assert_eq!(fields["x-amz-security-token"], "session");
            let conditions = policy["conditions"].as_array().unwrap();
            for (name, value) in
                fields.iter().filter(|(name, _)| *name != "policy" && *name != "x-amz-signature")
            {
                assert!(conditions.contains(&json!({ name: value })), "{name}");
            }
        }
        let (fields, policy) = form(None, ContentType::StartsWith("image/"));
        assert!(!fields.contains_key("Content-Type"));
        let bound = json!(["starts-with", "$Content-Type", "image/"]);
        assert!(policy["conditions"].as_array().unwrap().contains(&bound));
    }
}
