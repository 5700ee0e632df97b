// Finance's list of refund requests, and the decision on each.

import { call } from "./api.js";
import { ask, readReason } from "./dialog.js";
import { announce, byId, dateTime, fillTable, h } from "./dom.js";
import { actionButton, said } from "./finance_parts.js";
import { follow } from "./follow.js";
import { display } from "./money.js";

const PATH = "/api/admin/refunds";
const REASON = { name: "reason", label: "Reason, which the owner reads", rows: "3", read: readReason(500) };

const STATES = {
  requested: "Waits for a decision",
  declined: "Declined",
  approved: "Approved; Stripe is paying it back",
  refunded: "Refunded",
  failed: "Failed; the credits are available again",
};

export function createRefundDecisions() {
  const list = follow({
    read: () => call("GET", PATH),
    show: ({ requests }) => {
      const rows = requests.map((request) => row(request, decide));
      fillTable("refund-requests", rows, "There are no refund requests.");
    },
    isMoving: ({ requests }) => requests.some(({ status }) => status === "approved"),
    region: () => byId("refunds-problem"),
  });

  async function decide(request, approve) {
    const amount = display(request.amount);
    const of = `Order ${request.orderId} of ${request.organizationId}, requested because: “${request.reason}”`;
    const decided = await ask({
      title: approve ? `Refund ${amount}?` : `Decline the refund of ${amount}?`,
      words: [of, approve ? APPROVING : "No money moves. The owner reads the reason and may send a new request."],
      fields: [REASON],
      confirm: approve ? `Refund ${amount}` : "Decline",
      run: ({ reason }) => call("POST", `${PATH}/${encodeURIComponent(request.refundId)}`, {
        body: { organizationId: request.organizationId, approve, reason },
      }),
    });
    if (decided) announce(`${STATES[decided.status] ?? decided.status}: ${amount}.`);
    list.reload();
  }

  return list;
}

const APPROVING = "The credits are held at once. Stripe refunds the money to the owner's payment method, and then the "
  + "credits leave the balance.";

function row(request, decide) {
  const actions = request.status !== "requested" ? [] : [
    actionButton("Approve", request.refundId, () => decide(request, true)),
    actionButton("Decline", request.refundId, () => decide(request, false)),
  ];
  return h(
    "tr",
    { "data-refund": request.refundId, "data-order": request.orderId, "data-status": request.status },
    h("td", {}, dateTime(request.requestedAt)),
    h("th", { scope: "row" }, request.organizationId, h("p", { class: "hint" }, request.orderId)),
    h("td", { class: "number" }, display(request.amount)),
    h("td", {}, request.reason),
    h("td", {}, h("p", { class: "state" }, STATES[request.status] ?? request.status), ...notes(request)),
    h("td", {}, h("div", { class: "row" }, ...actions)),
  );
}

/** Who decided what and why, Stripe's refund, and its failure. */
function notes({ decision, stripeRefund, failure }) {
  const lines = [];
  if (decision) lines.push(said(decision.actor, decision.decidedAt, decision.reason));
  if (stripeRefund) lines.push(`Stripe's refund: ${stripeRefund}`);
  if (failure) lines.push(`What went wrong: ${failure}`);
  return lines.map((text) => h("p", { class: "hint" }, text));
}
