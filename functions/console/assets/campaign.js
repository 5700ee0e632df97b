// The page of one campaign: made from a recipient list, then printed, with its progress.

import { Intent, call, ownPath } from "./api.js";
import { readArtwork, uploadArtwork } from "./artwork.js";
import { refreshBalance } from "./balance.js";
import { announce, byId, count, h, notice, setFieldError, showProblem, whileBusy } from "./dom.js";
import { poll } from "./poll.js";
import { allowTest, hasEnded, showJob } from "./print_job.js";
import { showShortfall } from "./shortfall.js";

// Any other text in an address is no campaign's id, so no request is made.
const CAMPAIGN_ID = /^cmp_[A-Za-z0-9_-]{1,60}$/;

const jobPath = (id) => `/api/campaigns/${encodeURIComponent(id)}/print`;

export const createCampaign = ({ navigate }) => new CampaignPage(navigate);

class CampaignPage {
  #navigate;
  #creating = new Intent();
  #printing = new Intent();
  #list = null;
  #campaign = null;
  #watching = null;

  constructor(navigate) {
    this.#navigate = navigate;
    byId("campaign-form").addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy(byId("create-campaign"), () => this.#create());
    });
    byId("campaign-form").addEventListener("change", () => {
      byId("pdf-fields").hidden = byId("artwork-html").checked;
      byId("html-fields").hidden = !byId("artwork-html").checked;
      setFieldError(["artwork-file", "html-front", "html-back"], "artwork-error", "");
    });
    byId("print").addEventListener("click", () => whileBusy(byId("print"), () => this.#print()));
  }

  show({ id, query }) {
    this.#watching?.abort();
    if (id === "new") this.#showForm(query);
    else this.#showCampaign(id);
  }

  hide() {
    this.#watching?.abort();
  }

  async #create() {
    const name = byId("campaign-name").value.trim();
    setFieldError("campaign-name", "campaign-name-error", name ? "" : "Give the campaign a name.");
    const { artwork, file, error } = await readArtwork();
    const fields = byId("artwork-html").checked ? ["html-front", "html-back"] : "artwork-file";
    setFieldError(fields, "artwork-error", error);
    if (!name || error) return;
    byId("campaign-problem").replaceChildren();
    try {
      const body = { name, recipientListId: this.#list.id, size: byId("campaign-size").value, artwork };
      // The same body keeps its key: after a failed upload, "create" returns the same campaign and uploads again.
      const made = await call("POST", "/api/campaigns", { body, key: this.#creating.keyFor(body) });
      if (made.upload && file) await uploadArtwork(made.upload, file);
      this.#creating.fulfilled();
      this.#campaign = { id: made.campaignId, pieces: made.pieces, name };
      announce(`${name} is ready to print.`);
      this.#navigate(`/campaigns/${encodeURIComponent(made.campaignId)}`);
    } catch (problem) {
      showProblem(byId("campaign-problem"), problem);
    }
  }

  async #print() {
    const { id } = this.#campaign;
    const body = { environment: byId("print-test").checked ? "test" : "live" };
    byId("print-problem").replaceChildren();
    try {
      const key = this.#printing.keyFor({ campaign: id, ...body });
      const placed = await call("POST", jobPath(id), { body, key });
      this.#printing.fulfilled();
      refreshBalance().catch(() => {});
      showJob(placed);
      this.#watch(ownPath(placed.progressUrl));
    } catch (problem) {
      this.#refused(problem);
    }
  }

  #refused(problem) {
    if (problem.code === "insufficient_credits") {
      announce("Insufficient credits.");
      showShortfall(byId("print-problem"), problem.extra, () => {
        byId("print-problem").append(notice("good", "Your credits have arrived: you can print now."));
        byId("print").focus();
      });
      return;
    }
    showProblem(byId("print-problem"), problem);
    if (problem.status === 404) this.#showMissing();
    // It was used up meanwhile: its job shows the result.
    if (problem.code === "print_job_exists") this.#watch(jobPath(this.#campaign.id));
  }

  #watch(path) {
    this.#watching?.abort();
    this.#watching = new AbortController();
    poll(() => call("GET", path), {
      everyMs: (attempt) => Math.min(800 + attempt * 100, 3000),
      signal: this.#watching.signal,
      onTrouble: (problem) => {
        if (problem.status === 404) this.#showUnprinted();
        else showProblem(byId("print-progress"), problem);
      },
      onValue: (job) => {
        showJob(job);
        if (hasEnded(job)) refreshBalance().catch(() => {});
        return hasEnded(job);
      },
    });
  }

  #showCampaign(id) {
    if (this.#campaign?.id !== id) this.#campaign = { id };
    byId("campaign-title").textContent = this.#campaign.name ?? "Campaign";
    byId("campaign-form").hidden = true;
    byId("campaign-missing").hidden = true;
    byId("print-card").hidden = false;
    byId("print-actions").hidden = true;
    for (const region of ["print-summary", "print-problem", "print-progress"]) byId(region).replaceChildren();
    delete byId("print-progress").dataset.status;
    allowTest(true);
    if (!CAMPAIGN_ID.test(id)) {
      this.#showMissing();
      return;
    }
    // Only a campaign that was made just now certainly has no job; otherwise nothing is offered before the response.
    if (this.#campaign.pieces) this.#showUnprinted();
    this.#watch(jobPath(id));
  }

  /** A campaign without a job: what printing it costs. */
  #showUnprinted() {
    const { pieces } = this.#campaign;
    const words = pieces
      ? `${count(pieces)} postcards are ready. Their price is held when you print, and only those that the printer `
        + "accepts are charged."
      : "Nothing of this campaign was printed yet. Printing holds the price of all postcards, and only those that the "
        + "printer accepts are charged.";
    byId("print-summary").replaceChildren(h("p", { class: "muted" }, words));
    byId("print-actions").hidden = false;
  }

  #showMissing() {
    this.#watching?.abort();
    byId("campaign-title").textContent = "There is no such campaign";
    byId("print-card").hidden = true;
    byId("campaign-missing").hidden = false;
    announce("There is no such campaign.");
  }

  #showForm(query) {
    const id = query.get("list");
    if (this.#list?.id !== id) {
      byId("campaign-form").reset();
      byId("campaign-form").dispatchEvent(new Event("change"));
    }
    this.#list = id ? { id, contacts: query.get("contacts"), name: query.get("name") } : null;
    byId("campaign-title").textContent = "New campaign";
    byId("campaign-form").hidden = false;
    byId("campaign-missing").hidden = true;
    byId("print-card").hidden = true;
    byId("create-campaign").disabled = !this.#list;
    const words = this.#list
      ? `To ${count(this.#list.contacts ?? 0)} contacts of “${this.#list.name ?? "your list"}”.`
      : "Buy a list of contacts first.";
    byId("campaign-list").replaceChildren(words);
    if (!this.#list) byId("campaign-list").append(" ", h("a", { href: "/audience" }, "Find an audience"));
  }
}
