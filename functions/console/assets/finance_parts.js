// What the sections of finance's billing page share.

import { dateTime, h } from "./dom.js";

/** A button of one row: a screen reader hears which row it is for. */
export function actionButton(name, subject, onclick) {
  return h("button", { type: "button", class: "quiet", "aria-label": `${name}: ${subject}`, onclick }, name);
}

/** Who gave a reason, and when. Actors are `finance:<subject>`; the user pool has the person of a subject. */
export const said = (actor, at, reason) => `${actor}, ${dateTime(at)}: “${reason}”`;
