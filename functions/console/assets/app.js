// Starts the console: sign-in, the page for each address, the frame around the pages.

import { createAudience } from "./audience.js";
import { forgetBalance, onBalance, refreshBalance } from "./balance.js";
import { createBilling } from "./billing.js";
import { createCampaign } from "./campaign.js";
import { returnedFromPayment } from "./checkout.js";
import { announce, byId, h, notice, whileBusy } from "./dom.js";
import { requireMfaOfFinance } from "./mfa.js";
import { display } from "./money.js";
import { email, isFinance, personInRole, signOut } from "./session.js";
import { createSettings } from "./settings.js";
import { askToSignIn, onSignedIn, prepareSignIn } from "./sign_in.js";
import { configure } from "./user_pool.js";
import { createVendorCosts } from "./vendor_costs.js";

const PAGES = [
  { path: /^\/settings$/, name: "Credits", template: "settings-template", create: createSettings },
  { path: /^\/audience$/, name: "Audience", template: "audience-template", create: createAudience },
  { path: /^\/campaigns\/(?<id>[^/]+)$/, name: "Campaign", template: "campaign-template", create: createCampaign },
  {
    path: /^\/admin\/vendor-costs$/,
    name: "Vendor costs",
    template: "vendor-costs-template",
    create: createVendorCosts,
  },
  { path: /^\/admin\/billing$/, name: "Billing", template: "billing-template", create: createBilling },
];

// A page is made when it is first opened and then only hidden: filters, prices and progress stay as they were.
let made = new Map();
let current = null;
let person = null;

async function start() {
  prepareSignIn();
  showReturn();
  document.addEventListener("click", onLink);
  window.addEventListener("popstate", () => showPage());
  byId("sign-out").addEventListener("click", () => whileBusy(byId("sign-out"), leave));
  onSignedIn(welcome);
  try {
    await configure();
  } catch (problem) {
    byId("notice").replaceChildren(notice("bad", problem.message));
    return;
  }
  await askToSignIn(reasonToSignIn());
}

/** A new document does not remember the one before. */
async function leave() {
  await signOut();
  location.assign("/");
}

/**
 * Runs after every sign-in. The same person in the same role finds the pages as they were; for anybody else they are
 * made anew.
 */
function welcome() {
  byId("nav").hidden = false;
  byId("account").hidden = false;
  if (person === personInRole()) return;
  current?.view.hide?.();
  person = personInRole();
  made = new Map();
  current = null;
  byId("views").replaceChildren();
  forgetBalance();
  byId("header-balance").textContent = "";
  onBalance((account) => {
    byId("header-balance").textContent = display(account.available);
  });
  byId("who").textContent = email();
  const audience = isFinance() ? "finance" : "customer";
  for (const link of byId("nav").children) link.hidden = link.dataset.for !== audience;
  byId("header-balance").hidden = isFinance();
  refreshBalance().catch(() => {});
  showPage();
}

function showPage() {
  if (!person) return;
  requireMfaOfFinance();
  if (location.pathname === "/") {
    history.replaceState(null, "", isFinance() ? "/admin/vendor-costs" : "/settings");
  }
  const page = PAGES.find(({ path }) => path.test(location.pathname)) ?? PAGES[0];
  current?.view.hide?.();
  for (const { root } of made.values()) root.hidden = true;
  if (!made.has(page)) {
    const root = h("div", { class: "view" }, byId(page.template).content.cloneNode(true));
    byId("views").append(root);
    made.set(page, { root, view: page.create({ navigate }) });
  }
  current = made.get(page);
  current.root.hidden = false;
  document.title = `${page.name} · DropLab`;
  for (const link of byId("nav").children) {
    if (page.path.test(link.pathname)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const { id } = page.path.exec(location.pathname)?.groups ?? {};
  current.view.show({ id: id && decodeURIComponent(id), query: new URLSearchParams(location.search) });
}

function navigate(address) {
  history.pushState(null, "", address);
  byId("notice").replaceChildren();
  showPage();
  window.scrollTo(0, 0);
  byId("main").focus();
  announce(document.title);
}

/** Links within the console change the page without leaving the document, which holds the session. */
function onLink(event) {
  const link = event.target.closest("a");
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const ours = link && link.origin === location.origin && !link.target && !link.hasAttribute("download");
  if (!ours || !plain || link.hash) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

/** Why a person who has just turned on two-step sign-in (mfa.js) has to sign in again. */
function reasonToSignIn() {
  if (new URLSearchParams(location.search).get("two-step") !== "on") return undefined;
  history.replaceState(null, "", location.pathname);
  return "Two-step sign-in is on, and you are signed out everywhere. Sign in again: with your password, and then with "
    + "a new code from your authenticator app.";
}

/** The payment page comes back to this address, in a tab that has no session of its own. */
function showReturn() {
  const outcome = new URLSearchParams(location.search).get("purchase");
  if (!["success", "canceled"].includes(outcome)) return;
  history.replaceState(null, "", location.pathname);
  byId("notice").replaceChildren(returnedFromPayment(outcome));
}

start();
