//! Who calls: the organization, the person and the role of the verified token.
//!
//! API Gateway has checked the token's signature, issuer, audience and age before the function runs; here its claims
//! are read. Organization and role come from nowhere else: not from the body, the query or a header.

use crate::{ClaimNames, Problem};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};
use std::collections::HashMap;
use terms::{Actor, OrganizationId};

/// What a person may do in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Buys and spends.
    Owner,
    /// Reads.
    Member,
    /// DropLab's own finance: costs, invoices, adjustments.
    Finance,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub organization: OrganizationId,
    /// The person, by the identity provider's id.
    pub subject: String,
    pub role: Role,
}

impl Caller {
    /// Reads the claims that API Gateway's JWT authorizer put into the request's context. An absent or unknown role
    /// is a member's, the least. 401 without claims, for a token that is not an id token, and for one that does not
    /// name one subject and one organization. (API Gateway turns a claim that is a list into `[a b]`, which is not an
    /// id.)
    pub fn of(request: &Request, names: &ClaimNames) -> Result<Self, Problem> {
        let context = request.request_context_ref();
        let claims = context.and_then(claims_of).ok_or_else(Problem::unauthorized)?;
        Self::from_claims(claims, names).ok_or_else(Problem::unauthorized)
    }

    fn from_claims(claims: &HashMap<String, String>, names: &ClaimNames) -> Option<Self> {
        if claims.get("token_use")? != "id" {
            return None;
        }
        let subject = claims.get("sub").filter(|subject| !subject.is_empty())?;
        let organization = OrganizationId::parse(claims.get(&names.organization)?).ok()?;
        let role = match claims.get(&names.role).map(String::as_str) {
            Some("owner") => Role::Owner,
            Some("finance") => Role::Finance,
            _ => Role::Member,
        };
        Some(Self { organization, subject: subject.clone(), role })
    }

    /// 403 unless the caller is an owner.
    pub fn require_owner(&self) -> Result<(), Problem> {
        match self.role {
            Role::Owner => Ok(()),
            Role::Member | Role::Finance => {
                Err(Problem::forbidden("Only an owner may do this. Ask an owner of your organization."))
            }
        }
    }

    /// 403 unless the caller is DropLab's finance.
    pub fn require_finance(&self) -> Result<(), Problem> {
        match self.role {
            Role::Finance => Ok(()),
            Role::Owner | Role::Member => {
                Err(Problem::forbidden("Only DropLab's finance may do this. Sign in with a finance account."))
            }
        }
    }

    /// The caller as the cause of a movement.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self.role {
            Role::Finance => Actor::finance(&self.subject),
            Role::Owner | Role::Member => Actor::user(&self.subject),
        }
    }
}

fn claims_of(context: &RequestContext) -> Option<&HashMap<String, String>> {
    match context {
        RequestContext::ApiGatewayV2(context) => Some(&context.authorizer.as_ref()?.jwt.as_ref()?.claims),
        // the enum is open; other triggers are not ours and carry no verified token
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{self, claims};
    use serde_json::{Value, json};

    fn caller(claims: Value) -> Result<Caller, u16> {
        let request = samples::request(samples::event("GET", "/api/credits", claims));
        Caller::of(&request, &ClaimNames::default()).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn an_id_token_of_one_organization_is_a_caller() {
        let caller = caller(claims("org_alder", Some("owner"))).unwrap();
        assert_eq!((caller.organization.as_str(), caller.subject.as_str()), ("org_alder", "user-1"));
        assert_eq!(caller.role, Role::Owner);
        assert_eq!(caller.actor(), Actor::user("user-1"));
        assert!(caller.require_owner().is_ok());
        assert_eq!(caller.require_finance().unwrap_err().status(), 403);
    }

    #[test]
    fn no_role_and_an_unknown_role_are_a_members() {
        for role in [None, Some("admin"), Some("Owner"), Some("")] {
            let caller = caller(claims("org_alder", role)).unwrap();
            assert_eq!(caller.role, Role::Member, "{role:?}");
            assert_eq!(caller.require_owner().unwrap_err().status(), 403);
        }
    }

    #[test]
    fn finance_does_not_spend_for_its_own_organization() {
        let caller = caller(claims("org_droplab", Some("finance"))).unwrap();
        assert!(caller.require_finance().is_ok() && caller.require_owner().is_err());
        assert_eq!(caller.actor().as_str(), "finance:user-1");
    }

    #[test]
    fn anything_else_is_401() {
        let organization = "custom:organization_id";
        let with = |name: &str, value: &str| {
            let mut claims = claims("org_alder", Some("owner"));
            claims[name] = value.into();
            claims
        };
        let without = |name: &str| {
            let mut claims = claims("org_alder", Some("owner"));
            claims.as_object_mut().unwrap().remove(name);
            claims
        };
        let refused = [
            with("token_use", "access"),
            without("token_use"),
            without("sub"),
            with("sub", ""),
            without(organization),
            with(organization, ""),
            with(organization, "[org_alder org_birch]"),
            with(organization, "org_alder,org_birch"),
            with(organization, "org#x"),
            json!({}),
        ];
        for claims in refused {
            assert_eq!(caller(claims.clone()), Err(401), "{claims}");
        }
    }

    #[test]
    fn a_request_without_an_authorizer_is_401_whatever_its_headers_say() {
        let mut event = samples::event("GET", "/api/credits", json!({}));
        event["requestContext"].as_object_mut().unwrap().remove("authorizer");
        event["headers"]["x-organization-id"] = "org_alder".into();
        event["queryStringParameters"] = json!({"custom:organization_id": "org_alder", "token_use": "id"});
        let refused = Caller::of(&samples::request(event), &ClaimNames::default()).unwrap_err();
        assert_eq!((refused.status().as_u16(), refused.code()), (401, "unauthorized"));
    }
}
