// The second step of signing in: codes of an authenticator app (TOTP), optional for owners, required for finance.

import { ask as question } from "./dialog.js";
import { byId, h, notice, showProblem, whileBusy } from "./dom.js";
import { accessToken, email, isFinance, subject } from "./session.js";
import { SignInError, ask } from "./user_pool.js";

const METHOD = "SOFTWARE_TOKEN_MFA";

/** Six digits, with or without spaces between them. */
export function readCode(typed) {
  const code = typed.replaceAll(/\s/g, "");
  return /^\d{6}$/.test(code) ? { text: code } : { error: "Enter the 6 digits that your authenticator app shows." };
}

/** What an authenticator app on this device opens. */
export function authenticatorLink(account, secret) {
  const label = encodeURIComponent(`DropLab:${account}`);
  return `otpauth://totp/${label}?${new URLSearchParams({ secret, issuer: "DropLab" })}`;
}

async function isOn() {
  const user = await ask("GetUser", { AccessToken: await accessToken() });
  return (user.UserMFASettingList ?? []).includes(METHOD);
}

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

/** The section of settings. */
export function createMfa() {
  byId("set-up-mfa").addEventListener("click", () =>
    whileBusy(byId("set-up-mfa"), async () => {
      byId("mfa-problem").replaceChildren();
      try {
        if (await setUp()) showState(true);
      } catch (problem) {
        showProblem(byId("mfa-problem"), problem);
      }
    }),
  );
  return {
    async show() {
      try {
        showState(await isOn());
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

/** Tells finance, on every page, that their sign-in needs a second step, until it has one. */
export async function requireMfaOfFinance() {
  const region = byId("security");
  region.replaceChildren();
  if (!isFinance()) return;
  const person = subject();
  const on = await isOn().catch(() => true);
  if (on || person !== subject()) return;
  const problem = h("div", {});
  const button = h("button", { type: "button", class: "primary", "data-testid": "require-mfa" }, "Set up");
  button.addEventListener("click", () =>
    whileBusy(button, async () => {
      problem.replaceChildren();
      try {
        if (await setUp()) region.replaceChildren();
      } catch (trouble) {
        showProblem(problem, trouble);
      }
    }),
  );
  const text = "Finance signs in with a password and a code of an authenticator app. Set it up now.";
  region.replaceChildren(notice("warn", "Two-step sign-in is required", h("p", {}, text), button, problem));
}
