//! From a request's `month`, or the schedule's event, to a month's report.

use costs::{Costs, MonthNotBegun, Reports, produce_report};
use lambda_http::{Body, Request, Response, http::StatusCode};
use ledger::Ledger;
use platform::{
    Caller, ClaimNames, Environment, ObjectStore, Problem, Services, StartFailure, audit, config::name, http,
};
use serde::Deserialize;
use tables::WorkTable;
use terms::Month;

/// What the handler works with.
pub struct State {
    pub(crate) reports: Reports,
    pub(crate) claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        let (ledger, work) = (environment.text(name::LEDGER_TABLE)?, environment.text(name::WORK_TABLE)?);
        let files = ObjectStore::new(services, environment.text(name::REPORTS_BUCKET)?);
        let ledger = Ledger::new(services.dynamodb(), ledger, &work, services.clock());
        let costs = Costs::new(ledger, services.clock());
        Ok(Self {
            reports: Reports::new(costs, WorkTable::new(services.dynamodb(), work), files),
            claims: ClaimNames::from_environment(environment),
        })
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// `yyyy-mm`; the present month where it is absent.
    month: Option<Month>,
}

/// Answers one request of finance.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    caller.require_finance()?;
    let asked: Asked = http::json_body_or_default(&request)?;
    let month = asked.month.unwrap_or_else(|| state.reports.present_month());
    match produce_report(&state.reports, month).await {
        Ok(Ok(report)) => {
            audit::finance_action(&request, &caller, "vendor-report", None, &month);
            audit::download_link(&request, &caller, &format!("vendor-report-{month}"));
            Ok(http::json(StatusCode::OK, &report))
        }
        Ok(Err(refusal)) => Err(problem(refusal)),
        Err(failure) => Err(Problem::of_failure("a month's report could not be produced", &failure)),
    }
}

fn problem(refusal: MonthNotBegun) -> Problem {
    let MonthNotBegun { month } = refusal;
    Problem::bad_request(
        "month_not_begun",
        format!("The month {month} has not begun. Choose the present month or an earlier one."),
    )
}
