//! One check of an organization's auto top-up: begin a charge, go on with one, or leave it.

use crate::{
    AutoTopUp, BillingFailure, FactOutcome, Freeze, InFlight, Order, OrderKind, OrderStatus, Pause,
    Reversals, TopUpOutcome,
    facts::read::known,
    limits::{CHARGE_CHECK_SECONDS, CHARGE_REQUEST_LASTS_SECONDS, KEY_SENT_SECONDS},
    top_up::{
        TopUp,
        charge_failure::ChargeFailure,
        decide::{TopUpDecision, decide},
        outcome::ended_already,
        pause::paused,
    },
};
use alerts::{Alert, AlertKind};
use money::Money;
use std::collections::BTreeMap;
use stripe_client::{OffSessionCharge, PaymentIntentStatus, StripeFailure};
use tables::{Attempt, Stored, Together, WorkWrite, retry_while_changed};
use terms::{Actor, Fingerprint, Month, OrderId, OrganizationId, Timestamp};

impl TopUp {
    /// Checks an organization's auto top-up and does what is to be done, once.
    ///
    /// # Errors
    /// [`BillingFailure`]: look again; a charge in flight is gone on with, never begun twice.
    pub async fn run(&self, organization: &OrganizationId) -> Result<TopUpOutcome, BillingFailure> {
        retry_while_changed("auto top-up", || async {
            let Some(stored) = self.record(organization).await? else {
                return Ok(Attempt::Done(TopUpOutcome::NotNeeded));
            };
            let now = self.clock.now();
            let balance = self.ledger.balance(organization).await?;
            let done = match decide(&stored.record, balance.available, &balance.frozen, now)? {
                TopUpDecision::Resume => return self.resume(&stored).await.map(Attempt::Done),
                TopUpDecision::Wait(until) => self.leave(&stored, until).await?,
                TopUpDecision::CapReached(amount) => self.cap_reached(&stored, amount, now).await?,
                TopUpDecision::Disputed(amount) => self.pause(&stored, Pause::Disputed, amount, now).await?,
                TopUpDecision::Charge(amount) => self.begin(&stored, amount, now).await?,
            };
            Ok(done.into())
        })
        .await
    }

    /// Takes the record out of what is due, or sets the time that it waits for. `None`: it changed meanwhile.
    async fn leave(
        &self,
        stored: &Stored<AutoTopUp>,
        until: Option<Timestamp>,
    ) -> Result<Option<TopUpOutcome>, BillingFailure> {
        if stored.record.next_check == until {
            return Ok(Some(TopUpOutcome::NotNeeded));
        }
        let next = AutoTopUp { next_check: until, ..stored.record.clone() };
        let written = self.work.write_together(&[WorkWrite::replace(stored, &next)?]).await?;
        Ok((written == Together::Done).then_some(TopUpOutcome::NotNeeded))
    }

    async fn cap_reached(
        &self,
        stored: &Stored<AutoTopUp>,
        amount: Money,
        now: Timestamp,
    ) -> Result<Option<TopUpOutcome>, BillingFailure> {
        let month = Month::of(now);
        let again_at = month.next().start();
        let next =
            AutoTopUp { cap_notified_in: Some(month), next_check: Some(again_at), ..stored.record.clone() };
        let mut writes = vec![WorkWrite::replace(stored, &next)?];
        if stored.record.cap_notified_in != Some(month) {
            let kind =
                AlertKind::TopUpFailed { amount, reason: "cap-reached".to_owned(), again_at: Some(again_at) };
            let name = format!("top-up-cap-{month}");
            writes.push(Alert::new(next.organization.clone(), name, now, kind).write()?);
        }
        let written = self.work.write_together(&writes).await?;
        Ok((written == Together::Done).then_some(TopUpOutcome::CapReached))
    }

    async fn pause(
        &self,
        stored: &Stored<AutoTopUp>,
        why: Pause,
        amount: Money,
        now: Timestamp,
    ) -> Result<Option<TopUpOutcome>, BillingFailure> {
        let writes = paused(stored, why, amount, now)?;
        let written = self.work.write_together(&writes).await?;
        let answer = if why == Pause::NoCard { TopUpOutcome::NoCard } else { TopUpOutcome::NotNeeded };
        Ok((written == Together::Done).then_some(answer))
    }

