//! Which moves leave the geographies that a device must be in.

use super::pair::Pair;

/// Whether a hub is outside of the geographies that the tables named before the change; those after
/// it count for a tenant that is new.
pub(super) fn leaves_residency(
    pair: &Pair<'_>,
    id: &str,
    tenant: &str,
    enrollment: &str,
    host: &str,
) -> bool {
    let side = if pair.from.has_tenant(tenant) {
        &pair.from
    } else {
        &pair.to
    };
    let geography = pair.geography(host);
    side.residencies(id, tenant, enrollment)
        .iter()
        .any(|residency| {
            let mut allowed = residency.split(';');
            !allowed.any(|it| geography.is_some_and(|geography| geography.eq_ignore_ascii_case(it)))
        })
}
