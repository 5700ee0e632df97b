//! A request's query parameters: only those that the endpoint knows, each at most once.

use crate::Problem;
use lambda_http::{Request, RequestExt};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Query(BTreeMap<String, String>);

impl Query {
    /// An empty parameter counts as absent. 400 for a parameter that is not in `allowed` (a misspelt filter would
    /// otherwise return more than was requested) or that is given twice.
    pub fn of(request: &Request, allowed: &[&str]) -> Result<Self, Problem> {
        let mut parameters = BTreeMap::new();
        let query = request.query_string_parameters();
        for (name, value) in query.iter() {
            if !allowed.contains(&name) {
                let detail = if allowed.is_empty() {
                    "This address takes no query parameters. Send the request without them.".to_owned()
                } else {
                    format!("A query parameter is unknown. This address takes: {}.", allowed.join(", "))
                };
                return Err(Problem::bad_request("unknown_parameter", detail));
            }
            if parameters.insert(name.to_owned(), value.to_owned()).is_some() {
                let detail = format!("The query parameter {name} is given more than once.");
                return Err(Problem::bad_request("repeated_parameter", detail));
            }
        }
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// `expected` completes the sentence "… takes" of the 400 for a value that `parse` refuses.
    pub fn parsed<T, E>(
        &self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Problem> {
        let refuse = |_| {
            Problem::bad_request("invalid_parameter", format!("The query parameter {name} takes {expected}."))
        };
        self.text(name).map(parse).transpose().map_err(refuse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::get;
    use terms::Month;

    #[test]
    fn known_parameters_are_read_and_others_refused() {
        let query = Query::of(&get("limit=20&kind="), &["limit", "kind"]).unwrap();
        assert_eq!((query.text("limit"), query.text("kind")), (Some("20"), None));
        let code = |raw: &str| Query::of(&get(raw), &["limit"]).unwrap_err().code();
        assert_eq!(code("limt=20"), "unknown_parameter");
        assert_eq!(code("organizationId=org_birch"), "unknown_parameter");
        // the raw query counts: among the gateway's parameters these two are joined to one, `1,2`
        assert_eq!(code("limit=1&limit=2"), "repeated_parameter");
    }

    #[test]
    fn a_value_that_cannot_be_read_is_refused() {
        let query = Query::of(&get("from=2026-11&to=November"), &["from", "to"]).unwrap();
        assert!(query.parsed("from", "a month", Month::parse).unwrap().is_some());
        let refused = query.parsed("to", "a month, yyyy-mm", Month::parse).unwrap_err();
        assert_eq!(refused.code(), "invalid_parameter");
        assert!(query.parsed("absent", "a month", Month::parse).unwrap().is_none());
    }
}
