//! Requests and answers in the form in which they are compared.
//!
//! Left out of the comparison, for all lines:
//! - the order of different headers and the case of their names, which mean nothing in HTTP
//!   (RFC 9110, 5.1 and 5.3): the stand-in's HTTP library writes names in lower case;
//! - the framing of chunks: a chunked body is compared as the bytes that it stands for;
//! - whether a connection that breaks in the middle is reset or closed.

use std::fmt;

use serde_json::Value;

use super::exchange::unfolded;

/// First line, headers by name, body, and whether it broke off.
pub(super) struct Message {
    start: String,
    headers: Vec<(String, String)>,
    body: String,
    cut: bool,
}

impl Message {
    /// As a line of the record has it.
    pub(super) fn recorded(message: &Value) -> Self {
        let start = match message["line"].as_str() {
            Some(line) => unfolded(line),
            None => format!(
                "{} {}",
                message["status"],
                message["reason"].as_str().unwrap()
            ),
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let headers = message["headers"].as_array().unwrap().iter();
        Self::new(
            start,
            headers.map(|it| (text(&it[0]), text(&it[1]))).collect(),
            text(&message["body"]),
            message["cut"].as_bool().unwrap_or(false),
        )
    }

    /// As the handler got it.
    pub(super) fn request(bytes: &[u8], port: u16) -> Self {
        let mut message = Self::parse(bytes, false);
        let id = message.header("x-azure-functions-invocationid").to_owned();
        let id = id.rsplit(", ").next().unwrap_or_default().to_owned();
        assert_eq!(id.len(), 36, "an invocation id is a GUID");
        let version = message.header("x-azure-functions-hostversion").to_owned();
        let version = version.rsplit(", ").next().unwrap_or_default().to_owned();
        assert_eq!(version.split('.').count(), 4, "{version}");
        for (name, value) in &mut message.headers {
            *value = value
                .replace(&id, "<invocation id>")
                .replace(&version, "<host version>")
                .replace(&format!("127.0.0.1:{port}"), "127.0.0.1:<handler's port>");
            if name == "traceparent" {
                *value = without_new_ids(value);
            }
            if value.len() == 32_000 {
                *value = "<32000 bytes>".into();
            }
        }
        message
    }

    /// As the caller got it.
    pub(super) fn answer(bytes: &[u8]) -> Self {
        let mut message = Self::parse(bytes, true);
        for (name, value) in &mut message.headers {
            // The one date of the record lies in the future of everybody.
            if name == "date" && !value.contains(" 2030 ") {
                *value = "<now>".into();
            }
        }
        message
    }

    fn parse(bytes: &[u8], is_answer: bool) -> Self {
        let (head, body) = split(bytes).unwrap_or((bytes, &[]));
        let head = latin1(head);
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default();
        let start = if is_answer {
            start.split_once(' ').map_or(start, |(_, rest)| rest)
        } else {
            start
        };
        let header = |line: &str| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.to_owned(), value.trim().to_owned())
        };
        let cut = is_answer && !is_whole(bytes, false) && !body.is_empty();
        let body = if chunked(&head) {
            unchunked(body)
        } else {
            body.to_vec()
        };
        Self::new(
            start.to_owned(),
            lines.map(header).collect(),
            latin1(&body),
            cut,
        )
    }

    fn new(start: String, headers: Vec<(String, String)>, body: String, cut: bool) -> Self {
        let lower = |(name, value): (String, String)| (name.to_lowercase(), value);
        let mut headers: Vec<_> = headers.into_iter().map(lower).collect();
        // Stable: the order of one header's values is compared.
        headers.sort_by(|one, other| one.0.cmp(&other.0));
        Self {
            start,
            headers,
            body,
            cut,
        }
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|header| header.0 == name);
        found.map_or("", |header| &header.1)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            start,
            headers,
            body,
            cut,
        } = self;
        write!(formatter, "{start}")?;
        for (name, value) in headers {
            write!(formatter, " | {name}: {value}")?;
        }
        write!(formatter, " | {body:?}{}", if *cut { " cut" } else { "" })
    }
}

/// Ids that no caller has sent.
fn without_new_ids(parent: &str) -> String {
    const CALLERS: &str = "0af7651916cd43dd8448eb211c80319c";
    const CALLERS_SPANS: [&str; 2] = ["b7ad6b7169203331", "b8ad6b7169203331"];
    let part = |part: &str| match part.len() {
        32 if part != CALLERS => "<new trace>".to_owned(),
        16 if !CALLERS_SPANS.contains(&part) => "<new span>".to_owned(),
        _ => part.to_owned(),
    };
    parent.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// Whether a request or an answer is there to its end.
pub(super) fn is_whole(bytes: &[u8], head_only: bool) -> bool {
    let Some((head, body)) = split(bytes) else {
        return false;
    };
    let head = latin1(head);
    let length = head.to_lowercase();
    let length = length.split("content-length:").nth(1);
    let length = length.map(|rest| rest.split("\r\n").next().unwrap_or_default().trim());
    match length.map(str::parse::<usize>) {
        _ if head_only || head.starts_with("HTTP/1.1 304") => true,
        Some(Ok(length)) => body.len() >= length,
        _ if chunked(&head) => body.ends_with(b"0\r\n\r\n"),
        _ => true,
    }
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((&bytes[..end], &bytes[end + 4..]))
}

fn chunked(head: &str) -> bool {
    head.to_lowercase().contains("transfer-encoding: chunked")
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let length = usize::from_str_radix(&latin1(&rest[..end]), 16).unwrap_or_default();
        let Some(chunk) = rest
            .get(end + 2..end + 2 + length)
            .filter(|it| !it.is_empty())
        else {
            break;
        };
        body.extend(chunk);
        rest = rest.get(end + 4 + length..).unwrap_or_default();
    }
    body
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
