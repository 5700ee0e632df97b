//! From HTTP to [`audience::status`] and back.

use lambda_http::{Body, Request, Response, http::StatusCode};
use platform::{
    Caller, ClaimNames, Environment, ObjectStore, Problem, Role, Services, StartFailure, audit, config::name,
    http,
};
use tables::WorkTable;
use terms::PurchaseId;

/// What the handler works with.
pub struct State {
    table: WorkTable,
    objects: ObjectStore,
    claims: ClaimNames,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(services: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self {
            table: WorkTable::new(services.dynamodb(), environment.text(name::WORK_TABLE)?),
            objects: ObjectStore::new(services, environment.text(name::CONTENT_BUCKET)?),
            claims: ClaimNames::from_environment(environment),
        })
    }
}

/// Answers one request.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let caller = Caller::of(&request, &state.claims)?;
    let id: PurchaseId = http::path_id(&request, "id")?;
    // Members see how it stands; people's addresses are for the owner.
    let owner = caller.role == Role::Owner;
    match audience::status(&state.table, &state.objects, &caller.organization, &id, owner).await {
        Ok(Some(view)) => {
            if view.download.is_some() {
                audit::download_link(&request, &caller, &view.purchase_id);
            }
            Ok(http::json(StatusCode::OK, &view))
        }
        Ok(None) => Err(Problem::not_found()),
        Err(failure) => Err(Problem::of_failure("a purchase of contacts could not be read", &failure)),
    }
}
