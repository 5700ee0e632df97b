// The page of credits: balance, packages, another amount, transactions.

import { onBalance, refreshBalance } from "./balance.js";
import { buyCredits } from "./checkout.js";
import { byId, date, h, setFieldError, showProblem } from "./dom.js";
import { display, displayShort, readAmount } from "./money.js";
import { isOwner } from "./session.js";
import { createTransactions } from "./transactions.js";

/** Wires the page once; the answer's `show` runs each time it is opened. */
export function createSettings() {
  const transactions = createTransactions();
  const status = byId("purchase-status");
  const buy = (amount) => {
    setFieldError("custom-amount", "custom-error", "");
    buyCredits(amount, status, () => transactions.reload());
  };

  byId("custom-form").hidden = !isOwner();
  if (!isOwner()) byId("packages").replaceChildren("Only an owner of your organization can buy credits.");
  byId("custom-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { amount, error } = readAmount(byId("custom-amount").value);
    setFieldError("custom-amount", "custom-error", error);
    if (error) byId("custom-amount").focus();
    else buy(amount);
  });
  byId("custom-amount").addEventListener("input", () => setFieldError("custom-amount", "custom-error", ""));

  onBalance((account) => {
    byId("balance-available").textContent = display(account.available);
    byId("balance-held").textContent = display(account.held);
    byId("total-purchased").textContent = display(account.totalCreditsPurchased);
    byId("total-spent").textContent = display(account.totalCreditsSpent);
    byId("last-purchase").textContent = date(account.lastCreditPurchaseAt);
    if (isOwner()) showPackages(account.packages ?? [], buy);
  });

  return {
    async show() {
      transactions.reload();
      await refreshBalance().catch((problem) => showProblem(status, problem));
    },
  };
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
