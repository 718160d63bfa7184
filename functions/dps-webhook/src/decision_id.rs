//! The id of a decision, by which a refusal is found in the log.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// The header with the Functions host's id of the invocation, a GUID. `Front` removes it from
/// requests that do not come from a host.
pub(crate) static INVOCATION_ID: HeaderName =
    HeaderName::from_static("x-azure-functions-invocationid");

/// The host's invocation id if there is one, else 16 random hex digits.
#[derive(Clone, Debug)]
pub(crate) struct DecisionId {
    text: String,
    is_invocation: bool,
}

impl DecisionId {
    pub(crate) fn of(request: &HeaderMap) -> Self {
        if let Some(id) = invocation_id(request) {
            return Self {
                text: id.to_owned(),
                is_invocation: true,
            };
        }
        let mut digits = Uuid::encode_buffer();
        let (half, _) = Uuid::new_v4()
            .simple()
            .encode_lower(&mut digits)
            .split_at(16);
        Self {
            text: half.to_owned(),
            is_invocation: false,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The id, if it is the host's invocation id.
    pub(crate) fn invocation(&self) -> Option<&str> {
        self.is_invocation.then_some(&*self.text)
    }
}

/// The invocation id, if the Functions host sent one.
pub(crate) fn invocation_id(request: &HeaderMap) -> Option<&str> {
    let id = request.get(&INVOCATION_ID)?.to_str().ok()?;
    id.parse::<Hyphenated>().is_ok().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, used: bool) {
        let mut request = HeaderMap::new();
        request.insert(&INVOCATION_ID, header.parse().unwrap());
        let id = DecisionId::of(&request);
        assert_eq!(id.as_str() == header, used, "{header}");
        assert_eq!(id.invocation(), used.then_some(header));
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
            DecisionId::of(&HeaderMap::new()).text,
            DecisionId::of(&HeaderMap::new()).text,
        );
        assert!(
            one.len() == 16 && one.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{one}"
        );
        assert_ne!(one, other);
    }
}
