//! Texts in expressions that name what the tables do not have, or the same for every device.

use super::check;

#[test]
fn an_expression_names_a_hub_without_a_row() {
    let rule = |expression: &str| format!("rules: hubFrom // acme/1 | {expression}");
    let no_row = |host: &str, meant: &str| {
        format!(
            "warning: rules acme/1, column hubFrom: hub `{host}` is not in the hubs table: it fixes no hub; {meant}add the hub \
             or correct its host name"
        )
    };
    let near = "did you mean `own.net`? ";
    check(&rule("'owm.net'"), &no_row("owm.net", near));
    check(
        &rule("iotEdge ? 'a.net' : 'ghost.net'"),
        &no_row("ghost.net", ""),
    );
    check(&rule("payload.?hub.orValue('own')"), &no_row("own", near));
    check(
        &rule("{'a': 'a.net', 'b': 'z.net'}[payload.stamp]"),
        &no_row("z.net", ""),
    );
    check(&rule("iotEdge ? ' A.NET ' : 'b.net'"), "");
    check(&rule("payload.hub"), "");
    check(&rule("payload.stamp + '.net'"), "");
}

#[test]
fn a_tenant_in_an_expression_that_the_enrollment_does_not_allow() {
    let row = |tenants: &str, expression: &str| {
        format!("enrollments: tenants tenantFrom // h | {tenants} | {expression}")
    };
    check(&row("acme;contoso", "iotEdge ? 'ACME' : 'contoso'"), "");
    check(
        &row("acme", "iotEdge ? 'acme' : 'contoso'"),
        "warning: enrollments enrollment/h, column tenantFrom: `tenants` of the enrollment does not list tenant `contoso`; its \
         devices are refused: add the tenant to `tenants`, or give another one",
    );
    check(
        &row("*", "payload.?tenant.orValue('contosso')"),
        "warning: enrollments enrollment/h, column tenantFrom: tenant `contosso` is not in the tenants table; did you mean \
         `contoso`? its devices are refused: add the tenant or correct its id",
    );
}

#[test]
fn a_group_of_all_devices() {
    let row = |expression: &str| format!("tenants: groupFrom // beta | {expression}");
    check(
        &row("'building 7'"),
        "warning: tenants tenant/beta, column groupFrom: it is the same for every device: the whole tenant is one group, on \
         one hub; read something of the device, such as `payload.gateway`, or empty the cell",
    );
    check(&row("payload.?gateway.orValue('')"), "");
}

#[test]
fn a_location_in_an_expression_that_is_unknown() {
    let row = |expression: &str| {
        format!("tenants: placement locationFrom // beta | latency | {expression}")
    };
    check(
        &row("iotEdge ? 'West Europe' : 'atlantis'"),
        "warning: tenants tenant/beta, column locationFrom: `atlantis` is an unknown location: it is neither a public Azure \
         region nor in a row of latency; write a region, latitude,longitude, or add rows to latency",
    );
    check(&row("payload.?site.orValue('48.85,2.35')"), "");
}
