// The user pool's own API, which the browser calls directly: signing in, new passwords, the second step.

let config;

/** A refusal of the user pool, in words for the person who typed; `kind` is the pool's own name for it. */
export class SignInError extends Error {
  constructor(message, kind = "") {
    super(message);
    this.title = message;
    this.kind = kind;
  }
}

export async function configure() {
  const response = await fetch("/config.json");
  if (!response.ok) throw new SignInError("The console's configuration could not be read. Reload the page.");
  config = await response.json();
  if (!config.clientId) throw new SignInError("This console has no user pool: sign in elsewhere.");
}

export const roleClaim = () => config.roleClaim;

/** One call with the console's own client: how a person signs in. */
export const askAsClient = (action, body, options) => ask(action, { ClientId: config.clientId, ...body }, options);

/** One call; `options` go to `fetch`. */
export async function ask(action, body, options = {}) {
  let response;
  try {
    response = await fetch(config.cognitoUrl, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify(body),
      ...options,
    });
  } catch {
    throw new SignInError("The sign-in service cannot be reached. Check your connection and try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const kind = String(answer.__type ?? "").split("#").pop();
  throw new SignInError(inWords(kind, action, "AccessToken" in body), kind);
}

/** `isSignedIn`: whether the person has signed in already. */
function inWords(kind, action, isSignedIn) {
  switch (kind) {
    case "NotAuthorizedException":
      return isSignedIn ? "Your session has ended. Sign out, and sign in again." : refused(action);
    case "UserNotFoundException":
      return refused("InitiateAuth");
    case "InvalidParameterException":
      return action === "ForgotPassword" ? refused(action) : "What you typed was not accepted. Check it and try again.";
    case "InvalidPasswordException":
      return "That password is too simple. Use more characters, and mix letters, digits and signs.";
    case "PasswordResetRequiredException":
      return "Your password has to be reset. Choose “Forgot password?” below.";
    case "CodeMismatchException":
    case "EnableSoftwareTokenMFAException":
      return "That code is not right. Enter the newest one.";
    case "ExpiredCodeException":
      return "That code is too old. Ask for a new one.";
    case "TooManyRequestsException":
    case "TooManyFailedAttemptsException":
    case "LimitExceededException":
      return "Too many attempts. Wait a few minutes and try again.";
    default:
      return isSignedIn
        ? "The sign-in service could not do this. Try again in a moment."
        : "Signing in did not work. Try again in a moment.";
  }
}

/** "Not authorized" means something else at each step. */
function refused(action) {
  switch (action) {
    case "InitiateAuth":
      return "The e-mail or the password is not right.";
    case "ForgotPassword":
    case "ConfirmForgotPassword":
      return "This password cannot be reset here. Ask your administrator for a new one.";
    default:
      return "This took too long. Sign in again from the start.";
  }
}
