//! The `tenants` table.

use super::compiler::Compiler;
use super::twins;
use crate::expression::Purpose;
use crate::hash::weight::PlacementSalt;
use crate::policy::model::{HubSet, Shared, TenantSettings, Tenants};
use crate::schema::{Column, TableName};
use crate::tables::CanonicalRow;
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
    let residency = compiler.residency(row).unwrap_or(compiler.hubs.all);
    let salt = row.get(Column::Salt).unwrap_or_default();
    let new_salt = || Shared::new(PlacementSalt::new(salt));
    TenantSettings {
        state: row.parse(Column::State).unwrap_or_default(),
        pools,
        residency,
        admitted: admitted(compiler, row),
        is_limited: row.has(Column::Pools) || row.has(Column::Residency),
        placement: row.parse(Column::Placement).unwrap_or_default(),
        hubs: compiler.hubs(row),
        tolerance_ms: row
            .parse(Column::ToleranceMs)
            .unwrap_or(DEFAULT_TOLERANCE_MS),
        without_location: row.parse(Column::WithoutLocation).unwrap_or_default(),
        on_reprovision: row.parse(Column::OnReprovision).unwrap_or_default(),
        location_from: compiler.expression(row, Column::LocationFrom, Purpose::Location),
        group_from: compiler.expression(row, Column::GroupFrom, Purpose::Group),
        twin: compiler.twin(row, row.key()),
        reply: reply(compiler, row),
        salt: compiler.salts.entry(salt).or_insert_with(new_salt).clone(),
    }
}

/// The hubs whose `tenants` name the tenant, and those that are for any.
fn admitted(compiler: &Compiler<'_>, row: &CanonicalRow<'_>) -> HubSet {
    let tenant = compiler.tenant(row.key());
    let for_others = compiler.reserved.iter().filter(|(_, allowed)| {
        let is_allowed = tenant.is_some_and(|tenant| allowed.allows(tenant));
        !is_allowed
    });
    let others: HubSet = for_others.map(|(hub, _)| *hub).collect();
    compiler.hubs.all.without(others)
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
