// The page of one campaign: made from a recipient list, then printed, with its progress.

import { Intent, call, ownPath } from "./api.js";
import { readArtwork, uploadArtwork } from "./artwork.js";
import { refreshBalance } from "./balance.js";
import { announce, byId, count, dateTime, facts, h, notice, progressBar } from "./dom.js";
import { setFieldError, showProblem, whileBusy } from "./dom.js";
import { display } from "./money.js";
import { poll } from "./poll.js";
import { showShortfall } from "./shortfall.js";

const ENDED = ["completed", "partial", "failed"];

export function createCampaign({ navigate }) {
  const creating = new Intent();
  const printing = new Intent();
  let list = null;
  let campaign = null;
  let watching = null;

  byId("campaign-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("create-campaign"), create);
  });
  byId("campaign-form").addEventListener("change", () => {
    byId("pdf-fields").hidden = byId("artwork-html").checked;
    byId("html-fields").hidden = !byId("artwork-html").checked;
    setFieldError(["artwork-file", "html-front", "html-back"], "artwork-error", "");
  });
  byId("print").addEventListener("click", () => whileBusy(byId("print"), print));

  async function create() {
    const name = byId("campaign-name").value.trim();
    setFieldError("campaign-name", "campaign-name-error", name ? "" : "Give the campaign a name.");
    const { artwork, file, error } = await readArtwork();
    const fields = byId("artwork-html").checked ? ["html-front", "html-back"] : "artwork-file";
    setFieldError(fields, "artwork-error", error);
    if (!name || error) return;
    byId("campaign-problem").replaceChildren();
    try {
      const body = { name, recipientListId: list.id, size: byId("campaign-size").value, artwork };
      // The same body keeps its key: after a failed upload, "create" answers the same campaign and uploads again.
      const made = await call("POST", "/api/campaigns", { body, key: creating.keyFor(body) });
      if (made.upload && file) await uploadArtwork(made.upload, file);
      creating.fulfilled();
      campaign = { id: made.campaignId, pieces: made.pieces, name };
      announce(`${name} is ready to print.`);
      navigate(`/campaigns/${encodeURIComponent(made.campaignId)}`);
    } catch (problem) {
      showProblem(byId("campaign-problem"), problem);
    }
  }

  async function print() {
    const body = { environment: byId("print-test").checked ? "test" : "live" };
    const path = `/api/campaigns/${encodeURIComponent(campaign.id)}/print`;
    byId("print-problem").replaceChildren();
    try {
      const key = printing.keyFor({ campaign: campaign.id, ...body });
      const placed = await call("POST", path, { body, key });
      printing.fulfilled();
      refreshBalance().catch(() => {});
      showJob(placed);
      watch(ownPath(placed.progressUrl));
    } catch (problem) {
      refused(problem);
    }
  }

  function refused(problem) {
    if (problem.code !== "insufficient_credits") {
      showProblem(byId("print-problem"), problem);
      return;
    }
    announce("Insufficient credits.");
    showShortfall(byId("print-problem"), problem.extra, () => {
      const text = "Your credits have arrived: you can print now.";
      byId("print-problem").append(notice("good", text));
      byId("print").focus();
    });
  }

  function watch(path) {
    watching?.abort();
    watching = new AbortController();
    poll(() => call("GET", path), {
      everyMs: (attempt) => Math.min(800 + attempt * 100, 3000),
      signal: watching.signal,
      onTrouble: (problem) => {
        if (problem.status !== 404) showProblem(byId("print-progress"), problem);
      },
      onValue: (job) => {
        showJob(job);
        const ended = ENDED.includes(job.status);
        if (ended) refreshBalance().catch(() => {});
        return ended;
      },
    });
  }

  function showCampaign(id) {
    if (campaign?.id !== id) campaign = { id };
    byId("campaign-title").textContent = campaign.name ?? "Campaign";
    byId("campaign-form").hidden = true;
    byId("print-card").hidden = false;
    byId("print-actions").hidden = false;
    byId("print-problem").replaceChildren();
    byId("print-progress").replaceChildren();
    const words = campaign.pieces
      ? `${count(campaign.pieces)} postcards are ready. Their price is held when you print, and only those that the `
        + "printer accepts are charged."
      : "Printing holds the price of all postcards, and only those that the printer accepts are charged.";
    byId("print-summary").replaceChildren(h("p", { class: "muted" }, words));
    // A campaign without a job answers 404: then there is nothing to show yet.
    watch(`/api/campaigns/${encodeURIComponent(id)}/print`);
  }

  function showForm(query) {
    const id = query.get("list");
    if (list?.id !== id) {
      byId("campaign-form").reset();
      byId("campaign-form").dispatchEvent(new Event("change"));
    }
    list = id ? { id, contacts: query.get("contacts"), name: query.get("name") } : null;
    byId("campaign-title").textContent = "New campaign";
    byId("campaign-form").hidden = false;
    byId("print-card").hidden = true;
    byId("create-campaign").disabled = !list;
    const words = list
      ? `To ${count(list.contacts ?? 0)} contacts of “${list.name ?? "your list"}”.`
      : "Buy a list of contacts first.";
    byId("campaign-list").replaceChildren(words);
    if (!list) byId("campaign-list").append(" ", h("a", { href: "/audience" }, "Find an audience"));
  }

  return {
    show({ id, query }) {
      watching?.abort();
      if (id === "new") showForm(query);
      else showCampaign(id);
    },
    hide() {
      watching?.abort();
    },
  };
}

const STATUS = {
  queued: "Waiting for its turn",
  printing: "At the printer",
  paused: "Paused: the printer is not answering. It goes on by itself.",
  completed: "Complete",
  partial: "Printed in part; only accepted postcards are charged",
  failed: "Nothing was printed; nothing is charged",
};

const REASON = {
  artwork_missing: "Artwork was missing.",
  not_begun: "It could not be started within 72 hours.",
};

function showJob(job) {
  const label = STATUS[job.status] ?? "Working on it";
  const ended = ENDED.includes(job.status);
  const isTest = job.environment === "test";
  const done = (job.accepted ?? 0) + (job.failed ?? 0) + (job.notSent ?? 0) + (job.unknown ?? 0);
  const rows = [["Accepted", count(job.accepted ?? 0)], ["Failed", count(job.failed ?? 0)]];
  if (job.notSent) rows.push(["Not sent", count(job.notSent)]);
  if (job.unknown) rows.push(["Unknown, not charged", count(job.unknown)]);
  if (ended) rows.push(["Charged", display(job.charged), "total"], ["Returned", display(job.released)]);
  else rows.push(["Held", display(job.held)]);
  if (job.finishedAt) rows.push(["Finished", dateTime(job.finishedAt)]);
  const region = byId("print-progress");
  region.dataset.status = job.status;
  region.replaceChildren(
    progressBar(isTest ? `Test run: ${label}` : label, done, job.pieces),
    job.reason ? h("p", { class: "hint" }, REASON[job.reason] ?? "") : "",
    facts(rows),
  );
  // After a test run, and after a job that printed nothing, the campaign may still be printed.
  byId("print-actions").hidden = !(ended && (isTest || job.status === "failed"));
  if (ended) announce(`${label}: ${count(job.accepted)} of ${count(job.pieces)} accepted.`);
}
