// A bar chart in SVG, made of elements: three bars a month.

import { monthName, shortMonth } from "./dom.js";
import { cents, displayShort } from "./money.js";

const SPACE = "http://www.w3.org/2000/svg";
const WIDTH = 1100;
const HEIGHT = 260;
const LEFT = 76;
const TOP = 30;
const BOTTOM = 34;
const SERIES = [
  { member: "totalRevenue", name: "Revenue", style: "series-revenue" },
  { member: "totalCost", name: "Cost", style: "series-cost" },
  { member: "totalProfit", name: "Profit", style: "series-profit" },
];

/** Months in the order given, oldest first. */
export function chart(months) {
  const floor = HEIGHT - BOTTOM;
  const scale = niceScale(months.flatMap((month) => SERIES.map(({ member }) => cents(month[member]))));
  // Only the height of a bar is ever a floating number; every figure shown is the API's own text.
  const heightOf = (value) => (Number(value < 0n ? 0n : value) / Number(scale.top)) * (floor - TOP);
  const root = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": describe(months) });
  for (const line of scale.lines) {
    const y = floor - heightOf(line);
    root.append(
      svg("line", { class: "grid", x1: LEFT, x2: WIDTH, y1: y, y2: y }),
      text(displayShort(`${line / 100n}`), { x: LEFT - 10, y: y + 4, "text-anchor": "end" }),
    );
  }
  const step = (WIDTH - LEFT) / Math.max(months.length, 1);
  const bar = Math.min(26, step / 4);
  months.forEach((month, index) => {
    const middle = LEFT + step * (index + 0.5);
    SERIES.forEach(({ member, name, style }, place) => {
      const height = heightOf(cents(month[member]));
      const x = middle + (place - 1.5) * (bar + 2);
      const rect = svg("rect", { class: style, x, y: floor - height, width: bar, height, rx: 2 });
      rect.append(text(`${monthName(month.month)}, ${name}: ${displayShort(month[member])}`, {}, "title"));
      root.append(rect);
    });
    root.append(text(shortMonth(month.month), { x: middle, y: HEIGHT - 12, "text-anchor": "middle" }));
  });
  SERIES.forEach(({ name, style }, index) => {
    const x = LEFT + index * 96;
    root.append(svg("rect", { class: style, x, y: 2, width: 11, height: 11, rx: 2 }), text(name, { x: x + 17, y: 12 }));
  });
  return root;
}

/** At most six lines at round figures; the uppermost is not below the largest value. */
function niceScale(values) {
  const largest = values.reduce((most, value) => (value > most ? value : most), 100_00n);
  const magnitude = 10n ** BigInt(String(largest).length - 2);
  const step = [1n, 2n, 5n, 10n, 20n].map((factor) => factor * magnitude).find((size) => largest <= size * 5n);
  const lines = [0n];
  while (lines.at(-1) < largest) lines.push(lines.at(-1) + step);
  return { top: lines.at(-1), lines };
}

function describe(months) {
  const said = months.map((month) => `${monthName(month.month)}: revenue ${displayShort(month.totalRevenue)}, cost `
    + `${displayShort(month.totalCost)}, profit ${displayShort(month.totalProfit)}`);
  return `Revenue, cost and profit by month. ${said.join(". ")}`;
}

function svg(tag, attributes) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

function text(content, attributes, tag = "text") {
  const element = svg(tag, attributes);
  element.textContent = content;
  return element;
}
