"""The list: what is broken on purpose, where, and which test must notice.

A sabotage is one replacement in one file, or two where the code guards twice or a line moves. Each old text stands
there exactly once; when the code moves on, the run says which entry no longer applies instead of passing over it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sabotage:
    """One deliberate mistake."""

    name: str
    file: str
    old: str
    new: str
    package: str
    #: the name of the test function, without its module
    test: str
    #: an integration test's target; None: the package's unit tests
    target: str | None = None
    #: further replacements in the same file, (old, new) each
    also: tuple[tuple[str, str], ...] = ()

    def edits(self) -> tuple[tuple[str, str], ...]:
        """Every replacement."""
        return ((self.old, self.new), *self.also)


WRITE = "shared/ledger/src/store/write.rs"
POST = "shared/ledger/src/store/post.rs"
HOLDS = "shared/ledger/src/decide/holds.rs"
LOTS = "shared/ledger/src/decide/lots.rs"
DECIDE = "shared/ledger/src/decide/mod.rs"
SESSIONS = "shared/billing/src/sessions.rs"
GRANTING = "shared/billing/src/granting.rs"
REVERSALS = "shared/billing/src/reversals.rs"
TOP_UP_DECIDE = "shared/billing/src/top_up/decide.rs"
PURCHASE = "shared/audience/src/purchase.rs"
PURCHASE_RECORD = "shared/audience/src/record.rs"
PAGES_KEPT = "shared/audience/src/keep.rs"
PIECE_OUTCOME = "shared/printing/src/outcome.rs"
SIGNATURE = "shared/vendors/stripe/src/signature.rs"
CALLER = "shared/platform/src/caller.rs"
ACCOUNT = "shared/ledger/src/account.rs"
PAST = "shared/ledger/src/store/past.rs"

SABOTAGES = [
    # either of the two conditions is enough: an account of the same number writes an entry of the same number
    Sabotage(
        "drop the conditions of account and entry",
        WRITE,
        "Self { condition: Some(condition), names: None, values: Some(values) }",
        'let condition = if read.seq == 0 { condition } else { "seq <= :seq OR seq > :seq" };\n'
        "        Self { condition: Some(condition), names: None, values: Some(values) }",
        "suite",
        "exactly_32_of_64_racers_spend_from_an_account_that_pays_for_32",
        "ledger_store",
        also=(
            (
                "actions.put(Role::Books, table, items::entry_item(entry)?, Guard::absent())?;",
                "actions.put(Role::Books, table, items::entry_item(entry)?, Guard::none())?;",
            ),
        ),
    ),
    Sabotage(
        "skip the cause",
        WRITE,
        "actions.put(Role::Cause, table, item, Guard::absent())?;",
        "actions.put(Role::Cause, table, item, Guard::none())?;",
        "suite",
        "a_webhook_delivered_a_thousand_times_credits_once",
        "lessons",
    ),
    Sabotage(
        "answer a refusal before looking for a replay",
        POST,
        "Err(refusal) => return self.replay_or(&movement.cause, &movement.fingerprint, refusal).await,",
        "Err(refusal) => return Ok(Attempt::Answer(Err(refusal))),",
        "suite",
        "the_retry_of_a_spend_that_succeeded_returns_its_receipt_not_insufficient_credits",
        "ledger_store",
    ),
    Sabotage(
        "ignore the fingerprint",
        POST,
        "if recorded.fingerprint == *fingerprint {",
        "if recorded.fingerprint == *fingerprint || !fingerprint.as_str().is_empty() {",
        "suite",
        "two_partial_refunds_take_back_exactly_their_sum",
        "lessons",
    ),
    Sabotage(
        "take a conflict for an answer",
        POST,
        "Err(TransactFailure::Contended) => Ok(Attempt::Again),",
        "Err(TransactFailure::Contended) => Ok(Attempt::Answer(Err(Refusal::AmountOutOfRange))),",
        "suite",
        "a_transaction_conflict_is_never_reported_as_insufficient_credits",
        "ledger_store",
    ),
    Sabotage(
        "forget to release the rest at settle",
        HOLDS,
        "let returned = self.credit(&rest)?;",
        "let returned = self.credit(&rest[..0])?;",
        "ledger",
        "a_settle_charges_what_was_delivered_and_returns_the_rest",
    ),
    Sabotage(
        "let a hold end twice",
        HOLDS,
        "if hold.status != HoldStatus::Open {",
        "if hold.status != HoldStatus::Open && !used.is_positive() {",
        "ledger",
        "a_hold_ends_once",
    ),
    Sabotage(
        "check funds without the deficit and the freeze",
        HOLDS,
        "self.refuse_if_frozen()?;",
        "let _ = self.refuse_if_frozen();",
        "ledger",
        "two_disputes_with_one_lifted_stay_frozen",
    ),
    Sabotage(
        "give credits before the deficit is paid",
        LOTS,
        "let paid = self.account.deficit.min(part.amount);",
        "let paid = self.account.deficit.min(Money::ZERO);",
        "suite",
        "a_failed_refund_gives_back_only_what_it_took",
        "lessons",
    ),
    Sabotage(
        "trust the metadata's amount",
        GRANTING,
        "            granted,\n            discount: stated(",
        '            granted: session.metadata.get("amount").and_then(|told| Money::parse(told).ok()).unwrap_or(granted),\n'
        "            discount: stated(",
        "suite",
        "the_metadata_amount_and_organization_decide_nothing",
        "money_in",
    ),
    Sabotage(
        "do not compare the paid amount with the order",
        SESSIONS,
        "(not_as_ordered, Quarantine::AmountMismatch),",
        "(not_as_ordered && session.amount_total.is_none(), Quarantine::AmountMismatch),",
        "suite",
        "our_order_decides_and_every_mismatch_is_quarantined",
        "money_in",
    ),
    Sabotage(
        "acknowledge a failed message",
        "shared/platform/src/queue.rs",
        "response.add_failure(id);",
        "drop(id);",
        "suite",
        "one_poison_message_of_ten_is_retried_alone_then_dead_lettered",
        "printing",
    ),
    Sabotage(
        "charge the requested count instead of the delivered",
        "shared/audience/src/settle.rs",
        "let delivered = quantity(purchase.progress.stored);",
        "let delivered = quantity(purchase.requested);",
        "suite",
        "at_its_deadline_what_is_stored_is_settled_and_the_rest_returns",
        "audience",
    ),
    Sabotage(
        "drop the lease of a batch",
        "shared/printing/src/batch.rs",
        "self.lease.as_ref().is_some_and(|lease| lease.until > now)",
        "self.lease.as_ref().is_some_and(|lease| lease.until < now)",
        "suite",
        "a_batch_delivered_twice_at_once_prints_one_card_per_piece",
        "printing",
    ),
    # tables: what a write without an answer left
    Sabotage(
        "take another worker's equal record for the own",
        "shared/tables/src/item.rs",
        "item.get(WRITE_ID).is_some_and(|name| found.get(WRITE_ID) == Some(name))",
        """let unnamed = |item: &Item| {
        let mut item = item.clone();
        item.remove(WRITE_ID);
        item
    };
    unnamed(item) == unnamed(found)""",
        "suite",
        "of_two_workers_who_write_the_very_same_lease_one_has_it",
        "attack_money",
    ),
    Sabotage(
        "take the own write for another's",
        "shared/tables/src/work.rs",
        "Some(found) if is_same_write(&item, &found) => return Ok(None),",
        "",
        "suite",
        "a_lost_answer_is_known_again_as_the_own_write",
        "attack_money",
    ),
    Sabotage(
        "judge a cancelled transaction by any one of its reasons",
        "shared/tables/src/transact.rs",
        "in_the_way.iter().all(|code| is_contention(code))",
        "in_the_way.iter().any(|code| is_contention(code))",
        "tables",
        "a_transaction_is_judged_by_all_of_its_reasons",
    ),
    # the ledger's decision
    Sabotage(
        "decide before what is due has expired",
        DECIDE,
        "draft.post_due_expiries()?;\n    if movement.command == Command::Expire {",
        "if movement.command == Command::Expire {",
        "ledger",
        "due_expiries_are_posted_before_anything_is_decided",
    ),
    Sabotage(
        "let paid credits expire",
        DECIDE,
        "expires_at: if kind.is_paid() { None } else { expires_at },",
        "expires_at,",
        "ledger",
        "paid_credits_never_expire",
    ),
    Sabotage(
        "lift every freeze with the end of one dispute",
        DECIDE,
        "self.account.frozen.remove(object);",
        "self.account.frozen.clear();",
        "ledger",
        "two_disputes_with_one_lifted_stay_frozen",
    ),
    Sabotage(
        "leave the hash before it out of an entry",
        DECIDE,
        "previous_hash: self.account.head,",
        "previous_hash: Hash::ZERO,",
        "ledger",
        "whatever_happens_the_books_balance",
    ),
    Sabotage(
        "burn paid credits before free ones",
        ACCOUNT,
        "(self.expires_at.map_or(i64::MAX, Timestamp::as_ms), self.kind.is_paid(), self.seq)",
        "(self.expires_at.map_or(i64::MAX, Timestamp::as_ms), !self.kind.is_paid(), self.seq)",
        "ledger",
        "credits_burn_soonest_expiry_first_then_free_then_oldest",
    ),
    Sabotage(
        "charge more than was held",
        HOLDS,
        "if used.is_negative() || used > hold.amount {",
        "if used.is_negative() {",
        "ledger",
        "a_hold_ends_once",
    ),
    Sabotage(
        "go on showing as held what a settle returned",
        HOLDS,
        "self.account.held = self.account.held.minus(hold.amount)?;",
        "self.account.held = self.account.held.minus(used)?;",
        "ledger",
        "a_settle_charges_what_was_delivered_and_returns_the_rest",
    ),
    Sabotage(
        "count holds that have ended as open",
        HOLDS,
        "self.count_down(hold.purpose);",
        "",
        "ledger",
        "open_holds_are_bounded_for_each_purpose",
    ),
    Sabotage(
        "forget which purchases a merged lot holds",
        LOTS,
        "older.last_seq = older.last_seq.max(younger.last_seq);",
        "",
        "ledger",
        "lots_stay_at_32_by_merging_the_two_oldest_paid_ones",
    ),
    Sabotage(
        "take a refund from other purchases first",
        LOTS,
        "order.insert(0, own);",
        "order.push(own);",
        "ledger",
        "a_refund_takes_its_own_lot_first_then_others_then_leaves_a_deficit",
    ),
    Sabotage(
        "count what is credited back as spent",
        "shared/ledger/src/decide/reversals.rs",
        "self.account.totals.spent = self.account.totals.spent.minus(amount)?;",
        "self.account.totals.spent = self.account.totals.spent.plus(amount)?;",
        "ledger",
        "a_charge_credited_back_returns_to_the_lots_it_used",
    ),
    Sabotage(
        "put a refund aside from any lot",
        LOTS,
        "self.draw_in(own.as_slice(), amount)",
        "self.draw(amount)",
        "ledger",
        "a_hold_of_a_grant_draws_from_that_grants_lot_alone",
    ),
    Sabotage(
        "take a free grant for a part of the merged lot around it",
        ACCOUNT,
        "self.covers(grant.seq) && self.kind.is_paid() == grant.kind.is_paid()",
        "self.covers(grant.seq)",
        "ledger",
        "a_merged_grant_is_held_from_the_merged_lot_and_a_free_one_between_is_not_a_part_of_it",
    ),
    Sabotage(
        "withdraw what is not there",
        "shared/ledger/src/decide/reversals.rs",
        "if available < amount {",
        "if available.is_negative() {",
        "ledger",
        "a_withdrawal_never_makes_a_deficit",
    ),
    Sabotage(
        "take what reaches a level for what is below it",
        "shared/ledger/src/watch.rs",
        "let (was, is) = (before.available()?, after.available()?);",
        "let (was, is) = (before.available()?.minus(Money::from_cents(1)?)?, "
        "after.available()?.minus(Money::from_cents(1)?)?);",
        "ledger",
        "a_movement_notes_the_levels_that_it_crosses_downward_and_upward",
    ),
    # the ledger's store
    Sabotage(
        "put back the levels that were watched",
        WRITE,
        '"seq = :seq AND watch = :watch"',
        '"seq = :seq AND (watch = :watch OR attribute_exists(watch))"',
        "suite",
        "a_movement_that_was_decided_before_levels_were_set_is_decided_again_by_the_new_ones",
        "ledger_watch",
    ),
    Sabotage(
        "set levels over a movement that came first",
        WRITE,
        "keys::entry(&read.organization, read.seq.saturating_add(1))",
        "keys::entry(&read.organization, read.seq.saturating_add(9))",
        "suite",
        "levels_that_were_set_before_a_movement_came_first_are_set_on_what_it_left",
        "ledger_watch",
    ),
    Sabotage(
        "forget the note of a crossing",
        WRITE,
        "if let Some(crossing) = &accepted.crossing {",
        "if let Some(crossing) = accepted.crossing.as_ref().filter(|_| accepted.entries.is_empty()) {",
        "suite",
        "a_crossing_is_noted_once_with_its_movement_and_is_due_until_it_is_passed_on",
        "ledger_watch",
    ),
    Sabotage(
        "count the entry of a time as before it",
        PAST,
        "if entry.recorded_at < before {",
        "if entry.recorded_at <= before {",
        "suite",
        "at_any_time_an_account_stood_as_its_entries_until_then_say",
        "ledger_past",
    ),
    Sabotage(
        "leave a charge out of its month",
        HOLDS,
        "self.month.spent = self.month.spent.plus(charged)?;",
        "",
        "suite",
        "a_movement_writes_account_entry_cause_hold_month_and_record_or_nothing",
        "ledger_store",
    ),
    Sabotage(
        "open a hold in another one's place",
        WRITE,
        "actions.put(Role::NewHold, table, items::hold_item(hold)?, Guard::absent())?;",
        "actions.put(Role::NewHold, table, items::hold_item(hold)?, Guard::none())?;",
        "suite",
        "a_hold_id_is_taken_once_whatever_the_cause",
        "ledger_store",
    ),
    Sabotage(
        "let half of a reference be enough",
        WRITE,
        "attribute_not_exists(pk) OR (organization = :organization AND #record = :record)",
        "attribute_not_exists(pk) OR organization = :organization OR #record = :record",
        "suite",
        "a_stripe_object_belongs_to_whom_it_was_first_known_of",
        "ledger_store",
    ),
    # money in
    Sabotage(
        "credit a delayed payment before its money is there",
        SESSIONS,
        "let paid = session.payment_status == PaymentStatus::Paid;\n            let target",
        "let paid = session.payment_status != PaymentStatus::NoPaymentRequired;\n            let target",
        "suite",
        "a_delayed_payment_is_credited_when_the_money_arrives",
        "money_in",
    ),
    Sabotage(
        "look at livemode on the live stage only",
        SESSIONS,
        "(session.livemode != livemode, Quarantine::LivemodeMismatch),",
        "(livemode && !session.livemode, Quarantine::LivemodeMismatch),",
        "suite",
        "our_order_decides_and_every_mismatch_is_quarantined",
        "money_in",
    ),
    # either check is enough: an order that was granted knows its session too
    Sabotage(
        "grant a second paid session of one order",
        SESSIONS,
        "(other_session, Quarantine::SessionMismatch),",
        "",
        "suite",
        "a_second_paid_session_of_one_order_is_kept_and_never_granted",
        "attack_money",
        also=(("(granted_for_other, Quarantine::AlreadyGranted),", ""),),
    ),
    Sabotage(
        "drop a known event that does not parse",
        "shared/billing/src/webhook.rs",
        "Fact::Undecodable => self.keep(&event.id, &told).await,",
        "Fact::Undecodable => Ok(WebhookAnswer::NotOurs),",
        "suite",
        "a_known_event_that_does_not_parse_is_kept_and_answered_with_200",
        "money_in",
    ),
    Sabotage(
        "take the invoice that starts a subscription for its first payment",
        "shared/billing/src/subscriptions.rs",
        "Ok(Some(others.map(rank).all(|other| rank(ours) < other)))",
        "Ok(Some(ours.billing_reason == Some(BillingReason::SubscriptionCreate)))",
        "suite",
        "a_trial_start_grants_nothing_and_the_first_paid_cycle_is_the_first",
        "money_in",
    ),
    Sabotage(
        "grant whatever invoice is paid",
        "shared/billing/src/subscriptions.rs",
        "matches!(reason, Some(BillingReason::SubscriptionCreate | BillingReason::SubscriptionCycle))",
        "reason.is_some()",
        "suite",
        "a_checkout_with_an_invoice_credits_once",
        "lessons",
    ),
    Sabotage(
        "grant renewals at least their cap",
        "shared/billing/src/plan.rs",
        "if first { paid } else { paid.min(self.renewal_grant_max) }",
        "if first { paid } else { paid.max(self.renewal_grant_max) }",
        "suite",
        "the_first_invoice_grants_what_was_paid_and_renewals_at_most_99",
        "money_in",
    ),
    Sabotage(
        "take a refund that was undone before it was told",
        REVERSALS,
        "let takes = news.takes && !object.undone && object.taken.is_none();",
        "let takes = news.takes && object.taken.is_none();",
        "billing",
        "what_was_undone_before_it_was_taken_is_never_taken",
    ),
    Sabotage(
        "take the money refunded where fewer credits were granted",
        REVERSALS,
        "let due = terms.granted.share(active.min(terms.paid), terms.paid)?;",
        "let due = active.min(terms.granted);",
        "billing",
        "the_order_of_the_news_changes_nothing",
    ),
    Sabotage(
        "give back what the taking took, whatever the others took since",
        REVERSALS,
        "let credits = self.posted.minus(due)?.max(Money::ZERO);",
        "let credits = object.taken.unwrap_or(due);",
        "billing",
        "the_order_of_the_news_changes_nothing",
    ),
    Sabotage(
        "top up beyond the monthly cap",
        TOP_UP_DECIDE,
        "let amount = gap.min(left);",
        "let amount = if left.is_positive() { gap } else { left };",
        "billing",
        "one_charge_closes_the_gap_within_the_cap",
    ),
    Sabotage(
        "fail for ever where a charge that is given up was confirmed",
        "shared/billing/src/top_up/outcome.rs",
        "if !failure.is_definite() {",
        "if failure.is_definite() || !failure.is_definite() {",
        "suite",
        "a_charge_that_its_owner_confirms_while_it_is_given_up_is_granted_and_not_a_failure_for_ever",
        "top_up",
    ),
    Sabotage(
        "let a grant of finance's pass a dismissal",
        "shared/billing/src/resolve.rs",
        "let meets = vec![WorkWrite::replace(stored, &stored.record)?];",
        "let meets = Vec::new();",
        "suite",
        "of_a_grant_and_a_dismissal_of_an_invoice_the_first_counts",
        "quarantine",
    ),
    Sabotage(
        "try a declined card again at once",
        TOP_UP_DECIDE,
        "record.wait_until.filter(|until| *until > now)",
        "record.wait_until.filter(|until| *until < now)",
        "billing",
        "nothing_is_charged_while_off_paused_waiting_or_disputed",
    ),
    # contacts
    Sabotage(
        "count and price before looking for a replay",
        PURCHASE,
        """if let Some(answer) = self.earlier(organization, &id, order).await? {
            return Ok(answer);
        }""",
        "",
        "suite",
        "a_purchase_repeated_with_its_key_is_the_same_purchase",
        "audience",
    ),
    Sabotage(
        "hold to a quote whose price has changed",
        PURCHASE,
        "\n                && seen.unit_price == price.unit_price",
        "",
        "suite",
        "a_price_that_changed_since_the_quote_is_shown_before_it_is_charged",
        "audience",
    ),
    Sabotage(
        "buy the contacts of a test order with the live token",
        "shared/audience/src/sales.rs",
        "Environment::Test => &self.test,",
        "Environment::Test => &self.live,",
        "suite",
        "test_100_contacts_in_test_mode_cost_nothing",
        "audience",
    ),
    Sabotage(
        "take over a purchase whose lease is alive",
        PURCHASE_RECORD,
        "if self.lease.is_some_and(|lease| lease.until > now) {",
        "if self.lease.is_some_and(|lease| lease.until < now) {",
        "audience",
        "a_lease_is_owned_until_it_runs_out_and_a_day_ends_everything",
    ),
    Sabotage(
        "take a lease without marking the purchase as begun",
        PURCHASE_RECORD,
        "next.begun_at = Some(self.begun_at.unwrap_or(now));",
        "next.begun_at = self.begun_at;",
        "audience",
        "a_lease_that_was_left_behind_ends_the_scan_and_a_hand_over_does_not",
    ),
    Sabotage(
        "let a vendor's pause last beyond the deadline",
        PURCHASE_RECORD,
        "let until = now.plus_seconds(pause.max(asked_seconds)).min(self.deadline);",
        "let until = now.plus_seconds(pause.max(asked_seconds));",
        "audience",
        "pauses_grow_from_30_seconds_to_10_minutes_and_never_past_the_deadline",
    ),
    Sabotage(
        "start a fourth scan",
        "shared/audience/src/plan.rs",
        "None if progress.scans_started < limits::SCANS_MAX => Step::StartScan,",
        "None if progress.scans_started <= limits::SCANS_MAX => Step::StartScan,",
        "audience",
        "a_scan_goes_on_and_starts_over_at_most_three_times",
    ),
    Sabotage(
        "forget whom a page brought",
        "shared/audience/src/pages.rs",
        "partition(|contact| known.insert(contact.person_id.clone()))",
        "partition(|contact| !known.contains(&contact.person_id))",
        "audience",
        "new_persons_come_first_and_repeated_ones_are_kept_behind_them",
    ),
    Sabotage(
        "record a page before it is stored",
        PAGES_KEPT,
        "pages::write(&self.audience.objects, &key, &contacts).await?;\n        progress.pages.push",
        "progress.pages.push",
        "suite",
        "a_page_that_was_stored_before_a_crash_is_not_bought_again",
        "audience",
        also=(
            (
                "progress.pauses = 0;\n        self.record(progress).await",
                "progress.pauses = 0;\n"
                "        let flow = self.record(progress).await?;\n"
                "        pages::write(&self.audience.objects, &key, &contacts).await?;\n"
                "        Ok(flow)",
            ),
        ),
    ),
    Sabotage(
        "list more contacts than were held for",
        PAGES_KEPT,
        "let counted = u32::try_from(new).unwrap_or(u32::MAX).min(missing);",
        "let counted = u32::try_from(new).unwrap_or(u32::MAX);",
        "suite",
        "the_search_reaches_4400_contacts_and_the_4401st_needs_a_scan",
        "audience",
    ),
    # postcards
    Sabotage(
        "print a campaign twice at once",
        "shared/printing/src/start.rs",
        """if let Some(earlier) = campaign.record.occupied_by(order.environment) {
                return Ok(Err(PrintRefusal::JobExists(earlier.clone())));
            }""",
        "",
        "suite",
        "the_same_key_is_the_same_job_and_another_body_is_refused",
        "printing",
    ),
    Sabotage(
        "mark a job begun before its batches are written",
        "shared/printing/src/planner.rs",
        "self.table.insert_all(&batches).await?;\n        let now = self.clock.now();",
        "let now = self.clock.now();",
        "suite",
        "a_crash_at_every_call_of_the_table_prints_each_piece_once_and_charges_what_was_accepted",
        "printing",
        also=(
            (
                "let messages: Vec<_> = batches.iter().map(Batch::message).collect();",
                "self.table.insert_all(&batches).await?;\n"
                "        let messages: Vec<_> = batches.iter().map(Batch::message).collect();",
            ),
        ),
    ),
    Sabotage(
        "call the printer without a recorded intent",
        "shared/printing/src/worker.rs",
        "let lease = Lease { owner: owner(), until, intent_at: (!closing).then_some(now) };",
        "let lease = Lease { owner: owner(), until, intent_at: None };",
        "suite",
        "a_worker_that_dies_after_calls_is_followed_by_look_ups_and_every_piece_is_printed_once",
        "printing",
    ),
    Sabotage(
        "give a person's pieces of all campaigns one id",
        "shared/printing/src/piece.rs",
        "PieceId::derive(&[campaign.as_str(), person])",
        "PieceId::derive(&[person])",
        "suite",
        "each_recipient_gets_the_card_of_their_own_artwork",
        "printing",
    ),
    Sabotage(
        "send a piece in doubt again without looking it up",
        "shared/printing/src/step.rs",
        "if at <= now { look_up.push(place) } else { later.push(at) }",
        "if at <= now { send.push(place) } else { later.push(at) }",
        "printing",
        "a_batch_that_nobody_owns_is_sent_looked_up_or_finished",
    ),
    Sabotage(
        "send a piece again after its 20 hours",
        PIECE_OUTCOME,
        "if closing || now >= self.first.plus_seconds(SEND_AGAIN_WITHIN_SECONDS) {",
        "if closing {",
        "printing",
        "a_piece_in_doubt_is_found_sent_again_or_given_up",
    ),
    Sabotage(
        "count a piece that was turned away as sent",
        PIECE_OUTCOME,
        "Answer::TurnedAway => self.clone(),",
        "Answer::TurnedAway => Self::Ambiguous(self.one_more(at, true)),",
        "printing",
        "every_answer_turns_every_outcome_into_the_one_that_it_proves",
    ),
    Sabotage(
        "charge pieces whose fate is unknown",
        PIECE_OUTCOME,
        "Outcome::Unknown { .. } => &mut tally.unknown,",
        "Outcome::Unknown { .. } => &mut tally.accepted,",
        "printing",
        "a_tally_exists_once_every_piece_is_definite",
    ),
    Sabotage(
        "count only the present pause towards 72 hours",
        "shared/printing/src/job.rs",
        "self.paused_ms.saturating_add(current).div_euclid(1000)",
        "current.div_euclid(1000)",
        "printing",
        "pauses_add_up_over_resumptions",
    ),
    Sabotage(
        "charge every piece of a job",
        "shared/printing/src/settle.rs",
        "let accepted = Quantity::new(u64::from(job.accepted));",
        "let accepted = Quantity::new(u64::from(job.pieces));",
        "suite",
        "what_the_vendor_refuses_is_not_charged",
        "printing",
    ),
    Sabotage(
        "leave alone a job that has begun and whose messages are lost",
        "shared/printing/src/sweep.rs",
        "return self.queue_idle_batches(job).await;",
        "return Ok(());",
        "suite",
        "lost_messages_are_found_again_through_what_is_due",
        "printing",
    ),
    # what a vendor's answer, or none, proves
    Sabotage(
        "take a lost answer for a request that never left",
        "shared/vendors/http/src/lib.rs",
        "matches!(self, Self::NotBuilt | Self::NotReached)",
        "matches!(self, Self::NotBuilt | Self::NotReached | Self::Lost)",
        "postgrid-client",
        "whatever_proves_nothing_is_ambiguous",
    ),
    Sabotage(
        "take a rate limit for a refusal of the card",
        "shared/vendors/postgrid/src/outcome.rs",
        "429 => Created::Trouble(Trouble::RateLimited { retry_after: answer.retry_after }),",
        "",
        "postgrid-client",
        "only_an_answer_about_the_postcard_is_a_refusal",
    ),
    Sabotage(
        "accept a signature of any age",
        SIGNATURE,
        """if age > TOLERANCE_SECONDS {
        return Err(SignatureRefused::TooOld);
    }""",
        "",
        "stripe-client",
        "the_age_is_bounded_in_both_directions",
        "signature",
    ),
    Sabotage(
        "let the last signature of a header decide",
        SIGNATURE,
        "fits |= expected.ct_eq(candidate);",
        "fits = expected.ct_eq(candidate);",
        "stripe-client",
        "a_rolled_secret_passes_under_either",
        "signature",
    ),
    # who asks for what
    Sabotage(
        "take one body at two addresses for one request",
        "shared/platform/src/http.rs",
        "Ok(Fingerprint::of(&[organization.as_str(), endpoint, &digest]))",
        "Ok(Fingerprint::of(&[organization.as_str(), &digest]))",
        "platform",
        "a_fingerprint_depends_on_organization_endpoint_and_content_only",
    ),
    Sabotage(
        "believe a header where there is no token",
        CALLER,
        "let claims = context.and_then(claims_of).ok_or_else(Problem::unauthorized)?;",
        """let Some(claims) = context.and_then(claims_of) else {
            let named = crate::http::header(request, "x-organization-id").unwrap_or_default();
            let organization = OrganizationId::parse(named).map_err(|_| Problem::unauthorized())?;
            return Ok(Self { organization, subject: named.to_owned(), role: Role::Member });
        };""",
        "platform",
        "a_request_without_an_authorizer_is_401_whatever_its_headers_say",
    ),
    Sabotage(
        "take an unknown role for an owner's",
        CALLER,
        "_ => Role::Member,",
        "_ => Role::Owner,",
        "platform",
        "no_role_and_an_unknown_role_are_a_members",
    ),
    # figures
    Sabotage(
        "round half a cent up",
        "shared/money/src/price.rs",
        "exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven)",
        "exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)",
        "money",
        "products_round_once_half_to_even",
    ),
    Sabotage(
        "report what customers paid as what vendors cost",
        "shared/costs/src/figures.rs",
        "cost: sum.cost.plus(row.cost)?,",
        "cost: sum.cost.plus(row.charge)?,",
        "costs",
        "the_november_story_comes_to_the_designs_figures",
    ),
    Sabotage(
        "cost only the contacts that were kept",
        "shared/audience/src/settle.rs",
        "purchase.price.vendor_cost(vendor_delivered)?",
        "purchase.price.vendor_cost(delivered)?",
        "suite",
        "the_third_lost_scan_settles_what_is_stored",
        "audience",
    ),
    Sabotage(
        "keep a secret for ever",
        "shared/platform/src/cached_secret.rs",
        "apart(self.read_at, now) >= HELD_MS && self.may_be_read(now)",
        "false",
        "platform",
        "a_value_is_held_for_five_minutes",
    ),
    Sabotage(
        "read a secret as often as a signature is forged",
        "shared/platform/src/cached_secret.rs",
        "self.tried_at.is_none_or(|tried_at| apart(tried_at, now) >= BETWEEN_READINGS_MS)",
        "true",
        "suite",
        "forged_signatures_do_not_read_secrets_without_bound",
        "keys",
    ),
    Sabotage(
        "never send with the rotated key",
        "shared/vendors/http/src/lib.rs",
        "let Some(value) = newer else { return Ok(answer) };",
        "let Some(value) = newer.filter(|_| false) else { return Ok(answer) };",
        "suite",
        "a_rotated_key_is_used_without_a_restart",
        "keys",
    ),
    Sabotage(
        "leave refused requests out of the audit",
        "shared/platform/src/http.rs",
        "if problem.status() == StatusCode::FORBIDDEN {",
        "if problem.status() == StatusCode::GONE {",
        "suite",
        "each_403_is_an_event_line_with_who_where_and_which_object",
        "audit",
    ),
    Sabotage(
        "take a joined key for a new one",
        "shared/platform/src/http.rs",
        "values.next().is_none() && !raw.contains(',')",
        "values.next().is_none()",
        "suite",
        "a_joined_idempotency_key_is_refused_not_charged",
        "gateway_shapes",
    ),
]
