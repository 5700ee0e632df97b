// The page of audiences: filters, the price, the purchase with its progress.

import { Intent, call, ownPath } from "./api.js";
import { readAudience } from "./audience_filters.js";
import { refreshBalance } from "./balance.js";
import { announce, byId, count, facts, h, notice, progressBar, showProblem, whileBusy } from "./dom.js";
import { display, isPositive } from "./money.js";
import { poll } from "./poll.js";
import { showShortfall } from "./shortfall.js";

const ENDED = ["completed", "partial", "failed"];

export function createAudience() {
  const intent = new Intent();
  // The request behind the shown price; a purchase buys exactly that.
  let quoted = null;
  let watching = null;

  byId("audience-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("count"), askForPrice);
  });
  byId("audience-form").addEventListener("input", ({ target }) => {
    // The name is not a filter: it does not change the price.
    if (target.id !== "audience-name" && quoted) forgetPrice("The filters have changed: count again for a price.");
  });
  byId("buy-contacts").addEventListener("click", () => whileBusy(byId("buy-contacts"), purchase));

  async function askForPrice() {
    const wanted = readAudience({ needsName: false });
    if (!wanted) return;
    const { filters, maxContacts } = wanted;
    byId("audience-problem").replaceChildren();
    try {
      const answer = await call("POST", "/api/audience/count", { body: { filters, maxContacts } });
      quoted = { filters, maxContacts, ...answer };
      showPrice();
    } catch (problem) {
      forgetPrice("");
      showProblem(byId("audience-problem"), problem);
    }
  }

  function showPrice() {
    const { count: matches, quote } = quoted;
    byId("quote-actions").hidden = !quote;
    if (!quote) {
      const advice = h("p", {}, "Widen them and count again.");
      byId("quote").replaceChildren(notice("warn", "Nobody matches these filters", advice));
      byId("quote-shortfall").replaceChildren();
      return;
    }
    byId("quote").replaceChildren(facts([
      ["People who match", count(matches)],
      ["Contacts you buy", count(quote.contacts)],
      ["Price of one", display(quote.unitPrice)],
      ["Total", display(quote.total), "total"],
      ["Your balance", display(quote.available)],
    ]));
    byId("buy-contacts").textContent = `Buy ${count(quote.contacts)} contacts for ${display(quote.total)}`;
    lacking({ required: quote.total, ...quote });
  }

  function forgetPrice(text) {
    quoted = null;
    byId("quote-actions").hidden = true;
    byId("quote-shortfall").replaceChildren();
    byId("quote").replaceChildren(h("p", { class: "muted" }, text));
  }

  /** When credits have arrived, the price is requested again, to show that they are enough. */
  function lacking(lack) {
    // One button stands out: the one that helps now.
    byId("buy-contacts").className = isPositive(lack.shortfall) ? "secondary wide" : "primary wide";
    showShortfall(byId("quote-shortfall"), lack, () => whileBusy(byId("count"), askForPrice));
  }

  async function purchase() {
    const wanted = readAudience({ needsName: true });
    if (!wanted || !quoted) return;
    const { filters, maxContacts, quote } = quoted;
    const body = { filters, maxContacts, audienceName: wanted.audienceName, quoteId: quote.quoteId };
    if (byId("audience-test").checked) body.environment = "test";
    byId("audience-problem").replaceChildren();
    try {
      const key = intent.keyFor(body);
      const placed = await call("POST", "/api/audience/purchase", { body, key });
      intent.fulfilled();
      forgetPrice("Bought. Choose filters and count for another list.");
      refreshBalance().catch(() => {});
      watch(placed, wanted.audienceName);
    } catch (problem) {
      await refused(problem);
    }
  }

  async function refused(problem) {
    if (problem.code === "insufficient_credits") {
      lacking(problem.extra);
      announce("Insufficient credits.");
      return;
    }
    if (problem.code === "price_changed") await askForPrice();
    showProblem(byId("audience-problem"), problem);
  }

  function watch(placed, name) {
    watching?.abort();
    watching = new AbortController();
    byId("purchase-card").hidden = false;
    byId("purchase-title").textContent = name;
    const path = ownPath(placed.progressUrl);
    const region = byId("purchase-progress");
    showProgress(region, { requested: 0, delivered: 0, ...placed }, path, name);
    poll(() => call("GET", path), {
      everyMs: (attempt) => Math.min(800 + attempt * 100, 3000),
      signal: watching.signal,
      onTrouble: (problem) => showProblem(region, problem),
      onValue: (state) => {
        showProgress(region, state, path, name);
        const ended = ENDED.includes(state.status);
        if (ended) refreshBalance().catch(() => {});
        return ended;
      },
    });
  }

  return { show() {} };
}

const STATUS = {
  queued: "Waiting for its turn",
  fetching: "Fetching contacts",
  completed: "Complete",
  partial: "Delivered in part; only what was delivered is charged",
  failed: "Nothing could be delivered; nothing is charged",
};

function showProgress(region, state, path, name) {
  const label = STATUS[state.status] ?? "Working on it";
  const parts = [progressBar(label, state.delivered ?? 0, state.requested ?? 0)];
  if (ENDED.includes(state.status)) {
    if (state.status !== "completed") parts.push(h("p", { class: "hint" }, whyNot(state)));
    parts.push(facts([
      ["Delivered", count(state.delivered)],
      ["Charged", display(state.charged), "total"],
      ["Returned", display(state.released)],
    ]));
    if (state.recipientListId) parts.push(nextSteps(state, path, name));
    announce(`${name}: ${label}.`);
  } else {
    parts.push(h("p", { class: "hint" }, `${display(state.held)} is held until the list is complete.`));
  }
  region.dataset.status = state.status;
  region.replaceChildren(...parts);
}

/** Why fewer contacts were delivered than ordered: the API's reason, or what its absence means. */
function whyNot({ status, reason }) {
  if (reason) return `Reason: ${reason.replaceAll("_", " ")}.`;
  return status === "partial"
    ? "No more people who match could be fetched, or the vendor did not answer in time. The delivered contacts are yours."
    : "The vendor of contacts refused the search, or did not answer within 24 hours. You can order again.";
}

function nextSteps(state, path, name) {
  const trouble = h("div", {});
  const query = new URLSearchParams({ list: state.recipientListId, contacts: String(state.delivered), name });
  const address = `/campaigns/new?${query}`;
  const words = "Create a campaign from this list";
  const link = h("a", { id: "to-campaign", class: "button primary", href: address }, words);
  const csv = h("button", {
    id: "download-contacts",
    type: "button",
    class: "secondary",
    onclick: (event) => whileBusy(event.currentTarget, () => downloadContacts(path, trouble)),
  }, "Download CSV");
  return h("div", {}, h("div", { class: "actions" }, link, csv), trouble);
}

/** A link is valid for five minutes: each click requests a new one, in its own tab, so that this one stays. */
async function downloadContacts(path, trouble) {
  try {
    const { download } = await call("GET", path);
    trouble.replaceChildren();
    if (download) h("a", { href: download, target: "_blank", rel: "noopener" }).click();
    else trouble.replaceChildren(notice("warn", "Only an owner of your organization can download contacts"));
  } catch (problem) {
    showProblem(trouble, problem);
  }
}
