// Pages of another company, each in its own tab: this document stays, and with it the session.

import { byId, h, notice, showProblem } from "./dom.js";

/** Opens an empty tab. Call it in the click itself: a tab opened later is blocked as a pop-up. */
export function openTab() {
  const tab = window.open("", "_blank");
  return {
    /** Sends the tab to `address`; false when the browser gave no tab, or it is no web address. */
    go(address) {
      if (!tab || !isWebAddress(address)) return false;
      // The page belongs to another company: it gets no handle on this one.
      tab.opener = null;
      tab.location.replace(address);
      return true;
    },
    close() {
      tab?.close();
    },
  };
}

export const isWebAddress = (address) => ["https:", "http:"].includes(new URL(address, location.origin).protocol);

/** A link to a page of another company. */
export function outside(address, name, attributes = {}) {
  return h("a", { href: address, target: "_blank", rel: "noopener", ...attributes }, name);
}

/** Gets an address from the API and opens it in a new tab; `region` gets a link if the browser blocked it. */
export async function visit(region, name, ask) {
  const tab = openTab();
  byId(region).replaceChildren();
  try {
    const { url } = await ask();
    if (tab.go(url)) return;
    tab.close();
    if (!isWebAddress(url)) throw new TypeError("not an address of the web");
    const text = "Your browser did not open the page.";
    byId(region).replaceChildren(notice("", text, h("p", {}, outside(url, name))));
  } catch (problem) {
    tab.close();
    showProblem(byId(region), problem);
  }
}
