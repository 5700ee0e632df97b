//! Vendor costs and month reports: from settled holds to the answers of both functions, and what freezing
//! a month withstands.

use lambda_http::{Body, Response};
use lambda_runtime::{Context, LambdaEvent};
use ledger::{CauseKind, Command, Companions, Purpose, Vendor, VendorFigures};
use platform::ObjectStore;
use serde_json::{Value, json};
use suite::movements::{money, movement, positive};
use suite::{functions::Functions, gateway::Call};
use support::{Fault, World, assert_members};
use terms::HoldId;

fn call(method: &str, path: &str, role: &str) -> Call {
    Call::new(method, path).by("org_droplab", role)
}

struct Order {
    organization: &'static str,
    id: &'static str,
    vendor: Vendor,
    quantity: i64,
    cost: &'static str,
    charge: &'static str,
}

fn order(
    vendor: Vendor,
    organization: &'static str,
    id: &'static str,
    quantity: i64,
    cost: &'static str,
    charge: &'static str,
) -> Order {
    Order { organization, id, vendor, quantity, cost, charge }
}

async fn deliver(world: &World, order: &Order) {
    let organization = world.organization(order.organization);
    world.buy(&organization, order.charge).await;
    let id = HoldId::parse(order.id).unwrap();
    let amount = positive(order.charge);
    let (purpose, held, settled) = match order.vendor {
        Vendor::DataAxle => (Purpose::Contacts, CauseKind::ContactsHold, CauseKind::ContactsSettle),
        Vendor::PostGrid => (Purpose::Postcards, CauseKind::PrintHold, CauseKind::PrintSettle),
    };
    let hold = movement(&organization, (held, order.id), Command::Hold { id: id.clone(), purpose, amount });
    world.post(&hold).await.unwrap().unwrap();
    let vendor = VendorFigures {
        vendor: order.vendor,
        orders: 1,
        quantity: order.quantity,
        cost: money(order.cost),
        charge: money(order.charge),
    };
    let settle = movement(
        &organization,
        (settled, order.id),
        Command::Settle { hold: id, charge: money(order.charge) },
    );
    let with = Companions { vendor: Some(vendor), ..Companions::default() };
    world.ledger.post(&settle, &with).await.unwrap().unwrap();
}

async fn november_story(world: &World) {
    let mut orders = vec![
        order(Vendor::DataAxle, "org_alder", "a1", 10_000, "1200", "2000"),
        order(Vendor::DataAxle, "org_cedar", "c1", 50_000, "5000", "9000"),
        order(Vendor::PostGrid, "org_alder", "a2", 500, "425", "500"),
        order(Vendor::PostGrid, "org_birch", "b6", 1_200, "1020", "1200"),
        order(Vendor::PostGrid, "org_cedar", "c2", 10_000, "8500", "10000"),
    ];
    let birch = ["b1", "b2", "b3", "b4", "b5"];
    orders.extend(birch.map(|id| order(Vendor::DataAxle, "org_birch", id, 1_000, "150", "300")));
    for order in &orders {
        deliver(world, order).await;
    }
}

struct Finance {
    world: World,
    files: ObjectStore,
    functions: Functions,
}

impl Finance {
    fn new() -> Self {
        let world = World::new();
        let functions = Functions::new(world.services(), World::environment());
        Self { files: world.objects("reports"), functions, world }
    }

    async fn costs(&self, query: &str, role: &str) -> (u16, Value) {
        let call = call("GET", &format!("/api/admin/vendor-costs?{query}"), role);
        read(self.functions.call(&call).await)
    }

    async fn report(&self, body: &str) -> (u16, Value) {
        self.dispatched(call("POST", "/api/admin/vendor-costs/report", "finance").body(body).event()).await
    }

    async fn dispatched(&self, event: Value) -> (u16, Value) {
        let answer = self.functions.report(LambdaEvent::new(event, Context::default())).await.unwrap();
        let status = u16::try_from(answer["statusCode"].as_i64().unwrap()).unwrap();
        (status, serde_json::from_str(answer["body"].as_str().unwrap()).unwrap())
    }

    /// The schedule's event, as EventBridge Scheduler sends it.
    async fn schedule(&self) -> Result<Value, lambda_runtime::Error> {
        self.functions.report(LambdaEvent::new(json!({}), Context::default())).await
    }

