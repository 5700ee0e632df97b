// What auto top-up does next, in words. Pure; the server decides by the same rules when it charges.

import { dateTime } from "./dom.js";
import { LARGEST, SMALLEST, cents, credits, display, fromCents } from "./money.js";

/**
 * What comes next for a view of the API and what is available (null: not known yet): `kind` is "off", "in-flight",
 * "paused", "waiting", "enough", "capped" or "due", with the `amount` that is or would be charged.
 */
export function nextCharge({ settings, chargedThisMonth, inFlight, paused, waitUntil }, available, now = new Date()) {
  if (inFlight) return { kind: "in-flight", amount: inFlight.amount };
  if (!settings?.enabled) return { kind: "off" };
  if (paused) return { kind: "paused", why: paused };
  if (available === null) return { kind: "unknown" };
  if (cents(available) >= cents(settings.threshold)) return { kind: "enough" };
  if (waitUntil && new Date(waitUntil) > now) return { kind: "waiting", until: waitUntil };
  const gap = between(cents(SMALLEST), cents(settings.target) - cents(available), cents(LARGEST));
  const left = cents(settings.monthlyCap) - cents(chargedThisMonth);
  const amount = gap < left ? gap : left;
  if (amount < cents(SMALLEST)) return { kind: "capped" };
  return { kind: "due", amount: fromCents(amount), isCut: amount < gap };
}

const between = (least, value, most) => (value < least ? least : value > most ? most : value);

/** The whole of it: the rule, what that means now, and the month. */
export function explain(view, available) {
  const { settings } = view;
  if (!settings?.enabled) return "Auto top-up is off: nothing is bought automatically.";
  const rule = `When fewer than ${credits(settings.threshold)} credits are available, your saved card is charged what `
    + `brings you to ${credits(settings.target)}`;
  const month = `At most ${display(settings.monthlyCap)} a month; ${display(view.chargedThisMonth)} of it is used.`;
  return `${rule}${nowWords(nextCharge(view, available), available)} ${month}`;
}

function nowWords(next, available) {
  switch (next.kind) {
    case "due":
      return next.isCut
        ? ` – now that would be ${display(next.amount)}, which is what the monthly maximum leaves.`
        : ` – now that would be ${display(next.amount)}.`;
    case "enough":
      return `. You have ${credits(available)}, so nothing is due now.`;
    case "capped":
      return ". Nothing more is charged this month: the monthly maximum leaves less than the smallest charge, "
        + `${display(SMALLEST)}.`;
    default:
      return ".";
  }
}

const PAUSED = {
  declined: "Your card was declined three times. Save another card (“Manage card and subscription at Stripe”, "
    + "or buy credits and save the card), then save again to resume.",
  "authentication-required": "Your bank wants you to confirm a payment. Buy credits once, save the card, and confirm "
    + "there; then save again to resume.",
  "no-card": "No card is saved. Buy credits once with “Save this card for auto top-up”, then save again to resume.",
  refunded: "Credits were refunded, so nothing is charged automatically any more. Save again to resume.",
  disputed: "A payment is disputed at the bank. Once that is decided, save again to resume.",
  dismissed: "DropLab reviewed a charge and granted no credits for it; its money is refunded to you. Save again to resume.",
  corrected: "DropLab removed credits, so nothing is charged automatically any more. Save again to resume.",
};

/** What prevents a charge, or that one is in progress: `{ kind, name, text }` for a notice; null when neither. */
export function obstacle(view, available) {
  const next = nextCharge(view, available);
  switch (next.kind) {
    case "in-flight":
      return {
        kind: "",
        name: `Your card is being charged ${display(next.amount)}`,
        text: "The credits are added automatically when the charge succeeds. You need not do anything.",
      };
    case "paused":
      return { kind: "warn", name: "Auto top-up is paused", text: PAUSED[next.why] ?? "Save again to resume." };
    case "waiting":
      return {
        kind: "warn",
        name: "Your card was declined",
        text: `It is tried again after ${dateTime(next.until)}. To try sooner, put another card on file and save `
          + "again.",
      };
    default:
      return null;
  }
}

/** Whether something happens soon without an action here. */
export function isTopUpMoving(view, available) {
  return ["due", "in-flight"].includes(nextCharge(view, available).kind);
}
