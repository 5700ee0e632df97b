// Finance's corrections of a balance, and balances imported from the existing application.

import { Intent, call } from "./api.js";
import { ask, readReason } from "./dialog.js";
import { announce, byId, count, fillTable, h, notice, setFieldError, whileBusy } from "./dom.js";
import { credits, display, readMoney } from "./money.js";

const ADJUSTMENTS = "/api/admin/credits/adjustments";
const OPENING = "/api/admin/credits/opening-balances";
const REASON_LENGTH = 120;
const LARGEST_FILE = 256 * 1024;

const AMOUNT = {
  least: "0.01",
  most: "10000.00",
  tooLittle: "Enter $0.01 or more, to add or to remove.",
  tooMuch: "Enter at most $10,000.00, to add or to remove.",
  signed: true,
};

export function prepareAdjustments() {
  // A correction keeps its key through every retry until it has succeeded.
  const intent = new Intent();
  byId("adjustment-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("adjust"), () => adjust(intent));
  });
  byId("opening-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("import-balances"), importBalances);
  });
}

async function adjust(intent) {
  const body = readAdjustment();
  if (!body) return;
  byId("adjustment-status").replaceChildren();
  const removes = body.amount.startsWith("-");
  const size = credits(body.amount.replace("-", ""));
  const done = await ask({
    title: removes ? `Remove ${size} credits?` : `Add ${size} credits?`,
    words: [
      removes
        ? `They leave the balance of ${body.organizationId} at once. Only available credits can be removed.`
        : `They are added to the balance of ${body.organizationId} at once, without payment.`,
      `Its owner reads in the statement: “Adjustment: ${body.reason}”`,
    ],
    confirm: removes ? `Remove ${size} credits` : `Add ${size} credits`,
    run: ({ newOrganization }) => {
      const asked = newOrganization ? { ...body, newOrganization } : body;
      return call("POST", ADJUSTMENTS, { body: asked, key: intent.keyFor(asked) });
    },
  });
  if (!done) return;
  intent.fulfilled();
  byId("adjustment-form").reset();
  const text = `Entry ${count(done.seq)} of its statement. ${credits(done.available)} are available now.`;
  const name = `${display(done.amount)} for ${done.organizationId}`;
  byId("adjustment-status").replaceChildren(notice("good", name, h("p", {}, text)));
  announce(`Adjusted. ${text}`);
}

/** The form as the API takes it; null when a field is wrong, with the mistake shown beside it. */
function readAdjustment() {
  const organizationId = byId("adjustment-organization").value.trim();
  const { amount, error } = readMoney(byId("adjustment-amount").value, AMOUNT);
  const reason = readReason(REASON_LENGTH)(byId("adjustment-reason").value);
  const errors = [
    ["adjustment-organization", organizationId ? "" : "Enter the organization's id."],
    ["adjustment-amount", error],
    ["adjustment-reason", reason.error],
  ];
  for (const [id, message] of errors) setFieldError(id, `${id}-error`, message);
  const wrong = errors.find(([, message]) => message);
  if (wrong) byId(wrong[0]).focus();
  return wrong ? null : { organizationId, amount, reason: reason.text };
}

async function importBalances() {
  const file = byId("opening-file").files[0];
  const tooLarge = file && file.size > LARGEST_FILE ? "The file is larger than 256 KB: send it in parts." : "";
  const wrong = file ? tooLarge : "Choose a CSV file.";
  setFieldError("opening-file", "opening-error", wrong);
  byId("opening-problem").replaceChildren();
  byId("opening-result").hidden = true;
  if (wrong) {
    byId("opening-file").focus();
    return;
  }
  const csv = await file.text();
  const rows = csv.split("\n").filter((line) => line.trim()).length - 1;
  const answer = await ask({
    title: "Import the balances?",
    words: [
      `${file.name} has ${count(Math.max(rows, 0))} rows. Their credits are added at once, each row once: you can `
        + "send the same file again.",
    ],
    confirm: "Import",
    run: () => call("POST", OPENING, { csv }),
  });
  if (answer) showRows(answer.rows);
}

function showRows(rows) {
  const failed = rows.filter(({ done }) => !done).length;
  const words = failed === 0
    ? `All ${count(rows.length)} rows are imported.`
    : `${count(failed)} of ${count(rows.length)} rows are not imported.`;
  byId("opening-problem").replaceChildren(notice(failed === 0 ? "good" : "warn", words));
  byId("opening-result").hidden = false;
  fillTable("opening-rows", rows.map(openingRow), "The file holds no rows.");
  announce(words);
}

function openingRow({ rowId, organizationId, credits: amount, done, why }) {
  return h(
    "tr",
    { "data-row": rowId, "data-done": done ? "true" : "false" },
    h("th", { scope: "row" }, rowId),
    h("td", {}, organizationId),
    h("td", { class: "number" }, display(amount)),
    h("td", {}, done ? "Imported" : `Not imported: ${why ?? "no reason is known"}`),
  );
}