    async fn file(&self, key: &str) -> String {
        let bytes = self.files.get(key).await.unwrap().unwrap_or_else(|| panic!("{key} is there"));
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}

fn read(response: Response<Body>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

#[tokio::test]
async fn the_november_story_is_what_finance_reads() {
    let finance = Finance::new();
    november_story(&finance.world).await;

    let (status, answer) = finance.costs("months=2", "finance").await;

    assert_eq!(status, 200);
    let november = &answer["months"][0];
    let figures = |vendor: &str| {
        let of = |name: &str| november[vendor][name].as_str().unwrap();
        [of("cost"), of("revenue"), of("profit"), of("marginPercent")]
    };
    assert_eq!(figures("dataAxle"), ["6950.00", "12500.00", "5550.00", "44.40"]);
    assert_eq!(figures("postgrid"), ["9945.00", "11700.00", "1755.00", "15.00"]);
    let total = |name: &str| november[name].as_str().unwrap();
    assert_eq!(
        [total("totalCost"), total("totalRevenue"), total("totalProfit")],
        ["16895.00", "24200.00", "7305.00"]
    );
    assert_members!(november, {
        "dataAxle": {"purchases": 7, "contacts": 65_000}, "postgrid": {"jobs": 3, "pieces": 11_700}});
    assert_eq!(
        (&answer["months"][1]["month"], &answer["months"][1]["totalCost"]),
        (&json!("2026-10"), &json!("0.00"))
    );
}

#[tokio::test]
async fn a_year_is_read_by_default_and_24_months_at_most() {
    let finance = Finance::new();
    for (query, months) in [("", 12), ("months=1", 1), ("months=24", 24)] {
        let (status, answer) = finance.costs(query, "finance").await;
        assert_eq!((status, answer["months"].as_array().unwrap().len()), (200, months), "{query}");
    }
    for query in ["months=0", "months=25", "months=-1", "months=x", "month=2026-11"] {
        assert_eq!(finance.costs(query, "finance").await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn a_customer_on_a_finance_page_is_refused_with_403() {
    let finance = Finance::new();
    for role in ["owner", "member", ""] {
        let (status, problem) = finance.costs("", role).await;
        assert_eq!((status, &problem["code"]), (403, &json!("forbidden")), "{role}");
        let (status, _) =
            finance.dispatched(call("POST", "/api/admin/vendor-costs/report", role).event()).await;
        assert_eq!(status, 403, "{role}");
    }
    let unsigned = Call::new("POST", "/api/admin/vendor-costs/report");
    assert_eq!(finance.dispatched(unsigned.event()).await.0, 401);
    assert!(finance.files.list("").await.unwrap().is_empty(), "nothing was produced");
}

#[tokio::test]
async fn a_report_of_finance_and_its_download_links_are_event_lines_and_so_is_a_refusal() {
    let finance = Finance::new();
    let (lines, _listening) = suite::lines::Lines::listen();
    assert_eq!(finance.report(r#"{"month":"2026-11"}"#).await.0, 200);
    let refused = call("POST", "/api/admin/vendor-costs/report", "owner").event();
    assert_eq!(finance.dispatched(refused).await.0, 403);
    for (name, action, object) in [
        ("finance-action", Some("vendor-report"), Some("2026-11")),
        ("download-link", None, Some("vendor-report-2026-11")),
        ("forbidden", None, None),
    ] {
        let found = lines.of(name);
        let shown = |field: &str| found[0].get(field).map(String::as_str);
        assert_eq!((found.len(), shown("action"), shown("object")), (1, action, object), "{name}");
        assert_eq!(
            (shown("subject"), shown("organization")),
            (Some("sub-org_droplab"), Some("org_droplab")),
            "{name}"
        );
        assert_eq!(shown("endpoint"), Some("POST /api/admin/vendor-costs/report"), "{name}");
    }
}

#[tokio::test]
async fn an_open_months_report_is_provisional_and_overwritten() {
    let finance = Finance::new();
    deliver(&finance.world, &order(Vendor::PostGrid, "org_alder", "a1", 10, "8.50", "10")).await;

    let (status, first) = finance.report("").await;
    assert_eq!((status, &first["status"], &first["month"]), (200, &json!("provisional"), &json!("2026-11")));
    assert_eq!(first["report"]["totalCost"], "8.50");

    deliver(&finance.world, &order(Vendor::PostGrid, "org_alder", "a2", 10, "8.50", "10")).await;
    let (_, second) = finance.report(r#"{"month": "2026-11"}"#).await;
    assert_eq!(
        (&second["report"]["totalCost"], &second["report"]["postgrid"]["jobs"]),
        (&json!("17.00"), &json!(2))
    );
    for format in ["json", "csv", "html"] {
        let link = second["downloads"][format].as_str().unwrap();
        assert!(link.contains(&format!("/reports/2026-11/provisional/vendor-costs.{format}?")), "{link}");
        assert!(link.contains("X-Amz-Expires=300"), "{link}");
        let file = finance.file(&format!("reports/2026-11/provisional/vendor-costs.{format}")).await;
        assert!(file.contains("17.00"), "{format}");
    }
    let frozen = finance.files.exists("reports/2026-11/vendor-costs.json").await.unwrap();
    assert!(!frozen, "an open month is not frozen");
}

#[tokio::test]
async fn the_schedule_closes_the_month_before_and_what_is_frozen_never_changes() {
    let finance = Finance::new();
    november_story(&finance.world).await;
    finance.world.clock.set("2026-12-01T06:00:00Z");

    let closed = finance.schedule().await.unwrap();
    assert_eq!(closed, json!({"month": "2026-11", "status": "final"}));
    let keys = ["json", "csv", "html"].map(|format| format!("reports/2026-11/vendor-costs.{format}"));
    let mut frozen = Vec::new();
    for key in &keys {
        frozen.push(finance.file(key).await);
    }
    deliver(&finance.world, &order(Vendor::PostGrid, "org_alder", "a9", 10, "8.50", "10")).await;
    finance.schedule().await.unwrap();

    let (_, again) = finance.report(r#"{"month": "2026-11"}"#).await;
    assert_eq!((&again["status"], &again["report"]["totalCost"]), (&json!("final"), &json!("16895.00")));
    for (key, text) in keys.iter().zip(&frozen) {
        assert_eq!(&finance.file(key).await, text, "{key}");
    }
    let (_, december) = finance.report("{}").await;
    assert_eq!((&december["month"], &december["report"]["totalCost"]), (&json!("2026-12"), &json!("8.50")));
}

#[tokio::test]
async fn two_runs_at_once_freeze_one_report() {
    let finance = Finance::new();
    november_story(&finance.world).await;
    finance.world.clock.set("2026-12-01T06:00:00Z");

    let (first, second) = tokio::join!(finance.report(r#"{"month": "2026-11"}"#), finance.schedule());

    assert_eq!(
        (first.0, &first.1["status"], &second.unwrap()["status"]),
        (200, &json!("final"), &json!("final"))
    );
    let records = finance.world.dynamo.dump("work");
    let frozen = records.iter().filter(|item| item["kind"]["S"] == "report").count();
    assert_eq!(frozen, 1);
}

#[tokio::test]
async fn a_crash_while_a_month_is_closed_is_completed_by_the_next_run() {
    for fault in [Fault::FailsBefore, Fault::FailsAfter, Fault::ServerErrorAfter, Fault::Throttled] {
        let finance = Finance::new();
        deliver(&finance.world, &order(Vendor::PostGrid, "org_alder", "a1", 10, "8.50", "10")).await;
        finance.world.clock.set("2026-12-01T06:00:00Z");
        for _ in 0..3 {
            finance.world.dynamo.faults().next("PutItem", fault);
        }
        // Whether this run fails or the SDK's own attempts save it, the next one answers.
        let _ = finance.schedule().await;
        finance.world.dynamo.faults().clear();

        let closed = finance.schedule().await.unwrap();

        assert_eq!(closed["status"], "final", "{fault:?}");
        let (_, report) = finance.report(r#"{"month": "2026-11"}"#).await;
        assert_eq!(report["report"]["totalCost"], "8.50", "{fault:?}");
    }
}

#[tokio::test]
async fn a_frozen_file_that_was_altered_or_lost_is_a_failure_and_never_an_answer() {
    let finance = Finance::new();
    finance.world.clock.set("2026-12-01T06:00:00Z");
    finance.schedule().await.unwrap();
    let key = "reports/2026-11/vendor-costs.json";
    let altered = finance.file(key).await.replace("0.00", "1.00");
    finance.files.put(key, altered, "application/json").await.unwrap();

    let (status, problem) = finance.report(r#"{"month": "2026-11"}"#).await;

    assert_eq!((status, &problem["code"]), (500, &json!("internal")));
    assert!(finance.schedule().await.is_err(), "the schedule sees the failure too");
}

#[tokio::test]
async fn a_month_that_has_not_begun_and_bad_input_are_refused() {
    let finance = Finance::new();
    let (status, problem) = finance.report(r#"{"month": "2026-12"}"#).await;
    assert_eq!((status, &problem["code"]), (400, &json!("month_not_begun")));
    for body in [r#"{"month": "November"}"#, r#"{"moth": "2026-11"}"#, "[]", "{"] {
        let (status, problem) = finance.report(body).await;
        assert_eq!((status, &problem["code"]), (400, &json!("invalid_body")), "{body}");
    }
}

#[tokio::test]
async fn a_table_that_cannot_be_read_is_503_with_retry_after() {
    let finance = Finance::new();
    for _ in 0..60 {
        finance.world.dynamo.faults().next("Query", Fault::FailsBefore);
    }
    let (status, problem) = finance.costs("months=1", "finance").await;
    assert_eq!((status, &problem["code"]), (503, &json!("unavailable")));
}
