// Small helpers around the document. Nothing here takes markup from a string: text stays text.

export const byId = (id) => document.getElementById(id);

/** An element with attributes and children; `undefined` and `false` attributes are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") element.addEventListener("click", value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Announces text to a screen reader without moving the focus. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** A notice; `kind` is "good", "warn", "bad" or "". Errors interrupt a screen reader, others do not. */
export function notice(kind, name, ...rest) {
  const role = kind === "bad" ? "alert" : "status";
  return h("div", { class: `notice ${kind}`, role }, h("p", { class: "name" }, name), ...rest);
}

/**
 * Shows a failure in plain words: a problem's title and detail, never anything raw. The region is gone when
 * another person has signed in meanwhile.
 */
export function showProblem(region, problem) {
  const detail = problem.detail && h("p", { class: "detail" }, problem.detail);
  region?.replaceChildren(notice("bad", problem.title ?? "Something went wrong", detail || undefined));
}

/** Runs `work` while the button shows that it is busy; a second press meanwhile does nothing. */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-busy") === "true") return undefined;
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    return await work();
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

/** Marks a field as wrong, or right when `message` is empty, and shows the message below it. */
export function setFieldError(fields, errorId, message) {
  for (const field of [fields].flat()) {
    if (message) byId(field).setAttribute("aria-invalid", "true");
    else byId(field).removeAttribute("aria-invalid");
  }
  byId(errorId).textContent = message ?? "";
}

/** Gives a file to the browser's downloads. */
export function save(blob, fileName) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: fileName }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Rows into a table's body, or one line that says that there are none. A focused button keeps the focus. */
export function fillTable(table, rows, empty) {
  const body = byId(table).tBodies[0];
  const columns = String(byId(table).tHead.rows[0].cells.length);
  const none = () => h("tr", {}, h("td", { colspan: columns, class: "empty" }, empty));
  const focused = body.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
  body.replaceChildren(...(rows.length > 0 ? rows : [none()]));
  if (focused) body.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
}

/** A definition list from pairs; a third member is the row's class. */
export function facts(rows) {
  const row = ([term, value, kind]) => h("div", kind ? { class: kind } : {}, h("dt", {}, term), h("dd", {}, value));
  return h("dl", { class: "facts" }, ...rows.map(row));
}

/** `done` of `total` as a bar with both numbers in words. */
export function progressBar(label, done, total) {
  const words = `${count(done)} of ${count(total)}`;
  const head = h("div", { class: "progress-head" }, h("span", {}, label), h("span", {}, words));
  const bar = h("progress", { max: String(Math.max(total, 1)), value: String(done), "aria-label": label });
  return h("div", {}, head, bar);
}

export const count = (number) => Number(number).toLocaleString("en-US");

const DATE = new Intl.DateTimeFormat("en-US", { dateStyle: "medium" });
const DATE_TIME = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeStyle: "short" });
const SHORT_MONTH = new Intl.DateTimeFormat("en-US", { month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-US", { month: "long", year: "numeric", timeZone: "UTC" });

export const date = (rfc3339) => (rfc3339 ? DATE.format(new Date(rfc3339)) : "–");
export const dateTime = (rfc3339) => (rfc3339 ? DATE_TIME.format(new Date(rfc3339)) : "–");
/** "2025-11" → "November 2025". Months are UTC months, in every time zone. */
export const monthName = (month) => MONTH.format(new Date(`${month}-01T00:00:00Z`));
export const shortMonth = (month) => SHORT_MONTH.format(new Date(`${month}-01T00:00:00Z`));
