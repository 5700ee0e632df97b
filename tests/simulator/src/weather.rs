//! The weather: how likely which fault is, how a vendor is away, and the list of everything that can go wrong.

/// Faults in a thousand calls, by port.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weather {
    pub dynamo: u32,
    pub sqs: u32,
    pub sns: u32,
    /// S3.
    pub s3: u32,
    /// Stripe, Data Axle and PostGrid, each.
    pub vendors: [u32; 3],
    /// Functions that die, in a thousand of them.
    pub deaths: u32,
    pub slow: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    Unreached,
    /// 503 to everything.
    Failing,
    /// 401 to everything.
    Unauthorized,
    /// 403 to everything.
    Forbidden,
}

/// Every kind of fault that is injected; a run of many seeds must have met each.
pub const KINDS: &[&str] = &[
    "DynamoDB: 500 after the effect",
    "DynamoDB: TransactionConflict",
    "DynamoDB: a write takes effect late",
    "DynamoDB: no connection",
    "DynamoDB: part of a batch is left",
    "DynamoDB: the answer is lost",
    "DynamoDB: throttled",
    "DynamoDB: time-out after the effect",
    "S3: 503 slow down",
    "S3: no connection",
    "S3: the answer is lost",
    "SNS: no connection",
    "SNS: published, and the answer is lost",
    "SNS: throttled",
    "SQS: a delete is lost",
    "SQS: a message becomes a dead letter",
    "SQS: a message comes again",
    "SQS: a message out of order",
    "SQS: no connection",
    "SQS: sent, and the answer is lost",
    "SQS: two deliveries of one message at once",
    "Stripe: a bank warns of fraud",
    "Stripe: a card is charged, and no answer says so",
    "Stripe: a decision is appealed against",
    "Stripe: a payment that is no longer known",
    "Stripe: a refund is made, and no answer says so",
    "Stripe: a saved method that is no card",
    "Stripe: a webhook is dropped for good",
    "Stripe: a webhook is given up after three days",
    "Stripe: a webhook is lost and comes again",
    "Stripe: a webhook out of order",
    "Stripe: a webhook twice",
    "Stripe: events of an old version are listed",
    "Stripe: the key may not read an object",
    "Stripe: the newest events are not listed yet",
    "a function is stopped at its time-out",
    "a member counts in a loop",
    "a message kills every function that takes it",
    "a slow call",
    "a vendor is away for long",
    "recovery is cut short by time",
    "the clock jumps over a lot's expiry",
    "the clock jumps over a month's end",
    "the clock jumps over midnight",
    "the clock jumps over the vendors' idempotency windows",
    "the process dies after a call took effect",
    "the process dies before a call takes effect",
    "vendor: 401",
    "vendor: 403",
    "vendor: 429",
    "vendor: 5xx",
    "vendor: 5xx after the effect",
    "vendor: a scan dies",
    "vendor: a truncated page",
    "vendor: not reached",
    "vendor: slow, perhaps beyond the time-out",
    "vendor: the answer is lost",
    "vendor: the search does not find the newest cards",
];
