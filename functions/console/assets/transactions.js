// The statement: pages by cursor, narrowed by kind and day, and as CSV.

import { call, download } from "./api.js";
import { byId, dateTime, h, save, setFieldError, showProblem, whileBusy } from "./dom.js";
import { cents, display } from "./money.js";

const PATH = "/api/credits/transactions";
const PAGE = 20;
/** With a byte order mark, which a spreadsheet on Windows needs to read it as UTF-8. */
const FILE = "text/csv;bom=1";
/** The most pages without a matching entry that are read to find one. */
const EMPTY_PAGES_MAX = 100;

const KINDS = [
  "purchase", "top-up", "opening", "subscription", "promotional", "adjustment", "hold", "charge", "release", "expiry",
  "refund", "refund-undone", "dispute", "dispute-returned", "credit-back", "frozen", "unfrozen",
];

export class Transactions {
  // The cursors of the pages walked so far; the first page has none.
  #cursors = [""];
  #next = null;
  #filter = {};
  // The response to an earlier request comes too late.
  #question = 0;

  constructor() {
    byId("filter-kind").append(...KINDS.map((kind) => h("option", { value: kind }, typeName(kind))));
    byId("older").addEventListener("click", () => {
      this.#cursors.push(this.#next);
      this.#load();
    });
    byId("newer").addEventListener("click", () => {
      this.#cursors.pop();
      this.#load();
    });
    byId("filter-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#narrow();
    });
    byId("clear-filter").addEventListener("click", () => {
      byId("filter-form").reset();
      this.#narrow();
      byId("filter-kind").focus();
    });
    this.#onDownload("download-transactions", async () => {
      save(await download(PATH, FILE), "droplab-transactions.csv");
    });
    this.#onDownload("download-filtered", async () => {
      const path = `${PATH}?${new URLSearchParams(this.#filter)}`;
      save(await download(path, FILE), "droplab-transactions-part.csv");
    });
  }

  reload() {
    this.#cursors = [""];
    return this.#load();
  }

  #narrow() {
    const { filter, error } = readFilter();
    setFieldError(["filter-from", "filter-to"], "filter-error", error);
    if (error) {
      byId("filter-to").focus();
      return;
    }
    this.#filter = filter;
    byId("download-filtered").hidden = Object.keys(filter).length === 0;
    this.reload();
  }

  async #load() {
    this.#question += 1;
    const mine = this.#question;
    try {
      const page = await this.#firstNotEmpty(this.#cursors.at(-1));
      if (mine !== this.#question) return;
      this.#next = page.nextCursor ?? null;
      showRows(page.items, Object.keys(this.#filter).length > 0);
      byId("transactions-problem").replaceChildren();
    } catch (problem) {
      if (mine !== this.#question) return;
      showProblem(byId("transactions-problem"), problem);
    }
    byId("newer").disabled = this.#cursors.length === 1;
    byId("older").disabled = !this.#next;
  }

  /** With a filter a page may be empty and still have a next one. */
  async #firstNotEmpty(start) {
    let page = await this.#page(start);
    for (let walked = 1; page.items.length === 0 && page.nextCursor && walked < EMPTY_PAGES_MAX; walked += 1) {
      page = await this.#page(page.nextCursor);
    }
    return page;
  }

  #page(cursor) {
    const query = new URLSearchParams({ limit: String(PAGE), ...this.#filter, ...(cursor && { cursor }) });
    return call("GET", `${PATH}?${query}`);
  }

  #onDownload(id, work) {
    byId(id).addEventListener("click", (event) => whileBusy(event.currentTarget, async () => {
      try {
        byId("transactions-problem").replaceChildren();
        await work();
      } catch (problem) {
        showProblem(byId("transactions-problem"), problem);
      }
    }));
  }
}

/** The filter as the API takes it. Days are the reader's own; the last one is included. */
function readFilter() {
  const [kind, from, to] = ["filter-kind", "filter-from", "filter-to"].map((id) => byId(id).value);
  if (from && to && from > to) return { error: "The first day is after the last one." };
  return { filter: { ...(kind && { kind }), ...(from && { from: startOf(from) }), ...(to && { to: startOf(to, 1) }) } };
}

/** "2026-11-24" → the beginning of that day here, or of one `days` later. */
function startOf(day, days = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + days).toISOString();
}

function showRows(items, isNarrowed) {
  const body = byId("transactions").tBodies[0];
  if (items.length === 0) {
    const text = isNarrowed
      ? "No entry matches. Choose another kind or other days."
      : "No transactions yet. Your first purchase will appear here.";
    body.replaceChildren(h("tr", {}, h("td", { colspan: "6", class: "empty" }, text)));
    return;
  }
  body.replaceChildren(...items.map(row));
}

function row(item) {
  // The amount is signed by its kind: a charge is negative, although its credits were on hold before.
  const isPlus = cents(item.amount) > 0n;
  return h(
    "tr",
    { "data-seq": item.seq, "data-kind": item.transactionType },
    h("td", {}, dateTime(item.occurredAt)),
    h("td", {}, typeName(item.transactionType)),
    h("td", {}, item.description ?? ""),
    h("td", { class: `number ${isPlus ? "plus" : ""}` }, (isPlus ? "+" : "") + display(item.amount)),
    h("td", { class: "number" }, display(item.balanceAfter)),
    h("td", { class: "number" }, display(item.heldAfter)),
  );
}

/** "dispute-returned" → "Dispute returned". */
function typeName(type) {
  const words = String(type ?? "").replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
