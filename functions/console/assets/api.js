// The only module that calls the API: it adds the token, asks to sign in when the token is no longer valid, turns
// refusals into problems, and retries what may be retried.

import { personInRole, renew, token } from "./session.js";
import { askToSignIn } from "./sign_in.js";

/** What the API refused or could not do (RFC 9457), in words; `extra` holds the problem's own members. */
export class Problem extends Error {
  constructor(status, document = {}) {
    const { title, detail, code, ...extra } = document;
    super(title ?? inWords(status));
    this.title = this.message;
    this.detail = detail ?? "";
    this.code = code ?? "";
    this.status = status;
    this.extra = extra;
  }
}

/** One key per intended spend: a body keeps its key through every retry until it has succeeded. */
export class Intent {
  keyFor(body) {
    const text = JSON.stringify(body);
    if (text !== this.text) {
      this.text = text;
      this.key = crypto.randomUUID();
    }
    return this.key;
  }

  fulfilled() {
    this.text = undefined;
  }
}

/**
 * Calls `path` and returns the JSON body. With `key`, a request whose response was lost is sent again under the same key.
 * `csv` is sent as it is, in place of a JSON `body`.
 */
export async function call(method, path, { body, csv, key } = {}) {
  const response = await send(method, path, { body, csv, key, accept: "application/json" });
  return response.json().catch(() => ({}));
}

/** A file of the API as a blob. */
export async function download(path, accept) {
  const response = await send("GET", path, { accept });
  return response.blob();
}

/** Only our own origin gets the token: an address from a response is reduced to its path. */
export function ownPath(address) {
  const url = new URL(address, location.origin);
  return url.pathname + url.search;
}

async function send(method, path, request) {
  // A read may be retried freely, and so may settings, which a PUT sets as a whole; any other write only under
  // its key, for which a retry returns the first result.
  const attempts = ["GET", "PUT"].includes(method) || request.key ? 3 : 1;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendOnce(method, path, request);
    } catch (problem) {
      const passing = problem.status === 0 || problem.status === 503;
      if (!passing || attempt >= attempts) throw problem;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt * (0.5 + Math.random() / 2)));
    }
  }
}

async function sendOnce(method, path, request) {
  let idToken = (await token()) ?? (await signedInToken());
  let response = await exchange(method, path, request, idToken);
  if (response.status === 401) {
    idToken = (await renew()) ?? (await signedInToken());
    response = await exchange(method, path, request, idToken);
  }
  if (!response.ok) throw await readProblem(response);
  return response;
}

async function signedInToken() {
  const before = personInRole();
  await askToSignIn("Your session has ended. Sign in again to continue where you were.");
  // Another person, or the same one in another role, has signed in: the earlier request must not be sent in their name.
  if (personInRole() !== before) throw new Problem(401);
  return token();
}

async function exchange(method, path, { body, csv, key, accept }, idToken) {
  const headers = { Authorization: `Bearer ${idToken}`, Accept: accept };
  if (csv !== undefined) headers["Content-Type"] = "text/csv";
  else if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  try {
    return await fetch(path, { method, headers, body: csv ?? (body === undefined ? undefined : JSON.stringify(body)) });
  } catch {
    throw new Problem(0);
  }
}

async function readProblem(response) {
  const isProblem = response.headers.get("content-type")?.includes("application/problem+json");
  const document = isProblem ? await response.json().catch(() => ({})) : {};
  return new Problem(response.status, document);
}

function inWords(status) {
  if (status === 0) return "DropLab cannot be reached. Check your connection and try again.";
  if (status === 401) return "Sign in again.";
  if (status === 403) return "Your account may not do this.";
  if (status === 404) return "Your organization has nothing at this address.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  return "DropLab could not do this just now. Try again in a moment.";
}
