//! The keys of callers.

use dps_settings::{Environment, Faulty};

use super::names::{ALLOCATE_KEYS, OPERATOR_KEYS};
use crate::keys::{Key, Keys};

/// `None` if no key is set, unless keys are `needed`, for a reason.
pub(super) fn read(
    environment: &mut Environment,
    needed: Option<&str>,
) -> Result<Option<Keys>, Faulty> {
    let allocate = keys(environment, ALLOCATE_KEYS);
    let operator = keys(environment, OPERATOR_KEYS);
    let keys = Keys {
        allocate: allocate?,
        operator: operator?,
    };
    let any = !keys.allocate.is_empty() || !keys.operator.is_empty();
    if keys.allocate.is_empty() && (any || needed.is_some()) {
        let [first, _] = ALLOCATE_KEYS;
        let why = needed.unwrap_or("keys of operators are set");
        let rule = format!("missing; {why}, so callers of allocate need a key");
        return Err(environment.wrong(first, rule));
    }
    if keys.allocate.iter().any(|key| keys.operator.contains(key)) {
        let [first, _] = OPERATOR_KEYS;
        let rule = "a key of allocate must not open explain and policy too";
        return Err(environment.wrong(first, rule));
    }
    Ok(any.then_some(keys))
}

fn keys(environment: &mut Environment, names: [&str; 2]) -> Result<Vec<Key>, Faulty> {
    let [first, second] = names.map(|name| environment.parse(name, Key::parse));
    Ok([first?, second?].into_iter().flatten().collect())
}
