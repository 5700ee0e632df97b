// Why nothing new can be started, where that is so, and what to do about it.

import { byId, h, notice } from "./dom.js";
import { SMALLEST, cents, display, fromCents } from "./money.js";

const GOES_ON = "What has begun goes on, and what it costs was put aside before.";

/** Shows the account's state in words; an active account needs none. `openPortal` leads to the card at Stripe. */
export function showBillingStatus({ billingStatus, available, frozenBy }, openPortal) {
  const region = byId("billing-status");
  const status = `${billingStatus} ${available} ${frozenBy}`;
  // Every read of the balance comes through here; what stands already would be read out again.
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
      text: "Its last invoice could not be collected. Pay it, or put another card on file; then everything goes on.",
      withPortal: true,
    };
  }
  if (billingStatus !== "frozen") return undefined;
  const name = "Your account is frozen: nothing new can be started";
  const lack = -cents(available);
  const disputed = frozenBy.includes("dispute");
  if (lack > 0n && disputed) {
    const text = `One of your payments is disputed at its bank, and ${display(fromCents(lack))} of what it took was spent `
      + "already. Withdraw the dispute there, or wait until it is decided: won, it gives the credits back.";
    return { name, text };
  }
  if (lack > 0n) {
    const least = lack > cents(SMALLEST) ? fromCents(lack) : SMALLEST;
    const text = `Refunds and disputes took ${display(fromCents(lack))} more than was left. `
      + `Buy ${display(least)} or more in credits: they make up for it first.`;
    return { name, text };
  }
  if (!disputed && frozenBy.includes("fraud-warning")) {
    const text = "Credits of a purchase that its bank warned of are being put aside. Try again in a few minutes: all other credits can be spent then.";
    return { name, text };
  }
  return {
    name,
    text: "One of your payments is disputed at its bank. Withdraw the dispute there, or wait until it is decided; "
      + "write to support if you know of none.",
  };
}
