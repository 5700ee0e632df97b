// The sign-in form. It can be asked for at any moment: what was on the page is hidden, not removed,
// so that whoever comes back finds the place and every typed word as they were.

import { setDialogsAside, takeDialogsBack } from "./dialog.js";
import { byId, whileBusy } from "./dom.js";
import { SignInError, choosePassword, signIn } from "./session.js";

let waiting = null;
let answer = null;
let challenge = null;
let afterSignIn = () => {};

/** `listener` runs after every sign-in, before whoever asked for it goes on. */
export function onSignedIn(listener) {
  afterSignIn = listener;
}

/** Shows the form and resolves when someone has signed in. Asked for twice, it is one form. */
export function askToSignIn(reason) {
  waiting ??= new Promise((resolve) => {
    answer = resolve;
  });
  if (reason) byId("sign-in-reason").textContent = reason;
  setDialogsAside();
  byId("views").hidden = true;
  byId("nav").hidden = true;
  byId("account").hidden = true;
  byId("sign-in-view").hidden = false;
  (byId("email").value ? byId("password") : byId("email")).focus();
  return waiting;
}

export function prepareSignIn() {
  byId("sign-in-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("sign-in"), submit);
  });
}

async function submit() {
  const error = byId("sign-in-error");
  error.textContent = "";
  try {
    if (challenge) {
      if (!byId("new-password").value) throw new SignInError("Choose a new password.");
      await choosePassword(challenge, byId("new-password").value);
    } else {
      const username = byId("email").value.trim();
      if (!username || !byId("password").value) throw new SignInError("Enter your e-mail and your password.");
      challenge = await signIn(username, byId("password").value);
      if (challenge) {
        byId("new-password-fields").hidden = false;
        byId("new-password").focus();
        return;
      }
    }
    finish();
  } catch (problem) {
    error.textContent = problem instanceof SignInError ? problem.message : "Signing in did not work. Try again.";
    if (!challenge) byId("password").select();
  }
}

function finish() {
  challenge = null;
  byId("password").value = "";
  byId("new-password").value = "";
  byId("new-password-fields").hidden = true;
  byId("sign-in-view").hidden = true;
  byId("views").hidden = false;
  waiting = null;
  afterSignIn();
  takeDialogsBack();
  answer();
}
