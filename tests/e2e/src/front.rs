//! What AWS puts before a function: an HTTP request becomes an event, the answer a reply again.
//!
//! The events are those of `tests/fixtures/lambda`, with another request in them; the replies are
//! read as strictly as each front reads them.

use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};

use crate::reply::Reply;
use crate::staged::lambda_event;

/// A way to the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The function's own URL.
    FunctionUrl,
    /// API Gateway, HTTP API, payload format 2.0.
    HttpApi,
    /// The same through a stage that is part of the path.
    HttpApiStage,
    /// API Gateway, REST API.
    RestApi,
    /// An application load balancer.
    Alb,
    /// The same with multi-value headers switched on.
    AlbMultiValue,
}

/// A request of a caller.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    function: String,
    code: Option<String>,
    headers: Vec<(String, String)>,
    body: Bytes,
    base64: bool,
}

impl Call {
    /// `POST /api/allocate` or `POST /api/explain`.
    #[must_use]
    pub fn post(function: &str, body: impl Into<Bytes>) -> Self {
        Self {
            method: Method::POST,
            function: function.to_owned(),
            code: None,
            headers: Vec::new(),
            body: body.into(),
            base64: false,
        }
    }

    /// `GET /api/policy` or `GET /api/health`.
    #[must_use]
    pub fn get(function: &str) -> Self {
        Self {
            method: Method::GET,
            ..Self::post(function, "")
        }
    }

    /// With `?code=`, as it stands in the URL.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// Its body in base64, as fronts send what they do not take for text.
    #[must_use]
    pub fn base64(mut self) -> Self {
        self.base64 = true;
        self
    }
}

impl Front {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::FunctionUrl,
        Self::HttpApi,
        Self::HttpApiStage,
        Self::RestApi,
        Self::Alb,
        Self::AlbMultiValue,
    ];

    /// The event of a request.
    #[must_use]
    pub fn event(self, call: &Call) -> Value {
        let mut event = lambda_event(self.fixture());
        self.put_request_line(&mut event, call);
        self.put_headers(&mut event, call);
        let text = str::from_utf8(&call.body).ok().filter(|_| !call.base64);
        event["body"] = text.map_or_else(|| BASE64_STANDARD.encode(&call.body).into(), Value::from);
        event["isBase64Encoded"] = text.is_none().into();
        event
    }

    /// The reply that the front makes of what the function returned.
    #[must_use]
    pub fn reply(self, returned: &Value) -> Reply {
        let status = returned["statusCode"].as_u64().unwrap_or_default();
        let text = returned["body"].as_str().unwrap_or_default();
        let body = if returned["isBase64Encoded"] == true {
            let bytes = BASE64_STANDARD.decode(text);
            bytes.expect("base64 where it says so").into()
        } else {
            Bytes::from(text.to_owned())
        };
        let header = |name: &str| match self {
            Self::AlbMultiValue => header(&returned["multiValueHeaders"], name),
            Self::RestApi => header(&returned["multiValueHeaders"], name)
                .or_else(|| header(&returned["headers"], name)),
            _ => header(&returned["headers"], name),
        };
        let status = u16::try_from(status).expect("a status of HTTP");
        Reply::new(status, header, body)
    }

    fn fixture(self) -> &'static str {
        match self {
            Self::FunctionUrl => "function-url",
            Self::HttpApi => "http-api",
            Self::HttpApiStage => "http-api-stage",
            Self::RestApi => "rest-api",
            Self::Alb => "alb",
            Self::AlbMultiValue => "alb-multi-value",
        }
    }

    fn put_request_line(self, event: &mut Value, call: &Call) {
        let (method, path) = (call.method.as_str(), format!("/api/{}", call.function));
        let code = call.code.as_deref();
        match self {
            Self::FunctionUrl | Self::HttpApi | Self::HttpApiStage => {
                let stage = if self == Self::HttpApiStage {
                    "/prod"
                } else {
                    ""
                };
                let path = format!("{stage}{path}");
                event["requestContext"]["http"]["method"] = method.into();
                event["requestContext"]["http"]["path"] = path.clone().into();
                event["rawPath"] = path.into();
                let query = code.map(|code| format!("code={code}"));
                event["rawQueryString"] = query.unwrap_or_default().into();
                event["queryStringParameters"] = parameters(code.map(decoded));
            }
            Self::RestApi => {
                event["httpMethod"] = method.into();
                event["requestContext"]["httpMethod"] = method.into();
                event["requestContext"]["path"] = format!("/prod{path}").into();
                event["path"] = path.into();
                let decoded = code.map(decoded);
                event["multiValueQueryStringParameters"] = lists(parameters(decoded.clone()));
                event["queryStringParameters"] = parameters(decoded);
            }
            Self::Alb | Self::AlbMultiValue => {
                event["httpMethod"] = method.into();
                event["path"] = path.into();
                // Without a query an empty object, where a REST API sends null.
                let parameters = code.map_or(json!({}), |code| json!({"code": code}));
                if self == Self::Alb {
                    event["queryStringParameters"] = parameters;
                } else {
                    event["multiValueQueryStringParameters"] = lists(parameters);
                }
            }
        }
    }

    fn put_headers(self, event: &mut Value, call: &Call) {
        for (name, value) in &call.headers {
            // HTTP APIs, function URLs and load balancers write names in lower case.
            let name = match self {
                Self::RestApi => name.clone(),
                _ => name.to_ascii_lowercase(),
            };
            if self != Self::AlbMultiValue {
                event["headers"][&name] = value.as_str().into();
            }
            if matches!(self, Self::AlbMultiValue | Self::RestApi) {
                event["multiValueHeaders"][&name] = json!([value]);
            }
        }
    }
}

/// The query, of which the key is all there is.
fn parameters(code: Option<String>) -> Value {
    code.map_or(Value::Null, |code| json!({"code": code}))
}

fn lists(parameters: Value) -> Value {
    let Value::Object(single) = parameters else {
        return parameters;
    };
    let lists: Map<String, Value> = single
        .into_iter()
        .map(|(name, value)| (name, json!([value])))
        .collect();
    lists.into()
}

fn decoded(code: &str) -> String {
    let url = Url::parse(&format!("http://localhost/?code={code}")).expect("a query");
    let mut pairs = url.query_pairs();
    pairs.next().expect("one parameter").1.into_owned()
}

fn header(headers: &Value, name: &str) -> Option<String> {
    let (_, value) = headers
        .as_object()?
        .iter()
        .find(|(it, _)| it.eq_ignore_ascii_case(name))?;
    let value = value.as_str().or_else(|| value[0].as_str());
    value.map(str::to_owned)
}
