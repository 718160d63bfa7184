//! Captured requests: what is read of each, and the whole reasoning about it under one policy.
//!
//! The snapshots are the expected values; `INSTA_UPDATE=always cargo test` writes them anew.

use dps_allocation::{DeviceFact, Facts, Policy, Registration, explain};
use insta::{Settings, assert_debug_snapshot, assert_snapshot};

use crate::fleet::policy;

const FIXTURES: [(&str, &str); 6] = [
    (
        "group-sparse-2019",
        include_str!("../../../../tests/fixtures/allocation/group-sparse-2019.json"),
    ),
    (
        "group-symmetric-key-first",
        include_str!("../../../../tests/fixtures/allocation/group-symmetric-key-first.json"),
    ),
    (
        "group-symmetric-key-reprovision-payload",
        include_str!(
            "../../../../tests/fixtures/allocation/group-symmetric-key-reprovision-payload.json"
        ),
    ),
    (
        "group-x509",
        include_str!("../../../../tests/fixtures/allocation/group-x509.json"),
    ),
    (
        "individual-never-reprovision",
        include_str!("../../../../tests/fixtures/allocation/individual-never-reprovision.json"),
    ),
    (
        "individual-tpm-payload",
        include_str!("../../../../tests/fixtures/allocation/individual-tpm-payload.json"),
    ),
];

/// A policy in which every fixture meets another part of the decision.
const POLICY: &str = r#"
    hubs: region geography pools weight twin
    custom-allocation-toasters-hub.azure-devices.net | westus | US | toasters
    custom-allocation-heatpumps-hub.azure-devices.net | westus | US | heatpumps
    contoso-toasters-hub-1098.azure-devices.net | westus | US | toasters
    contoso-heatpumps-hub-1098.azure-devices.net | westus | US | heatpumps
    contoso-weu-1.azure-devices.net | westeurope | EU | plants | 1 | europe
    contoso-eus-1.azure-devices.net | eastus | US | plants
    contoso-sea-1.azure-devices.net | southeastasia | ASIA | plants
    iotpnpws-hub-20210726.azure-devices.net | westus2 | US | phones
    enrollments: tenants tenantFrom location
    contoso-custom-allocated-devices | breakroom
    contoso-factory-x509 | tenant-* | cert.subject.organizationalUnit
    SAS-IoT-Devices | phones
    pump-* | plant
    tpm-gw-* | plant | - | 1.3,103.8
    tenants: pools residency placement twin reply
    breakroom | toasters;heatpumps
    tenant-a | plants | EU
    tenant-b | plants
    plant | plants | - | latency | plant | {"broker": "${currentHub}", "model": "${payload.model}"}
    phones | phones
    rules: when pools
    breakroom/100-toasters | registrationId.contains('-tstrsd-') | toasters
    breakroom/200-heatpumps | registrationId.contains('-hpsd-') | heatpumps
    rollouts: to steps
    breakroom/heat | heatpumps | 100%
    twins: tags desired
    */europe | {"continent": "europe"}
    plant/plant | {"site": "singapore", "edge": "${iotEdge}"} | {"model": "${payload.model}"}
    latency: milliseconds
    1.3,103.8/westeurope | 158
"#;

fn check(show: impl Fn(&Policy, &Registration<'_>, &str)) {
    let policy = policy(POLICY);
    for (name, body) in FIXTURES {
        let registration = Registration::parse(body.as_bytes()).unwrap();
        show(&policy, &registration, name);
    }
}

#[test]
fn captured_requests_are_read() {
    check(|_, registration, name| {
        let mut settings = Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| assert_debug_snapshot!(format!("{name}.read"), registration));
    });
}

#[test]
fn captured_requests_are_explained() {
    let now = "2026-12-01T12:00Z".parse().unwrap();
    check(|policy, registration, name| {
        let facts = Facts {
            now,
            device: DeviceFact::NotRead,
        };
        let mut settings = Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| {
            let explanation = explain(policy, registration, &facts);
            let json = serde_json::to_string_pretty(&explanation).unwrap();
            assert_snapshot!(format!("{name}.explained"), json);
        });
    });
}
