//! Why a call failed, sorted by what the worker that owns the purchase can do about it. Statuses only: the text of
//! Data Axle's response is not stored.

use std::time::Duration;

use vendor_http::HttpFailure;

/// Why a call has no usable response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DataAxleFailure {
    /// Too many requests (429). Nothing was bought; try again later.
    #[error("Data Axle limits the rate of requests")]
    Busy {
        /// Header `Retry-After`, if it is in seconds.
        retry_after: Option<Duration>,
    },
    /// The token is wrong or lacks the permission. Nothing was bought, and nothing will be until a person acts.
    #[error("Data Axle does not accept the token (HTTP {status})")]
    Unauthorized {
        /// 401 or 403.
        status: u16,
    },
    /// Data Axle refuses the request as it is. Definite: nothing was bought, the same request is refused again.
    #[error("Data Axle refused the request (HTTP {status})")]
    Rejected {
        /// 4xx.
        status: u16,
    },
    /// The scroll is gone (60 s idle, or never existed). What it delivered stays delivered; a new scan starts over.
    #[error("the Data Axle scan has ended before its last page")]
    ScanLost,
    /// No connection, or an internal error of Data Axle. Nothing was bought.
    #[error("Data Axle is unavailable")]
    Unavailable {
        /// 5xx; `None` without a connection.
        status: Option<u16>,
    },
    /// Time-out or lost connection after sending. It may be billed; a scan's page is lost.
    #[error("Data Axle did not answer; whether records were billed is unknown")]
    Unknown,
    /// A response that is not what Data Axle documents. It may be billed; a scan's page is lost.
    #[error("Data Axle's answer cannot be read")]
    Undecodable,
}

impl DataAxleFailure {
    /// Records may have been billed that we did not receive.
    pub fn may_be_billed(&self) -> bool {
        matches!(self, Self::Unknown | Self::Undecodable)
    }

    /// A later attempt may succeed without a person's help.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unavailable { .. } | Self::Unknown | Self::ScanLost)
    }

    /// For a status that is not 2xx.
    pub(crate) fn from_status(status: u16, retry_after: Option<&str>) -> Self {
        match status {
            401 | 403 => Self::Unauthorized { status },
            408 => Self::Unknown,
            429 => Self::Busy { retry_after: retry_after.and_then(seconds) },
            400..=499 => Self::Rejected { status },
            500..=599 => Self::Unavailable { status: Some(status) },
            _ => Self::Undecodable,
        }
    }

    /// For a scan's page: 404 means that the scroll is gone.
    pub(crate) fn of_a_scan(self) -> Self {
        match self {
            Self::Rejected { status: 404 | 410 } => Self::ScanLost,
            other => other,
        }
    }

    pub(crate) fn from_transport(failure: HttpFailure) -> Self {
        if failure.is_unsent() { Self::Unavailable { status: None } } else { Self::Unknown }
    }
}

/// `Retry-After` may also be a date, which is ignored: the caller has a pause of its own.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_become_choices() {
        let check = |status| DataAxleFailure::from_status(status, Some("7"));
        assert_eq!(check(401), DataAxleFailure::Unauthorized { status: 401 });
        assert_eq!(check(403), DataAxleFailure::Unauthorized { status: 403 });
        assert_eq!(check(429), DataAxleFailure::Busy { retry_after: Some(Duration::from_secs(7)) });
        assert_eq!(check(400), DataAxleFailure::Rejected { status: 400 });
        assert_eq!(check(404), DataAxleFailure::Rejected { status: 404 });
        assert_eq!(check(503), DataAxleFailure::Unavailable { status: Some(503) });
        assert_eq!(check(302), DataAxleFailure::Undecodable);
    }

    #[test]
    fn a_date_in_retry_after_is_no_duration() {
        let dated = DataAxleFailure::from_status(429, Some("Wed, 21 Oct 2026 07:28:00 GMT"));
        assert_eq!(dated, DataAxleFailure::Busy { retry_after: None });
    }

    #[test]
    fn only_a_missing_scroll_is_a_lost_scan() {
        assert_eq!(DataAxleFailure::Rejected { status: 404 }.of_a_scan(), DataAxleFailure::ScanLost);
        assert_eq!(DataAxleFailure::Rejected { status: 410 }.of_a_scan(), DataAxleFailure::ScanLost);
        let other = DataAxleFailure::Rejected { status: 400 };
        assert_eq!(other.clone().of_a_scan(), other);
    }
}
