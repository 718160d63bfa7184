//! Enrollments of 2025 and later: their names of Azure Device Registry, and the `csr` of a device.

use dps_allocation::{DeviceFact, Facts, Registration, ResourceName, explain};
use serde_json::{Value, json};

use super::wire::{base, read, with};
use crate::fleet::{Device, policy};

/// Written by hand from the API specifications, not captured.
const MADE: [(&str, &str); 2] = [
    (
        "2026-11-01",
        include_str!(
            "../../../../../tests/fixtures/allocation/made/2026-11-01-group-certificates.json"
        ),
    ),
    (
        "2026-11-02-preview",
        include_str!(
            "../../../../../tests/fixtures/allocation/made/2026-11-02-preview-individual-csr.json"
        ),
    ),
];

/// The members as they are read; null where absent.
fn members(registration: &Registration<'_>) -> Value {
    let registry = &registration.enrollment.registry;
    let references = &registry.device_type_refs;
    let references: Vec<&str> = references.iter().map(|it| &**it).collect();
    let name = |name: &Option<ResourceName<'_>>| json!(name.as_ref().map(ResourceName::as_str));
    json!({
        "namespaceName": name(&registry.namespace_name),
        "certificateAuthorityName": name(&registry.certificate_authority_name),
        "certificatePolicyName": name(&registry.certificate_policy_name),
        "credentialPolicyName": name(&registry.credential_policy_name),
        "deviceTypeRefs": references,
    })
}

fn none() -> Value {
    read(&base().to_string(), |it| members(&it))
}

const MEMBERS: [&str; 5] = [
    "namespaceName",
    "certificateAuthorityName",
    "certificatePolicyName",
    "credentialPolicyName",
    "deviceTypeRefs",
];

#[test]
fn the_made_requests_are_read() {
    let expected = [
        json!({
            "namespaceName": "contoso-appliances",
            "certificateAuthorityName": "contoso-issuing-ca",
            "certificatePolicyName": "thirty-days",
            "credentialPolicyName": null,
            "deviceTypeRefs": [],
        }),
        json!({
            "namespaceName": "contoso-factory",
            "certificateAuthorityName": null,
            "certificatePolicyName": null,
            "credentialPolicyName": "thirty-days",
            "deviceTypeRefs": ["dtmi:contoso:pump;2"],
        }),
    ];
    for ((version, body), expected) in MADE.into_iter().zip(expected) {
        assert!(body.contains(&format!("\"apiVersion\": \"{version}\"")));
        assert_eq!(read(body, |it| members(&it)), expected, "{version}");
    }
}

#[test]
fn members_of_another_form_are_ignored() {
    let long = "x".repeat(129);
    let forms = [
        json!(null),
        json!(7),
        json!(true),
        json!(""),
        json!("  "),
        json!("a\nb"),
        json!(long),
        json!({"name": "x"}),
        json!({}),
        json!([]),
        json!([7, null, {}, [], "", long]),
    ];
    for member in MEMBERS {
        for form in &forms {
            let body = with(&format!("/enrollmentGroup/{member}"), form.clone());
            assert_eq!(read(&body, |it| members(&it)), none(), "{member} {form}");
        }
    }
    let mixed = with("/enrollmentGroup/deviceTypeRefs", json!(["a", 7, "B"]));
    let references = read(&mixed, |it| members(&it)["deviceTypeRefs"].take());
    assert_eq!(references, json!(["a", "B"]));
    let body = with("/enrollmentGroup/namespaceName", json!("x".repeat(128)));
    assert_eq!(
        read(&body, |it| members(&it)["namespaceName"].take()),
        json!("x".repeat(128))
    );
}

/// Whether a rule with this condition decides about a device of an enrollment with these members.
#[track_caller]
fn condition(members: Value, when: &str, expected: bool) {
    let policy = policy(&format!(
        "hubs:\n a.net\n enrollments: tenants\n group | acme\n tenants:\n acme\n \
         rules: when refuse\n acme/1 | {when} | true"
    ));
    let mut device = Device::new("a").linked(&["a.net"]);
    for (member, value) in members.as_object().unwrap() {
        device = device.with(&format!("/enrollmentGroup/{member}"), value.clone());
    }
    let refused = device.decided(&policy) == "refusedByRule";
    assert_eq!(refused, expected, "{members} {when}");
}