    /// Records the order and the charge in flight in one write, then charges.
    async fn begin(
        &self,
        stored: &Stored<AutoTopUp>,
        amount: Money,
        now: Timestamp,
    ) -> Result<Option<TopUpOutcome>, BillingFailure> {
        let organization = &stored.record.organization;
        let customer = self.customers.of(organization).await?;
        let cards = match self.stripe.card_payment_methods(&customer).await {
            Ok(cards) => cards,
            // A customer that Stripe no longer has, has no card either.
            Err(failure) if failure.is_definite() => Vec::new(),
            Err(failure) => return Err(BillingFailure::Stripe(failure)),
        };
        let Some(card) = cards.into_iter().next() else {
            return self.pause(stored, Pause::NoCard, amount, now).await;
        };
        let paid_from = (customer, card.id, self.return_url(&stored.record));
        let order = order_of(stored, amount, paid_from, now);
        let month = Month::of(now);
        let charged = stored.record.charged_in(month).plus(amount)?;
        let next = AutoTopUp {
            in_flight: Some(InFlight { order_id: order.order_id.clone(), amount, month }),
            month,
            charged,
            next_check: Some(now.plus_seconds(CHARGE_CHECK_SECONDS)),
            ..stored.record.clone()
        };
        let writes = [WorkWrite::replace(stored, &next)?, WorkWrite::insert(&order)?];
        if self.work.write_together(&writes).await? != Together::Done {
            return Ok(None);
        }
        let key = Order::key_of(organization, &order.order_id);
        let Some(order) = self.work.get::<Order>(&key).await? else { return Ok(None) };
        self.charge(&order, true).await.map(Some)
    }

    /// Goes on with the charge in flight, with its own order and card.
    async fn resume(&self, stored: &Stored<AutoTopUp>) -> Result<TopUpOutcome, BillingFailure> {
        let Some(in_flight) = &stored.record.in_flight else { return Ok(TopUpOutcome::NotNeeded) };
        let key = Order::key_of(&stored.record.organization, &in_flight.order_id);
        let order = self.work.get::<Order>(&key).await?;
        let order = order.ok_or_else(|| BillingFailure::missing("order", &in_flight.order_id))?;
        if let Some(write) = ended_already(stored, &order.record, self.clock.now())? {
            self.work.write_together(&[write]).await?;
            return Ok(TopUpOutcome::NotNeeded);
        }
        let next = AutoTopUp {
            next_check: Some(self.clock.now().plus_seconds(CHARGE_CHECK_SECONDS)),
            ..stored.record.clone()
        };
        // Whoever wrote meanwhile looks after it.
        self.work.write_together(&[WorkWrite::replace(stored, &next)?]).await?;
        self.charge(&order, stored.record.is_on()).await
    }

    /// Asks Stripe for an order's charge: by its key while that is safe, by searching for it afterwards. Once
    /// auto top-up is off or paused, a charge that Stripe may not have heard of is not begun by its key any more.
    async fn charge(&self, order: &Stored<Order>, is_on: bool) -> Result<TopUpOutcome, BillingFailure> {
        let record = &order.record;
        let now = self.clock.now();
        if !is_on && now <= record.created_at.plus_seconds(CHARGE_REQUEST_LASTS_SECONDS) {
            return Ok(TopUpOutcome::UnderWay);
        }
        if !is_on || now > record.expires_at {
            return self.search_for_charge(order).await;
        }
        let charge = request_of(record);
        let key = format!("droplab:top-up:{}", record.order_id);
        match self.stripe.create_payment_intent(&charge, &key).await {
            Ok(payment) => {
                // A repeated key is answered with what was answered first: where that was no end, read anew.
                let payment = if payment.status == PaymentIntentStatus::Succeeded {
                    payment
                } else {
                    self.stripe.payment_intent(&payment.id).await.map_err(BillingFailure::Stripe)?
                };
                self.on_charge(order, &payment).await
            }
            Err(failure) if failure.is_definite() => self.charge_refused(order, &failure).await,
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        }
    }

    /// A refusal repeats what was said first, too: the payment that it names may have been confirmed since.
    async fn charge_refused(
        &self,
        order: &Stored<Order>,
        failure: &StripeFailure,
    ) -> Result<TopUpOutcome, BillingFailure> {
        let refusal = failure.refusal();
        let code = refusal.and_then(|refusal| refusal.code.as_deref());
        let why = ChargeFailure::of_code(code);
        let Some(payment) = refusal.and_then(|refusal| refusal.payment_intent.clone()) else {
            return self.charge_failed(order, &why, None).await;
        };
        let now = known(&payment, self.stripe.payment_intent(&payment).await)?;
        let ended = |now: &stripe_client::PaymentIntent| {
            matches!(now.status, PaymentIntentStatus::Succeeded | PaymentIntentStatus::Processing)
        };
        match now.filter(ended) {
            Some(now) => self.on_charge(order, &now).await,
            None => self.charge_failed(order, &why, Some(&payment)).await,
        }
    }

