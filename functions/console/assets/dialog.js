// A question before something happens: a dialog with the fields that it needs.

import { byId, h, setFieldError, showProblem, whileBusy } from "./dom.js";

let asked = 0;
const aside = new Set();

/**
 * Shows a dialog. If an organization has no entries, the refusal adds a checkbox: `run` gets it as `newOrganization`.
 * `words` are paragraphs; `fields` are `{ name, label, value, hint, rows, read }`, where `read` returns
 * `{ amount }` or `{ text }` or `{ error }` for what was typed. `run` gets `{ name: value }` and acts on it; its
 * refusal is shown in the dialog, which stays open. Resolves to the result of `run`, or to nothing when it was left.
 */
export function ask({ title, words = [], fields = [], confirm, run }) {
  asked += 1;
  const id = `dialog-${asked}`;
  const inputs = fields.map((field) => ({ ...field, id: `${id}-${field.name}` }));
  const trouble = h("div", {});
  const isNew = h("input", { type: "checkbox", id: `${id}-new`, "data-testid": "new-organization" });
  const newOne = h("p", {}, isNew, h("label", { for: `${id}-new` }, " It is a new organization, its id is right"));
  newOne.hidden = true;
  const go = h("button", { class: "primary", "data-testid": "confirm" }, confirm);
  // Where nothing has to be typed, Enter alone must not confirm.
  const leave = h("button", { type: "button", class: "secondary", autofocus: inputs.length === 0 }, "Cancel");
  const form = h(
    "form",
    { novalidate: true },
    h("h2", { id: `${id}-title` }, title),
    ...words.map((text) => h("p", {}, text)),
    ...inputs.map(fieldOf),
    trouble,
    newOne,
    h("div", { class: "actions" }, go, leave),
  );
  const dialog = h("dialog", { class: "card", "aria-labelledby": `${id}-title` }, form);
  // Within the views, so that another person who signs in does not find it.
  byId("views").append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    const end = (answer) => {
      window.removeEventListener("popstate", leaveIt);
      dialog.close();
      dialog.remove();
      resolve(answer);
    };
    const isBusy = () => go.getAttribute("aria-busy") === "true";
    const leaveIt = () => !isBusy() && end(undefined);
    leave.addEventListener("click", leaveIt);
    window.addEventListener("popstate", leaveIt);
    dialog.addEventListener("cancel", (event) => isBusy() && event.preventDefault());
    dialog.addEventListener("close", () => !aside.has(dialog) && end(undefined));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy(go, async () => {
        const values = readAll(inputs);
        if (!values) return;
        trouble.replaceChildren();
        try {
          end(await run({ ...values, newOrganization: isNew.checked }));
        } catch (problem) {
          if (problem.code === "organization_unknown") newOne.hidden = false;
          showProblem(trouble, problem);
        }
      });
    });
  });
}

/** A dialog cannot be answered while nobody is signed in: it makes way for the sign-in form. */
export function setDialogsAside() {
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    aside.add(dialog);
    dialog.close();
  }
}

/** Returns to the dialog after `setDialogsAside`; nothing is left of another person's. */
export function takeDialogsBack() {
  for (const dialog of aside) if (dialog.isConnected) dialog.showModal();
  aside.clear();
}

/** A reason as the API takes it, within its length. */
export function readReason(most) {
  return (text) => {
    const typed = text.trim();
    if (!typed) return { error: "Give a reason." };
    if ([...typed].length > most) return { error: `Use at most ${most} characters.` };
    return { text: typed };
  };
}

function fieldOf({ id, label, value, hint, rows }) {
  const described = hint ? `${id}-hint ${id}-error` : `${id}-error`;
  const attributes = { id, "aria-describedby": described, autocomplete: "off" };
  const input = rows ? h("textarea", { ...attributes, rows, class: "words" }) : h("input", attributes);
  input.value = value ?? "";
  return h(
    "div",
    {},
    h("label", { for: id }, label),
    input,
    hint && h("p", { id: `${id}-hint`, class: "hint" }, hint),
    h("p", { id: `${id}-error`, class: "field-error", role: "alert" }),
  );
}

function readAll(inputs) {
  const values = {};
  let wrong;
  for (const { id, name, read } of inputs) {
    const { error, amount, text } = read(byId(id).value);
    setFieldError(id, `${id}-error`, error);
    if (error) wrong ??= id;
    values[name] = amount ?? text;
  }
  if (wrong) byId(wrong).focus();
  return wrong ? undefined : values;
}
