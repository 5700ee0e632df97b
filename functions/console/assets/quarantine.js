// Finance's list of Stripe facts in manual review, and the decision on each. The API's path and field are called quarantine.

import { call } from "./api.js";
import { ask, readReason } from "./dialog.js";
import { announce, byId, dateTime, fillTable, h } from "./dom.js";
import { actionButton, said } from "./finance_parts.js";
import { follow } from "./follow.js";
import { display, readMoney } from "./money.js";

const PATH = "/api/admin/quarantine";
const REASON = { name: "reason", label: "Reason", rows: "3", read: readReason(500) };

const WHY = {
  "amount-mismatch": "Another amount was paid than ordered",
  "currency-mismatch": "It was not paid in US dollars",
  "customer-mismatch": "Another Stripe customer than the order's paid",
  "mode-mismatch": "It is not a one-time payment",
  "livemode-mismatch": "A test payment where live ones are taken, or the other way round",
  "session-mismatch": "Another payment page was paid than the order's",
  "already-granted": "The order's credits were added for another payment",
  "order-unknown": "It names an order that does not exist",
  "organization-unknown": "No organization is known for this subscription",
  "grants-nothing": "The plan grants no credits for this paid invoice: grant what it pays for, or dismiss it",
  "early-fraud-warning": "The card's bank warns of fraud: the unused credits of this purchase are on hold. Refund the payment at "
    + "Stripe, or dismiss the warning to release the credits",
  "contents-changed": "Stripe reported the same object with other contents before",
  "brought-over": "A payment from before the organization's import is refunded or disputed. Its credits are part of the opening "
    + "balance: remove them with an adjustment, then dismiss this",
  "not-decidable": "The contents of this event cannot be read",
};

// For these there is nothing to grant: the payment is refunded at Stripe, and the fact dismissed.
const NEVER_GRANTED = ["already-granted", "brought-over", "early-fraud-warning", "order-unknown", "contents-changed", "not-decidable", "livemode-mismatch"];

export function createManualReview() {
  const list = follow({
    read: () => call("GET", PATH),
    show: ({ facts }) => {
      const rows = [...facts].sort(openFirst).map((fact) => row(fact, { grant, dismiss }));
      fillTable("manual-review", rows, "Nothing is in manual review.");
    },
    isMoving: () => false,
    region: () => byId("manual-review-problem"),
  });

  async function grant(fact) {
    const resolved = await ask({
      title: `Grant ${fact.object}?`,
      words: [`${why(fact)}. Credits are added at most for what was paid; the payment itself stays as it is.`],
      fields: [AMOUNT, ...(fact.organization ? [] : [ORGANIZATION]), REASON],
      confirm: "Grant the credits",
      run: ({ amount, organization, newOrganization, reason }) => resolve(fact, {
        grant: amount,
        ...(organization && { organizationId: organization }),
        ...(newOrganization && { newOrganization }),
        reason,
      }),
    });
    ended(resolved, "Granted");
  }

  async function dismiss(fact) {
    const resolved = await ask({
      title: `Dismiss ${fact.object}?`,
      words: [`${why(fact)}. No credits are added. To return the money, refund it at Stripe.`],
      fields: [REASON],
      confirm: "Dismiss",
      run: ({ reason }) => resolve(fact, { reason }),
    });
    ended(resolved, "Dismissed");
  }

  function ended(resolved, word) {
    if (resolved) announce(`${word}: ${resolved.object}.`);
    list.reload();
  }

  return list;
}

const resolve = ({ object, reason: reviewReason }, decision) =>
  call("POST", PATH, { body: { object, quarantine: reviewReason, ...decision } });

const AMOUNT = {
  name: "amount",
  label: "Credits to add",
  hint: "At most what was paid.",
  read: (text) => readMoney(text, {
    least: "0.01",
    most: "1000000.00",
    tooLittle: "Grant $0.01 or more.",
    tooMuch: "Grant at most what was paid.",
  }),
};

const ORGANIZATION = {
  name: "organization",
  label: "Organization that paid",
  hint: "Its id, such as org_alder.",
  read: (text) => (text.trim() ? { text: text.trim() } : { error: "Enter the organization's id." }),
};

const openFirst = (one, other) =>
  Boolean(one.resolution) - Boolean(other.resolution) || other.seenAt.localeCompare(one.seenAt);

const why = ({ reason }) => WHY[reason] ?? reason;

/** Only what was paid for a session, a payment or an invoice can be granted. */
const isGrantable = ({ object, reason }) => /^(cs|pi|in)_/.test(object) && !NEVER_GRANTED.includes(reason);

function row(fact, { grant, dismiss }) {
  const actions = [];
  if (!fact.resolution && isGrantable(fact)) actions.push(actionButton("Grant", fact.object, () => grant(fact)));
  if (!fact.resolution) actions.push(actionButton("Dismiss", fact.object, () => dismiss(fact)));
  return h(
    "tr",
    { "data-object": fact.object, "data-resolved": fact.resolution ? "true" : "false" },
    h("td", {}, dateTime(fact.seenAt)),
    h("th", { scope: "row" }, fact.object, h("p", { class: "hint" }, `${fact.eventType}, ${fact.eventId}`)),
    h("td", {}, fact.resolution?.organization ?? fact.organization ?? "not known"),
    h("td", {}, why(fact)),
    h("td", {}, ...stateOf(fact.resolution)),
    h("td", {}, h("div", { class: "row" }, ...actions)),
  );
}

function stateOf(resolution) {
  if (!resolution) return [h("p", { class: "state" }, "Waits for a decision")];
  const { granted, reason, actor, resolvedAt } = resolution;
  const words = granted ? `${display(granted)} in credits granted` : "Dismissed";
  return [h("p", { class: "state" }, words), h("p", { class: "hint" }, said(actor, resolvedAt, reason))];
}
