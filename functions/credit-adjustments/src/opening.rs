//! The CSV of opening balances, row by row.

use crate::{
    handler::State,
    refusals::{code, unavailable},
    rows,
};
use billing::{AdjustmentRefusal, import_row};
use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, Problem, audit, http};
use serde_json::{Value, json};

/// Every row is read before one is imported; each is imported once, so the same file may be sent again.
pub(crate) async fn opening(
    state: &State,
    caller: &Caller,
    request: &Request,
) -> Result<Response<Body>, Problem> {
    let rows = rows::read(http::body(request)?)?;
    let mut answers: Vec<Value> = Vec::new();
    for row in &rows {
        let brought = import_row(&state.ledger, &state.work, row, &caller.actor(), state.clock.now()).await;
        answers.push(match brought.map_err(|failure| unavailable(&failure))? {
            Ok(receipt) => {
                let entry = receipt.map_or("no-entry".to_owned(), |receipt| format!("entry-{}", receipt.seq));
                audit::finance_action(request, caller, "opening-balance", Some(&row.organization), &entry);
                json!({"rowId": row.row_id, "organizationId": row.organization, "credits": row.credits, "done": true})
            }
            Err(refusal) => json!({
                "rowId": row.row_id, "organizationId": row.organization, "done": false,
                "code": code(&refusal), "why": sentence(&refusal),
            }),
        });
    }
    Ok(http::json(StatusCode::OK, &json!({"rows": answers})))
}

fn sentence(refusal: &AdjustmentRefusal) -> String {
    format!("Not imported: {refusal}.")
}
