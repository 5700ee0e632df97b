//! The function's environment variables, read once at start and typed.
//!
//! Owns their names. Without a required variable the process stops at start with its name, not later at a request.
//! Only true options have defaults.

use std::collections::BTreeMap;
use std::str::FromStr;

pub mod name {
    pub const LEDGER_TABLE: &str = "LEDGER_TABLE";
    pub const WORK_TABLE: &str = "WORK_TABLE";
    pub const CONTENT_BUCKET: &str = "CONTENT_BUCKET";
    pub const REPORTS_BUCKET: &str = "REPORTS_BUCKET";
    pub const FETCH_QUEUE_URL: &str = "FETCH_QUEUE_URL";
    pub const PLAN_QUEUE_URL: &str = "PLAN_QUEUE_URL";
    pub const BATCH_QUEUE_URL: &str = "BATCH_QUEUE_URL";
    pub const TOP_UP_QUEUE_URL: &str = "TOP_UP_QUEUE_URL";
    pub const ALERTS_TOPIC: &str = "ALERTS_TOPIC";
    /// With Stripe's key and webhook secrets.
    pub const STRIPE_SECRET_ID: &str = "STRIPE_SECRET_ID";
    /// With Data Axle's tokens.
    pub const DATA_AXLE_SECRET_ID: &str = "DATA_AXLE_SECRET_ID";
    /// With PostGrid's keys.
    pub const POSTGRID_SECRET_ID: &str = "POSTGRID_SECRET_ID";
    /// Optional: the prices, JSON in the form of `infra/price-book.json`; else that file.
    pub const PRICE_BOOK: &str = "PRICE_BOOK";
    /// Optional; else its documented address.
    pub const STRIPE_API_URL: &str = "STRIPE_API_URL";
    /// Optional; else its documented address.
    pub const DATA_AXLE_API_URL: &str = "DATA_AXLE_API_URL";
    /// Optional; else its documented address.
    pub const POSTGRID_API_URL: &str = "POSTGRID_API_URL";
    /// Optional: the longest pause before a request to Stripe is retried; else 2,000.
    pub const STRIPE_RETRY_PAUSE_MS_MAX: &str = "STRIPE_RETRY_PAUSE_MS_MAX";
    /// Optional: the subscription's grants, JSON in the form of `infra/plan.json`; else that file.
    pub const SUBSCRIPTION_PLAN: &str = "SUBSCRIPTION_PLAN";
    /// Optional: where Stripe sends a customer back; else the request's own origin.
    pub const APP_URL: &str = "APP_URL";
    /// Optional: the token's claim with the organization; else `custom:organization_id`.
    pub const ORGANIZATION_CLAIM: &str = "ORGANIZATION_CLAIM";
    /// Optional: the token's claim with the role; else `custom:role`.
    pub const ROLE_CLAIM: &str = "ROLE_CLAIM";
    /// Optional: the app client with which the console signs in.
    pub const USER_POOL_CLIENT_ID: &str = "USER_POOL_CLIENT_ID";
    /// Where the console signs in.
    pub const COGNITO_URL: &str = "COGNITO_URL";
    /// Optional: where the console uploads artwork to.
    pub const UPLOAD_URL: &str = "UPLOAD_URL";
    /// Optional: how many postcards all workers together may create; else 5.
    pub const POSTGRID_RATE_PER_SECOND: &str = "POSTGRID_RATE_PER_SECOND";
    /// Optional: how many print-batch functions run at once, and so share that rate; else 2.
    pub const PRINT_WORKERS: &str = "PRINT_WORKERS";
    /// Whether Stripe's live mode is used: `true` or `false`, the default.
    pub const LIVEMODE: &str = "LIVEMODE";
    /// Whether live orders of contacts and postcards are accepted and vendors called with live keys: `true` or
    /// `false`, the default. A test stage accepts only test orders.
    pub const LIVE_ORDERS: &str = "LIVE_ORDERS";
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Absent or empty.
    #[error("environment variable {name} is not set")]
    Missing { name: String },
    /// The message does not quote the text, which may be secret.
    #[error("environment variable {name} is not a valid {expected}")]
    Invalid { name: String, expected: &'static str },
}

/// The variables of a process, or those that a test gives. An empty variable counts as absent.
#[derive(Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// One that is not Unicode counts as absent.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let owned = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: owned.filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// An empty value removes it.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if value.is_empty() {
            self.variables.remove(name);
        } else {
            self.variables.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// A required variable.
    pub fn text(&self, name: &str) -> Result<String, ConfigError> {
        self.variables.get(name).cloned().ok_or_else(|| ConfigError::Missing { name: name.to_owned() })
    }

    /// An optional variable.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A variable, or `default` where it is absent or empty.
    #[must_use]
    pub fn text_or(&self, name: &str, default: &str) -> String {
        self.option(name).unwrap_or(default).to_owned()
    }

    /// A required variable, read as `T`.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, ConfigError> {
        read(name, &self.text(name)?)
    }

    /// A variable read as `T`, or `default` where it is absent or empty.
    pub fn parsed_or<T: FromStr>(&self, name: &str, default: T) -> Result<T, ConfigError> {
        self.variables.get(name).map_or(Ok(default), |raw| read(name, raw))
    }
}

fn read<T: FromStr>(name: &str, raw: &str) -> Result<T, ConfigError> {
    let invalid = || ConfigError::Invalid { name: name.to_owned(), expected: std::any::type_name::<T>() };
    raw.trim().parse().map_err(|_| invalid())
}

/// Which claims of the token hold the organization and the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    pub organization: String,
    pub role: String,
}

impl ClaimNames {
    /// As configured, else `custom:organization_id` and `custom:role`.
    #[must_use]
    pub fn from_environment(environment: &Environment) -> Self {
        Self {
            organization: environment.text_or(name::ORGANIZATION_CLAIM, "custom:organization_id"),
            role: environment.text_or(name::ROLE_CLAIM, "custom:role"),
        }
    }
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self::from_environment(&Environment::of::<String, String>([]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_or_empty_variable_is_named() {
        let environment = Environment::of([(name::LEDGER_TABLE, "ledger"), (name::WORK_TABLE, "")]);
        assert_eq!(environment.text(name::LEDGER_TABLE).unwrap(), "ledger");
        for absent in [name::WORK_TABLE, name::CONTENT_BUCKET] {
            let error = environment.text(absent).unwrap_err();
            assert_eq!(error.to_string(), format!("environment variable {absent} is not set"));
        }
    }

    #[test]
    fn a_variable_of_the_wrong_type_is_named_and_not_told() {
        let environment = Environment::of([(name::LIVEMODE, "yes"), (name::POSTGRID_RATE_PER_SECOND, "5")]);
        assert_eq!(environment.parsed_or(name::POSTGRID_RATE_PER_SECOND, 500_u32), Ok(5));
        assert_eq!(environment.parsed_or("ABSENT", 500_u32), Ok(500));
        let error = environment.parsed::<bool>(name::LIVEMODE).unwrap_err();
        assert_eq!(error.to_string(), "environment variable LIVEMODE is not a valid bool");
    }

    #[test]
    fn claim_names_have_defaults_and_are_parameters() {
        assert_eq!(ClaimNames::default().organization, "custom:organization_id");
        let environment = Environment::of([(name::ROLE_CLAIM, "https://droplab.example/role")]);
        assert_eq!(ClaimNames::from_environment(&environment).role, "https://droplab.example/role");
    }
}
