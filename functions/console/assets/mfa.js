// The second step of signing in: codes of an authenticator app (TOTP), optional for owners, required for finance.

import { ask as question } from "./dialog.js";
import { byId, h, notice, showProblem, whileBusy } from "./dom.js";
import { accessToken, email, isFinance, personInRole, signOutEverywhere } from "./session.js";
import { SignInError, ask, roleClaim } from "./user_pool.js";

const METHOD = "SOFTWARE_TOKEN_MFA";

/** Six digits, with or without spaces between them. */
export function readCode(typed) {
  const code = typed.replaceAll(/\s/g, "");
  return /^\d{6}$/.test(code) ? { text: code } : { error: "Enter the 6 digits that your authenticator app shows." };
}

/** The link that opens an authenticator app on this device. */
export function authenticatorLink(account, secret) {
  const label = encodeURIComponent(`DropLab:${account}`);
  return `otpauth://totp/${label}?${new URLSearchParams({ secret, issuer: "DropLab" })}`;
}

/** The person's state in the user pool now; a token may be older, or omit something. */
const readUser = async () => ask("GetUser", { AccessToken: await accessToken() });
const isOn = (user) => (user.UserMFASettingList ?? []).includes(METHOD);
const roleOf = (user) => (user.UserAttributes ?? []).find(({ Name }) => Name === roleClaim())?.Value;

/** Asks for the first code of a new key. Resolves to true once the app's codes are required. */
async function setUp() {
  const { SecretCode: secret } = await ask("AssociateSoftwareToken", { AccessToken: await accessToken() });
  const link = h("a", { href: authenticatorLink(email(), secret) }, "Open it in an authenticator app on this device");
  return question({
    title: "Set up two-step sign-in",
    words: [
      "Add an account to your authenticator app and give it this key. Then enter the code that the app shows.",
      h("code", { "data-testid": "mfa-key", class: "key" }, secret),
      link,
      "You are then signed out everywhere, and sign in again with your password and a new code.",
    ],
    fields: [{ name: "code", label: "Code from your authenticator app", read: readCode }],
    confirm: "Turn on",
    run: async ({ code }) => {
      const token = await accessToken();
      const { Status } = await ask("VerifySoftwareToken", { AccessToken: token, UserCode: code });
      if (Status !== "SUCCESS") throw new SignInError("That code is not right. Enter the newest one.");
      const settings = { Enabled: true, PreferredMfa: true };
      await ask("SetUserMFAPreference", { AccessToken: token, SoftwareTokenMfaSettings: settings });
      return true;
    },
  });
}

/**
 * Ends all sessions, those that began with a password alone included, so that none can be renewed into a session of
 * finance. The next sign-in, with a code, gives tokens with all roles of the person.
 */
async function signInAgain(region) {
  try {
    await signOutEverywhere();
    location.assign("/?two-step=on");
  } catch (problem) {
    const button = h("button", { type: "button", class: "primary" }, "Sign out everywhere");
    button.addEventListener("click", () => whileBusy(button, () => signInAgain(region)));
    const words = [problem.message, "Then sign in with your password and a new code."];
    const title = "Two-step sign-in is on, but you are not signed out everywhere yet";
    region.replaceChildren(notice("bad", title, ...words.map((text) => h("p", {}, text)), button));
  }
}

/** The section of settings. */
export function createMfa() {
  byId("set-up-mfa").addEventListener("click", () =>
    whileBusy(byId("set-up-mfa"), async () => {
      byId("mfa-problem").replaceChildren();
      try {
        if (!(await setUp())) return;
        showState(true);
        await signInAgain(byId("mfa-problem"));
      } catch (problem) {
        showProblem(byId("mfa-problem"), problem);
      }
    }),
  );
  return {
    async show() {
      try {
        showState(isOn(await readUser()));
      } catch (problem) {
        showProblem(byId("mfa-problem"), problem);
      }
    },
  };
}

function showState(on) {
  byId("mfa-state").textContent = on
    ? "On: each sign-in asks for a code of your authenticator app."
    : "Off: your password alone signs you in.";
  byId("set-up-mfa").textContent = on ? "Use another authenticator app" : "Set up";
  byId("set-up-mfa").hidden = false;
}

/** The people looked up already, once for each sign-in. */
let lookedUp = null;

/**
 * Shows finance, on every page, that their sign-in needs a second step, until it has one. The user pool says who is
 * finance: SignInClaims (template.yaml) leaves the role out of the tokens of people without a second step. If the look-up
 * fails now, it is repeated when the next page opens.
 */
export async function requireMfaOfFinance() {
  const person = personInRole();
  if (lookedUp === person) return;
  const region = byId("security");
  region.replaceChildren();
  const user = await readUser().catch(() => null);
  if (!user || person !== personInRole()) return;
  lookedUp = person;
  if (roleOf(user) === "finance" && !isOn(user)) region.replaceChildren(setUpFirst(region));
}

function setUpFirst(region) {
  const problem = h("div", {});
  const button = h("button", { type: "button", class: "primary", "data-testid": "require-mfa" }, "Set up");
  button.addEventListener("click", () =>
    whileBusy(button, async () => {
      problem.replaceChildren();
      try {
        if (await setUp()) await signInAgain(region);
      } catch (trouble) {
        showProblem(problem, trouble);
      }
    }),
  );
  const until = isFinance() ? "" : "Until you do, the pages of finance are closed to you. ";
  const text = `Finance signs in with a password and a code from an authenticator app. ${until}Choose “Set up” now; you `
    + "are then signed out everywhere, and sign in again with a code.";
  return notice("warn", "Two-step sign-in is required", h("p", {}, text), button, problem);
}
