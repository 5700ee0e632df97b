// Finance's page of billing: refunds to decide, manual review, corrections, opening balances.

import { prepareAdjustments } from "./adjustments.js";
import { byId, h, notice } from "./dom.js";
import { createManualReview } from "./quarantine.js";
import { createRefundDecisions } from "./refund_decisions.js";
import { isFinance } from "./session.js";

export function createBilling() {
  // The server refuses other roles, so forms that it would refuse are not shown.
  if (!isFinance()) {
    const text = "This page is for DropLab's finance. If you work in finance, set up two-step sign-in at the end of the "
      + "page ";
    const words = h("p", {}, text, h("a", { href: "/settings" }, "Credits"), ", and sign in again.");
    byId("billing-sections").replaceChildren(notice("bad", "Not allowed", words));
    return { show() {} };
  }
  const lists = [createRefundDecisions(), createManualReview()];
  prepareAdjustments();
  return {
    show() {
      for (const list of lists) list.reload();
    },
    hide() {
      for (const list of lists) list.stop();
    },
  };
}
