// Why no new purchase or print job can be started, and what to do about it.

import { byId, h, notice } from "./dom.js";
import { SMALLEST, cents, display, fromCents } from "./money.js";

const GOES_ON = "Work in progress continues: its cost is on hold already.";

/** Shows the account's state in words; an active account needs none. `openPortal` leads to the card at Stripe. */
export function showBillingStatus({ billingStatus, available, frozenBy }, openPortal) {
  const region = byId("billing-status");
  const status = `${billingStatus} ${available} ${frozenBy}`;
  // Every read of the balance comes through here; a screen reader would read an unchanged text again.
  if (region.dataset.shown === status) return;
  region.dataset.shown = status;
  const { name, text, withPortal } = inWords(billingStatus, available, frozenBy) ?? {};
  if (!name) {
    region.replaceChildren();
    return;
  }
  const button = withPortal && openPortal
    ? h("button", { type: "button", class: "secondary", onclick: openPortal }, "Manage card and subscription at Stripe")
    : undefined;
  region.replaceChildren(notice("bad", name, h("p", {}, text), h("p", {}, GOES_ON), button));
}

/** Pure: the words for a state; nothing for an active account. */
export function inWords(billingStatus, available, frozenBy = []) {
  if (billingStatus === "past_due") {
    return {
      name: "Your subscription is past due: nothing new can be started",
      text: "Its last invoice is unpaid. Pay it, or save another card; then you can start new work again.",
      withPortal: true,
    };
  }
  if (billingStatus !== "frozen") return undefined;
  const name = "Your account is frozen: nothing new can be started";
  const lack = -cents(available);
  const disputed = frozenBy.includes("dispute");
  if (lack > 0n && disputed) {
    const text = `One of your payments is disputed at its bank, and ${display(fromCents(lack))} of its credits were already `
      + "spent. Withdraw the dispute there, or wait for the decision: if DropLab wins, the credits are reinstated.";
    return { name, text };
  }
  if (lack > 0n) {
    const least = lack > cents(SMALLEST) ? fromCents(lack) : SMALLEST;
    const text = `Refunds and disputes took ${display(fromCents(lack))} more than you had left. `
      + `Buy ${display(least)} or more in credits: they cover that first.`;
    return { name, text };
  }
  if (!disputed && frozenBy.includes("fraud-warning")) {
    const text = "Credits of a purchase under a bank's fraud warning are being put on hold. Try again in a few minutes: you can spend all other credits then.";
    return { name, text };
  }
  return {
    name,
    text: "One of your payments is disputed at its bank. Withdraw the dispute there, or wait for the decision; "
      + "contact support if you know of none.",
  };
}
