// The page of credits: balance and buying, auto top-up, alerts, what was bought, and the statement.

import { Alerts } from "./alerts.js";
import { call } from "./api.js";
import { onBalance, refreshBalance } from "./balance.js";
import { showBillingStatus } from "./billing_status.js";
import { buyCredits } from "./checkout.js";
import { byId, count, date, h, setFieldError, showProblem } from "./dom.js";
import { display, displayShort, readAmount } from "./money.js";
import { createMfa } from "./mfa.js";
import { createOrders } from "./orders.js";
import { preparePastBalance } from "./past_balance.js";
import { isOwner } from "./session.js";
import { visit } from "./tab.js";
import { TopUp } from "./top_up.js";
import { Transactions } from "./transactions.js";

/** Wires the page once; `show` of the result runs each time it is opened. */
export function createSettings() {
  const transactions = new Transactions();
  const alerts = new Alerts();
  const mfa = createMfa();
  const money = () => {
    refreshBalance().catch(() => {});
    transactions.reload();
    alerts.reload();
  };
  const orders = createOrders({ onChange: money });
  const topUp = new TopUp({
    onChange: () => {
      money();
      orders.reload();
    },
  });
  const buy = (amount) => {
    setFieldError("custom-amount", "custom-error", "");
    buyCredits(amount, byId("purchase-status"), {
      saveCard: byId("save-card").checked,
      onOrdered: orders.reload,
      onCredited: () => {
        transactions.reload();
        orders.reload();
        topUp.reload();
      },
    });
  };
  prepareBuying(buy);
  preparePortal();
  preparePastBalance();
  onBalance((account) => {
    showAccount(account, buy);
    topUp.onAccount(account);
  });

  return {
    async show() {
      transactions.reload();
      for (const part of [topUp, alerts]) part.show();
      orders.reload();
      mfa.show();
      await refreshBalance().catch((problem) => showProblem(byId("purchase-status"), problem));
    },
    hide() {
      for (const part of [topUp, alerts]) part.hide();
      orders.stop();
    },
  };
}

function prepareBuying(buy) {
  for (const id of ["custom-form", "save-card-field", "portal"]) byId(id).hidden = !isOwner();
  if (!isOwner()) byId("packages").replaceChildren("Only an owner of your organization can buy credits.");
  byId("custom-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { amount, error } = readAmount(byId("custom-amount").value);
    setFieldError("custom-amount", "custom-error", error);
    if (error) byId("custom-amount").focus();
    else buy(amount);
  });
  byId("custom-amount").addEventListener("input", () => setFieldError("custom-amount", "custom-error", ""));
}

function preparePortal() {
  byId("open-portal").addEventListener("click", openPortal);
}

async function openPortal() {
  await visit("portal-problem", "Manage card and subscription at Stripe", async () => {
    try {
      return await call("POST", "/api/stripe/portal");
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      problem.title = "There is nothing at Stripe yet";
      problem.detail = "Your organization has not ordered anything yet. Buy credits first.";
      throw problem;
    }
  });
}

function showAccount(account, buy) {
  byId("balance-available").textContent = display(account.available);
  byId("balance-held").textContent = display(account.held);
  byId("total-purchased").textContent = display(account.totalCreditsPurchased);
  byId("total-spent").textContent = display(account.totalCreditsSpent);
  byId("last-purchase").textContent = date(account.lastCreditPurchaseAt);
  byId("next-expiry").textContent = date(account.nextExpiryAt);
  byId("statement-entries").textContent = count(account.entries ?? 0);
  byId("statement-head").textContent = account.headHash ?? "–";
  showBillingStatus(account, isOwner() ? openPortal : undefined);
  if (isOwner()) showPackages(account.packages ?? [], buy);
}

function showPackages(packages, buy) {
  const amounts = packages.map(String);
  const region = byId("packages");
  const shown = [...region.children].map((button) => button.value);
  // Every read of the balance comes through here; buttons are only replaced when the packages are others.
  if (shown.join() === amounts.join()) return;
  region.replaceChildren(...amounts.map((amount) => h(
    "button",
    {
      type: "button",
      value: amount,
      "data-package": amount.replace(/\.00$/, ""),
      "aria-label": `Buy ${displayShort(amount)} in credits`,
      onclick: () => buy(amount),
    },
    displayShort(amount),
  )));
}
