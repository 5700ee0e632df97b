//! What AWS will bill, predicted from counted requests and a dated price list. Lambda's time is the one thing
//! that is assumed and not counted; the assumptions stand in the price list.

use crate::{Figure, printing_jobs::Job, ratio, webhooks::Purchase};
use rust_decimal::Decimal;
use serde::Deserialize;

const GROUP: &str = "Predicted AWS bill";

#[derive(Debug, Deserialize)]
pub struct Prices {
    source: String,
    region: String,
    date: String,
    usd: Usd,
    assumed: Assumed,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usd {
    dynamodb_write_units_per_million: Decimal,
    dynamodb_read_units_per_million: Decimal,
    lambda_requests_per_million: Decimal,
    lambda_gigabyte_second: Decimal,
    http_api_requests_per_million: Decimal,
    sqs_requests_per_million: Decimal,
    s3_puts_per_thousand: Decimal,
    s3_gets_per_thousand: Decimal,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assumed {
    request_milliseconds: u64,
    request_megabytes: u64,
    worker_megabytes: u64,
    postcards_per_second: u64,
    print_workers: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Usage {
    write_units: Decimal,
    read_units: Decimal,
    lambda_requests: u64,
    gigabyte_seconds: Decimal,
    http_requests: u64,
    sqs_requests: u64,
    s3_puts: u64,
    s3_gets: u64,
}

impl Prices {
    /// Reads `prices.json`.
    ///
    /// # Panics
    /// When the file that was compiled in is not a price list.
    #[must_use]
    pub fn shipped() -> Self {
        serde_json::from_str(include_str!("../prices.json")).expect("prices.json is a price list")
    }

    #[must_use]
    pub fn remark(&self) -> String {
        let Assumed { request_milliseconds, request_megabytes, worker_megabytes, .. } = self.assumed;
        format!(
            "Prices: {}, {}, {}. Assumed: {request_milliseconds} ms at {request_megabytes} MB for a request, \
             {worker_megabytes} MB for workers that print {} cards a second together. Not in it: logs, \
             storage, backups, status polls, uploads.",
            self.source, self.region, self.date, self.assumed.postcards_per_second
        )
    }

    fn lines(&self, usage: &Usage) -> [(&'static str, Decimal); 6] {
        let million = Decimal::from(1_000_000);
        let thousand = Decimal::ONE_THOUSAND;
        let of = |count: u64, price: Decimal, per: Decimal| Decimal::from(count) * price / per;
        let usd = &self.usd;
        [
            (
                "DynamoDB",
                (usage.write_units * usd.dynamodb_write_units_per_million
                    + usage.read_units * usd.dynamodb_read_units_per_million)
                    / million,
            ),
            ("Lambda, requests", of(usage.lambda_requests, usd.lambda_requests_per_million, million)),
            ("Lambda, time", usage.gigabyte_seconds * usd.lambda_gigabyte_second),
            ("HTTP API", of(usage.http_requests, usd.http_api_requests_per_million, million)),
            ("SQS", of(usage.sqs_requests, usd.sqs_requests_per_million, million)),
            (
                "S3",
                of(usage.s3_puts, usd.s3_puts_per_thousand, thousand)
                    + of(usage.s3_gets, usd.s3_gets_per_thousand, thousand),
            ),
        ]
    }

    /// The bill of a print job, brought to 10,000 postcards.
    #[must_use]
    pub fn postcards(&self, job: &Job) -> Vec<Figure> {
        let assumed = &self.assumed;
        let worker_seconds =
            ratio(u64::from(job.pieces) * assumed.print_workers, assumed.postcards_per_second);
        let request = self.request_gigabyte_seconds(1);
        let usage = Usage {
            write_units: job.cost.write_units + job.cost.index_units,
            read_units: job.cost.read_units,
            lambda_requests: job.messages + 1,
            gigabyte_seconds: worker_seconds * ratio(assumed.worker_megabytes, 1_024) + request,
            http_requests: 1,
            // Each message is received and deleted alone; ten are sent with one request.
            sqs_requests: 2 * job.messages + job.messages.div_ceil(10),
            s3_puts: job.s3_puts,
            s3_gets: job.s3_gets,
        };
        self.figures("10,000 postcards", &usage, ratio(10_000, job.pieces))
    }

    /// The bill of 1,000 purchases of credits: the order, and everything that Stripe tells of it.
    #[must_use]
    pub fn purchases(&self, purchase: &Purchase) -> Vec<Figure> {
        let requests = purchase.webhooks + 1;
        let usage = Usage {
            write_units: purchase.cost.write_units + purchase.cost.index_units,
            read_units: purchase.cost.read_units,
            lambda_requests: requests,
            gigabyte_seconds: self.request_gigabyte_seconds(requests),
            http_requests: requests,
            ..Usage::default()
        };
        self.figures("1,000 purchases of credits", &usage, Decimal::ONE_THOUSAND)
    }

    fn request_gigabyte_seconds(&self, requests: u64) -> Decimal {
        let seconds = ratio(requests * self.assumed.request_milliseconds, 1_000);
        seconds * ratio(self.assumed.request_megabytes, 1_024)
    }

    fn figures(&self, what: &str, usage: &Usage, times: Decimal) -> Vec<Figure> {
        let lines = self.lines(usage).map(|(name, usd)| (name, usd * times));
        let total: Decimal = lines.iter().map(|(_, usd)| *usd).sum();
        let parts: Vec<String> =
            lines.iter().map(|(name, usd)| format!("{name} {}", usd.round_dp(4).normalize())).collect();
        vec![Figure::new(GROUP, what, total.round_dp(4), "USD").noted(parts.join(", "))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cost;

    #[test]
    fn a_bill_is_the_counts_times_the_prices() {
        let prices = Prices::shipped();
        let cost = Cost {
            write_units: Decimal::from(1_600),
            index_units: Decimal::from(400),
            read_units: Decimal::from(800),
            ..Cost::default()
        };
        let usage = Usage {
            write_units: cost.write_units + cost.index_units,
            read_units: cost.read_units,
            lambda_requests: 1_000_000,
            gigabyte_seconds: Decimal::from(10),
            http_requests: 500_000,
            sqs_requests: 250_000,
            s3_puts: 100,
            s3_gets: 1_000,
        };
        let usd = |name: &str| {
            let lines = prices.lines(&usage);
            lines.into_iter().find(|(found, _)| *found == name).expect("a line").1.normalize()
        };
        assert_eq!(usd("DynamoDB"), Decimal::new(135, 5));
        assert_eq!(usd("Lambda, requests"), Decimal::new(2, 1));
        assert_eq!(usd("Lambda, time"), Decimal::new(166_667, 9));
        assert_eq!(usd("HTTP API"), Decimal::new(5, 1));
        assert_eq!(usd("SQS"), Decimal::new(1, 1));
        assert_eq!(usd("S3"), Decimal::new(9, 4));
    }

    #[test]
    fn a_smaller_job_is_brought_to_ten_thousand_postcards() {
        let job = |pieces: u32| Job {
            pieces,
            cost: Cost { write_units: Decimal::from(pieces), ..Cost::default() },
            s3_gets: u64::from(pieces),
            s3_puts: 0,
            messages: u64::from(pieces),
            took: std::time::Duration::ZERO,
        };
        let prices = Prices::shipped();
        let (small, large) = (prices.postcards(&job(1_000)), prices.postcards(&job(10_000)));
        // Only what a job needs once weighs more in a small one, and that is less than a tenth of a cent.
        assert!((small[0].value - large[0].value).abs() < Decimal::new(1, 3));
    }
}
