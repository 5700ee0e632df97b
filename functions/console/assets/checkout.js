// Buying credits: the payment page in its own tab, while this page waits for the credits.

import { call } from "./api.js";
import { refreshBalance } from "./balance.js";
import { announce, h, notice, showProblem } from "./dom.js";
import { display } from "./money.js";
import { poll } from "./poll.js";
import { isWebAddress, openTab, outside } from "./tab.js";

const WATCH_MS = 30 * 60_000;
const CHANNEL = "droplab-checkout";

let watch = null;

/**
 * Buys `amount` ("250.00"). Call it in the click itself: a tab opened later is blocked as a pop-up.
 * What happens is shown in `region`; `onOrdered` runs when there is an order, `onCredited` with the account once
 * the credits are there. With `saveCard`, Stripe keeps the card for auto top-up.
 */
export async function buyCredits(amount, region, { saveCard = false, onOrdered, onCredited = () => {} } = {}) {
  const tab = openTab();
  region.replaceChildren(notice("", "Opening the payment page…"));
  watch?.abort();
  watch = new AbortController();
  const { signal } = watch;
  const body = saveCard ? { amount, saveCard } : { amount };
  try {
    const [before, order] = await Promise.all([
      refreshBalance(),
      call("POST", "/api/stripe/purchase-credits", { body, key: crypto.randomUUID() }),
    ]);
    region.replaceChildren(waitingNotice(amount, order.url, tab.go(order.url)));
    announce(`Waiting for your payment of ${display(amount)}.`);
    onOrdered?.();
    await watchForCredits({ before, amount, region, signal, onCredited });
  } catch (problem) {
    tab.close();
    showProblem(region, problem);
  }
}

function waitingNotice(amount, address, opened) {
  const link = isWebAddress(address) ? address : "/settings";
  const lead = opened
    ? "Pay in the tab that has just opened. The new balance appears here by itself."
    : "Your browser did not open the payment page.";
  const name = opened ? "Open the payment page again" : "Open the payment page";
  const again = outside(link, name, { id: "payment-link", class: opened ? undefined : "button primary" });
  return notice("", `Waiting for your payment of ${display(amount)}`, h("p", {}, lead), h("p", {}, again));
}

/** The total ever purchased distinguishes a purchase from other changes of the balance. */
async function watchForCredits({ before, amount, region, signal, onCredited }) {
  const started = Date.now();
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => {
    if (signal.aborted) return;
    if (data === "canceled") region.replaceChildren(canceledNotice());
    if (data === "success") region.replaceChildren(arrivingNotice());
  };
  let done = false;
  await poll(refreshBalance, {
    everyMs: (attempt) => (attempt < 180 ? 1000 : 4000),
    signal,
    onValue: (account) => {
      done = account.totalCreditsPurchased !== before.totalCreditsPurchased;
      if (done) credited(account, amount, region, onCredited);
      return done || Date.now() - started > WATCH_MS;
    },
  });
  channel.close();
  if (!done && !signal.aborted) region.replaceChildren(givenUpNotice(before, amount, region, onCredited));
}

function arrivingNotice() {
  const text = "Your credits are added as soon as the money arrives: with a card at once, by other ways in days.";
  return notice("", "Thank you for your payment", h("p", {}, text));
}

function credited(account, amount, region, onCredited) {
  const text = `Your new balance is ${display(account.available)}.`;
  region.replaceChildren(notice("good", `${display(amount)} in credits added`, h("p", { id: "credited" }, text)));
  announce(`${display(amount)} in credits added. ${text}`);
  onCredited(account);
}

export function canceledNotice() {
  const text = "You left the payment page without paying. No credits were added.";
  return notice("warn", "Payment cancelled: nothing was charged", h("p", {}, text));
}

function givenUpNotice(before, amount, region, onCredited) {
  const check = () => {
    watch = new AbortController();
    watchForCredits({ before, amount, region, signal: watch.signal, onCredited });
  };
  const text = "If you have paid, your credits follow as soon as the payment clears; some ways to pay take days.";
  const button = h("button", { type: "button", class: "secondary", onclick: check }, "Check now");
  return notice("warn", "No payment has arrived yet", h("p", {}, text), button);
}

/** This may be the tab to which the payment page returned: notify the page that waits. */
export function returnedFromPayment(outcome) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(outcome);
  channel.close();
  const close = h("button", { type: "button", class: "secondary", onclick: () => window.close() }, "Close this tab");
  if (outcome === "canceled") return canceledNotice();
  const text = "Payment received, you can close this tab. Your balance is in the tab where you started; "
    + "you can also go on here.";
  return notice("good", "Thank you", h("p", {}, text), close);
}
