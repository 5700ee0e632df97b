// What the sections of finance's page of billing share.

import { dateTime, h } from "./dom.js";

/** A button of one row: a screen reader hears what it works on. */
export function actionButton(name, subject, onclick) {
  return h("button", { type: "button", class: "quiet", "aria-label": `${name}: ${subject}`, onclick }, name);
}

/** Who said what, and when. Actors are `finance:<subject>`; who it is stands in the user pool. */
export const said = (actor, at, reason) => `${actor}, ${dateTime(at)}: “${reason}”`;
