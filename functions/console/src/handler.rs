//! Translates a request's path into a file, and the file into a response.

use crate::assets::{self, File};
use crate::config::Config;
use crate::headers::protect;
use lambda_http::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Error, Request, Response};

/// Answers one request: the page, an asset, the configuration, or the page that says 404.
///
/// # Errors
/// When a response cannot be built; never for anything that a caller sent.
pub async fn handle(config: &Config, request: Request) -> Result<Response<Body>, Error> {
    let readable = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    let mut response = match path {
        _ if !readable => file(StatusCode::NOT_FOUND, &assets::NOT_FOUND)?,
        "/config.json" => Response::builder()
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(config.document.clone()))?,
        _ => match find(path) {
            Some(found) if is_known(&request, found) => {
                let status = StatusCode::NOT_MODIFIED;
                Response::builder().status(status).header(ETAG, found.etag()).body(Body::Empty)?
            }
            Some(found) => file(StatusCode::OK, found)?,
            None => file(StatusCode::NOT_FOUND, &assets::NOT_FOUND)?,
        },
    };
    tracing::debug!(path, status = response.status().as_u16(), "served");
    protect(response.headers_mut(), &config.content_security_policy)?;
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

fn file(status: StatusCode, file: &File) -> Result<Response<Body>, lambda_http::http::Error> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, file.content_type)
        .header(ETAG, file.etag())
        .body(Body::from(file.text))
}
