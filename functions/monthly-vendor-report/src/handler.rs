//! From a request's `month`, or the schedule's event, to a month's report.

use costs::{MonthNotBegun, Reports, produce_report};
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, Problem, audit, http};
use serde::Deserialize;
use terms::Month;

/// What the handler works with.
pub struct State {
    /// What produces reports.
    pub reports: Reports,
    /// How the token's claims are called.
    pub claims: ClaimNames,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// `yyyy-mm`; the present month where it is absent.
    month: Option<Month>,
}

/// Answers one request of finance.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(request, &state.claims)?;
    caller.require_finance()?;
    let asked: Asked = http::json_body_or_default(request)?;
    let month = asked.month.unwrap_or_else(|| state.reports.present_month());
    match produce_report(&state.reports, month).await {
        Ok(Ok(report)) => {
            audit::finance_action(request, &caller, "vendor-report", None, &month);
            audit::download_link(request, &caller, &format!("vendor-report-{month}"));
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
