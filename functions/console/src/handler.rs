//! Translates a request's path into a file, and the file into a response.

use crate::assets::{self, File};
use crate::config::Config;
use crate::headers::protect;
use lambda_http::http::header::{ETAG, HeaderValue, IF_NONE_MATCH};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use platform::{Environment, Problem, Services, StartFailure, http};

/// What the handler works with.
pub struct State {
    config: Config,
}

impl State {
    /// As the function's environment says.
    pub async fn connect(_: &Services, environment: &Environment) -> Result<Self, StartFailure> {
        Ok(Self { config: Config::of(environment)? })
    }
}

/// Answers one request: the page, an asset, the configuration, or the page that says 404.
pub async fn answer(state: &State, request: Request) -> Result<Response<Body>, Problem> {
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    let mut response = match path {
        _ if !readable => file(StatusCode::NOT_FOUND, &assets::NOT_FOUND),
        "/config.json" => http::content(StatusCode::OK, "application/json", state.config.document.clone()),
        _ => match find(path) {
            Some(found) if is_known(&request, found) => not_modified(found),
            Some(found) => file(StatusCode::OK, found),
            None => file(StatusCode::NOT_FOUND, &assets::NOT_FOUND),
        },
    };
    tracing::debug!(path, status = response.status().as_u16(), "served");
    protect(response.headers_mut(), &state.config.content_security_policy);
    Ok(response)
}

/// The routes of the page are those of the template; the page itself decides what each one shows.
fn find(path: &str) -> Option<&'static File> {
    match path {
        "/" | "/settings" | "/audience" | "/admin/vendor-costs" | "/admin/billing" => Some(&assets::PAGE),
        _ => match path.split('/').collect::<Vec<_>>().as_slice() {
            ["", "campaigns", id] if !id.is_empty() => Some(&assets::PAGE),
            ["", "assets", name] => assets::by_name(name),
            _ => None,
        },
    }
}

/// The header is a list; what stands between sender and function may have marked a tag as weak.
fn is_known(request: &Request, file: &File) -> bool {
    let known =
        request.headers().get(IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == file.etag())
}

fn file(status: StatusCode, file: &File) -> Response<Body> {
    let response = http::content(status, file.content_type, file.text);
    tagged(response, file)
}

fn not_modified(file: &File) -> Response<Body> {
    tagged(http::empty(StatusCode::NOT_MODIFIED), file)
}

fn tagged(mut response: Response<Body>, file: &File) -> Response<Body> {
    if let Ok(tag) = HeaderValue::try_from(file.etag()) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
