//! The `enrollments` table.

use super::build::Build;
use crate::names::{Names, to_u32};
use crate::nearest::did_you_mean;
use crate::pattern::Pattern;
use crate::profile::DeviceProfile;
use crate::tables::{CanonicalRow, Column, TableName, items};

/// All enrollments: exact ids, then globs, the longest first.
#[derive(Debug, Default)]
pub(crate) struct Enrollments {
    exact: Names,
    rows: Vec<EnrollmentRow>,
    globs: Vec<(Pattern, EnrollmentRow)>,
    /// The tenants of enrollments that list several.
    lists: Vec<u32>,
    ask_for_devices: bool,
}

/// A row of the table; numbers refer to parts of the policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EnrollmentRow {
    pub(crate) tenants: AllowedTenants,
    pub(crate) tenant_from: Option<u32>,
    pub(crate) location: Option<u32>,
    pub(crate) device_rows: DeviceRows,
    /// What its devices speak, unless their own rows say otherwise.
    pub(crate) profile: DeviceProfile,
    pub(crate) twin: Option<u32>,
}

/// Who may come through an enrollment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AllowedTenants {
    /// `*`.
    Any,
    One(u32),
    /// A range of the enrollments' lists.
    Several(u32, u32),
}

/// Whether an enrollment asks for the device's row in `devices`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceRows {
    /// The table is not asked.
    Off,
    /// A row counts where there is one. While nobody knows whether there is one, a device keeps its
    /// hub, and a new device has to come again.
    Optional,
    /// A row counts where there is one; while nobody knows, the decision is taken without.
    BestEffort,
    /// Without a row the device is refused; without the store it has to come again.
    Required,
}

impl Enrollments {
    /// The row of an enrollment, and its key: exact before globs.
    pub(crate) fn find(&self, id: &str) -> Option<(&str, &EnrollmentRow)> {
        if let Some(number) = self.exact.number(id) {
            return Some((self.exact.text(number), self.rows.get(number as usize)?));
        }
        let (pattern, row) = self.globs.iter().find(|(pattern, _)| pattern.matches(id))?;
        Some((pattern.as_str(), row))
    }

    /// Every row.
    pub(super) fn rows(&self) -> impl Iterator<Item = &EnrollmentRow> {
        let globs = self.globs.iter().map(|(_, row)| row);
        self.rows.iter().chain(globs)
    }

    /// The tenants of an enrollment, by their numbers; none where any may come.
    pub(super) fn listed(&self, allowed: &AllowedTenants) -> Option<Vec<u32>> {
        match *allowed {
            AllowedTenants::Any => None,
            AllowedTenants::One(tenant) => Some(vec![tenant]),
            AllowedTenants::Several(start, end) => {
                let list = self.lists.get(start as usize..end as usize);
                Some(list.unwrap_or_default().to_vec())
            }
        }
    }

    /// Whether some enrollment asks for device rows.
    pub(super) fn ask_for_devices(&self) -> bool {
        self.ask_for_devices
    }

    /// Whether an enrollment asks for the device's row.
    pub(super) fn device_rows(&self, id: &str) -> DeviceRows {
        // Most policies ask for none: no need to look.
        if !self.ask_for_devices {
            return DeviceRows::Off;
        }
        self.find(id)
            .map_or(DeviceRows::Off, |(_, row)| row.device_rows)
    }

    /// Whether a tenant may come through an enrollment.
    pub(crate) fn allows(&self, allowed: AllowedTenants, tenant: u32) -> bool {
        match allowed {
            AllowedTenants::Any => true,
            AllowedTenants::One(one) => one == tenant,
            AllowedTenants::Several(start, end) => {
                let list = self
                    .lists
                    .get(start as usize..end as usize)
                    .unwrap_or_default();
                list.binary_search(&tenant).is_ok()
            }
        }
    }
}

pub(super) fn build(build: &mut Build<'_>) -> Enrollments {
    let rows = build.rows;
    let mut enrollments = Enrollments::default();
    let help = "add a row for each enrollment whose allocation policy is this webhook";
    build.no_row(TableName::Enrollments, "there is no enrollment", help);
    for row in rows.rows(TableName::Enrollments) {
        let enrollment = EnrollmentRow {
            tenants: tenants(build, &row, &mut enrollments.lists),
            tenant_from: build.expression(&row, Column::TenantFrom),
            location: build.location(&row),
            device_rows: match row.get(Column::DeviceRows) {
                Some("optional") => DeviceRows::Optional,
                Some("bestEffort") => DeviceRows::BestEffort,
                Some("required") => DeviceRows::Required,
                _ => DeviceRows::Off,
            },
            profile: DeviceProfile::of(row.get(Column::Profile)).unwrap_or(DeviceProfile::Classic),
            twin: build.twin(&row, "*"),
        };
        enrollments.ask_for_devices |= enrollment.device_rows != DeviceRows::Off;
        if Pattern::is_glob(row.key()) {
            enrollments
                .globs
                .push((Pattern::new(row.key()), enrollment));
        } else {
            enrollments.exact.add(row.key());
            enrollments.rows.push(enrollment);
        }
    }
    enrollments
        .globs
        .sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.as_str().len()));
    enrollments.exact.shrink();
    enrollments.rows.shrink_to_fit();
    enrollments
}

/// The tenants that a row lists, each by its id or by a pattern.
fn tenants<'c>(
    build: &mut Build<'c>,
    row: &CanonicalRow<'c>,
    lists: &mut Vec<u32>,
) -> AllowedTenants {
    let mut listed = Vec::new();
    for item in row.get(Column::Tenants).into_iter().flat_map(items) {
        if item == "*" {
            return AllowedTenants::Any;
        }
        let before = listed.len();
        if Pattern::is_glob(item) {
            let pattern = Pattern::new(item);
            let ids = build.tenant_ids.iter().enumerate();
            listed.extend(
                ids.filter(|(_, id)| pattern.matches(id))
                    .map(|(n, _)| to_u32(n)),
            );
        } else {
            listed.extend(build.tenant_ids.number(item));
        }
        if listed.len() == before && !build.may_hide(TableName::Tenants, Column::RowKey) {
            let rule = format!("no tenant is `{item}`");
            let meant = did_you_mean(item, build.tenant_ids.iter());
            let help = format!("{meant}add the tenant or correct its id");
            build.error(row, Column::Tenants, rule, &help);
        }
    }
    listed.sort_unstable();
    listed.dedup();
    match *listed {
        [one] => AllowedTenants::One(one),
        [] => {
            let help = "list the tenants, or write * when tenantFrom may pick any";
            build.missing(
                row,
                Column::Tenants,
                "no tenant may use the enrollment",
                help,
            );
            AllowedTenants::Several(0, 0)
        }
        _ => {
            let start = to_u32(lists.len());
            lists.append(&mut listed);
            AllowedTenants::Several(start, to_u32(lists.len()))
        }
    }
}
