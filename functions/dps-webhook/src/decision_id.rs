//! The name of one decision, by which a refusal is found in the log.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// The header in which the Functions host names the invocation, a GUID; `Front` removes that of a
/// caller.
pub(crate) static INVOCATION_ID: HeaderName =
    HeaderName::from_static("x-azure-functions-invocationid");

/// The host's invocation id where there is one, else 16 random hex digits.
pub(crate) fn decision_id(request: &HeaderMap) -> String {
    invocation_id(request).map_or_else(
        || {
            let (random, _) = Uuid::new_v4().as_u64_pair();
            format!("{random:016x}")
        },
        str::to_owned,
    )
}

/// The invocation's id, where the Functions host gives one.
pub(crate) fn invocation_id(request: &HeaderMap) -> Option<&str> {
    let id = request.get(&INVOCATION_ID)?.to_str().ok()?;
    is_guid(id).then_some(id)
}

/// Whether the text is an invocation id of the Functions host.
pub(crate) fn is_guid(text: &str) -> bool {
    text.parse::<Hyphenated>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, used: bool) {
        let mut request = HeaderMap::new();
        request.insert(&INVOCATION_ID, header.parse().unwrap());
        assert_eq!(decision_id(&request) == header, used, "{header}");
    }

    #[test]
    fn the_id_of_the_host_is_used_if_it_is_a_guid() {
        check("4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11", true);
        check("4A0C4F3E-8A6E-4D0C-9F44-0D6F3C8F2B11", true);
        check("4a0c4f3e8a6e4d0c9f440d6f3c8f2b11", false);
        check("4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b1g", false);
        check("{4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11}", false);
        check("4a0c4f3e-8a6e-4d0c-9f44-0d6f3c8f2b11\" x=1", false);
        check("", false);
    }

    #[test]
    fn an_id_of_our_own_is_16_hex_digits_and_new_each_time() {
        let (one, other) = (
            decision_id(&HeaderMap::new()),
            decision_id(&HeaderMap::new()),
        );
        assert!(
            one.len() == 16 && one.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{one}"
        );
        assert_ne!(one, other);
    }
}
