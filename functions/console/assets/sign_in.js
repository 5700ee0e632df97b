// The sign-in form. It can be needed at any moment: what was on the page is hidden, not removed,
// so that a returning person finds the place and every typed word as they were.

import { setDialogsAside, takeDialogsBack } from "./dialog.js";
import { byId, whileBusy } from "./dom.js";
import { prepareForgotPassword } from "./forgot_password.js";
import { authenticatorLink, readCode } from "./mfa.js";
import { signIn, takeStep } from "./session.js";
import { SignInError } from "./user_pool.js";

let waiting = null;
let answer = null;
let step = null;
let afterSignIn = () => {};

/** What each step shows, and where its answer is typed. */
const STEPS = {
  NEW_PASSWORD_REQUIRED: { fields: ["new-password-fields"], input: "new-password" },
  SOFTWARE_TOKEN_MFA: { fields: ["code-fields"], input: "code" },
  MFA_SETUP: { fields: ["mfa-setup-fields", "code-fields"], input: "code" },
};
const FIELDS = ["new-password-fields", "mfa-setup-fields", "code-fields"];

/** `listener` runs after every sign-in, before the caller of `askToSignIn` continues. */
export function onSignedIn(listener) {
  afterSignIn = listener;
}

/** Shows the form and resolves when a person has signed in. Called twice, it is one form, with the first reason. */
export function askToSignIn(reason) {
  if (waiting) return waiting;
  waiting = new Promise((resolve) => {
    answer = resolve;
  });
  if (reason) byId("sign-in-reason").textContent = reason;
  setDialogsAside();
  for (const id of ["views", "nav", "account", "security"]) byId(id).hidden = true;
  byId("sign-in-view").hidden = false;
  (byId("email").value ? byId("password") : byId("email")).focus();
  return waiting;
}

export function prepareSignIn() {
  byId("sign-in-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("sign-in"), submit);
  });
  byId("start-again").addEventListener("click", () => {
    byId("sign-in-error").textContent = "";
    show(null);
  });
  prepareForgotPassword();
}

async function submit() {
  const error = byId("sign-in-error");
  error.textContent = "";
  try {
    step = step ? await takeStep(step, typed()) : await begin();
    show(step);
    if (!step) finish();
  } catch (problem) {
    error.textContent = problem instanceof SignInError ? problem.message : "Signing in did not work. Try again.";
    // The user pool allows a few minutes for a step; after that the person starts again with the password.
    if (step && problem.kind === "NotAuthorizedException") show(null);
    byId(step ? STEPS[step.name].input : "password").select();
  }
}

function begin() {
  const username = byId("email").value.trim();
  if (!username || !byId("password").value) throw new SignInError("Enter your e-mail and your password.");
  return signIn(username, byId("password").value);
}

function typed() {
  if (step.name !== "NEW_PASSWORD_REQUIRED") return codeOf(byId("code").value);
  if (!byId("new-password").value) throw new SignInError("Choose a new password.");
  return byId("new-password").value;
}

function codeOf(text) {
  const { text: code, error } = readCode(text);
  if (error) throw new SignInError(error);
  return code;
}

/** Shows a step, or the first form. */
function show(next) {
  step = next ?? null;
  const shown = step ? STEPS[step.name].fields : [];
  for (const id of FIELDS) byId(id).hidden = !shown.includes(id);
  byId("credentials").hidden = step !== null;
  byId("start-again").hidden = step === null;
  for (const id of ["code", "new-password"]) byId(id).value = "";
  byId("mfa-secret").textContent = step?.secret ?? "";
  if (step?.secret) byId("mfa-link").href = authenticatorLink(byId("email").value.trim(), step.secret);
  else byId("mfa-link").removeAttribute("href");
  if (step) byId(STEPS[step.name].input).focus();
}

function finish() {
  byId("password").value = "";
  byId("sign-in-view").hidden = true;
  byId("views").hidden = false;
  byId("security").hidden = false;
  waiting = null;
  afterSignIn();
  takeDialogsBack();
  answer();
}
