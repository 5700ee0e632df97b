// What to do without enough credits: name the shortfall, offer the package that covers it.

import { buyCredits } from "./checkout.js";
import { h, notice } from "./dom.js";
import { display, displayShort, isPositive } from "./money.js";

/**
 * Shows the shortfall in `region`. `lack` is a 402's or a quote's: required, available, shortfall,
 * suggestedPackage, purchases. `onCredited` runs when there may be enough.
 */
export function showShortfall(region, lack, onCredited) {
  const { required, available, shortfall, suggestedPackage, purchases } = lack;
  if (!isPositive(shortfall)) {
    region.replaceChildren();
    return;
  }
  const status = h("div", {});
  const again = () => {
    region.replaceChildren(...status.childNodes);
    onCredited();
  };
  const offer = suggestedPackage && h(
    "button",
    {
      type: "button",
      class: "primary",
      "data-testid": "buy-suggested",
      "data-suggested": suggestedPackage,
      onclick: () => buyCredits(String(suggestedPackage), status, { onCredited: again }),
    },
    `Buy ${displayShort(suggestedPackage)} in credits`,
  );
  const many = purchases > 1
    ? h("p", { class: "hint" }, `One purchase is at most $10,000: this takes ${purchases} of them.`)
    : undefined;
  const words = `This costs ${display(required)} and you have ${display(available)}. `
    + `You need ${display(shortfall)} more.`;
  const buttons = h("div", { class: "row" }, offer || "");
  const panel = notice("warn", "Insufficient credits", h("p", {}, words), buttons, many, status);
  panel.id = "insufficient-credits";
  region.replaceChildren(panel);
}
