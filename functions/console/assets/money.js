// Money as in the API: strings with two decimals. Display groups digits; nothing is ever a float.
// Where amounts are compared or subtracted, they become whole cents in a BigInt.

const MONEY = /^(-?)(\d+)(?:\.(\d{1,4}))?$/;
const CUSTOM = /^\d+(\.\d{1,2})?$/;

export const SMALLEST = "10.00";
export const LARGEST = "10000.00";

/** "1234.5" → "$1,234.50"; a unit price keeps up to four decimals. A dash for what is not there. */
export function display(amount) {
  const parts = MONEY.exec(String(amount ?? ""));
  if (!parts) return "–";
  const [, minus, whole, decimals = ""] = parts;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${minus ? "−" : ""}$${grouped}.${decimals.padEnd(2, "0")}`;
}

/** The same without cents when they are zero: for packages, "250.00" → "$250". */
export const displayShort = (amount) => display(amount).replace(/\.00$/, "");

/** Whole cents, for comparison, subtraction and the height of a bar. */
export function cents(amount) {
  const parts = MONEY.exec(String(amount ?? "0"));
  if (!parts) return 0n;
  const [, minus, whole, decimals = ""] = parts;
  const value = BigInt(whole + decimals.slice(0, 2).padEnd(2, "0"));
  return minus ? -value : value;
}

export const isPositive = (amount) => cents(amount) > 0n;

/** Whole cents as the API writes an amount: -1234n → "-12.34". */
export function fromCents(value) {
  const digits = String(value < 0n ? -value : value).padStart(3, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Credits in a sentence: the same figure as an amount, without the sign of the dollar. */
export const credits = (amount) => display(amount).replace("$", "");

const PURCHASE = {
  least: SMALLEST,
  most: LARGEST,
  tooLittle: `The smallest purchase is ${display(SMALLEST)}.`,
  tooMuch: `The largest purchase is ${display(LARGEST)}.`,
};

/** A typed amount of credits to buy: `{ amount }` with two decimals, or `{ error }` in words. */
export const readAmount = (text) => readMoney(text, PURCHASE);

/**
 * The same within other bounds, both included; `tooLittle` and `tooMuch` are their messages. With `signed` a minus
 * is allowed: the bounds then apply to the size.
 */
export function readMoney(text, { least, most, tooLittle, tooMuch, signed = false }) {
  const [sign, plain] = signed ? splitSign(text.trim()) : ["", text.trim()];
  const typed = plain.replace(/^\$\s*/, "").replace(/(?<=\d),(?=\d{3}(\D|$))/g, "");
  if (!typed) return { error: "Enter an amount." };
  if (/^\d+\.\d{3,}$/.test(typed)) return { error: "An amount has at most two decimals, for example 127.50." };
  if (!CUSTOM.test(typed)) return { error: "Enter an amount in dollars, for example 127 or 127.50." };
  const [whole, decimals = ""] = typed.split(".");
  const amount = `${whole.replace(/^0+(?=\d)/, "")}.${decimals.padEnd(2, "0")}`;
  if (cents(amount) < cents(least)) return { error: tooLittle };
  if (cents(amount) > cents(most)) return { error: tooMuch };
  return { amount: sign + amount };
}

/** "−5" → ["-", "5"]; a plus is left out. */
function splitSign(text) {
  const parts = /^([-−+]?)\s*(.*)$/.exec(text);
  return [["-", "−"].includes(parts[1]) ? "-" : "", parts[2]];
}