#[test]
fn expressions_see_the_members() {
    for member in &MEMBERS[..4] {
        let named = json!({ *member: "Contoso-1" });
        condition(
            named.clone(),
            &format!("enrollment.{member} == 'contoso-1'"),
            true,
        );
        condition(named, &format!("enrollment.{member} == 'other'"), false);
        condition(json!({}), &format!("has(enrollment.{member})"), false);
        let or_else = format!("enrollment.?{member}.orValue('none') == 'none'");
        condition(json!({}), &or_else, true);
    }
    let typed = json!({"deviceTypeRefs": ["Dtmi:x;1"]});
    condition(
        typed.clone(),
        "'Dtmi:x;1' in enrollment.deviceTypeRefs",
        true,
    );
    condition(typed, "enrollment.deviceTypeRefs.size() == 2", false);
    condition(json!({}), "has(enrollment.deviceTypeRefs)", false);
}

const CSR: &str = "MIHsMIGTAgEA-planted";

/// A request with the text in every place of a `csr`.
fn planted() -> Value {
    let mut body = base();
    body["csr"] = json!(CSR);
    for part in ["deviceRuntimeContext", "enrollmentGroup"] {
        body[part]["csr"] = json!(CSR);
    }
    body["deviceRuntimeContext"]["symmetricKey"] = json!({"csr": CSR});
    body["deviceRuntimeContext"]["currentDeviceId"] = json!({"csr": CSR});
    body["deviceRuntimeContext"]["payload"] = json!({"csr": CSR, "location": {"csr": CSR}});
    body["enrollmentGroup"]["attestation"]["csr"] = json!(CSR);
    body["enrollmentGroup"]["registrationState"] = json!({"csr": CSR});
    body["enrollmentGroup"]["initialTwin"] = json!({"tags": {"csr": CSR}});
    for member in MEMBERS {
        body["enrollmentGroup"][member] = json!({"csr": CSR});
    }
    body
}

#[test]
fn a_csr_is_in_no_reason_evidence_or_error() {
    let policy = policy(
        "hubs: region\n a.net | westeurope\n enrollments: tenants tenantFrom\n group | acme;beta | \
         payload.?tenant.orValue('acme')\n tenants: placement\n acme | latency\n beta\n \
         rules: when refuse\n acme/1 | payload.csr == 'x' || enrollment.namespaceName == 'x' | true",
    );
    let facts = Facts {
        now: "2026-12-01T12:00Z".parse().unwrap(),
        device: DeviceFact::NotRead,
    };
    let body = planted().to_string();
    read(&body, |registration| {
        let (decision, evidence) =
            dps_allocation::decide_with_evidence(&policy, &registration, &facts);
        let explanation = explain(&policy, &registration, &facts);
        let shown = [
            format!("{decision:?}"),
            serde_json::to_string(&evidence).unwrap(),
            serde_json::to_string(&explanation).unwrap(),
            format!("{:?}", registration.enrollment.registry),
        ];
        for text in shown {
            assert!(!text.contains(CSR), "{text}");
        }
        assert_eq!(explanation.reason, "weighted");
    });
    // Whatever is broken beside it, the error names places and rules only.
    for broken in [
        "/linkedHubs",
        "/deviceRuntimeContext/x509",
        "/deviceRuntimeContext/registrationId",
        "/enrollmentGroup/capabilities",
        "/enrollmentGroup/enrollmentGroupId",
    ] {
        for value in [json!(7), json!([CSR]), json!(CSR), json!(format!("{CSR}="))] {
            let mut body = planted();
            let (parent, member) = broken.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[member] = value;
            if let Err(error) = Registration::parse(body.to_string().as_bytes()) {
                let text = format!("{error} {error:?}");
                assert!(!text.contains(CSR), "{text}");
            }
        }
    }
    for cut in 0..body.len() {
        let error = Registration::parse(&body.as_bytes()[..cut]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(CSR));
    }
}
