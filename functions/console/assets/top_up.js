// Auto top-up: the owner's settings, what they mean in words, and what prevents a charge.

import { call } from "./api.js";
import { announce, byId, h, notice, showProblem, whileBusy } from "./dom.js";
import { follow } from "./follow.js";
import { isOwner } from "./session.js";
import { fillTopUp, readTopUp } from "./top_up_form.js";
import { explain, isTopUpMoving, obstacle } from "./top_up_words.js";

const PATH = "/api/credits/auto-top-up";

export class TopUp {
  #view = null;
  #available = null;
  // What is being typed is not replaced by what is read.
  #isTyping = false;
  #isOpen = false;
  #shownObstacle = "";
  #list;

  /** `onChange` runs when a charge has begun or ended since it was shown. */
  constructor({ onChange }) {
    this.#list = follow({
      read: () => call("GET", PATH),
      show: (view) => this.#take(view),
      isMoving: (view) => isTopUpMoving(view, this.#available),
      onChange,
      region: () => byId("top-up-problem"),
    });
    byId("top-up-fields").disabled = !isOwner();
    byId("top-up-members").hidden = isOwner();
    byId("top-up-form").addEventListener("input", () => {
      this.#isTyping = true;
      byId("top-up-saved").textContent = "";
      this.#showState();
    });
    byId("top-up-form").addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy(byId("save-top-up"), () => this.#save());
    });
  }

  show() {
    this.#isOpen = true;
    this.#list.reload();
  }

  hide() {
    this.#isOpen = false;
    this.#list.stop();
  }

  reload() {
    this.#list.reload();
  }

  /** The balance decides whether a charge is due. */
  onAccount({ available }) {
    this.#available = available;
    if (!this.#view) return;
    this.#showState();
    const isDue = isTopUpMoving(this.#view, available);
    if (this.#isOpen && isDue && !this.#list.isRunning()) this.#list.reload();
  }

  #take(view) {
    this.#view = view;
    if (!this.#isTyping) fillTopUp(view.settings);
    this.#showState();
  }

  async #save() {
    const body = readTopUp({ tellsErrors: true });
    if (!body) return;
    byId("top-up-problem").replaceChildren();
    try {
      const view = await call("PUT", PATH, { body });
      this.#isTyping = false;
      this.#take(view);
      this.#list.take(view);
      byId("top-up-saved").textContent = "Saved.";
      announce(`Saved. ${explain(view, this.#available)}`);
      this.#list.reload();
    } catch (problem) {
      showProblem(byId("top-up-problem"), problem);
    }
  }

  #showState() {
    const view = this.#view;
    if (!view) return;
    const typed = this.#isTyping ? readTopUp({ tellsErrors: false }) : null;
    // Saving resumes auto top-up, so the text describes what is typed, without the pause.
    const asSaved = typed && { ...view, settings: typed, paused: null, waitUntil: null };
    const words = asSaved ? `If you save this: ${explain(asSaved, this.#available)}` : explain(view, this.#available);
    byId("top-up-words").textContent = words;
    byId("save-top-up").textContent = view.paused && view.settings?.enabled ? "Save and resume" : "Save";
    this.#showObstacle(obstacle(view, this.#available));
  }

  /** An unchanged notice stays: a screen reader would read it out again. */
  #showObstacle(hindered) {
    const obstacle = JSON.stringify(hindered);
    if (obstacle === this.#shownObstacle) return;
    this.#shownObstacle = obstacle;
    const { kind, name, text } = hindered ?? {};
    byId("top-up-state").replaceChildren(...(hindered ? [notice(kind, name, h("p", {}, text))] : []));
  }
}
