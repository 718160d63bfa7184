//! The webhook opens to its keys, and to nobody else.

use std::fmt;

use reqwest::StatusCode;
use reqwest::header::HeaderValue;

use super::client::{Client, Route};
use super::finding::Checks;

/// A key, which is not shown.
#[derive(Clone)]
pub(super) struct Key(HeaderValue);

/// The keys of the environment: a command line is in the list of processes.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) allocate: Option<Key>,
    pub(super) operator: Option<Key>,
}

impl Keys {
    /// # Errors
    /// When a key has characters that no header can hold.
    pub(super) fn of_environment() -> anyhow::Result<Self> {
        Ok(Self {
            allocate: key("ALLOCATE_KEY")?,
            operator: key("OPERATOR_KEY")?,
        })
    }
}

impl Key {
    /// The header's value, which no log of the client shows.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A variable that is unset or empty holds no key.
fn key(variable: &str) -> anyhow::Result<Option<Key>> {
    let Some(text) = std::env::var_os(variable).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    // The text stays out of the message: it is a key, or most of one.
    let header = text.to_str().map(|text| HeaderValue::from_str(text.trim()));
    let Some(Ok(mut value)) = header else {
        anyhow::bail!("{variable} has characters that a key cannot have");
    };
    value.set_sensitive(true);
    Ok(Some(Key(value)))
}

/// A request without a key is refused, one with the key is not. Whether decisions can be asked for.
pub(super) async fn check(checks: &mut Checks, client: &Client, keys: &Keys) -> bool {
    let without = client.call(Route::Allocate(b"{}"), None).await;
    let is_locked = match without {
        Ok(answer)
            if matches!(
                answer.status,
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
            ) =>
        {
            checks.good(
                "locked",
                format!("{} without a key", answer.status.as_u16()),
            );
            true
        }
        Ok(answer) if client.is_local() => {
            checks.not_checked(
                "locked",
                format!("{} without a key", answer.status.as_u16()),
                "a webhook on this machine may need no key; ask it where it is deployed",
            );
            false
        }
        Ok(answer) => {
            checks.bad(
                "locked",
                format!(
                    "{} without a key: everybody can ask",
                    answer.status.as_u16()
                ),
                "set authLevel to `function` in functions/allocate/function.json, or set \
                 ALLOCATE_KEY_1",
            );
            false
        }
        Err(error) => {
            no_answer(checks, "locked", &error);
            return false;
        }
    };
    let Some(key) = &keys.allocate else {
        if is_locked {
            let help = "set ALLOCATE_KEY to a key of `allocate`";
            checks.bad("key", "there is no key to ask with", help);
        }
        return !is_locked;
    };
    match client.call(Route::Allocate(b"{}"), Some(key)).await {
        Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
            let help = "compare it with the keys of the function `allocate`; after a rotation, DPS \
                        needs the new one too";
            checks.bad("key", "401: ALLOCATE_KEY is not a key of `allocate`", help);
            false
        }
        Ok(answer) => {
            checks.good(
                "key",
                format!("{} with ALLOCATE_KEY", answer.status.as_u16()),
            );
            true
        }
        Err(error) => {
            no_answer(checks, "key", &error);
            false
        }
    }
}

/// The webhook answered before, and now it does not.
pub(super) fn no_answer(checks: &mut Checks, name: &'static str, error: &reqwest::Error) {
    let help = "try again; if it happens often, look at the restarts of the app";
    checks.bad(name, format!("no answer: {}", cause(error)), help);
}

/// The innermost reason, without the address.
pub(super) fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        return "it took longer than 30 s".to_owned();
    }
    cause.to_string()
}
