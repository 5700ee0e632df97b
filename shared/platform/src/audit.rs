//! Log lines for an audit: who did what, or was refused, with ids alone.
//!
//! The address that a call came from is in API Gateway's access log, under the same `gateway_request_id`.

use crate::{Caller, ClaimNames, Environment, Problem};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use std::fmt::Display;
use std::sync::OnceLock;
use terms::OrganizationId;

/// The longest path parameter or claim in a line.
const ID_LENGTH_MAX: usize = 128;

/// What is known of a call before its handler runs.
#[derive(Debug, Default)]
pub(crate) struct Called {
    /// The id under which Lambda logs this call.
    pub(crate) request_id: Option<String>,
    gateway_request_id: Option<String>,
    subject: Option<String>,
    organization: Option<String>,
    endpoint: String,
    object: Option<String>,
}

impl Called {
    pub(crate) fn of(request: &Request) -> Self {
        let context = request.lambda_context_ref();
        let request_id = context.map(|context| context.request_id.clone()).filter(|id| !id.is_empty());
        let mut called = Self { request_id, endpoint: request.method().to_string(), ..Self::default() };
        called.object = request.path_parameters_ref().and_then(|parameters| {
            let ids: Vec<&str> = parameters.iter().map(|(_, value)| value).filter(|id| is_id(id)).collect();
            (!ids.is_empty()).then(|| ids.join(","))
        });
        if let Some(RequestContext::ApiGatewayV2(gateway)) = request.request_context_ref() {
            called.gateway_request_id = gateway.request_id.clone();
            called.endpoint = gateway.route_key.clone().unwrap_or(called.endpoint);
            let claims = gateway.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
            let claim = |name: &str| claims?.claims.get(name).filter(|id| is_id(id)).cloned();
            called.subject = claim("sub");
            called.organization = claim(&claim_names().organization);
        }
        called
    }

    /// The caller has no right to do this.
    pub(crate) fn forbidden(&self, problem: &Problem) {
        tracing::warn!(
            event = "forbidden",
            subject = self.subject,
            organization = self.organization,
            endpoint = self.endpoint,
            object = self.object,
            code = problem.code(),
            request_id = self.request_id,
            gateway_request_id = self.gateway_request_id,
            "a caller was refused"
        );
    }
}

/// The caller got a link with which anyone can fetch a file.
pub fn download_link(request: &Request, caller: &Caller, object: &dyn Display) {
    let called = Called::of(request);
    tracing::info!(
        event = "download-link",
        subject = caller.subject,
        organization = caller.organization.as_str(),
        endpoint = called.endpoint,
        object = %object,
        request_id = called.request_id,
        gateway_request_id = called.gateway_request_id,
        "a download link was given"
    );
}

/// Finance acted; `affected` is the organization that it acted on.
pub fn finance_action(
    request: &Request,
    caller: &Caller,
    action: &'static str,
    affected: Option<&OrganizationId>,
    object: &dyn Display,
) {
    let called = Called::of(request);
    tracing::info!(
        event = "finance-action",
        action,
        subject = caller.subject,
        organization = caller.organization.as_str(),
        affected_organization = affected.map(OrganizationId::as_str),
        endpoint = called.endpoint,
        object = %object,
        request_id = called.request_id,
        gateway_request_id = called.gateway_request_id,
        "finance acted"
    );
}

fn claim_names() -> &'static ClaimNames {
    static NAMES: OnceLock<ClaimNames> = OnceLock::new();
    NAMES.get_or_init(|| ClaimNames::from_environment(&Environment::of_process()))
}

/// An address may hold anything that a person typed, even a name or an e-mail address: only ids are logged.
fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain && !text.is_empty() && text.len() <= ID_LENGTH_MAX
}
