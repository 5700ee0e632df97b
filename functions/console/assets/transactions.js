// The statement: pages by cursor, and the whole of it as CSV.

import { call, download } from "./api.js";
import { byId, dateTime, h, save, showProblem, whileBusy } from "./dom.js";
import { cents, display } from "./money.js";

const PATH = "/api/credits/transactions";
const PAGE = 20;

export function createTransactions() {
  // The cursors of the pages walked so far; the first page has none.
  let cursors = [""];
  let next = null;

  async function load() {
    const cursor = cursors.at(-1);
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor && { cursor }) });
    try {
      const page = await call("GET", `${PATH}?${query}`);
      next = page.nextCursor ?? null;
      showRows(page.items ?? []);
      byId("transactions-problem").replaceChildren();
    } catch (problem) {
      showProblem(byId("transactions-problem"), problem);
    }
    byId("newer").disabled = cursors.length === 1;
    byId("older").disabled = !next;
  }

  byId("older").addEventListener("click", () => {
    cursors.push(next);
    load();
  });
  byId("newer").addEventListener("click", () => {
    cursors.pop();
    load();
  });
  byId("download-transactions").addEventListener("click", (event) => whileBusy(event.currentTarget, async () => {
    try {
      save(await download(PATH, "text/csv"), "droplab-transactions.csv");
    } catch (problem) {
      showProblem(byId("transactions-problem"), problem);
    }
  }));

  return {
    reload() {
      cursors = [""];
      return load();
    },
  };
}

function showRows(items) {
  const body = byId("transactions").tBodies[0];
  if (items.length === 0) {
    const text = "No transactions yet. Your first purchase will stand here.";
    body.replaceChildren(h("tr", {}, h("td", { colspan: "6", class: "empty" }, text)));
    return;
  }
  body.replaceChildren(...items.map(row));
}

function row(item) {
  const up = cents(item.balanceAfter) > cents(item.balanceBefore);
  const down = cents(item.balanceAfter) < cents(item.balanceBefore);
  const sign = up ? "+" : down ? "−" : "";
  const amount = display(item.amount).replace("−", "");
  return h(
    "tr",
    { "data-seq": item.seq },
    h("td", {}, dateTime(item.occurredAt)),
    h("td", {}, typeName(item.transactionType)),
    h("td", {}, item.description ?? ""),
    h("td", { class: `number ${up ? "plus" : ""}` }, sign + amount),
    h("td", { class: "number" }, display(item.balanceAfter)),
    h("td", { class: "number" }, display(item.heldAfter)),
  );
}

/** "dispute-returned" → "Dispute returned". */
function typeName(type) {
  const words = String(type ?? "").replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
