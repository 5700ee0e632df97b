//! Stripe's enumerations, open for values that did not exist when this was written.

/// One enum per enumeration. A value that is not listed becomes `Other`: new values appear without a new API version,
/// and must neither fail the parse nor be mistaken for a known one.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$what])* $variant,)+
            /// A value that this crate does not know, as Stripe sent it.
            Other(String),
        }

        impl $name {
            /// The value as Stripe writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                Ok(match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                })
            }
        }
    };
}

words! {
    /// `checkout.session.mode`.
    SessionMode {
        Payment = "payment",
        /// A payment method is saved, nothing is paid.
        Setup = "setup",
        Subscription = "subscription",
    }
}

words! {
    /// `checkout.session.status`.
    SessionStatus {
        Open = "open",
        /// The customer has finished; says nothing about the money.
        Complete = "complete",
        Expired = "expired",
    }
}

words! {
    /// `checkout.session.payment_status`: whether the money is there.
    PaymentStatus {
        Paid = "paid",
        /// The page is open, or the payment method is a delayed one.
        Unpaid = "unpaid",
        /// Nothing was due, for example after a discount of 100 %.
        NoPaymentRequired = "no_payment_required",
    }
}

words! {
    /// `payment_intent.status`.
    PaymentIntentStatus {
        /// Also after a decline.
        RequiresPaymentMethod = "requires_payment_method",
        RequiresConfirmation = "requires_confirmation",
        /// The customer must authenticate.
        RequiresAction = "requires_action",
        /// A delayed payment method is in progress.
        Processing = "processing",
        /// Authorized, not captured.
        RequiresCapture = "requires_capture",
        /// Ended without money.
        Canceled = "canceled",
        /// The money is ours.
        Succeeded = "succeeded",
    }
}

words! {
    /// `invoice.status`.
    InvoiceStatus {
        Draft = "draft",
        /// Final, not paid.
        Open = "open",
        /// Paid, or marked paid out of band.
        Paid = "paid",
        Uncollectible = "uncollectible",
        Void = "void",
    }
}

words! {
    /// `invoice.billing_reason`: why the invoice exists.
    BillingReason {
        /// The first invoice of a subscription.
        SubscriptionCreate = "subscription_create",
        /// A renewal; also the first paid one after a trial.
        SubscriptionCycle = "subscription_cycle",
        /// A change in the middle of a period.
        SubscriptionUpdate = "subscription_update",
        /// A usage threshold.
        SubscriptionThreshold = "subscription_threshold",
        /// Not of a subscription.
        Manual = "manual",
    }
}

words! {
    /// `subscription.status`.
    SubscriptionStatus {
        /// The first invoice is not paid yet.
        Incomplete = "incomplete",
        /// Final: the first invoice was not paid within 23 hours.
        IncompleteExpired = "incomplete_expired",
        /// Nothing is due yet.
        Trialing = "trialing",
        Active = "active",
        /// A renewal is not paid, and Stripe retries.
        PastDue = "past_due",
        /// Final.
        Canceled = "canceled",
        /// Renewals are not paid, and Stripe no longer retries.
        Unpaid = "unpaid",
        /// A trial ended without a payment method; nothing is invoiced.
        Paused = "paused",
    }
}

words! {
    /// `refund.status`.
    RefundStatus {
        Pending = "pending",
        /// The customer must do something.
        RequiresAction = "requires_action",
        /// The customer has the money.
        Succeeded = "succeeded",
        /// Final: the money came back to us.
        Failed = "failed",
        /// Final: withdrawn before the money left.
        Canceled = "canceled",
    }
}

words! {
    /// `dispute.status`. The `warning_*` ones are inquiries, which move no money.
    DisputeStatus {
        /// An inquiry that waits for our response.
        WarningNeedsResponse = "warning_needs_response",
        /// An inquiry that the bank examines.
        WarningUnderReview = "warning_under_review",
        /// An inquiry that ended.
        WarningClosed = "warning_closed",
        /// A dispute that waits for our evidence.
        NeedsResponse = "needs_response",
        /// A dispute that the bank examines.
        UnderReview = "under_review",
        /// Decided in our favour.
        Won = "won",
        /// Decided against us.
        Lost = "lost",
        /// Settled before it became a dispute.
        Prevented = "prevented",
        /// An appeal against a decision; it waits for our evidence.
        AppealNeedsResponse = "appeal_needs_response",
        /// An appeal that the bank examines.
        AppealUnderReview = "appeal_under_review",
    }
}
