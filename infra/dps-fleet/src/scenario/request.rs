//! An allocation request in short, and in the form that DPS sends.

use dps_allocation::AttestationKind;
use serde_json::{Map, Value, json};

use super::certificate::CertificateForm;
use super::hubs::hosts;
use super::ids::Device;
use super::names::Names;
use super::section::Section;

/// What a scenario says of a request; what it leaves out comes from the defaults of its file.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestForm {
    enrollment: Option<EnrollmentForm>,
    attestation: Option<AttestationKind>,
    certificate: Option<CertificateForm>,
    linked_hubs: Option<Vec<String>>,
    pub(super) current_hub: Option<String>,
    payload: Option<Value>,
    update_hub_assignment: Option<bool>,
    migrate_device_data: Option<bool>,
    iot_edge: Option<bool>,
    namespace_name: Option<String>,
    certificate_policy_name: Option<String>,
    initial_twin: Option<Value>,
}

#[derive(Clone, Debug)]
enum EnrollmentForm {
    Group(String),
    /// Its id is the registration id.
    Individual,
}

impl RequestForm {
    pub(super) const KEYS: &[&str] = &[
        "enrollment",
        "individual",
        "attestation",
        "cert",
        "linkedHubs",
        "currentHub",
        "payload",
        "updateHubAssignment",
        "migrateDeviceData",
        "iotEdge",
        "namespaceName",
        "certificatePolicyName",
        "initialTwin",
    ];

    /// Reads these keys of a section that has them and others.
    pub(super) fn read(section: &Section<'_>, names: &Names) -> Self {
        let certificate = section.section("cert", CertificateForm::KEYS);
        Self {
            enrollment: enrollment(section),
            attestation: section.choice(
                "attestation",
                AttestationKind::all(),
                AttestationKind::as_str,
            ),
            certificate: certificate.as_ref().map(CertificateForm::read),
            linked_hubs: hosts(section, "linkedHubs", names),
            current_hub: hosts(section, "currentHub", names).and_then(|hosts| {
                if hosts.len() > 1 {
                    section.fault_of("currentHub", "it has several hubs", "name one");
                }
                hosts.into_iter().next()
            }),
            payload: section.json("payload"),
            update_hub_assignment: section.flag("updateHubAssignment"),
            migrate_device_data: section.flag("migrateDeviceData"),
            iot_edge: section.flag("iotEdge"),
            namespace_name: section.text("namespaceName"),
            certificate_policy_name: section.text("certificatePolicyName"),
            initial_twin: twin(section, "initialTwin"),
        }
    }

    /// With the defaults of the file for keys that it lacks.
    pub(super) fn or(self, defaults: Self) -> Self {
        Self {
            enrollment: self.enrollment.or(defaults.enrollment),
            // A certificate says how the device attests.
            attestation: match self.certificate {
                Some(_) => self.attestation,
                None => self.attestation.or(defaults.attestation),
            },
            certificate: match self.attestation {
                None | Some(AttestationKind::X509) => self.certificate.or(defaults.certificate),
                Some(_) => self.certificate,
            },
            linked_hubs: self.linked_hubs.or(defaults.linked_hubs),
            current_hub: self.current_hub.or(defaults.current_hub),
            payload: self.payload.or(defaults.payload),
            update_hub_assignment: self
                .update_hub_assignment
                .or(defaults.update_hub_assignment),
            migrate_device_data: self.migrate_device_data.or(defaults.migrate_device_data),
            iot_edge: self.iot_edge.or(defaults.iot_edge),
            namespace_name: self.namespace_name.or(defaults.namespace_name),
            certificate_policy_name: self
                .certificate_policy_name
                .or(defaults.certificate_policy_name),
            initial_twin: self.initial_twin.or(defaults.initial_twin),
        }
    }

    /// Reports what the request of a section lacks, or states twice.
    pub(super) fn check(&self, section: &Section<'_>, names: &Names) {
        if self.enrollment.is_none() && names.only_enrollment.is_none() {
            section.fault_of(
                "enrollment",
                "nothing says which enrollment the device comes through",
                "write enrollment = \"id of the group\", or individual = true",
            );
        }
        let with_certificate = matches!(self.attestation, None | Some(AttestationKind::X509));
        if self.certificate.is_some() && !with_certificate {
            let help = "leave out one of `cert` and `attestation`";
            section.fault_of("cert", "a device with a certificate attests by x509", help);
        }
    }

