// Who is signed in. Both tokens live in this module's memory and nowhere else: no storage that another
// script or the next person at this computer could read. That is why the payment page opens in a tab of
// its own (checkout.js): this document stays, and with it the session.

const session = { idToken: null, refreshToken: null, claims: null };
let config;

/** A refusal of the user pool, in words for the person who typed. */
export class SignInError extends Error {}

export async function configure() {
  const response = await fetch("/config.json");
  if (!response.ok) throw new SignInError("The console's configuration could not be read. Reload the page.");
  config = await response.json();
  if (!config.clientId) throw new SignInError("This console has no user pool: sign in elsewhere.");
}

export const isSignedIn = () => session.idToken !== null;
export const email = () => session.claims?.email ?? session.claims?.["cognito:username"] ?? "";
export const subject = () => session.claims?.sub;
/** Roles are for display alone: the server decides by the verified token. */
export const isFinance = () => session.claims?.[config.roleClaim] === "finance";
export const isOwner = () => session.claims?.[config.roleClaim] === "owner";

/** Signs in. Answers a challenge to be met with `choosePassword`, or nothing when done. */
export async function signIn(username, password) {
  const parameters = { USERNAME: username, PASSWORD: password };
  const answer = await ask("InitiateAuth", { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: parameters });
  if (answer.ChallengeName === "NEW_PASSWORD_REQUIRED") return { username, session: answer.Session };
  keep(answer);
  return undefined;
}

/** Users are made by administrators with a password for one use; this is the second step of their first sign-in. */
export async function choosePassword(challenge, password) {
  const responses = { USERNAME: challenge.username, NEW_PASSWORD: password };
  keep(await ask("RespondToAuthChallenge", {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: challenge.session,
    ChallengeResponses: responses,
  }));
}

/** The id token, renewed when it has less than a minute left; null when someone has to sign in. */
export async function token() {
  if (session.idToken && session.claims.exp * 1000 - Date.now() > 60_000) return session.idToken;
  return renew();
}

let renewing = null;

/** A new id token by the refresh token; null when there is none or it is no longer good. */
export function renew() {
  if (!session.refreshToken) return Promise.resolve(null);
  const parameters = { REFRESH_TOKEN: session.refreshToken };
  renewing ??= ask("InitiateAuth", { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: parameters })
    .then((answer) => {
      keep(answer);
      return session.idToken;
    })
    .catch(() => {
      session.idToken = null;
      session.refreshToken = null;
      return null;
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

function keep(answer) {
  const result = answer.AuthenticationResult;
  if (!result?.IdToken) throw new SignInError("This account needs a step that the console does not have.");
  session.idToken = result.IdToken;
  session.refreshToken = result.RefreshToken ?? session.refreshToken;
  session.claims = readClaims(result.IdToken);
}

/** The claims are only read to show them: what they allow is checked where the signature is. */
function readClaims(idToken) {
  const payload = idToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

async function ask(action, body) {
  let response;
  try {
    response = await fetch(config.cognitoUrl, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
      },
      body: JSON.stringify({ ClientId: config.clientId, ...body }),
    });
  } catch {
    throw new SignInError("The sign-in service cannot be reached. Check your connection and try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new SignInError(inWords(answer));
  return answer;
}

function inWords(answer) {
  const kind = String(answer.__type ?? "").split("#").pop();
  switch (kind) {
    case "NotAuthorizedException":
    case "UserNotFoundException":
      return "The e-mail or the password is not right.";
    case "InvalidPasswordException":
      return "That password is too simple. Use more characters, and mix letters, digits and signs.";
    case "PasswordResetRequiredException":
      return "Your password has to be reset. Ask your administrator.";
    case "TooManyRequestsException":
    case "LimitExceededException":
      return "Too many attempts. Wait a minute and try again.";
    default:
      return "Signing in did not work. Try again in a moment.";
  }
}
