// Reads the audience form: what was typed becomes filters of the API, or a sentence beside the field.

import { byId, setFieldError } from "./dom.js";

const MOST_CONTACTS = 100_000;
const MOST_DOLLARS = 100_000_000;

const LISTS = [
  { id: "states", each: /^[A-Za-z]{2}$/, wrong: "States are two letters each, for example CA." },
  { id: "cities", each: /^[\p{L}\p{M}\p{Zs}\p{Pd}.'’‘ʼ′´`−]{1,60}$/u, wrong: "Cities are names, separated by commas." },
  { id: "zips", each: /^\d{5}$/, wrong: "ZIP codes are five digits each, for example 94110." },
];

const RANGES = [
  { id: "age", name: "age", most: 120 },
  { id: "income", name: "householdIncome", most: MOST_DOLLARS },
  { id: "home-value", name: "homeValue", most: MOST_DOLLARS },
];

const YES_OR_NO = ["homeowner", "married", "children"];

/** The whole form as `{ filters, maxContacts, audienceName }`; null when a field is wrong (it has the focus). */
export function readAudience({ needsName }) {
  const wrong = [];
  const check = (fields, errorId, message) => {
    setFieldError(fields, errorId, message);
    if (message) wrong.push([fields].flat()[0]);
  };
  const filters = { ...readLists(check), ...readRadius(check), ...readRanges(check), ...readChoices() };
  const maxContacts = readWhole(byId("max-contacts").value);
  const bounded = maxContacts >= 1 && maxContacts <= MOST_CONTACTS;
  check("max-contacts", "max-contacts-error", bounded ? "" : "Enter a number from 1 to 100,000.");
  const audienceName = byId("audience-name").value.trim();
  check("audience-name", "audience-name-error", needsName && !audienceName ? "Give the list a name." : "");
  if (wrong.length > 0) {
    byId(wrong[0]).focus();
    return null;
  }
  return { filters, maxContacts, audienceName };
}

function readLists(check) {
  const found = {};
  for (const { id, each, wrong } of LISTS) {
    const values = byId(id).value.split(/[,;\n]/).map((value) => value.trim()).filter(Boolean);
    const fits = values.every((value) => each.test(value));
    check(id, `${id}-error`, fits ? "" : wrong);
    if (fits && values.length > 0) found[id] = id === "states" ? values.map((value) => value.toUpperCase()) : values;
  }
  return found;
}

function readRadius(check) {
  const zip = byId("radius-zip").value.trim();
  const typedMiles = byId("radius-miles").value.trim();
  const fields = ["radius-zip", "radius-miles"];
  if (!zip && !typedMiles) {
    check(fields, "radius-error", "");
    return {};
  }
  const miles = readWhole(typedMiles);
  const fits = /^\d{5}$/.test(zip) && miles >= 1 && miles <= 100;
  check(fields, "radius-error", fits ? "" : "Enter a ZIP code of five digits and 1 to 100 miles.");
  return fits ? { radius: { zip, miles } } : {};
}

function readRanges(check) {
  const found = {};
  for (const { id, name, most } of RANGES) {
    const fields = [`${id}-min`, `${id}-max`];
    const range = {};
    let fits = true;
    for (const [index, bound] of ["min", "max"].entries()) {
      const typed = byId(fields[index]).value.trim();
      if (!typed) continue;
      range[bound] = readWhole(typed);
      fits &&= range[bound] >= 0 && range[bound] <= most;
    }
    fits &&= range.min === undefined || range.max === undefined || range.min <= range.max;
    const limit = most.toLocaleString("en-US");
    check(fields, `${id}-error`, fits ? "" : `Enter whole numbers up to ${limit}, the lower one first.`);
    if (Object.keys(range).length > 0) found[name] = range;
  }
  return found;
}

function readChoices() {
  const found = {};
  if (byId("gender").value) found.gender = byId("gender").value;
  for (const name of YES_OR_NO) {
    if (byId(name).value) found[name] = byId(name).value === "true";
  }
  return found;
}

/** A whole number as typed, with or without grouping; NaN for anything else, which fits no bound. */
function readWhole(text) {
  const digits = text.trim().replace(/,/g, "");
  return /^\d{1,9}$/.test(digits) ? Number(digits) : Number.NaN;
}
