// Money as the API speaks it: strings with two decimals. Display groups digits; nothing is ever a float.
// Where two amounts must be compared, both become whole cents in a BigInt.

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

/** Whole cents, for comparison and for the height of a bar; never sent anywhere. */
export function cents(amount) {
  const parts = MONEY.exec(String(amount ?? "0"));
  if (!parts) return 0n;
  const [, minus, whole, decimals = ""] = parts;
  const value = BigInt(whole + decimals.slice(0, 2).padEnd(2, "0"));
  return minus ? -value : value;
}

export const isPositive = (amount) => cents(amount) > 0n;

/** What someone typed as an amount of credits: `{ amount }` with two decimals, or `{ error }` in words. */
export function readAmount(text) {
  const typed = text.trim().replace(/^\$\s*/, "").replace(/(?<=\d),(?=\d{3}(\D|$))/g, "");
  if (!typed) return { error: "Enter an amount." };
  if (/^\d+\.\d{3,}$/.test(typed)) return { error: "An amount has at most two decimals, for example 127.50." };
  if (!CUSTOM.test(typed)) return { error: "Enter an amount in dollars, for example 127 or 127.50." };
  const [whole, decimals = ""] = typed.split(".");
  const amount = `${whole.replace(/^0+(?=\d)/, "")}.${decimals.padEnd(2, "0")}`;
  if (cents(amount) < cents(SMALLEST)) return { error: `The smallest purchase is ${display(SMALLEST)}.` };
  if (cents(amount) > cents(LARGEST)) return { error: `The largest purchase is ${display(LARGEST)}.` };
  return { amount };
}
