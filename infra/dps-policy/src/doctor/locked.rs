//! The webhook opens to its keys, and to nobody else.

use reqwest::StatusCode;

use super::finding::Checks;
use crate::webhook::{Answer, Client, Keys, Route};

/// A request without a key is refused, one with the key is not. Whether decisions can be asked for.
pub(super) async fn check(checks: &mut Checks, client: &Client, keys: &Keys) -> bool {
    let answer = client.call(Route::Allocate(b"{}"), None).await;
    let Some(Answer { status, .. }) = checks.answered("locked", answer) else {
        return false;
    };
    let is_locked = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let detail = format!("{} without a key", status.as_u16());
    if is_locked {
        checks.good("locked", detail);
    } else if client.is_local() {
        let help = "a webhook on this machine may need no key; ask it where it is deployed";
        checks.not_checked("locked", detail, help);
    } else {
        let help = "set authLevel to `function` in functions/allocate/function.json, or set \
                    ALLOCATE_KEY_1";
        checks.bad("locked", detail + ": everybody can ask", help);
    }
    let Some(key) = &keys.allocate else {
        if is_locked {
            let help = "set ALLOCATE_KEY to a key of `allocate`";
            checks.bad("key", "there is no key to ask with", help);
        }
        return !is_locked;
    };
    let answer = client.call(Route::Allocate(b"{}"), Some(key)).await;
    let Some(Answer { status, .. }) = checks.answered("key", answer) else {
        return false;
    };
    let is_key = status != StatusCode::UNAUTHORIZED;
    if is_key {
        checks.good("key", format!("{} with ALLOCATE_KEY", status.as_u16()));
    } else {
        let help = "compare it with the keys of the function `allocate`; after a rotation, DPS \
                    needs the new one too";
        checks.bad("key", "401: ALLOCATE_KEY is not a key of `allocate`", help);
    }
    is_key
}
