//! The JSON envelope: how a host without a forwarding flag, and one that does not know the flag,
//! hands an HTTP call to the handler.
//!
//! Section 4 of the reference and "envelope" in section 10. Left out: parameters of the route, and
//! texts in the answer that look like base64, which the host decodes.

use std::collections::BTreeMap;
use std::future::pending;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use futures_util::stream;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use mime::Mime;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::body::{Activity, Upload};
use crate::function::Function;
use crate::relay::{
    HOST_VERSION, HOST_VERSION_HEADER, INVOCATION_ID_HEADER, Relay, RelayError, set,
};
use crate::trace::TraceContext;

const JSON: &str = "application/json; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Names of the two bindings that are filled.
#[derive(Debug, Clone)]
pub(crate) struct Bindings {
    pub(crate) trigger: String,
    /// `None`: the function has no HTTP output.
    pub(crate) output: Option<String>,
}

/// Why an answer of the handler is a failed invocation.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvelopeError {
    #[error("the answer has status {0}, it must be 2xx")]
    Status(StatusCode),
    #[error("the answer's content type must be application/json")]
    ContentType,
    #[error("the answer is not JSON: {0}")]
    Syntax(serde_json::Error),
    #[error("the HTTP output has a status or a header that HTTP does not know")]
    Output,
}

impl Relay {
    /// Sends `POST /<function name>` and waits for the outputs; for ever if there are none.
    pub(crate) async fn envelope(
        &self,
        request: Request,
        function: &Function,
        id: Uuid,
    ) -> Result<(Response<Body>, Activity), RelayError> {
        let (parts, body) = request.into_parts();
        let activity = Activity::new(self.activity);
        let upload = Upload::new(&parts.headers, body, self.body_limit, &activity);
        let body = match upload.and_then(|upload| upload.attempt()) {
            Some(body) => body.collect().await?.to_bytes().to_vec(),
            None => Vec::new(),
        };
        let data = data(&parts, &String::from_utf8_lossy(&body));
        let envelope = json!({
            "Data": { &function.bindings.trigger: data },
            "Metadata": { "sys": {
                "MethodName": &function.name,
                "UtcNow": Timestamp::now().to_string(),
                "RandGuid": Uuid::new_v4().to_string(),
            }},
        });
        let head = self.head(&parts.headers, &function.name, id)?;
        // Of unknown length, so that it is sent in chunks.
        let envelope = Body::from_stream(stream::iter([Ok::<_, RelayError>(envelope.to_string())]));
        let (head, body) = self
            .upstream
            .send(&head, Some(envelope))
            .await?
            .into_parts();
        check(&head.headers, head.status)?;
        let body = body.collect().await?.to_bytes();
        let answer = match serde_json::from_slice(&body) {
            Err(_) if body.is_empty() => Value::Null,
            parsed => parsed.map_err(EnvelopeError::Syntax)?,
        };
        let Value::Object(answer) = answer else {
            return pending().await;
        };
        if let Some(Value::Array(lines)) = member(&answer, "Logs") {
            for line in lines.iter().filter_map(Value::as_str) {
                let category = format!("Function.{}.User", function.name);
                self.log.information(&category, line);
            }
        }
        Ok((output(&answer, &function.bindings)?, activity))
    }

    fn head(&self, caller: &HeaderMap, name: &str, id: Uuid) -> Result<Parts, RelayError> {
        let (mut head, ()) = Request::new(()).into_parts();
        head.method = Method::POST;
        head.uri = (self.upstream).uri(&PathAndQuery::try_from(format!("/{name}"))?);
        let headers = &mut head.headers;
        // The caller's own headers are in the envelope; the host's span stands in its trace.
        if self.trace_context == TraceContext::HostSpan {
            for name in ["traceparent", "tracestate"].map(HeaderName::from_static) {
                headers.extend(caller.get(&name).map(|value| (name, value.clone())));
            }
            self.trace_context.apply(headers);
        }
        set(headers, CONTENT_TYPE, JSON);
        set(headers, HOST_VERSION_HEADER, HOST_VERSION);
        set(headers, INVOCATION_ID_HEADER, id.to_string());
        let agent = format!("Azure-Functions-Host/{HOST_VERSION}");
        set(headers, USER_AGENT, agent);
        Ok(head)
    }
}

/// The caller's request as the trigger's value.
fn data(parts: &Parts, body: &str) -> Value {
    let host = parts.headers.get(HOST).map(HeaderValue::as_bytes);
    let host = String::from_utf8_lossy(host.unwrap_or_default());
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers
            .entry(title_case(name.as_str()))
            .or_default()
            .push(value);
    }
    let query = parts.uri.query().unwrap_or_default();
    let query: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    json!({
        "Url": format!("http://{host}{}", parts.uri),
        "Method": parts.method.as_str(),
        "Query": query,
        "Headers": headers,
        "Params": {},
        "Identities": [],
        "Body": body,
    })
}

fn title_case(name: &str) -> String {
    let part = |part: &str| {
        let mut chars = part.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

fn check(headers: &HeaderMap, status: StatusCode) -> Result<(), EnvelopeError> {
    if !status.is_success() {
        return Err(EnvelopeError::Status(status));
    }
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let content_type = content_type.and_then(|it| it.parse::<Mime>().ok());
    if content_type.is_some_and(|it| it.essence_str() == mime::APPLICATION_JSON.essence_str()) {
        Ok(())
    } else {
        Err(EnvelopeError::ContentType)
    }
}

/// A member whose name may be written in any case.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let mut members = object.iter();
    let found = members.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// The HTTP output; 204 if there is none.
fn output(
    answer: &Map<String, Value>,
    bindings: &Bindings,
) -> Result<Response<Body>, EnvelopeError> {
    let value = match bindings.output.as_deref() {
        Some("$return") => member(answer, "ReturnValue"),
        Some(name) => member(answer, "Outputs")
            .and_then(Value::as_object)
            .and_then(|outputs| member(outputs, name)),
        None => None,
    };
    let Some(value) = value else {
        return response(StatusCode::NO_CONTENT, None, None);
    };
    let Some(fields) = value.as_object() else {
        return response(StatusCode::OK, Some(value), None);
    };
    let status = member(fields, "statusCode").or_else(|| member(fields, "status"));
    let status = match status {
        None => StatusCode::OK,
        Some(status) => {
            let digits = status
                .as_str()
                .map_or_else(|| status.to_string(), str::to_owned);
            digits.parse().ok().ok_or(EnvelopeError::Output)?
        }
    };
    let headers = member(fields, "headers").and_then(Value::as_object);
    response(status, member(fields, "body"), headers)
}

fn response(
    status: StatusCode,
    body: Option<&Value>,
    headers: Option<&Map<String, Value>>,
) -> Result<Response<Body>, EnvelopeError> {
    let (text, content_type) = match body {
        None => (String::new(), None),
        Some(Value::String(text)) => (text.clone(), Some(TEXT)),
        Some(value) => (value.to_string(), Some(JSON)),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        set(response.headers_mut(), CONTENT_TYPE, content_type);
    }
    for (name, value) in headers.into_iter().flatten() {
        let name = HeaderName::try_from(name)
            .ok()
            .ok_or(EnvelopeError::Output)?;
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        set(response.headers_mut(), name, value);
    }
    Ok(response)
}
