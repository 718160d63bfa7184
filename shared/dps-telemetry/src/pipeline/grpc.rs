//! A unary gRPC call as an HTTP/2 request: the same message as over HTTP, in a frame.
//!
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, TE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use opentelemetry_http::HttpError;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// A flag and the length of the message.
const PREFIX: usize = 5;

/// `Code::Unavailable`, and others after which asking again may help (the OTLP specification,
/// "Failures").
const WORTH_A_RETRY: [u8; 7] = [1, 4, 8, 10, 11, 14, 15];

/// The call that an OTLP/HTTP request stands for.
pub(crate) fn call(request: Request<Bytes>) -> Result<Request<Bytes>, HttpError> {
    let (mut head, message) = request.into_parts();
    let encoding = head.headers.remove(CONTENT_ENCODING);
    let mut frame = BytesMut::with_capacity(PREFIX + message.len());
    frame.put_u8(u8::from(encoding.is_some()));
    frame.put_u32(u32::try_from(message.len())?);
    frame.extend_from_slice(&message);
    if let Some(encoding) = encoding {
        head.headers.insert(ENCODING, encoding);
    }
    let grpc = HeaderValue::from_static("application/grpc");
    head.headers.insert(CONTENT_TYPE, grpc);
    head.headers
        .insert(TE, HeaderValue::from_static("trailers"));
    Ok(Request::from_parts(head, frame.freeze()))
}

/// The OTLP/HTTP answer that the call's answer stands for.
pub(crate) fn answer(answer: Response<Bytes>, trailers: &HeaderMap) -> Response<Bytes> {
    let (mut head, body) = answer.into_parts();
    if head.status != StatusCode::OK {
        return Response::from_parts(head, Bytes::new());
    }
    // A call that fails at once has its status among the headers.
    let status = trailers.get(STATUS).or_else(|| head.headers.get(STATUS));
    let status = status.and_then(|status| status.to_str().ok()?.parse().ok());
    head.status = match status {
        Some(0) => StatusCode::OK,
        Some(code) if WORTH_A_RETRY.contains(&code) => StatusCode::SERVICE_UNAVAILABLE,
        Some(7) => StatusCode::FORBIDDEN,
        Some(16) => StatusCode::UNAUTHORIZED,
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::BAD_GATEWAY,
    };
    let message = if head.status == StatusCode::OK && body.len() > PREFIX {
        body.slice(PREFIX..)
    } else {
        Bytes::new()
    };
    Response::from_parts(head, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_framed() {
        let request = Request::post("http://localhost/x").header(CONTENT_ENCODING, "gzip");
        let call = call(request.body(Bytes::from_static(b"abc")).unwrap()).unwrap();
        assert_eq!(call.body(), &Bytes::from_static(b"\x01\0\0\0\x03abc"));
        assert_eq!(call.headers()[ENCODING], "gzip");
        assert!(!call.headers().contains_key(CONTENT_ENCODING));
    }

    #[track_caller]
    fn check(in_headers: Option<&str>, in_trailers: Option<&str>, status: u16, message: &[u8]) {
        let mut head = Response::builder();
        if let Some(code) = in_headers {
            head = head.header(STATUS, code);
        }
        let mut trailers = HeaderMap::new();
        if let Some(code) = in_trailers {
            trailers.insert(STATUS, code.parse().unwrap());
        }
        let body = Bytes::from_static(b"\0\0\0\0\x01m");
        let answer = answer(head.body(body).unwrap(), &trailers);
        assert_eq!(
            (answer.status().as_u16(), &answer.body()[..]),
            (status, message)
        );
    }

    #[test]
    fn a_status_says_what_became_of_it() {
        check(None, Some("0"), 200, b"m");
        check(Some("0"), None, 200, b"m");
        check(Some("14"), None, 503, b"");
        check(None, Some("7"), 403, b"");
        check(None, Some("16"), 401, b"");
        check(None, Some("3"), 400, b"");
        check(None, Some("what"), 502, b"");
        check(None, None, 502, b"");
    }
}
