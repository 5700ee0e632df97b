"""The list: what is broken on purpose, where, and which test must notice.

A sabotage is one replacement in one file, or two where the code guards twice. The old text stands there exactly once;
when the code moves on, the run says which entry no longer applies instead of passing over it.
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
#: a guard that holds always
ANYTHING = 'let anything = Guard { condition: "attribute_exists(pk) OR attribute_not_exists(pk)", names: None, values: None };'

SABOTAGES = [
    # either of the two conditions is enough: an account of the same number writes an entry of the same number
    Sabotage(
        "drop the conditions of account and entry",
        WRITE,
        'Self { condition: "seq = :seq", names: None, values: Some(values) }',
        'Self { condition: "seq <= :seq OR seq > :seq", names: None, values: Some(values) }',
        "suite",
        "exactly_32_of_64_racers_spend_from_an_account_that_pays_for_32",
        "ledger_store",
        also=(
            (
                "actions.put(Role::Books, table, items::entry_item(entry)?, Guard::absent())?;",
                f"{ANYTHING}\n            actions.put(Role::Books, table, items::entry_item(entry)?, anything)?;",
            ),
        ),
    ),
    Sabotage(
        "skip the cause",
        WRITE,
        "actions.put(Role::Cause, table, items::cause_item(&movement.cause, &recorded)?, Guard::absent())?;",
        f"{ANYTHING}\n"
        "        actions.put(Role::Cause, table, items::cause_item(&movement.cause, &recorded)?, anything)?;",
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
        "if hold.status != HoldStatus::Open && charge.is_none() {",
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
        "shared/billing/src/sessions.rs",
        "amount: PositiveMoney::new(order.amount)?,",
        "amount: PositiveMoney::new(\n"
        '                session.metadata.get("amount").and_then(|told| money::Money::parse(told).ok()).unwrap_or(order.amount),\n'
        "            )?,",
        "suite",
        "the_metadata_amount_and_organization_decide_nothing",
        "money_in",
    ),
    Sabotage(
        "do not compare the paid amount with the order",
        "shared/billing/src/sessions.rs",
        "(session.amount_total != Some(order.amount.cents()), Quarantine::AmountMismatch),",
        "(session.amount_total.is_none(), Quarantine::AmountMismatch),",
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
]
