// A print job on its campaign's page: its progress, why it failed, and what may be printed after it.

import { announce, byId, count, dateTime, facts, h, progressBar } from "./dom.js";
import { display } from "./money.js";

const ENDED = ["completed", "partial", "failed"];

export const hasEnded = ({ status }) => ENDED.includes(status);

const STATUS = {
  queued: "Waiting for its turn",
  printing: "At the printer",
  paused: "Paused: the printer is not answering. It continues automatically.",
  completed: "Complete",
  partial: "Printed in part; only accepted postcards are charged",
  failed: "Nothing was printed; nothing is charged",
};

const REASON = {
  artwork_missing: "Artwork was missing when the job was planned: upload it, then print again.",
  not_begun: "It could not be started within 72 hours.",
};

/** Why a job did not print all of it: the API's reason, and what its figures say. */
function whyNot(job) {
  if (job.reason) return REASON[job.reason] ?? `Reason: ${job.reason.replaceAll("_", " ")}.`;
  const parts = [];
  if (job.failed) parts.push(`The printer refused or failed to print ${count(job.failed)}.`);
  if (job.notSent) parts.push(`${count(job.notSent)} were not sent before the job's time ended.`);
  if (job.unknown) parts.push(`The printer did not report the result of ${count(job.unknown)}; they are not charged.`);
  return parts.join(" ");
}

/** If no piece of a job was ever attempted, its campaign may have another one. */
const isUntouched = (job) => hasEnded(job) && (!job.startedAt || (job.notSent ?? 0) >= job.pieces);

export function showJob(job) {
  const label = STATUS[job.status] ?? "Working on it";
  const ended = hasEnded(job);
  const isTest = job.environment === "test";
  const done = (job.accepted ?? 0) + (job.failed ?? 0) + (job.notSent ?? 0) + (job.unknown ?? 0);
  const region = byId("print-progress");
  region.dataset.status = job.status;
  region.replaceChildren(
    progressBar(isTest ? `Test run: ${label}` : label, done, job.pieces),
    ended && whyNot(job) ? h("p", { class: "hint" }, whyNot(job)) : "",
    facts(jobFacts(job, ended)),
  );
  showWhatIsLeft(job, isTest, ended);
  if (ended) announce(`${label}: ${count(job.accepted)} of ${count(job.pieces)} accepted. ${whyNot(job)}`);
}

function jobFacts(job, ended) {
  const rows = [["Accepted", count(job.accepted ?? 0)], ["Failed", count(job.failed ?? 0)]];
  if (job.notSent) rows.push(["Not sent", count(job.notSent)]);
  if (job.unknown) rows.push(["Unknown, not charged", count(job.unknown)]);
  if (ended) rows.push(["Charged", display(job.charged), "total"], ["Returned", display(job.released)]);
  else rows.push(["Held", display(job.held)]);
  if (job.finishedAt) rows.push(["Finished", dateTime(job.finishedAt)]);
  return rows;
}

/** A campaign is mailed once, and tested once: only what it still allows is offered. */
function showWhatIsLeft(job, isTest, ended) {
  const isFree = ended && (isTest || isUntouched(job));
  byId("print-actions").hidden = !isFree;
  if (isTest) allowTest(isUntouched(job));
  const words = isFree
    ? "You can print this campaign now."
    : "A campaign is mailed once. To mail again, create another.";
  byId("print-summary").replaceChildren(...(ended ? [h("p", { class: "muted" }, words)] : []));
}

/** A second test run is refused: it is offered only where it is possible. */
export function allowTest(isAllowed) {
  byId("print-test-field").hidden = !isAllowed;
  if (!isAllowed) byId("print-test").checked = false;
}
