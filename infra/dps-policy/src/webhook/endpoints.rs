//! The endpoints of a webhook, by their names below `/api/`.

pub(super) const ALLOCATE: &str = "allocate";
pub(super) const HEALTH: &str = "health";
pub(super) const POLICY: &str = "policy";

/// All of them; nothing here calls `explain`.
pub(super) const ALL: [&str; 4] = [ALLOCATE, "explain", HEALTH, POLICY];
