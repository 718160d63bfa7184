//! The webhook opens to its keys, and to nobody else.

use reqwest::StatusCode;

use super::finding::Checks;
use crate::webhook::{Client, Keys, Route};

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
            checks.no_answer("locked", &error);
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
            checks.no_answer("key", &error);
            false
        }
    }
}
