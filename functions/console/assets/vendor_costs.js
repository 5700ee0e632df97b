// Finance's page: what both vendors cost, month by month, and the report of a month.

import { call } from "./api.js";
import { chart } from "./chart.js";
import { byId, count, h, monthName, notice, shortMonth, showProblem, whileBusy } from "./dom.js";
import { display } from "./money.js";

const VENDOR_COLUMNS = ["Cost", "Revenue", "Profit", "Margin"];

export function createVendorCosts() {
  showColumns();
  let months = [];

  byId("months").addEventListener("change", () => load());
  byId("report-form").addEventListener("submit", (event) => {
    event.preventDefault();
    whileBusy(byId("produce-report"), produceReport);
  });

  async function load() {
    try {
      const answer = await call("GET", `/api/admin/vendor-costs?months=${byId("months").value}`);
      // Newest first in the table, whatever the order of the response.
      months = [...answer.months].sort((one, other) => other.month.localeCompare(one.month));
      byId("costs-problem").replaceChildren();
      showMonths();
    } catch (problem) {
      showProblem(byId("costs-problem"), problem);
    }
  }

  function showMonths() {
    const body = byId("vendor-costs").tBodies[0];
    body.replaceChildren(...months.map((month) => monthRow(month, () => choose(month))));
    byId("chart").replaceChildren(chart([...months].reverse()));
    const chosen = byId("report-month").value;
    byId("report-month").replaceChildren(...months.map(({ month }) => h("option", { value: month }, monthName(month))));
    if (months.some(({ month }) => month === chosen)) byId("report-month").value = chosen;
    if (months.length > 0) choose(months[0]);
  }

  function choose(month) {
    for (const row of byId("vendor-costs").tBodies[0].rows) {
      if (row.dataset.month === month.month) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
    byId("month-title").textContent = monthName(month.month);
    byId("organizations-title").textContent = `By organization, ${monthName(month.month)}`;
    byId("month-figures").replaceChildren(
      tile("Revenue", display(month.totalRevenue)),
      tile("Vendor cost", display(month.totalCost)),
      tile("Gross profit", display(month.totalProfit)),
      tile("Margin", percent(month.marginPercent)),
    );
    showOrganizations(month);
  }

  async function produceReport() {
    const month = byId("report-month").value;
    const region = byId("report-status");
    try {
      const report = await call("POST", "/api/admin/vendor-costs/report", { body: { month } });
      const ready = `The report of ${monthName(month)} is ready`;
      region.replaceChildren(notice("good", ready, reportLinks(report.downloads)));
    } catch (problem) {
      showProblem(region, problem);
    }
  }

  return { show: load };
}

function showColumns() {
  const cell = (name, edge) => h("th", { scope: "col", class: edge ? "number edge" : "number" }, name);
  const columns = [
    ...["Contacts", ...VENDOR_COLUMNS],
    ...["Pieces", ...VENDOR_COLUMNS],
    ...VENDOR_COLUMNS,
  ];
  byId("costs-columns").append(...columns.map((name, index) => cell(name, [0, 5, 10].includes(index))));
}

function monthRow(month, onChoose) {
  const number = (text, edge) => h("td", { class: edge ? "number edge" : "number" }, text);
  const vendor = (figures, quantity) => [
    number(count(quantity), true), number(display(figures.cost)), number(display(figures.revenue)),
    number(display(figures.profit)), number(percent(figures.marginPercent)),
  ];
  const name = h("button", { type: "button", class: "link", onclick: onChoose }, shortMonth(month.month));
  return h(
    "tr",
    { "data-month": month.month },
    h("th", { scope: "row" }, name),
    ...vendor(month.dataAxle, month.dataAxle.contacts),
    ...vendor(month.postgrid, month.postgrid.pieces),
    number(display(month.totalCost), true),
    number(display(month.totalRevenue)),
    number(display(month.totalProfit)),
    number(percent(month.marginPercent)),
  );
}

function showOrganizations(month) {
  const rows = [
    ...(month.dataAxle.organizations ?? []).map((row) => ({ ...row, vendor: "Data Axle", quantity: row.contacts })),
    ...(month.postgrid.organizations ?? []).map((row) => ({ ...row, vendor: "PostGrid", quantity: row.pieces })),
  ].sort((one, other) => one.organizationId.localeCompare(other.organizationId));
  const body = byId("organizations").tBodies[0];
  if (rows.length === 0) {
    body.replaceChildren(h("tr", {}, h("td", { colspan: "7", class: "empty" }, "Nothing was bought in this month.")));
    return;
  }
  const number = (text) => h("td", { class: "number" }, text);
  body.replaceChildren(...rows.map((row) => h(
    "tr",
    {},
    h("th", { scope: "row" }, row.organizationId),
    h("td", {}, row.vendor),
    number(count(row.quantity ?? 0)),
    number(display(row.cost)),
    number(display(row.revenue)),
    number(display(row.profit)),
    number(percent(row.marginPercent)),
  )));
}

const percent = (value) => `${value} %`;

function tile(name, value) {
  return h("div", {}, h("p", { class: "muted" }, name), h("p", { class: "value" }, value));
}

/** The links are valid for five minutes; the button makes new ones. */
function reportLinks(downloads) {
  const link = ([kind, name]) => h("a", { href: downloads[kind], target: "_blank", rel: "noopener" }, name);
  return h("p", { class: "row" }, ...[["html", "Page with charts"], ["csv", "CSV"], ["json", "JSON"]].map(link));
}
