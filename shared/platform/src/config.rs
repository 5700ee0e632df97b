//! The function's environment variables, read once at start and typed.
//!
//! Owns their names. A required variable that is absent stops the process at start with its name, not later at a
//! request. Defaults are for true options.

use std::collections::BTreeMap;
use std::str::FromStr;

/// The names of the environment variables that functions read.
pub mod name {
    /// The table of accounts, entries, holds, causes and month roll-ups.
    pub const LEDGER_TABLE: &str = "LEDGER_TABLE";
    /// The table of business records.
    pub const WORK_TABLE: &str = "WORK_TABLE";
    /// The bucket of contacts and artwork.
    pub const CONTENT_BUCKET: &str = "CONTENT_BUCKET";
    /// The bucket of month reports and vendor invoices.
    pub const REPORTS_BUCKET: &str = "REPORTS_BUCKET";
    /// The queue of contact purchases to fetch.
    pub const FETCH_QUEUE_URL: &str = "FETCH_QUEUE_URL";
    /// The queue of print jobs to plan.
    pub const PLAN_QUEUE_URL: &str = "PLAN_QUEUE_URL";
    /// The queue of print batches.
    pub const BATCH_QUEUE_URL: &str = "BATCH_QUEUE_URL";
    /// The queue of automatic top-ups.
    pub const TOP_UP_QUEUE_URL: &str = "TOP_UP_QUEUE_URL";
    /// The topic that owners' alerts are published to.
    pub const ALERTS_TOPIC: &str = "ALERTS_TOPIC";
    /// The secret with Stripe's key and webhook secrets.
    pub const STRIPE_SECRET_ID: &str = "STRIPE_SECRET_ID";
    /// The secret with Data Axle's tokens.
    pub const DATA_AXLE_SECRET_ID: &str = "DATA_AXLE_SECRET_ID";
    /// The secret with PostGrid's keys.
    pub const POSTGRID_SECRET_ID: &str = "POSTGRID_SECRET_ID";
    /// Option: the prices, JSON of the shape of `infra/price-book.json`; else that file.
    pub const PRICE_BOOK: &str = "PRICE_BOOK";
    /// Option: where Stripe is reached; else its documented address.
    pub const STRIPE_API_URL: &str = "STRIPE_API_URL";
    /// Option: where Data Axle is reached; else its documented address.
    pub const DATA_AXLE_API_URL: &str = "DATA_AXLE_API_URL";
    /// Option: where PostGrid is reached; else its documented address.
    pub const POSTGRID_API_URL: &str = "POSTGRID_API_URL";
    /// Option: the longest pause before a request to Stripe is repeated, in milliseconds; else 2,000.
    pub const STRIPE_RETRY_PAUSE_MS_MAX: &str = "STRIPE_RETRY_PAUSE_MS_MAX";
    /// Option: the subscription's grants, JSON of the shape of `infra/plan.json`; else that file.
    pub const SUBSCRIPTION_PLAN: &str = "SUBSCRIPTION_PLAN";
    /// Option: where Stripe sends a customer back; else the request's own origin.
    pub const APP_URL: &str = "APP_URL";
    /// Option: the token's claim that names the organization; else `custom:organization_id`.
    pub const ORGANIZATION_CLAIM: &str = "ORGANIZATION_CLAIM";
    /// Option: the token's claim that names the role; else `custom:role`.
    pub const ROLE_CLAIM: &str = "ROLE_CLAIM";
    /// Option: the app client that the console signs in with.
    pub const USER_POOL_CLIENT_ID: &str = "USER_POOL_CLIENT_ID";
    /// Where the console signs in.
    pub const COGNITO_URL: &str = "COGNITO_URL";
    /// Option: where the console uploads artwork to.
    pub const UPLOAD_URL: &str = "UPLOAD_URL";
    /// Option: how many postcards a second all workers together may create; else 5.
    pub const POSTGRID_RATE_PER_SECOND: &str = "POSTGRID_RATE_PER_SECOND";
    /// Option: how many print-batch functions run at once, and so share that rate; else 2.
    pub const PRINT_WORKERS: &str = "PRINT_WORKERS";
    /// Whether Stripe's live mode is used: `true` or `false`, which is the default.
    pub const LIVEMODE: &str = "LIVEMODE";
    /// Whether live orders of contacts and postcards are taken and their vendors called with live keys: `true` or
    /// `false`, which is the default. A test stage takes test orders alone.
    pub const LIVE_ORDERS: &str = "LIVE_ORDERS";
}

/// Why the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The variable is absent or empty.
    #[error("environment variable {name} is not set")]
    Missing {
        /// The variable.
        name: String,
    },
    /// The variable's text cannot be read as what it stands for. The text itself is not stated: it may be
    /// secret.
    #[error("environment variable {name} is not a valid {expected}")]
    Invalid {
        /// The variable.
        name: String,
        /// The type that was expected.
        expected: &'static str,
    },
}

/// The variables of a process, or those that a test gives. An empty variable counts as absent.
#[derive(Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of this process; one that is not Unicode counts as absent.
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// The variables given.
    pub fn of<N: Into<String>, V: Into<String>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        let owned = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Self { variables: owned.filter(|(_, value)| !value.is_empty()).collect() }
    }

    /// The same with one variable set; an empty value takes it out.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if value.is_empty() {
            self.variables.remove(name);
        } else {
            self.variables.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// [`ConfigError::Missing`] when it is absent or empty.
    pub fn text(&self, name: &str) -> Result<String, ConfigError> {
        self.variables.get(name).cloned().ok_or_else(|| ConfigError::Missing { name: name.to_owned() })
    }

    /// A variable that may be absent.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// A variable, or `default` where it is absent or empty.
    #[must_use]
    pub fn text_or(&self, name: &str, default: &str) -> String {
        self.option(name).unwrap_or(default).to_owned()
    }

    /// A variable that must be there, read as `T`.
    ///
    /// # Errors
    /// [`ConfigError`] when it is absent, empty, or not a `T`.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<T, ConfigError> {
        read(name, &self.text(name)?)
    }

    /// A variable read as `T`, or `default` where it is absent or empty.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when it is there and not a `T`.
    pub fn parsed_or<T: FromStr>(&self, name: &str, default: T) -> Result<T, ConfigError> {
        self.variables.get(name).map_or(Ok(default), |raw| read(name, raw))
    }
}

fn read<T: FromStr>(name: &str, raw: &str) -> Result<T, ConfigError> {
    let invalid = || ConfigError::Invalid { name: name.to_owned(), expected: std::any::type_name::<T>() };
    raw.trim().parse().map_err(|_| invalid())
}

/// Which claims of the token name the organization and the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimNames {
    /// The organization's claim.
    pub organization: String,
    /// The role's claim.
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
