//! Who may do what.

use crate::access::{AccessPolicy, Right};
use crate::dps::Core;
use crate::refusal::Refusal;
use crate::token::Token;

/// Checks that the token has been signed with a key that gives this right.
pub(crate) fn authorize(core: &Core, token: Option<&str>, right: Right) -> Result<(), Refusal> {
    let text = token.ok_or_else(Refusal::unauthorized)?;
    let Ok(token) = Token::parse(text) else {
        return Err(Refusal::unauthorized_access());
    };
    let state = core.data.read();
    let policy = token.policy().map(str::to_lowercase);
    let policy = policy.and_then(|name| state.get::<AccessPolicy>(&name));
    let policy = policy.ok_or_else(Refusal::unauthorized_access)?;
    policy.check(&token, &core.host(), right, core.now())
}
