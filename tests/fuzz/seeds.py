"""The seeds of `make fuzz`: small inputs that reach every answer, written into the committed corpus by

    python3 -m tests.fuzz.seeds

Events are Stripe's published samples (the client's fixture) in the envelope of a delivery, one per type that the client
reads, whole and cut down to the fields that are read. Signatures are the vectors that other libraries computed, and each
way in which a header can be wrong. Their names begin with `seed-`; what the fuzzer finds beside them is named by its hash.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
STRIPE = FUZZ.parents[1] / "shared" / "vendors" / "stripe"
CORPUS = FUZZ / "corpus"

#: the sample in an event, by the beginning of the event's type; the first that fits
SAMPLES = {
    "checkout.session.": "checkout.session",
    "invoice.": "invoice",
    "payment_intent.": "payment_intent",
    "charge.refunded": "charge",
    "charge.refund.": "refund",
    "charge.dispute.": "dispute",
    "radar.early_fraud_warning.": "early_fraud_warning",
    "refund.": "refund",
    "customer.subscription.": "subscription",
}

#: what the samples do not show: values where they have null, whole objects where they have ids
RICHER: dict[str, dict[str, object]] = {
    "checkout.session": {
        "status": "complete", "payment_status": "paid", "amount_subtotal": 25_000, "amount_total": 25_000,
        "currency": "usd", "customer": {"id": "cus_1", "object": "customer"}, "client_reference_id": "ord_1",
        "metadata": {"order": "ord_1"}, "expires_at": 1_763_790_000,
    },
    "invoice": {
        "status": "paid", "billing_reason": "subscription_cycle", "amount_paid": 49_900,
        "parent": {"type": "subscription_details", "subscription_details": {
            "subscription": "sub_1", "metadata": {"organization_id": "org_1"}}},
        "status_transitions": {"paid_at": 1_763_790_000}, "hosted_invoice_url": "https://invoice.stripe.com/i/1",
    },
    "payment_intent": {
        "amount_received": 2_000, "customer": "cus_1", "payment_method": {"id": "pm_1"},
        "latest_charge": {"id": "ch_1", "receipt_url": "https://pay.stripe.com/receipts/1"},
        "last_payment_error": {"type": "card_error", "code": "card_declined"},
    },
    "charge": {"amount_refunded": 40, "payment_intent": "pi_1"},
    "refund": {"status": "failed", "payment_intent": "pi_1", "failure_reason": "expired_or_canceled_card"},
    "dispute": {
        "status": "won", "payment_intent": {"id": "pi_1"},
        "balance_transactions": [{"id": "txn_1", "amount": -1_000}, {"id": "txn_2", "amount": 1_000}],
    },
    # Stripe's fixtures have none
    "early_fraud_warning": {
        "id": "issfr_1", "object": "radar.early_fraud_warning", "livemode": False, "actionable": True, "charge": "ch_1",
        "payment_intent": {"id": "pi_1"}, "fraud_type": "made_with_stolen_card", "created": 1_763_790_000,
    },
    "subscription": {"status": "past_due", "latest_invoice": {"id": "in_1"}, "metadata": {"organization_id": "org_1"}},
}

NOW = 1_700_000_000
BODY = '{"id":"evt_test_droplab_1","object":"event","type":"checkout.session.completed"}'
ACCENTED = '{"id":"evt_é","object":"event"}'
SAMPLE = '{\n  "id": "evt_test_webhook",\n  "object": "event"\n}'
V1 = "43394bcd89f9e3185655a96ac3592bff16c7340af597b601b9b45ea74266312d"
V1_ROTATED = "8c6886ad444e784c6a2f995eb6ad74c33851f68be24db957f09c15b3081dd48c"
V1_ACCENTED = "6c9309a001d73db7576ae53cd43df90b147c3d1ddffa8c869be6e69ae232237e"
V1_SAMPLE = "4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150"

#: name -> secrets and clock, header, body; in the form that oracle/signature_header.rs reads
DELIVERIES: dict[str, tuple[str, str | None, str]] = {
    "vector-1": ("a t", f"t={NOW},v1={V1}", BODY),
    "vector-2": ("b t", f"t={NOW},v1={V1_ROTATED}", BODY),
    "vector-3": ("a t", f"t={NOW},v1={V1_ACCENTED}", ACCENTED),
    "vector-4": ("a t", f"t={NOW},v1={V1_SAMPLE}", SAMPLE),
    "both-under-the-first": ("a t+1", f"t={NOW},v1={V1},v1={V1_ROTATED}", BODY),
    "both-under-the-second": ("b t+1", f"t={NOW},v1={V1},v1={V1_ROTATED}", BODY),
    "two-live-secrets": ("ab t", f"t={NOW},v1={{b}}", BODY),
    "a-long-secret": ("ac t", f"t={NOW},v1={{c}}", BODY),
    "no-header": ("a 1700000000", None, ""),
    "empty-header": ("a 1700000000", "", BODY),
    "no-time": ("a 1700000000", f"v1={V1}", BODY),
    "unreadable-time": ("a 1700000000", f"t=yesterday,v1={V1}", BODY),
    "only-v0": ("a t", f"t={NOW},v0={{a}}", BODY),
    "wrong-v1": ("a t", f"t={NOW},v1={{a~}}", BODY),
    "another-secret": ("ab t", f"t={NOW},v1={{x}}", BODY),
    "valid-after-junk": ("a t", f"t={NOW},v1=,v1=zz,v1={{x}},nonsense,v0=00, v1={{a}}", BODY),
    "seventeenth": ("a t", f"t={NOW}," + "v1={x}," * 16 + "v1={a}", BODY),
    "capitals": ("a t", f"t={NOW},v1={{a^}}", BODY),
    "too-short": ("a t", f"t={NOW},v1={{a<}}", BODY),
    "too-long": ("a t", f"t={NOW},v1={{a+}}", BODY),
    "oldest": ("a t+300", f"t={NOW},v1={{a}}", BODY),
    "too-old": ("a t+301", f"t={NOW},v1={{a}}", BODY),
    "furthest-ahead": ("a t-300", f"t={NOW},v1={{a}}", BODY),
    "in-the-future": ("a t-301", f"t={NOW},v1={{a}}", BODY),
    # before the signature fits, the time is anybody's word
    "too-old-and-not-signed": ("a t+301", f"t={NOW},v1={{x}}", BODY),
    "in-the-future-and-not-signed": ("a t-301", f"t={NOW},v1={{x}}", BODY),
    "another-body": ("a t", f"t={NOW},v1={{ao}}", BODY),
    "body-written-again": ("a t", f"t={NOW},v1={V1}", json.dumps(json.loads(BODY), indent=2)),
    "body-in-base64": ("a t", f"t={NOW},v1={V1}", "eyJpZCI6ImV2dF90ZXN0X2Ryb3BsYWJfMSIsIm9iamVjdCI6ImV2ZW50Iiwi"),
    "signed-for-the-last-time": ("a t", f"t={NOW},t=1700000001,v1={{al}}", BODY),
    "signed-for-the-next-second": ("a t", f"t={NOW},v1={{as}}", BODY),
    "the-empty-secret": ("e t", f"t={NOW},v1={{e}}", BODY),
    "no-secret": (" t", f"t={NOW},v1={{a}}", BODY),
    "a-time-with-a-sign": ("a t", f"t=+{NOW},v1={{a}}", BODY),
    "the-first-second": ("a -9223372036854775808", "t=-9223372036854775808,v1={a}", ""),
    "the-last-second": ("a t-301", "t=9223372036854775807,v1={a}", ""),
    # the age is more than a number of 64 bits holds
    "a-clock-before-all-time": ("a -9223372036854775808", f"t={NOW},v1={{a}}", BODY),
    "a-clock-after-all-time": ("a 9223372036854775807", "t=-1,v1={a}", BODY),
}

#: objects of which serde would fill structs from arrays, by position; the first ones were found by `make fuzz`
POSITIONAL: dict[str, tuple[str, object]] = {
    "refund": ("refund.created", ["re_1", 40, "usd"]),
    "charge": ("charge.refunded", ["ch_1", False, 100, 40, "usd"]),
    "dispute": ("charge.dispute.created", ["dp_1", False, 100, "usd", "lost"]),
    "movement": ("charge.dispute.closed", {
        "id": "dp_1", "livemode": False, "amount": 1, "currency": "usd", "status": "lost",
        "balance_transactions": [[-1_000]]}),
    "parent": ("invoice.paid", {
        "id": "in_1", "livemode": False, "amount_paid": 1, "currency": "usd",
        "parent": {"subscription_details": ["sub_1"]}}),
    "times": ("invoice.paid", {
        "id": "in_1", "livemode": False, "amount_paid": 1, "currency": "usd", "status_transitions": [1_763_790_000]}),
    "error": ("payment_intent.payment_failed", {
        "id": "pi_1", "livemode": False, "status": "requires_payment_method", "amount": 1, "currency": "usd",
        "last_payment_error": ["card_declined"]}),
}

#: the least of each object, from which one field at a time is written otherwise
LEAST: dict[str, tuple[str, dict[str, object]]] = {
    "session": ("checkout.session.completed", {
        "id": "cs_1", "livemode": False, "mode": "payment", "status": "complete", "payment_status": "paid",
        "amount_subtotal": 1, "amount_total": 1}),
    "invoice": ("invoice.paid", {
        "id": "in_1", "livemode": False, "status": "paid", "billing_reason": "manual", "amount_paid": 1, "currency": "usd"}),
    "intent": ("payment_intent.succeeded", {
        "id": "pi_1", "livemode": False, "status": "succeeded", "amount": 1, "amount_received": 1, "currency": "usd"}),
    "charge": ("charge.refunded", {
        "id": "ch_1", "livemode": False, "amount": 1, "amount_refunded": 1, "currency": "usd"}),
    "refund": ("refund.created", {"id": "re_1", "status": "pending", "amount": 1, "currency": "usd"}),
    "dispute": ("charge.dispute.closed", {
        "id": "dp_1", "livemode": False, "status": "lost", "amount": 1, "currency": "usd",
        "balance_transactions": [{"amount": 5}]}),
    "movement": ("charge.dispute.closed", {
        "id": "dp_1", "livemode": False, "status": "lost", "amount": 5, "currency": "usd",
        "balance_transactions": [{"amount": -5}, {"amount": 1}]}),
    "subscription": ("customer.subscription.updated", {"id": "sub_1", "livemode": False, "status": "active"}),
}

#: amounts as JSON may write them, in each field that is one
AMOUNTS = {
    "largest": "9223372036854775807", "smallest": "-9223372036854775808", "too-large": "9223372036854775808",
    "much-too-large": "1" + "0" * 40, "beyond-32-bits": "4294967297", "minus-zero": "-0", "whole-fraction": "100.0",
    "fraction": "0.5", "exponent": "1e2", "text": '"100"', "null": "null", "true": "true",
}

#: a word that is hardly another one is another one
WORDS = {"spaced": " paid", "capital": "Paid", "cut": "pai", "empty": ""}

#: bodies that are no event that anybody reads
OTHER_BODIES = {
    "thin": '{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.no_meter_found","created":"2026-11-22T00:00:00Z"}',
    "no-object": '{"id":"evt_1","type":"invoice.paid"}',
    "no-data": '{"id":"evt_1","object":"event","type":"invoice.paid","created":1,"livemode":false}',
    "another-object": '{"id":"cs_1","object":"checkout.session"}',
    "empty": "",
    "a-list": '["event"]',
    "a-thin-list": '["v2.core.event"]',
    "data-in-a-list": '{"id":"evt_1","object":"event","type":"x","created":1,"livemode":false,"data":[{"id":"x"}]}',
    "no-text": "\udcff\udcfe",
    "twice": '{"object":"event","object":"event"}',
}


def envelope(kind: str, content: object) -> dict[str, object]:
    """A delivery's body."""
    return {
        "id": "evt_1", "object": "event", "api_version": "2026-09-30.endive", "created": 1_763_790_000,
        "livemode": False, "type": kind, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None},
        "data": {"object": content},
    }


