//! The `tenants` table.

use super::compiler::Compiler;
use super::twins;
use crate::expression::Purpose;
use crate::hash::weight::PlacementSalt;
use crate::nearest::did_you_mean;
use crate::policy::model::{HubSet, Shared, TenantSettings, Tenants};
use crate::schema::{Column, TableName};
use crate::tables::{CanonicalRow, items};
use crate::twin::Reply;

/// Default of `toleranceMs`: hubs this close to the nearest one count as equally near.
const DEFAULT_TOLERANCE_MS: u16 = 10;

/// The ids of the tenants, in order.
pub(super) fn names(compiler: &mut Compiler<'_>) {
    let help = "add a row for each tenant; a single-tenant fleet has one";
    compiler.no_row(TableName::Tenants, "there is no tenant", help);
    let rows = compiler.rows.rows(TableName::Tenants);
    compiler.tenant_ids = rows.map(|row| row.key()).collect();
}

pub(super) fn compile(compiler: &mut Compiler<'_>) -> Tenants {
    let rows = compiler.rows.rows(TableName::Tenants);
    Tenants::new(rows.map(|row| (row.key(), settings(compiler, &row))))
}

fn settings<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> TenantSettings {
    let pools = compiler.pools(row).unwrap_or(compiler.hubs.all);
    let residency = residency(compiler, row);
    let salt = row.get(Column::Salt).unwrap_or_default();
    let new_salt = || Shared::new(PlacementSalt::new(salt));
    TenantSettings {
        state: row.parse(Column::State).unwrap_or_default(),
        pools,
        residency,
        placement: row.parse(Column::Placement).unwrap_or_default(),
        tolerance_ms: row
            .parse(Column::ToleranceMs)
            .unwrap_or(DEFAULT_TOLERANCE_MS),
        without_location: row.parse(Column::WithoutLocation).unwrap_or_default(),
        on_reprovision: row.parse(Column::OnReprovision).unwrap_or_default(),
        location_from: compiler.expression(row, Column::LocationFrom, Purpose::Location),
        twin: compiler.twin(row, row.key()),
        reply: reply(compiler, row),
        salt: compiler.salts.entry(salt).or_insert_with(new_salt).clone(),
    }
}

/// The hubs of the geographies that a tenant's data may be in; all if the tenant names none.
fn residency<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> HubSet {
    let Some(geographies) = row.get(Column::Residency) else {
        return compiler.hubs.all;
    };
    let mut set = HubSet::default();
    for geography in items(geographies) {
        let hubs = compiler
            .hubs
            .matching(|hub| hub.geography.as_deref() == Some(geography));
        if hubs.is_empty() {
            if !compiler.may_hide(TableName::Hubs, Column::Geography) {
                let rule = format!("no hub is in the geography `{geography}`");
                let all = compiler.hubs.iter();
                let meant = did_you_mean(geography, all.filter_map(|hub| hub.geography.as_deref()));
                let help = format!("{meant}name the geography in a row of hubs");
                compiler.error(row, Column::Residency, rule, &help);
            }
            // The consequences of the unknown geography are not reported too.
            return compiler.hubs.all;
        }
        set = set.or(hubs);
    }
    set
}

fn reply<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> Option<Shared<Reply>> {
    let source = row.get(Column::Reply)?;
    let template = twins::template(compiler, row, Column::Reply)?;
    let reply = compiler.replies.entry(source);
    Some(
        reply
            .or_insert_with(|| Shared::new(Reply::new(template)))
            .clone(),
    )
}
