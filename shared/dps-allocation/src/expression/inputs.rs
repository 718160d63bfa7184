//! The values that expressions see, made on demand.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};
use serde::{Deserialize, Serialize};

use super::Variable;
use crate::certificate::{Certificate, Name};
use crate::hub_name::HubName;
use crate::registration::{Attestation, Enrollment, Registration, ResourceName};

/// The registration as expressions see it.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    pub(crate) registration: &'a Registration<'a>,
    /// None while the tenant is being decided.
    pub(crate) tenant: Option<&'a str>,
    pub(crate) device: Option<DeviceView<'a>>,
    certificate: OnceCell<Result<Option<Certificate>, Unreadable>>,
    payload: OnceCell<Result<Value, Unreadable>>,
}

/// The row of the `devices` table as expressions see it.
#[derive(Clone, Copy, Debug)]
pub struct DeviceView<'a> {
    /// The tenant's id.
    pub tenant: Option<&'a str>,
    /// Where the device is, in the canonical form of locations.
    pub location: Option<&'a str>,
    /// The host name of the hub that the device is to have.
    pub hub: Option<&'a str>,
}

/// A part of the request that something asked for is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Unreadable {
    #[error("`deviceRuntimeContext.x509.clientCertificate` is not an X.509 certificate")]
    Certificate,
    #[error(
        "`deviceRuntimeContext.payload` cannot be read: it is nested too deeply, or holds a \
         number or a character that does not exist"
    )]
    Payload,
    #[error("the enrollment's `initialTwin` is not a twin")]
    InitialTwin,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(registration: &'a Registration<'a>, device: Option<DeviceView<'a>>) -> Self {
        let (certificate, payload) = (OnceCell::new(), OnceCell::new());
        Self {
            registration,
            tenant: None,
            device,
            certificate,
            payload,
        }
    }

    /// Whether the registration came with a client certificate.
    pub(crate) fn has_certificate(&self) -> bool {
        matches!(
            self.registration.attestation,
            Some(Attestation::X509(Some(_)))
        )
    }

    /// The client certificate; none without X.509 attestation.
    pub(crate) fn certificate(&self) -> Result<Option<&Certificate>, Unreadable> {
        let read = self
            .certificate
            .get_or_init(|| match &self.registration.attestation {
                Some(Attestation::X509(Some(text))) => Certificate::parse(text)
                    .map(Some)
                    .map_err(|_broken| Unreadable::Certificate),
                _ => Ok(None),
            });
        read.as_ref()
            .map(Option::as_ref)
            .map_err(|unreadable| *unreadable)
    }

    /// The value of a variable; null when the registration has none.
    pub(super) fn value(&self, variable: Variable) -> Result<Value, Unreadable> {
        let registration = self.registration;
        Ok(match variable {
            Variable::RegistrationId => registration.id.as_str().into(),
            Variable::Enrollment => enrollment_value(&registration.enrollment),
            Variable::Attestation => registration
                .attestation
                .as_ref()
                .map(Attestation::as_str)
                .into(),
            Variable::Cert => self.certificate()?.map(certificate_value).into(),
            Variable::IotEdge => Value::Bool(registration.enrollment.iot_edge),
            Variable::Payload => self.payload()?,
            Variable::CurrentHub => registration
                .current_hub
                .as_ref()
                .map(|host| HubName::fold(host).into_owned())
                .into(),
            Variable::Tenant => self.tenant.into(),
            Variable::Device => self.device.map(device_value).into(),
        })
    }

    fn payload(&self) -> Result<Value, Unreadable> {
        let read = self
            .payload
            .get_or_init(|| match self.registration.payload {
                // The body was JSON, so only nesting (128 levels), number ranges
                // and surrogates can be wrong.
                Some(payload) => serde_json::from_str(payload.get())
                    .map(value_of)
                    .map_err(|_too_deep| Unreadable::Payload),
                None => Ok(Value::Null),
            });
        read.clone()
    }
}

/// JSON to CEL; whole numbers become `int`, so that they add up with the literals people write.
fn value_of(json: serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(whole)) => Value::UInt(whole),
            (None, None) => number.as_f64().map_or(Value::Null, Value::Float),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => Value::List(Arc::new(items.into_iter().map(value_of).collect())),
        Json::Object(members) => {
            let entries = members
                .into_iter()
                .map(|(key, json)| (Key::from(key), value_of(json)));
            Value::Map(Map {
                map: Arc::new(entries.collect()),
            })
        }
    }
}

/// A map of the members that exist.
fn map<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members
        .into_iter()
        .filter_map(|(key, value)| Some((Key::from(key), value?)));
    Value::Map(Map {
        map: Arc::new(members.collect::<HashMap<_, _>>()),
    })
}

fn enrollment_value(enrollment: &Enrollment<'_>) -> Value {
    let registry = &enrollment.registry;
    let name = |name: &Option<ResourceName<'_>>| name.as_ref().map(|name| name.as_str().into());
    let references = registry
        .device_type_refs
        .iter()
        .map(|it| Value::from(&**it));
    let references: Vec<Value> = references.collect();
    map([
        ("id", Some(enrollment.id.as_str().into())),
        ("kind", Some(enrollment.kind.as_str().into())),
        ("namespaceName", name(&registry.namespace_name)),
        (
            "certificateAuthorityName",
            name(&registry.certificate_authority_name),
        ),
        (
            "certificatePolicyName",
            name(&registry.certificate_policy_name),
        ),
        (
            "credentialPolicyName",
            name(&registry.credential_policy_name),
        ),
        (
            "deviceTypeRefs",
            (!references.is_empty()).then(|| Value::List(Arc::new(references))),
        ),
    ])
}

fn device_value(device: DeviceView<'_>) -> Value {
    map([
        ("tenant", device.tenant.map(Value::from)),
        ("location", device.location.map(Value::from)),
        ("hub", device.hub.map(Value::from)),
    ])
}

fn certificate_value(certificate: &Certificate) -> Value {
    let text = |text: &str| Some(Value::from(text));
    map([
        ("subject", Some(name_value(&certificate.subject))),
        ("issuer", Some(name_value(&certificate.issuer))),
        ("dnsNames", Some(certificate.dns_names.clone().into())),
        ("sha1Thumbprint", text(&certificate.sha1_thumbprint)),
        ("sha256Thumbprint", text(&certificate.sha256_thumbprint)),
        ("serialNumber", text(&certificate.serial_number)),
        ("notBefore", Some(Value::Int(certificate.not_before))),
        ("notAfter", Some(Value::Int(certificate.not_after))),
    ])
}

fn name_value(name: &Name) -> Value {
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    map([
        ("commonName", text(&name.common_name)),
        ("organization", text(&name.organization)),
        ("organizationalUnit", text(&name.organizational_unit)),
        ("country", text(&name.country)),
    ])
}
