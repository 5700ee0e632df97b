// Who is signed in. The tokens live in this module's memory and nowhere else: no storage that another
// script or the next person at this computer could read. That is why the payment page opens in a tab of
// its own (checkout.js): this document stays, and with it the session.

import { SignInError, ask, askAsClient, roleClaim } from "./user_pool.js";

const NOBODY = { idToken: null, accessToken: null, refreshToken: null, claims: null };
const session = { ...NOBODY };

/** How long signing out waits for the user pool. */
const REVOKE_TIMEOUT_MS = 3_000;

/** The steps that can follow a password, and what each of them needs to be typed. */
const STEPS = ["NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"];

export const isSignedIn = () => session.idToken !== null;
export const email = () => session.claims?.email ?? session.claims?.["cognito:username"] ?? "";
/** Whose pages these are: a person in a role. Another role gets other pages. */
export const personInRole = () => session.claims && `${session.claims.sub} ${session.claims[roleClaim()] ?? ""}`;
/** Roles are for display alone: the server decides by the verified token. */
export const isFinance = () => session.claims?.[roleClaim()] === "finance";
export const isOwner = () => session.claims?.[roleClaim()] === "owner";

/** Signs in. Returns the next step, for `takeStep`, or nothing when signed in. */
export async function signIn(username, password) {
  const parameters = { USERNAME: username, PASSWORD: password };
  const flow = { AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: parameters };
  return next(await askAsClient("InitiateAuth", flow), username);
}

/** Completes one step with what was typed: a new password, or the authenticator app's code. Returns like `signIn`. */
export async function takeStep({ name, username, session: handle, secret }, typed) {
  const respond = async (responses, session) => {
    const body = { ChallengeName: name, Session: session, ChallengeResponses: { USERNAME: username, ...responses } };
    return next(await askAsClient("RespondToAuthChallenge", body), username);
  };
  // Users are made by administrators with a password for one use.
  if (name === "NEW_PASSWORD_REQUIRED") return respond({ NEW_PASSWORD: typed }, handle);
  if (!secret) return respond({ SOFTWARE_TOKEN_MFA_CODE: typed }, handle);
  const verified = await ask("VerifySoftwareToken", { Session: handle, UserCode: typed });
  return respond({}, verified.Session);
}

async function next(answer, username) {
  if (answer.AuthenticationResult) {
    keep(answer);
    return undefined;
  }
  if (!STEPS.includes(answer.ChallengeName)) {
    throw new SignInError("This account needs a step that the console does not have. Ask your administrator.");
  }
  const step = {
    name: answer.ChallengeName,
    username: answer.ChallengeParameters?.USER_ID_FOR_SRP ?? username,
    session: answer.Session,
  };
  if (step.name !== "MFA_SETUP") return step;
  const { SecretCode, Session } = await ask("AssociateSoftwareToken", { Session: answer.Session });
  return { ...step, secret: SecretCode, session: Session };
}

/** The access token, with which people change their own sign-in. */
export async function accessToken() {
  if (!(await token())) throw new SignInError("Your session has ended. Sign in again.");
  return session.accessToken;
}

/** The id token, renewed when it has less than a minute left; null when someone has to sign in. */
export async function token() {
  if (session.idToken && session.claims.exp * 1000 - Date.now() > 60_000) return session.idToken;
  return renew();
}

let renewing = null;

/**
 * A new id token by the refresh token; null when there is none or it is no longer valid. A person whose role was
 * changed meanwhile signs in again: the present pages were not made for that role.
 */
export function renew() {
  if (!session.refreshToken) return Promise.resolve(null);
  const parameters = { REFRESH_TOKEN: session.refreshToken };
  renewing ??= askAsClient("InitiateAuth", { AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: parameters })
    .then((answer) => {
      const { claims } = session;
      const before = personInRole();
      keep(answer);
      if (personInRole() === before) return session.idToken;
      Object.assign(session, NOBODY, { claims });
      return null;
    })
    .catch(() => {
      Object.assign(session, NOBODY, { claims: session.claims });
      return null;
    })
    .finally(() => {
      renewing = null;
    });
  return renewing;
}

/** Forgets the tokens, and has the user pool revoke the refresh token and what was made from it. */
export async function signOut() {
  const { refreshToken } = session;
  Object.assign(session, NOBODY);
  if (!refreshToken) return;
  const signal = AbortSignal.timeout(REVOKE_TIMEOUT_MS);
  // The page is left in any case: what cannot be revoked now ends within a day.
  await askAsClient("RevokeToken", { Token: refreshToken }, { keepalive: true, signal }).catch(() => {});
}

/** Ends every session of this person, on every device. Throws if the user pool did not confirm it. */
export async function signOutEverywhere() {
  await ask("GlobalSignOut", { AccessToken: await accessToken() }).catch((problem) => {
    // A revoked token: every session has been ended already.
    if (problem.kind !== "NotAuthorizedException") throw problem;
  });
  Object.assign(session, NOBODY);
}

function keep(answer) {
  const result = answer.AuthenticationResult;
  if (!result?.IdToken) throw new SignInError("This account needs a step that the console does not have.");
  session.idToken = result.IdToken;
  session.accessToken = result.AccessToken;
  session.refreshToken = result.RefreshToken ?? session.refreshToken;
  session.claims = readClaims(result.IdToken);
}

/** The claims are only read to show them: what they permit is checked where the signature is. */
function readClaims(idToken) {
  const payload = idToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
