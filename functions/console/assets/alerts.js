// Alerts: the balances at which an owner gets one, and those that were sent.

import { call } from "./api.js";
import { announce, byId, dateTime, h, setFieldError, showProblem, whileBusy } from "./dom.js";
import { follow } from "./follow.js";
import { readMoney } from "./money.js";
import { isOwner } from "./session.js";

const PATH = "/api/credits/alerts";
const FIELDS = ["alert-level-1", "alert-level-2", "alert-level-3"];
const SHOWN = 5;

const LEVEL = {
  least: "0.01",
  most: "1000000.00",
  tooLittle: "Enter amounts from $0.01 to $1,000,000.00, or leave a field empty.",
  tooMuch: "Enter amounts from $0.01 to $1,000,000.00, or leave a field empty.",
};

export class Alerts {
  #isTyping = false;
  #alerts = [];
  #showsAll = false;
  #list;

  constructor() {
    this.#list = follow({
      read: () => call("GET", PATH),
      show: (answer) => this.#take(answer),
      // What is not sent yet is sent within a minute.
      isMoving: (answer) => answer.alerts.some(({ sentAt }) => !sentAt),
      region: () => byId("alerts-problem"),
    });
    byId("alerts-fields").disabled = !isOwner();
    byId("alerts-members").hidden = isOwner();
    byId("alerts-form").addEventListener("input", () => {
      this.#isTyping = true;
      byId("alerts-saved").textContent = "";
    });
    byId("alerts-form").addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy(byId("save-alerts"), () => this.#save());
    });
    byId("all-alerts").addEventListener("click", () => {
      this.#showsAll = true;
      this.#showAlerts();
      byId("alerts").focus();
    });
  }

  show() {
    this.#list.reload();
  }

  hide() {
    this.#list.stop();
  }

  reload() {
    this.#list.reload();
  }

  #take(answer) {
    if (!this.#isTyping) fillLevels(answer.levels);
    this.#alerts = answer.alerts;
    this.#showAlerts();
  }

  async #save() {
    const levels = readLevels();
    if (!levels) return;
    byId("alerts-problem").replaceChildren();
    try {
      const answer = await call("PUT", PATH, { body: { levels } });
      this.#isTyping = false;
      this.#take(answer);
      this.#list.take(answer);
      byId("alerts-saved").textContent = "Saved.";
      announce(answer.levels.length > 0 ? "Saved." : "Saved: you get no alert about your balance.");
    } catch (problem) {
      showProblem(byId("alerts-problem"), problem);
    }
  }

  #showAlerts() {
    const shown = this.#showsAll ? this.#alerts : this.#alerts.slice(0, SHOWN);
    const none = h("li", { class: "muted" }, "No alerts yet.");
    byId("alerts").replaceChildren(...(shown.length > 0 ? shown.map(alertItem) : [none]));
    byId("all-alerts").hidden = shown.length === this.#alerts.length;
    byId("all-alerts").textContent = `Show all ${this.#alerts.length}`;
  }
}

function fillLevels(levels) {
  FIELDS.forEach((field, index) => {
    byId(field).value = levels[index] ?? "";
  });
}

function readLevels() {
  const typed = FIELDS.filter((field) => byId(field).value.trim());
  const read = typed.map((field) => ({ field, ...readMoney(byId(field).value, LEVEL) }));
  const wrong = read.find(({ error }) => error);
  setFieldError(FIELDS, "alerts-error", "");
  if (!wrong) return read.map(({ amount }) => amount);
  setFieldError(wrong.field, "alerts-error", wrong.error);
  byId(wrong.field).focus();
  return null;
}

function alertItem({ title, text, raisedAt, sentAt, told: content }) {
  const when = sentAt ? `${dateTime(raisedAt)}, sent` : `${dateTime(raisedAt)}, being sent`;
  return h(
    "li",
    { "data-alert": content?.kind },
    h("p", { class: "name" }, title),
    h("p", {}, text),
    h("p", { class: "hint" }, when),
  );
}