    /// The body that DPS would post; in payload and certificate, `{1}` is the
    /// number of a fleet's first range.
    pub(super) fn body(&self, device: &Device, current: Option<&str>, names: &Names) -> Vec<u8> {
        let body = json!({
            (self.enrollment_member()): self.enrollment(&device.id, names),
            "deviceRuntimeContext": self.context(device, current),
            "linkedHubs": self.linked(current, names),
        });
        body.to_string().into_bytes()
    }

    /// The hubs that DPS offers: with `updateHubAssignment` `false` only the current one.
    fn linked<'a>(&'a self, current: Option<&'a str>, names: &'a Names) -> Vec<&'a str> {
        match (&self.linked_hubs, current, self.update_hub_assignment) {
            (Some(hubs), _, _) => hubs.iter().map(String::as_str).collect(),
            (None, Some(current), Some(false)) => vec![current],
            (None, _, _) => names.hosts().collect(),
        }
    }

    fn enrollment_member(&self) -> &'static str {
        match self.enrollment {
            Some(EnrollmentForm::Individual) => "individualEnrollment",
            Some(EnrollmentForm::Group(_)) | None => "enrollmentGroup",
        }
    }

    fn enrollment(&self, id: &str, names: &Names) -> Value {
        let mut record = Map::new();
        let mut set = |name: &str, value: Value| record.insert(name.to_owned(), value);
        match &self.enrollment {
            Some(EnrollmentForm::Individual) => set("registrationId", id.into()),
            Some(EnrollmentForm::Group(group)) => set("enrollmentGroupId", group.as_str().into()),
            None => set("enrollmentGroupId", names.only_enrollment.clone().into()),
        };
        set("attestation", json!({"type": self.attestation().as_str()}));
        set(
            "capabilities",
            json!({"iotEdge": self.iot_edge.unwrap_or(false)}),
        );
        set(
            "reprovisionPolicy",
            json!({
                "updateHubAssignment": self.update_hub_assignment.unwrap_or(true),
                "migrateDeviceData": self.migrate_device_data.unwrap_or(true),
            }),
        );
        set("allocationPolicy", "custom".into());
        let texts = [
            ("namespaceName", &self.namespace_name),
            ("certificatePolicyName", &self.certificate_policy_name),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                set(name, text.as_str().into());
            }
        }
        if let Some(twin) = &self.initial_twin {
            set("initialTwin", twin.clone());
        }
        Value::Object(record)
    }

    fn attestation(&self) -> AttestationKind {
        let of_certificate = self.certificate.as_ref().map(|_| AttestationKind::X509);
        let stated = self.attestation.or(of_certificate);
        stated.unwrap_or(AttestationKind::SymmetricKey)
    }

    fn context(&self, device: &Device, current: Option<&str>) -> Value {
        let mut context = Map::new();
        let mut set = |name: &str, value: Value| context.insert(name.to_owned(), value);
        set("registrationId", device.id.as_str().into());
        if let Some(hub) = current {
            set("currentIotHubHostName", hub.into());
        }
        let attestation = self.attestation();
        let certificate = self.certificate.as_ref();
        let proof = certificate.map_or_else(
            || json!({}),
            |certificate| json!({"clientCertificate": certificate.encode(device)}),
        );
        set(attestation.as_str(), proof);
        if let Some(payload) = &self.payload {
            set("payload", filled(payload, device));
        }
        Value::Object(context)
    }
}

/// The value with the numbers of a device in its texts.
fn filled(value: &Value, device: &Device) -> Value {
    match value {
        Value::String(text) => device.fill(text).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, device)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), filled(value, device)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

fn enrollment(section: &Section<'_>) -> Option<EnrollmentForm> {
    let group = section.text("enrollment").map(EnrollmentForm::Group);
    let individual = section.flag("individual").unwrap_or(false);
    if group.is_some() && individual {
        let help = "leave out one of `enrollment` and `individual`";
        section.fault_of("individual", "a device comes through one enrollment", help);
    }
    group.or(individual.then_some(EnrollmentForm::Individual))
}

/// Tags and desired properties in the form of DPS.
pub(super) fn twin(section: &Section<'_>, key: &str) -> Option<Value> {
    let inner = section.section(key, &["tags", "desired"])?;
    let mut twin = Map::new();
    if let Some(tags) = inner.json("tags") {
        twin.insert("tags".to_owned(), tags);
    }
    if let Some(desired) = inner.json("desired") {
        twin.insert("properties".to_owned(), json!({ "desired": desired }));
    }
    Some(Value::Object(twin))
}
