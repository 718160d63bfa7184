//! The `enrollments` table.

use super::compiler::Compiler;
use crate::expression::Purpose;
use crate::glob::Glob;
use crate::nearest::did_you_mean;
use crate::policy::model::{AllowedTenants, EnrollmentRow, Enrollments, TenantIndex};
use crate::schema::{Column, TableName};
use crate::tables::{CanonicalRow, items};

pub(super) fn compile(compiler: &mut Compiler<'_>) -> Enrollments {
    let mut enrollments = Enrollments::default();
    let help = "add a row for each enrollment whose allocation policy is this webhook";
    compiler.no_row(TableName::Enrollments, "there is no enrollment", help);
    for row in compiler.rows.rows(TableName::Enrollments) {
        let enrollment = EnrollmentRow {
            tenants: tenants(compiler, &row),
            tenant_from: compiler.expression(&row, Column::TenantFrom, Purpose::Tenant),
            location: row.get(Column::Location).map(Into::into),
            device_rows: row.parse(Column::DeviceRows).unwrap_or_default(),
            residency: compiler.residency(&row),
            profile: row.parse(Column::Profile).unwrap_or_default(),
            twin: compiler.twin(&row, "*"),
        };
        enrollments.add(row.key(), enrollment);
    }
    enrollments
}

/// The tenants that a row lists, each by its id or by a glob.
fn tenants<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> AllowedTenants {
    let mut listed: Vec<TenantIndex> = Vec::new();
    for item in row.get(Column::Tenants).into_iter().flat_map(items) {
        if item == "*" {
            return AllowedTenants::Any;
        }
        let before = listed.len();
        if Glob::is_glob(item) {
            let glob = Glob::new(item);
            let ids = compiler.tenant_ids.iter().enumerate();
            let matching = ids.filter(|(_, id)| glob.matches(id));
            listed.extend(matching.filter_map(|(position, _)| TenantIndex::new(position)));
        } else {
            listed.extend(compiler.tenant(item));
        }
        if listed.len() == before && !compiler.may_hide(TableName::Tenants, Column::RowKey) {
            let rule = format!("no tenant is `{item}`");
            let meant = did_you_mean(item, compiler.tenant_ids.iter().copied());
            let help = format!("{meant}add the tenant or correct its id");
            compiler.error(row, Column::Tenants, rule, &help);
        }
    }
    listed.sort_unstable();
    listed.dedup();
    match *listed {
        [one] => AllowedTenants::One(one),
        [] => {
            let help = "list the tenants, or write * when tenantFrom may pick any";
            compiler.missing(
                row,
                Column::Tenants,
                "no tenant may use the enrollment",
                help,
            );
            AllowedTenants::Listed(Box::default())
        }
        _ => AllowedTenants::Listed(listed.into()),
    }
}
