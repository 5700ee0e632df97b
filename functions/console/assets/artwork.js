// Artwork: read from the form, and uploaded under the policy in the campaign's response.

import { Problem } from "./api.js";
import { byId } from "./dom.js";

const LARGEST_BYTES = 10 * 1024 * 1024;
/** The file name that printing reads under the campaign's prefix when one PDF serves all. */
const FILE_NAME = "artwork.pdf";
const FAILED = "The artwork could not be uploaded";

/** `{ artwork, file }` for the API, or `{ error }` in words. */
export async function readArtwork() {
  if (byId("artwork-html").checked) {
    const [front, back] = [byId("html-front").value, byId("html-back").value];
    if (!front.trim() || !back.trim()) return { error: "Fill in the front and the back." };
    return { artwork: { kind: "html", front, back } };
  }
  const file = byId("artwork-file").files[0];
  if (!file) return { error: "Choose a PDF." };
  if (file.size > LARGEST_BYTES) return { error: "The file is larger than 10 MB." };
  // The printer would refuse a file that is not a PDF, piece by piece.
  const start = await file.slice(0, 5).text();
  if (start !== "%PDF-") return { error: "This file is not a PDF." };
  return { artwork: { kind: "pdf" }, file };
}

/** Posts the file as the policy requires: its fields first, the file last. */
export async function uploadArtwork(upload, file) {
  const form = new FormData();
  form.set("key", `${upload.prefix}${FILE_NAME}`);
  for (const [name, value] of Object.entries(upload.fields)) {
    if (name !== "key") form.set(name, value);
  }
  form.set("file", file, FILE_NAME);
  let response;
  try {
    response = await fetch(upload.url, { method: "POST", body: form });
  } catch {
    throw new Problem(0, { title: FAILED, detail: "Check your connection and try again." });
  }
  if (response.ok) return;
  const detail = response.status === 403
    ? "The permission to upload has run out. Reload the page and create the campaign again."
    : "The store refused the file. Try again, or choose another file.";
  throw new Problem(response.status, { title: FAILED, detail });
}
