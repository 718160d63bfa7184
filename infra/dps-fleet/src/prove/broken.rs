//! What breaks a claim.

use std::collections::BTreeSet;

use dps_allocation::tables::{CanonicalRow, Column, TableName};
use dps_allocation::{HubName, matches_glob};

use super::answer::{Answer, alike};
use super::claim::Claim;
use super::explore::Leaf;
use super::side::Side;
use super::space::Class;

/// What a leaf breaks, in words; `None` if the claim holds there.
pub(super) fn broken_by(
    claim: &Claim,
    leaf: &Leaf,
    class: &Class<'_>,
    sides: &[Side<'_>],
) -> Option<String> {
    let (first, last) = (leaf.answers.first()?, leaf.answers.last()?);
    match claim {
        Claim::Constraints => {
            let base = sides.first()?;
            let hub = last
                .hubs
                .iter()
                .find(|hub| !may_use(base, class, last.tenant.as_deref(), hub))?;
            Some(format!("it may get {hub}"))
        }
        Claim::NoNewDevices(hub) => {
            let hub = HubName::fold(hub);
            let has_it = class.current.as_deref() == Some(&*hub);
            let gets_it = last.hubs.contains(&*hub) && !has_it;
            gets_it.then(|| format!("it may get {hub}"))
        }
        Claim::OnlyTenant(tenant) => {
            let others = [first, last].into_iter().any(|answer| {
                answer
                    .tenant
                    .as_ref()
                    .is_none_or(|it| !it.eq_ignore_ascii_case(tenant))
            });
            (others && !alike(first, last, sides)).then(|| differ(first, last))
        }
        Claim::Same(_) => (!alike(first, last, sides)).then(|| differ(first, last)),
    }
}

fn differ(first: &Answer, last: &Answer) -> String {
    if first.tenant == last.tenant {
        return format!("before: {first}; after: {last}");
    }
    let [before, after] = [first, last].map(|it| match &it.tenant {
        Some(tenant) => format!("{it} as a device of {tenant}"),
        None => format!("{it} without a tenant"),
    });
    format!("before: {before}; after: {after}")
}

/// Whether the rows allow a device of a tenant a hub. One that no row names is allowed if nothing
/// limits.
fn may_use(base: &Side<'_>, class: &Class<'_>, tenant: Option<&str>, hub: &str) -> bool {
    let Some(tenant) = tenant.and_then(|it| base.rows.find(TableName::Tenants, "tenant", it))
    else {
        return true;
    };
    let row = base.rows.find(TableName::Hubs, "hub", hub);
    let meets = |mine: Option<&str>, column: Column| {
        let Some(mine) = mine else { return true };
        let theirs = row.and_then(|row| row.get(column)).unwrap_or_default();
        let theirs: BTreeSet<&str> = theirs.split(';').filter(|it| !it.is_empty()).collect();
        mine.split(';').any(|it| theirs.contains(it))
    };
    let listed = row.and_then(|row| row.get(Column::Tenants));
    let is_listed = listed.is_none_or(|listed| {
        let mut patterns = listed.split(';');
        patterns.any(|pattern| matches_glob(pattern, tenant.key()))
    });
    let enrollment = enrollment(base, class);
    let device = enrollment.and_then(|it| device(base, &it, class));
    let narrower = [enrollment, device];
    let mut narrower = narrower.into_iter().flatten();
    is_listed
        && meets(tenant.get(Column::Pools), Column::Pools)
        && meets(tenant.get(Column::Residency), Column::Geography)
        && narrower.all(|row| meets(row.get(Column::Residency), Column::Geography))
}

/// The row of the enrollment of a device.
fn enrollment<'a>(side: &'a Side<'_>, class: &Class<'_>) -> Option<CanonicalRow<'a>> {
    let key = side.policy.enrollment_row(class.enrollment_id())?;
    side.rows.find(TableName::Enrollments, "enrollment", key)
}

/// The row of a device, if that of its enrollment asks for it.
fn device<'a>(
    side: &'a Side<'_>,
    enrollment: &CanonicalRow<'_>,
    class: &Class<'_>,
) -> Option<CanonicalRow<'a>> {
    let asks = enrollment.get(Column::DeviceRows)?;
    let row = || side.rows.find(TableName::Devices, &class.id, "device");
    (asks != "off").then(row)?
}
