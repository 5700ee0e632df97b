// A list that is read again automatically while an item in it can change.

import { showProblem } from "./dom.js";
import { poll } from "./poll.js";

/** The most reads of one list; after that it is read again when the page is opened. */
const MOST = 200;

/**
 * `read` returns the list, `show` shows it, `isMoving` says whether it can still change, `onChange` runs
 * when it has changed. Failures are shown in `region`.
 */
export function follow({ read, show, isMoving, onChange = () => {}, region }) {
  let watching = null;
  let shown;

  const list = {
    /** Reads now, and again while the list can change. */
    reload() {
      list.stop();
      const mine = new AbortController();
      watching = mine;
      let readings = 0;
      poll(read, {
        everyMs: (attempt) => Math.min(1500 * 1.3 ** attempt, 30_000),
        signal: mine.signal,
        onTrouble: (problem) => showProblem(region(), problem),
        onValue: (value) => {
          readings += 1;
          region().replaceChildren();
          take(value);
          return !isMoving(value) || readings >= MOST;
        },
      }).finally(() => {
        if (watching === mine) watching = null;
      });
    },

    /** Shows a list that came another way, such as by saving. */
    take,

    stop() {
      watching?.abort();
      watching = null;
    },

    isRunning: () => watching !== null,
  };

  function take(value) {
    const text = JSON.stringify(value);
    if (text === shown) return;
    const isFirst = shown === undefined;
    shown = text;
    show(value);
    if (!isFirst) onChange(value);
  }

  return list;
}
