// An owner's purchases: orders with their refunds, and the subscription's invoices.

import { Intent, call } from "./api.js";
import { ask, readReason } from "./dialog.js";
import { announce, byId, date, dateTime, fillTable, h } from "./dom.js";
import { follow } from "./follow.js";
import { display, fromCents, readMoney } from "./money.js";
import { invoiceWords, isUnderWay, orderNotes, orderState, refundState, refundable } from "./order_words.js";
import { isOwner } from "./session.js";
import { isWebAddress, outside, visit } from "./tab.js";

const REASON_LENGTH = 500;

/** `onChange` runs when an order has changed since it was shown. */
export function createOrders({ onChange }) {
  const asking = new Intent();
  let shown = new Map();
  const list = follow({
    read: () => call("GET", "/api/credits/orders"),
    show,
    isMoving: ({ orders }) => orders.some(isUnderWay),
    onChange,
    region: () => byId("orders-problem"),
  });

  function show({ orders, invoices, more }) {
    const actions = { askForRefund, openReceipt };
    fillTable("orders", orders.map((order) => orderRow(order, actions)), "Nothing was bought yet.");
    fillTable("invoices", invoices.map(invoiceRow), "No invoice of a subscription has been paid.");
    byId("orders-more").hidden = !more;
    tellNews(orders);
  }

  function tellNews(orders) {
    const hasChanged = (order) => shown.has(order.orderId) && shown.get(order.orderId) !== orderState(order);
    const changed = orders.find(hasChanged);
    shown = new Map(orders.map((order) => [order.orderId, orderState(order)]));
    if (changed) announce(`Order of ${display(changed.amount)}: ${orderState(changed)}`);
  }

  function openReceipt(order) {
    const path = `/api/credits/orders/${encodeURIComponent(order.orderId)}/receipt`;
    return visit("orders-action", "Open the receipt", () => call("GET", path));
  }

  async function askForRefund(order) {
    const most = fromCents(refundable(order));
    const asked = await ask({
      title: "Request a refund",
      words: [
        `For the order of ${display(order.amount)} from ${date(order.createdAt)}. Unused credits can be refunded to `
          + "your payment method. DropLab decides on the request, and you see the decision here.",
      ],
      fields: [refundAmount(most), { ...REASON, read: readReason(REASON_LENGTH) }],
      confirm: "Request the refund",
      run: (values) => sendRequest(order, values),
    });
    if (!asked) return;
    announce(`A refund of ${display(asked.amount)} was requested.`);
    list.reload();
  }

  async function sendRequest(order, { amount, reason }) {
    const body = { orderId: order.orderId, amount, reason };
    const asked = await call("POST", "/api/credits/refunds", { body, key: asking.keyFor(body) });
    asking.fulfilled();
    return asked;
  }

  return list;
}

const REASON = { name: "reason", label: "Why", rows: "3" };

function refundAmount(most) {
  return {
    name: "amount",
    label: "Amount in dollars",
    value: most,
    hint: "Only unused credits of this order can be refunded.",
    read: (text) => readMoney(text, {
      least: "0.01",
      most,
      tooLittle: "Enter $0.01 or more.",
      tooMuch: `At most ${display(most)} is left of this order.`,
    }),
  };
}

function orderRow(order, { askForRefund, openReceipt }) {
  const name = order.kind === "top-up" ? "Auto top-up" : "Purchase";
  const notes = [...orderNotes(order), ...order.refundRequests.map(refundState)];
  return h(
    "tr",
    { "data-order": order.orderId, "data-status": order.status },
    h("td", {}, dateTime(order.createdAt)),
    h("th", { scope: "row" }, name),
    h("td", { class: "number" }, display(order.amount)),
    h("td", {}, h("p", { class: "state" }, orderState(order)), ...notes.map((text) => h("p", { class: "hint" }, text))),
    h("td", {}, h("div", { class: "row" }, ...orderActions(order, { askForRefund, openReceipt }))),
  );
}

function orderActions(order, { askForRefund, openReceipt }) {
  const named = (words) => `${words}: ${display(order.amount)} of ${date(order.createdAt)}`;
  const button = (name, onclick) => h(
    "button",
    { type: "button", class: "quiet", "aria-label": named(name), onclick: () => onclick(order) },
    name,
  );
  const actions = [];
  if (order.payUrl && isWebAddress(order.payUrl)) {
    actions.push(outside(order.payUrl, "Pay now", { class: "button secondary", "aria-label": named("Pay now") }));
  }
  if (order.hasReceipt) actions.push(button("Receipt", openReceipt));
  if (isOwner() && refundable(order) > 0n) actions.push(button("Request a refund", askForRefund));
  return actions;
}

function invoiceRow(invoice) {
  const { invoiceUrl } = invoice;
  const name = `Invoice of ${date(invoice.paidAt)}`;
  const link = invoiceUrl && isWebAddress(invoiceUrl) ? outside(invoiceUrl, "Open", { "aria-label": name }) : "";
  return h(
    "tr",
    { "data-invoice": invoice.invoice },
    h("th", { scope: "row" }, date(invoice.paidAt)),
    h("td", { class: "number" }, display(invoice.paid)),
    h("td", {}, invoiceWords(invoice)),
    h("td", {}, link),
  );
}