    /// An order's charge among the customer's payments.
    async fn search_for_charge(&self, order: &Stored<Order>) -> Result<TopUpOutcome, BillingFailure> {
        let record = &order.record;
        let from = record.created_at.plus_seconds(-300).as_seconds();
        let payments = self.stripe.payment_intents_of(&record.customer, from).await;
        // A customer that Stripe no longer has, was not charged.
        let payments = known(&record.customer, payments)?.unwrap_or_default();
        let ours = |id: Option<&String>| id.map(String::as_str) == Some(record.order_id.as_str());
        match payments.into_iter().find(|payment| ours(payment.metadata.get("order_id"))) {
            Some(payment) => self.on_charge(order, &payment).await,
            None => self.charge_failed(order, &ChargeFailure::NotFound, None).await,
        }
    }

    /// Recovery's check of a top-up's order.
    pub(crate) async fn read_at_stripe(&self, order: &Stored<Order>) -> Result<FactOutcome, BillingFailure> {
        let settings = self.record(&order.record.organization).await?;
        let is_on = settings.is_some_and(|stored| stored.record.is_on());
        Ok(match self.charge(order, is_on).await? {
            TopUpOutcome::Bought => FactOutcome::Granted,
            TopUpOutcome::Failed => FactOutcome::TopUpEnded,
            _ => FactOutcome::NothingToDo,
        })
    }

    /// The page on which an owner sees what became of a top-up; empty where the console's address is not known.
    fn return_url(&self, settings: &AutoTopUp) -> String {
        let known = if self.app_url.is_empty() { settings.origin.as_ref() } else { Some(&self.app_url) };
        known.map_or_else(String::new, |origin| format!("{origin}/settings"))
    }
}

/// The order of one charge. Its id derives from the version of the record that it was decided on: who decides
/// twice on one state names one order.
fn order_of(
    stored: &Stored<AutoTopUp>,
    amount: Money,
    (customer, card, return_url): (String, String, String),
    now: Timestamp,
) -> Order {
    let organization = stored.record.organization.clone();
    let version = stored.version.to_string();
    let parts = [organization.as_str(), "auto-top-up", &version];
    Order {
        order_id: OrderId::derive(&parts),
        paid_by: OrderKind::TopUp,
        amount,
        customer,
        status: OrderStatus::Pending,
        actor: Actor::system("auto-top-up"),
        fingerprint: Fingerprint::of(&parts),
        created_at: now,
        expires_at: now.plus_seconds(KEY_SENT_SECONDS),
        success_url: return_url,
        cancel_url: String::new(),
        save_card: false,
        cards_only: false,
        session_id: None,
        session_url: None,
        payment_intent: None,
        payment_method: Some(card),
        failure: None,
        grant: None,
        review: None,
        reversals: Reversals::default(),
        freeze: Freeze::default(),
        next_check: None,
        organization,
    }
}

fn request_of(order: &Order) -> OffSessionCharge {
    let metadata = [
        ("organization_id", order.organization.to_string()),
        ("order_id", order.order_id.to_string()),
        ("amount", order.amount.to_string()),
        ("type", "top-up".to_owned()),
    ];
    OffSessionCharge {
        customer: order.customer.clone(),
        payment_method: order.payment_method.clone().unwrap_or_default(),
        amount_cents: order.amount.cents(),
        description: format!("{} DropLab credits, auto top-up", order.amount),
        // An order from before one was sent has none: under its key the same request is sent again.
        return_url: Some(order.success_url.clone()).filter(|url| !url.is_empty()),
        metadata: metadata
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<BTreeMap<_, _>>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(success_url: &str) -> Order {
        let at = Timestamp::from_seconds(1_795_348_800);
        let stored = serde_json::json!({
            "organization": "org_a", "orderId": OrderId::derive(&["a"]), "amount": "50.00", "customer": "cus_1",
            "status": "pending", "actor": Actor::system("auto-top-up"), "fingerprint": Fingerprint::of(&["a"]),
            "createdAt": at, "expiresAt": at, "successUrl": success_url, "cancelUrl": "",
        });
        serde_json::from_value(stored).unwrap()
    }

    #[test]
    fn a_charge_names_the_page_to_come_back_to_and_an_order_from_before_is_sent_as_before() {
        let page = "https://app.example/settings";
        assert_eq!(request_of(&order(page)).return_url.as_deref(), Some(page));
        assert_eq!(request_of(&order("")).return_url, None);
    }
}
