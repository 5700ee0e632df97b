// The form of auto top-up: from the API's settings to fields, and back.

import { byId, setFieldError } from "./dom.js";
import { cents, display, fromCents, readMoney } from "./money.js";

const FIELDS = ["threshold", "target", "cap"];
/** The smallest charge, and so the smallest distance of the target above the threshold. */
const STEP = "10.00";

export function fillTopUp(settings) {
  byId("top-up-enabled").checked = settings?.enabled ?? false;
  if (!settings) return;
  byId("top-up-threshold").value = settings.threshold;
  byId("top-up-target").value = settings.target;
  byId("top-up-cap").value = settings.monthlyCap;
}

/** The form as the API takes it; null when a field is wrong, with the mistake shown beside it if `tellsErrors`. */
export function readTopUp({ tellsErrors }) {
  const threshold = readMoney(byId("top-up-threshold").value, bounds("0.01", "10000.00"));
  const least = threshold.amount ? fromCents(cents(threshold.amount) + cents(STEP)) : STEP;
  const target = readMoney(byId("top-up-target").value, {
    ...bounds(least, "20000.00"),
    tooLittle: `The target is at least ${display(STEP)} above the threshold.`,
  });
  const cap = readMoney(byId("top-up-cap").value, bounds(STEP, "100000.00"));
  const read = { threshold, target, cap };
  if (tellsErrors) {
    for (const name of FIELDS) setFieldError(`top-up-${name}`, `top-up-${name}-error`, read[name].error);
  }
  const wrong = FIELDS.find((name) => read[name].error);
  if (wrong && tellsErrors) byId(`top-up-${wrong}`).focus();
  if (wrong) return null;
  const enabled = byId("top-up-enabled").checked;
  return { enabled, threshold: threshold.amount, target: target.amount, monthlyCap: cap.amount };
}

function bounds(least, most) {
  const words = `Enter an amount from ${display(least)} to ${display(most)}.`;
  return { least, most, tooLittle: words, tooMuch: words };
}
