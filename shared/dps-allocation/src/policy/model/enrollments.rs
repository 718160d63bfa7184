//! The rows of the `enrollments` table.

use std::cmp::Reverse;

use super::hub_set::HubSet;
use super::key_map::KeyMap;
use super::shared::Shared;
use super::tenants::TenantIndex;
use super::twins::Twin;
use crate::expression::Expression;
use crate::glob::Glob;
use crate::schema::{DeviceProfile, DeviceRows};

/// All enrollments: exact ids, then globs, the longest first.
#[derive(Debug, Default)]
pub(crate) struct Enrollments {
    exact: KeyMap<EnrollmentRow>,
    globs: Vec<(Glob, EnrollmentRow)>,
    read_devices: bool,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct EnrollmentRow {
    pub(crate) tenants: AllowedTenants,
    pub(crate) tenant_from: Option<Shared<Expression>>,
    pub(crate) location: Option<Box<str>>,
    pub(crate) device_rows: DeviceRows,
    /// The hubs of the geographies that its devices may be in; none: those of the tenant.
    pub(crate) residency: Option<HubSet>,
    /// The profile of its devices, unless their own rows have one.
    pub(crate) profile: DeviceProfile,
    pub(crate) twin: Option<Twin>,
}

/// Which tenants an enrollment allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AllowedTenants {
    /// `*`.
    Any,
    One(TenantIndex),
    /// In ascending order.
    Listed(Box<[TenantIndex]>),
}

impl AllowedTenants {
    pub(crate) fn allows(&self, tenant: TenantIndex) -> bool {
        self.listed()
            .is_none_or(|listed| listed.binary_search(&tenant).is_ok())
    }

    /// The tenants in ascending order; none if the enrollment allows any.
    pub(crate) fn listed(&self) -> Option<&[TenantIndex]> {
        match self {
            Self::Any => None,
            Self::One(tenant) => Some(std::slice::from_ref(tenant)),
            Self::Listed(tenants) => Some(tenants),
        }
    }
}

impl Enrollments {
    pub(crate) fn add(&mut self, key: &str, row: EnrollmentRow) {
        self.read_devices |= row.device_rows != DeviceRows::Off;
        if !Glob::is_glob(key) {
            self.exact.insert(key.into(), row);
            return;
        }
        let longer = |(glob, _): &(Glob, EnrollmentRow)| Reverse(glob.as_str().len());
        let at = self
            .globs
            .partition_point(|it| longer(it) <= Reverse(key.len()));
        self.globs.insert(at, (Glob::new(key), row));
    }

    /// The row of an enrollment, and its key: exact before globs.
    pub(crate) fn find(&self, id: &str) -> Option<(&str, &EnrollmentRow)> {
        if let Some((key, row)) = self.exact.get_key_value(id) {
            return Some((key, row));
        }
        let (glob, row) = self.globs.iter().find(|(glob, _)| glob.matches(id))?;
        Some((glob.as_str(), row))
    }

    /// The ids of those that are not patterns, in any order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.exact.keys().map(AsRef::as_ref)
    }

    /// Whether some row is for all enrollments of a pattern.
    pub(crate) fn have_patterns(&self) -> bool {
        !self.globs.is_empty()
    }

    /// Every row, in any order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &EnrollmentRow> {
        let globs = self.globs.iter().map(|(_, row)| row);
        self.exact.values().chain(globs)
    }

    /// The row of that key.
    pub(crate) fn row(&self, key: &str) -> Option<&EnrollmentRow> {
        let of_glob = || self.globs.iter().find(|(glob, _)| glob.as_str() == key);
        let exact = self.exact.get(key);
        exact.or_else(|| of_glob().map(|(_, row)| row))
    }

    /// Whether an enrollment reads device rows.
    pub(crate) fn read_devices(&self) -> bool {
        self.read_devices
    }

    /// Whether an enrollment reads the device's row.
    pub(crate) fn device_rows(&self, id: &str) -> DeviceRows {
        if !self.read_devices {
            return DeviceRows::Off;
        }
        self.find(id)
            .map_or(DeviceRows::Off, |(_, row)| row.device_rows)
    }
}