def types() -> list[str]:
    """The types that the client reads, by its source."""
    source = (STRIPE / "src" / "event.rs").read_text()
    found = re.findall(r'^    "([a-z_.]+)" => \w+\(', source, re.MULTILINE)
    assert len(found) > 20, "the list of types is not where it was"
    return found


def fields_read() -> set[str]:
    """Names of fields that occur in the client's objects, by its sources."""
    sources = (STRIPE / "src" / "objects").glob("*.rs")
    return {name for source in sources for name in re.findall(r"^ +(?:pub )?(\w+): ", source.read_text(), re.MULTILINE)}


def events() -> dict[str, str]:
    """The seeds of the event parser."""
    samples = json.loads((STRIPE / "tests" / "fixtures" / "stripe_objects.json").read_text())
    read = fields_read()
    bodies = dict(OTHER_BODIES)
    for kind in types():
        resource = next(name for start, name in SAMPLES.items() if kind.startswith(start))
        whole = samples.get(resource, RICHER[resource])
        lean = {name: value for name, value in {**whole, **RICHER[resource]}.items() if name in read}
        bodies[kind] = json.dumps(envelope(kind, whole), separators=(",", ":"))
        bodies[f"lean-{kind}"] = json.dumps(envelope(kind, lean), separators=(",", ":"))
    for name, (kind, content) in POSITIONAL.items():
        bodies[f"by-position-{name}"] = json.dumps(envelope(kind, content), separators=(",", ":"))
    for resource, (kind, least) in LEAST.items():
        body = json.dumps(envelope(kind, least), separators=(",", ":"))
        for name, word in WORDS.items():
            bodies[f"word-{resource}-{name}"] = re.sub(
                r'"(status|payment_status|mode|billing_reason)":"[a-z]+"', rf'"\1":"{word}"', body)
        for name, amount in AMOUNTS.items():
            for field in re.findall(r'"(amount\w*)":1\b', body):
                bodies[f"{resource}-{field}-{name}"] = re.sub(rf'"{field}":1\b', f'"{field}":{amount}', body)
    bodies["unknown"] = json.dumps(samples["event"], separators=(",", ":"))
    bodies["undecodable"] = json.dumps(envelope("invoice.paid", {"object": "invoice"}))
    return bodies


def deliveries() -> dict[str, str]:
    """The seeds of the signature."""
    return {
        name: first if header is None else f"{first}\n{header}\n{body}"
        for name, (first, header, body) in DELIVERIES.items()
    }


def main() -> None:
    """Writes both sets of seeds, in place of those that stand there."""
    for target, seeds in (("signature_header", deliveries()), ("event_parser", events())):
        folder = CORPUS / target
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("seed-*"):
            old.unlink()
        for name, text in seeds.items():
            (folder / f"seed-{name}").write_bytes(text.encode("utf-8", "surrogateescape"))
        print(f"{target}: {len(seeds)} seeds, {sum(len(text) for text in seeds.values())} bytes")


if __name__ == "__main__":
    main()
