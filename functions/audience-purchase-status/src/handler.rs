//! From HTTP to [`audience::status`] and back.

use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{Caller, ClaimNames, ObjectStore, Problem, Role, audit, http};
use tables::WorkTable;
use terms::PurchaseId;

/// What the handler works with.
pub struct State {
    /// Where purchases stand.
    pub table: WorkTable,
    /// Where contacts are stored.
    pub objects: ObjectStore,
    /// How the token's claims are called.
    pub claims: ClaimNames,
}

/// Answers one request.
pub async fn handle(state: &State, request: Request) -> Response<Body> {
    answer(state, &request).await.unwrap_or_else(Response::from)
}

async fn answer(state: &State, request: &Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(request, &state.claims)?;
    let id: PurchaseId = http::path_id(request, "id")?;
    // Members see how it stands; people's addresses are for the owner.
    let owner = caller.role == Role::Owner;
    match audience::status(&state.table, &state.objects, &caller.organization, &id, owner).await {
        Ok(Some(view)) => {
            if view.download.is_some() {
                audit::download_link(request, &caller, &view.purchase_id);
            }
            Ok(http::json(StatusCode::OK, &view))
        }
        Ok(None) => Err(Problem::not_found()),
        Err(failure) => Err(Problem::of_failure("a purchase of contacts could not be read", &failure)),
    }
}
