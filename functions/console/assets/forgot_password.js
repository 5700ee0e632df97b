// "Forgot password?": a code by e-mail, then a new password.

import { byId, whileBusy } from "./dom.js";
import { SignInError, askAsClient } from "./user_pool.js";

/** The person that the code was sent to, whatever is typed later. */
let username = null;

export function prepareForgotPassword() {
  byId("forgot-password").addEventListener("click", open);
  byId("leave-forgot").addEventListener("click", () => leave());
  byId("forgot-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("forgot-go"), submit);
  });
}

function open() {
  byId("sign-in-form").hidden = true;
  byId("forgot-form").hidden = false;
  byId("forgot-email").value = byId("email").value;
  showPart(null);
  byId("forgot-email").focus();
}

function leave(done = "") {
  byId("forgot-form").hidden = true;
  byId("sign-in-form").hidden = false;
  byId("sign-in-error").textContent = "";
  if (done) byId("sign-in-reason").textContent = done;
  (byId("email").value ? byId("password") : byId("email")).focus();
}

async function submit() {
  byId("forgot-error").textContent = "";
  try {
    await (username ? choosePassword() : sendCode());
  } catch (problem) {
    const known = problem instanceof SignInError;
    byId("forgot-error").textContent = known ? problem.message : "This did not work. Try again.";
  }
}

async function sendCode() {
  const typed = byId("forgot-email").value.trim();
  if (!typed) throw new SignInError("Enter your e-mail.");
  await askAsClient("ForgotPassword", { Username: typed });
  showPart(typed);
  byId("forgot-code").focus();
}

async function choosePassword() {
  const code = byId("forgot-code").value.trim();
  const password = byId("forgot-new-password").value;
  if (!code || !password) throw new SignInError("Enter the code from the e-mail and a new password.");
  await askAsClient("ConfirmForgotPassword", { Username: username, ConfirmationCode: code, Password: password });
  byId("email").value = username;
  byId("password").value = "";
  showPart(null);
  leave("Your password is changed. Sign in with it.");
}

/** First the e-mail; once a code has been sent to `person`, the code and the new password. */
function showPart(person) {
  username = person;
  byId("forgot-error").textContent = "";
  byId("forgot-code").value = "";
  byId("forgot-new-password").value = "";
  byId("forgot-email-fields").hidden = person !== null;
  byId("forgot-code-fields").hidden = person === null;
  // The same text for every address, so that it does not reveal who has an account.
  byId("forgot-sent").textContent = person ? `If ${person} has an account, a code is on its way there.` : "";
  byId("forgot-go").textContent = person ? "Change password" : "Send code";
}
