// Reads again until something is finished.

/**
 * Reads every `everyMs` (a number, or a function of the attempt) until `onValue` returns true or `signal`
 * is aborted. A temporary failure is shown through `onTrouble`, and reading continues.
 */
export async function poll(read, { everyMs, onValue, onTrouble, signal }) {
  for (let attempt = 0; !signal?.aborted; attempt += 1) {
    try {
      const value = await read();
      if (signal?.aborted) return;
      if (onValue(value)) return;
    } catch (problem) {
      if (signal?.aborted) return;
      onTrouble?.(problem);
      if (problem.status === undefined || (problem.status >= 400 && problem.status < 500)) return;
    }
    await pause(typeof everyMs === "function" ? everyMs(attempt) : everyMs, signal);
  }
}

/** Waits; shorter when this tab comes back into view or the signal is aborted. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onView);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const onView = () => document.visibilityState === "visible" && end();
    const timer = setTimeout(end, ms);
    document.addEventListener("visibilitychange", onView);
    signal?.addEventListener("abort", end);
  });
}
