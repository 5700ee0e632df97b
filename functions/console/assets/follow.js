// A list that is read again by itself while something in it is under way.

import { showProblem } from "./dom.js";
import { poll } from "./poll.js";

/** Readings of one list at most: what takes longer is read when the page is opened again. */
const MOST = 200;

/**
 * `read` answers the list, `show` shows it, `isMoving` says whether it is worth reading again, `onChange` runs
 * when it has become another one. What goes wrong is shown in `region`.
 */
export function follow({ read, show, isMoving, onChange = () => {}, region }) {
  let watching = null;
  let shown;

  const list = {
    /** Reads now, and again while it moves. */
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

    /** Shows an answer that came another way, such as by saving. */
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
