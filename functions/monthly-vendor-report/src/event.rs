//! Which of the two events came, and the answer in the form that its sender reads.

use crate::handler::{State, answer};
use costs::close_previous_month;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::{Body, RequestExt, Response};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};

/// Answers one event: API Gateway's (payload version 2.0) has a `requestContext`, the schedule's has none.
///
/// # Errors
/// When the month could not be closed, so that the schedule tries again, or when an event cannot be read.
pub async fn dispatch(state: &State, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    if payload.get("requestContext").is_none() {
        let report = close_previous_month(&state.reports).await?;
        return Ok(json!({"month": report.month, "status": report.status}));
    }
    let request = lambda_http::request::from_str(&payload.to_string())?.with_lambda_context(context);
    let response = platform::http::respond(request, |request| answer(state, request)).await;
    Ok(serde_json::to_value(payload_of(response))?)
}

fn payload_of(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (parts, body) = response.into_parts();
    let mut payload = ApiGatewayV2httpResponse::default();
    payload.status_code = parts.status.as_u16().into();
    payload.headers = parts.headers;
    payload.is_base64_encoded = matches!(body, Body::Binary(_));
    payload.body = Some(body);
    payload
}
