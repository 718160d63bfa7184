//! The `enrollments` table.

use super::compiler::Compiler;
use crate::expression::Purpose;
use crate::policy::model::{AllowedTenants, EnrollmentRow, Enrollments};
use crate::schema::{Column, TableName};
use crate::tables::CanonicalRow;

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

/// The tenants that may come through the enrollment.
fn tenants<'c>(compiler: &mut Compiler<'c>, row: &CanonicalRow<'c>) -> AllowedTenants {
    let allowed = compiler.allowed_tenants(row);
    if allowed.listed().is_some_and(<[_]>::is_empty) {
        let rule = "no tenant may use the enrollment";
        let help = "list the tenants, or write * when tenantFrom may pick any";
        compiler.missing(row, Column::Tenants, rule, help);
    }
    allowed
}
