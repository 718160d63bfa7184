//! The `devices` table: rows that come with the policy, and rows that are read one by one.

use std::collections::{HashMap, HashSet};

use super::references::{self, listed_hubs, no_geography, no_tenant, no_twin};
use crate::finding::Finding;
use crate::hidden::Hidden;
use crate::policy::faults::Faults;
use crate::policy::model::{
    CompactRow, DeviceRow, Devices, Policy, RareCells, Residency, Shared, Twin,
};
use crate::schema::{Column, TableName};
use crate::tables::{Canonical, CanonicalRow};

/// Resolves the names of a row; reports those that the policy does not have.
///
/// `is_hidden` says whether an error may be the reason that no row of a table has such a value in
/// this column.
pub(crate) fn resolve<'a>(
    policy: &'a Policy,
    row: &CanonicalRow<'a>,
    is_hidden: impl Fn(TableName, Column) -> bool,
    findings: &mut Vec<Finding>,
) -> DeviceRow<'a> {
    let named = row.get(Column::Tenant);
    let tenant = named.and_then(|id| policy.tenants.find(id));
    if let (Some(id), None) = (named, tenant)
        && !is_hidden(TableName::Tenants, Column::RowKey)
    {
        findings.push(no_tenant(row, Column::Tenant, id, policy.tenants.ids()));
    }
    let hubs = listed_hubs(
        row,
        &policy.hubs,
        is_hidden(TableName::Hubs, Column::RowKey),
        findings,
    );
    // Which twins a row may name depends on its tenant.
    let (scope, is_certain) = match tenant {
        Some(tenant) => (tenant.id, true),
        None => (named.unwrap_or("*"), !row.has(Column::Tenant)),
    };
    let name = row.get(Column::Twin);
    let twin = name.and_then(|name| policy.twins.find(scope, name));
    if let (Some(name), None) = (name, twin)
        && (is_certain || !policy.twins.has(name))
        && !is_hidden(TableName::Twins, Column::RowKey)
    {
        findings.push(no_twin(row, scope, name, &policy.twins));
    }
    let group = row.get(Column::Group);
    let group = group.filter(|text| !text.trim_matches(' ').is_empty());
    let residency = row.get(Column::Residency).and_then(|names| {
        match references::residency(names, &policy.hubs) {
            Ok(hubs) => Some(Residency { names, hubs }),
            Err(unknown) => {
                if !is_hidden(TableName::Hubs, Column::Geography) {
                    findings.push(no_geography(row, unknown, &policy.hubs));
                }
                None
            }
        }
    });
    DeviceRow {
        tenant: tenant.map(|tenant| tenant.index),
        location: row.get(Column::Location),
        hubs,
        profile: row.parse(Column::Profile),
        twin,
        residency,
        group: group.map(Hidden),
        attributes: row.get(Column::Attributes).map(Hidden),
    }
}

fn rare_cells(row: &DeviceRow<'_>) -> Option<Box<RareCells>> {
    let residency = row.residency.map(|it| (it.names.into(), it.hubs));
    let owned = |text: Option<Hidden<&str>>| text.map(|Hidden(text)| Hidden(text.into()));
    let (group, attributes) = (owned(row.group), owned(row.attributes));
    let has_any = residency.is_some() || group.is_some() || attributes.is_some();
    has_any.then(|| {
        Box::new(RareCells {
            residency,
            group,
            attributes,
        })
    })
}

/// The rows that come with the policy, whose other tables are compiled.
pub(super) fn compile(
    policy: &Policy,
    rows: &Canonical,
    faults: &Faults,
    named_twins: &mut HashSet<Twin>,
    findings: &mut Vec<Finding>,
) -> Devices {
    let mut locations: HashMap<&str, Shared<str>> = HashMap::new();
    let is_hidden = |table, column| faults.may_hide(table, column);
    let compiled = rows.rows(TableName::Devices).map(|row| {
        let found = resolve(policy, &row, is_hidden, findings);
        named_twins.extend(found.twin.cloned());
        let location = found.location.map(|location| {
            let known = locations.entry(location);
            known.or_insert_with(|| location.into()).clone()
        });
        let compact = CompactRow {
            tenant: found.tenant,
            location,
            hubs: found.hubs,
            profile: found.profile,
            twin: found.twin.cloned(),
            rare: rare_cells(&found),
        };
        (row.partition().into(), compact)
    });
    Devices(compiled.collect())
}
