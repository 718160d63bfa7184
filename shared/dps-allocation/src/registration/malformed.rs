//! Why a body is not an allocation request.

use crate::id::IdError;
use crate::wire::AllocationRequest;

/// Why a body is not an allocation request; never quotes the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedRequest {
    /// JSON is UTF-8 (RFC 8259, section 8.1).
    #[error("the body is not UTF-8; send the JSON that DPS sends")]
    NotUtf8,
    /// What PowerShell writes by itself.
    #[error("the body is UTF-16; send it as UTF-8 (in PowerShell: `-Encoding utf8`)")]
    Utf16,
    /// The body is not JSON.
    #[error("the body is not JSON, at line {line} column {column}; send the JSON that DPS sends")]
    NotJson {
        /// Line of the body, from 1.
        line: usize,
        /// Column of the line, from 1; 0 at its start.
        column: usize,
    },
    /// A member that a decision needs is missing, or has another form.
    #[error("`{path}`: {what}, at line {line} column {column}")]
    Member {
        /// The member, as a path from the top.
        path: String,
        /// What is wrong with it.
        what: String,
        /// Line of the body, from 1.
        line: usize,
        /// Column of the line, from 1.
        column: usize,
    },
    /// Exactly one of the two enrollments must be present.
    #[error("the request holds {0} of `individualEnrollment` and `enrollmentGroup`; DPS sends one")]
    Enrollments(&'static str),
    /// An id that DPS would not have accepted.
    #[error("`{0}`: {1}")]
    Id(&'static str, #[source] IdError),
    /// The enrollment lacks its id.
    #[error("`{0}` is missing; it names the enrollment")]
    MissingId(&'static str),
}

/// Whether a text begins with the byte order mark of UTF-16, or with an ASCII letter in it.
pub(super) fn is_utf16(text: &[u8]) -> bool {
    matches!(
        text,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] | [1..=0x7f, 0, ..]
    )
}

/// Parses a rejected body again to find the place of the error.
pub(super) fn locate(text: &str) -> MalformedRequest {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read: Result<AllocationRequest<'_>, _> =
        serde_path_to_error::deserialize(&mut deserializer);
    // The request may be valid, and followed by something else.
    let Err(error) = read else {
        return not_json(text, deserializer.end().err());
    };
    let path = error.path().to_string();
    let error = error.into_inner();
    // Where the body is not JSON, the path may quote any name in it.
    if !error.is_data() {
        return not_json(text, Some(error));
    }
    MalformedRequest::Member {
        path,
        what: without_content(&error),
        line: error.line(),
        column: error.column(),
    }
}

fn not_json(text: &str, error: Option<serde_json::Error>) -> MalformedRequest {
    let end = || (text.lines().count(), 0);
    let (line, column) = error.map_or_else(end, |error| (error.line(), error.column()));
    MalformedRequest::NotJson { line, column }
}

/// The message of a JSON error without the values that it quotes.
fn without_content(error: &serde_json::Error) -> String {
    let message = error.to_string();
    // From the right: the value itself may hold the words.
    if let Some((_value, expected)) = message.rsplit_once(", expected ") {
        let expected = expected.split(" at line ").next().unwrap_or_default();
        return format!("expected {expected}");
    }
    message
        .split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}
