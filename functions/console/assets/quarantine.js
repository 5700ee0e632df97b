// Finance's list of payments that could not be granted by themselves, and the decision on each.

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
  "customer-mismatch": "Another customer of Stripe paid than the order's",
  "mode-mismatch": "It is not a one-time payment",
  "livemode-mismatch": "A test payment among real ones, or the other way round",
  "session-mismatch": "Another payment page was paid than the order's",
  "already-granted": "The order's credits were added for another payment",
  "order-unknown": "The order that it names is not on the books",
  "organization-unknown": "Nobody knows whose subscription this is",
  "grants-nothing": "A paid invoice that the plan grants nothing for: grant what it pays for, or dismiss it",
  "early-fraud-warning": "The card's bank warns of fraud: what is left of this purchase cannot be spent. Refund the payment at "
    + "Stripe, or dismiss the warning to give the credits back",
  "contents-changed": "Stripe reported the same object with other contents before",
  "brought-over": "Money goes back that was paid before the organization was imported. Its credits stand in the opening "
    + "balance: take them back with an adjustment, then dismiss this",
  "not-decidable": "An event that means nothing to us",
};

// For these there is nothing to grant: the payment is refunded at Stripe, and the fact dismissed.
const NEVER_GRANTED = ["already-granted", "brought-over", "early-fraud-warning", "order-unknown", "contents-changed", "not-decidable", "livemode-mismatch"];

export function createQuarantine() {
  const list = follow({
    read: () => call("GET", PATH),
    show: ({ facts }) => {
      const rows = [...facts].sort(openFirst).map((fact) => row(fact, { grant, dismiss }));
      fillTable("quarantine", rows, "Nothing is in quarantine.");
    },
    isMoving: () => false,
    region: () => byId("quarantine-problem"),
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
      words: [`${why(fact)}. No credits are added. If money is to go back, refund it at Stripe.`],
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

const resolve = ({ object, reason: quarantine }, decision) =>
  call("POST", PATH, { body: { object, quarantine, ...decision } });

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
  read: (text) => (text.trim() ? { text: text.trim() } : { error: "Name the organization." }),
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
