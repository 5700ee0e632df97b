// The states of orders, refunds and invoices in words. Pure: the API's response in, sentences out.

import { date } from "./dom.js";
import { cents, display, isPositive } from "./money.js";

const PAID_LATE = "The bank is working on it. Your credits are added when the money arrives; that may take days.";

const CHARGE_FAILED = {
  authentication_required: "Failed: your bank wants you to confirm the payment. Nothing was charged.",
  "not-found": "Failed: the charge was not completed. Nothing was charged.",
};

/** The state of an order. */
export function orderState(order) {
  if (order.inReview) return "We are checking this payment. You need not do anything.";
  const isTopUp = order.kind === "top-up";
  switch (order.status) {
    case "pending":
      if (isTopUp) return "Your saved card is being charged.";
      return order.payUrl ? "Not paid yet." : "Not paid, and its payment page is closed.";
    case "processing":
      return PAID_LATE;
    case "failed":
      if (order.failure === "dismissed") return "No credits: DropLab reviewed this payment, and its money is refunded to you.";
      if (!isTopUp) return "Failed: the payment was not completed. Nothing was charged; order again to try once more.";
      return CHARGE_FAILED[order.failure] ?? "Failed: your card was declined. Nothing was charged.";
    case "expired":
      return "Expired: it was not paid in time.";
    case "paid":
      return "Paid.";
    default:
      return order.status;
  }
}

/** What happened to an order's money and credits beside its state: one sentence each. */
export function orderNotes(order) {
  const notes = reversals(order);
  if (order.granted && cents(order.granted) !== cents(order.amount)) {
    notes.unshift(`${display(order.granted)} in credits were added for it.`);
  }
  if (isPositive(order.discount)) notes.unshift(`${display(order.discount)} less by a coupon.`);
  if (isPositive(order.tax)) notes.push(`${display(order.paid)} paid, of which ${display(order.tax)} tax.`);
  return notes;
}

function reversals({ refunded, disputed }) {
  const notes = [];
  if (isPositive(refunded)) notes.push(`${display(refunded)} refunded.`);
  if (isPositive(disputed)) notes.push(`${display(disputed)} disputed at the bank.`);
  return notes;
}

/** The state of a refund request. */
export function refundState({ amount, status, decision }) {
  const words = {
    requested: "requested; DropLab decides on it",
    declined: "declined",
    approved: "approved; the money is on its way",
    refunded: "paid back",
    failed: "failed; the credits are available again",
  };
  const said = decision ? ` (“${decision}”)` : "";
  return `Refund of ${display(amount)}: ${words[status] ?? status}${said}.`;
}

/** The part of an order that may still be refunded, in cents; only the server knows how much of it is unused. */
export function refundable(order) {
  if (order.status !== "paid" || !order.granted || order.inReview) return 0n;
  const open = order.refundRequests.filter(({ status }) => ["requested", "approved"].includes(status));
  const gone = [order.refunded, order.disputed, ...open.map(({ amount }) => amount)];
  const withTax = cents(order.granted) + cents(order.tax);
  const paid = cents(order.paid ?? order.granted);
  const left = gone.reduce((rest, amount) => rest - cents(amount), withTax < paid ? withTax : paid);
  return left > 0n ? left : 0n;
}

/** Whether an order can change without an action here. */
export function isUnderWay(order) {
  const waits = order.status === "pending" && (Boolean(order.payUrl) || order.kind === "top-up");
  return waits || order.status === "processing" || order.refundRequests.some(({ status }) => status === "approved");
}

const WHY_NOTHING = {
  trial: "Nothing: the trial costs nothing, and credits come with what is paid.",
  "nothing-paid": "Nothing: nothing was paid.",
  "not-paid": "Nothing: it is not paid.",
  capped: "Nothing: your plan adds no credits for it.",
  manual: "Nothing: an invoice made by hand pays for no credits.",
  subscription_update: "Nothing: a plan change within a period adds no credits.",
  subscription_threshold: "Nothing: an invoice within a period adds no credits.",
  "brought-over": "Nothing: it was paid before your balance was imported, and is part of that balance.",
  dismissed: "Nothing: DropLab reviewed it and added no credits. Contact support if you have questions.",
};

/** What an invoice of the subscription granted, or why nothing. */
export function invoiceWords(invoice) {
  const granted = isPositive(invoice.granted)
    ? [`${display(invoice.granted)} in credits.`, endWords(invoice.expiresAt)]
    : [WHY_NOTHING[invoice.whyNothing] ?? "Nothing: an invoice of this kind adds no credits."];
  return [...granted, ...reversals(invoice)].filter(Boolean).join(" ");
}

function endWords(expiresAt) {
  if (!expiresAt) return "They do not end.";
  const ended = new Date(expiresAt) <= new Date();
  return ended ? `What was unused ended on ${date(expiresAt)}.` : `What is unused ends on ${date(expiresAt)}.`;
}
