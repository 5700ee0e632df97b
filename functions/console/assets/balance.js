// The account as the server last returned it; everything that shows a balance subscribes here.

import { call } from "./api.js";

let latest = null;
const listeners = new Set();

/** Reads the account and notifies every subscriber. */
export async function refreshBalance() {
  latest = await call("GET", "/api/credits");
  for (const listener of listeners) listener(latest);
  return latest;
}

/** Calls `listener` with the present account, and with every one that is read from now on. */
export function onBalance(listener) {
  listeners.add(listener);
  if (latest) listener(latest);
}

/** The next person to sign in must not see the last one's figures. */
export function forgetBalance() {
  latest = null;
  listeners.clear();
}
