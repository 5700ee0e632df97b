// The balance at a past time.

import { call } from "./api.js";
import { byId, count, dateTime, facts, setFieldError, showProblem, whileBusy } from "./dom.js";
import { display } from "./money.js";

export function preparePastBalance() {
  byId("past-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("show-past"), showPast);
  });
}

async function showPast() {
  const typed = byId("past-time").value;
  // A field of this kind holds a time in the reader's time zone, or nothing.
  const moment = new Date(typed);
  const isPast = Boolean(typed) && moment <= new Date();
  setFieldError("past-time", "past-error", isPast ? "" : "Choose a day and a time of the past.");
  byId("past-balance").replaceChildren();
  if (!isPast) {
    byId("past-time").focus();
    return;
  }
  try {
    const at = moment.toISOString();
    const account = await call("GET", `/api/credits?${new URLSearchParams({ at })}`);
    byId("past-balance").replaceChildren(facts([
      [`Available on ${dateTime(at)}`, display(account.available), "total"],
      ["Held for work in progress", display(account.held)],
      ["Entries of the statement until then", count(account.entries ?? 0)],
    ]));
  } catch (problem) {
    showProblem(byId("past-balance"), problem);
  }
}
