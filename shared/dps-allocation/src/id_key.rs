//! Hides registration ids in logs and telemetry.

use std::fmt;
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The key that hides registration ids. Without a key, anybody could hash known ids and compare.
#[derive(Clone, PartialEq, Eq)]
pub struct IdKey(Box<str>);

/// Minimum number of characters of a key, and of different ones.
const MIN: (usize, usize) = (32, 8);

impl IdKey {
    /// A key of at least 32 characters, 8 of them different.
    ///
    /// # Errors
    /// The rule that the text breaks; the text is not in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (length, variety) = MIN;
        let mut different: Vec<char> = text.chars().collect();
        let characters = different.len();
        different.sort_unstable();
        different.dedup();
        if characters < length || different.len() < variety {
            return Err(format!(
                "a key has at least {length} characters, {variety} of them different; make one \
                 with `openssl rand -hex 32`"
            ));
        }
        Ok(Self(text.into()))
    }

    /// The pseudonym of an id: HMAC-SHA256 of the id in lower case, 64 hex digits.
    ///
    /// The whole hash, so that no two ids get the same pseudonym.
    #[must_use]
    pub fn hide(&self, id: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) else {
            unreachable!("HMAC takes keys of any length");
        };
        mac.update(id.to_ascii_lowercase().as_bytes());
        let mut hidden = String::with_capacity(64);
        for byte in mac.finalize().into_bytes() {
            // Writing to a string cannot fail.
            let _infallible = write!(hidden, "{byte:02x}");
        }
        hidden
    }
}

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `printf tpm-gw-17 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef`.
    #[test]
    fn the_pseudonym_is_hmac_sha256_of_the_id_in_lower_case() {
        let key = IdKey::parse("0123456789abcdef0123456789abcdef").unwrap();
        let expected = "435ad7afcb438e7daa5ff2c08db04d57571d050cf76096035fe71e86267399ee";
        assert_eq!(key.hide("tpm-gw-17"), expected);
        assert_eq!(key.hide("TPM-GW-17"), expected);
        let other = IdKey::parse("0123456789abcdef0123456789abcdeF").unwrap();
        assert_ne!(other.hide("tpm-gw-17"), expected);
        assert_eq!(format!("{key:?}"), "IdKey(..)");
    }

    #[test]
    fn a_weak_key_is_an_error() {
        for text in ["", "0123456789abcdef0123456789abcde", &"ab".repeat(32)] {
            let rule = IdKey::parse(text).unwrap_err();
            assert!(rule.contains("at least 32"), "{rule}");
            assert!(text.is_empty() || !rule.contains(text), "{rule}");
        }
    }
}
