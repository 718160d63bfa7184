//! The members of the variables that have members: their types and their values.

use super::inputs::DeviceView;
use super::kinds::Kinds;
use super::types::{Case, Members, Shape, Type};
use super::value::{List, Val};
use super::variable::Variable;
use crate::certificate::{Certificate, Name};
use crate::registration::{Attestation, Enrollment, ResourceName};

/// A part of the request with a known set of members.
#[derive(Clone, Copy, Debug)]
pub(super) enum Record<'a> {
    Enrollment(&'a Enrollment<'a>),
    Certificate(&'a Certificate),
    Name(&'a Name),
    Device(DeviceView<'a>),
}

const LOWER: Type = Type::text(Shape::Case(Case::Lower));
const UPPER: Type = Type::text(Shape::Case(Case::Upper));
const HUB: Type = Type::text(Shape::Hub);
const TEXT: Type = Type::of(Kinds::TEXT);
const TEXTS: Type = Type::list(Kinds::TEXT);
const INT: Type = Type::of(Kinds::INT);

const ENROLLMENT: Members = &[
    ("id", LOWER),
    ("kind", Type::text(Shape::Words(&["group", "individual"]))),
    ("deviceId", TEXT),
    ("namespaceName", LOWER),
    ("certificateAuthorityName", LOWER),
    ("certificatePolicyName", LOWER),
    ("credentialPolicyName", LOWER),
    ("deviceTypeRefs", TEXTS),
];

const CERTIFICATE: Members = &[
    ("subject", Type::record(NAME)),
    ("issuer", Type::record(NAME)),
    ("dnsNames", TEXTS),
    ("sha1Thumbprint", UPPER),
    ("sha256Thumbprint", UPPER),
    ("serialNumber", UPPER),
    ("notBefore", INT),
    ("notAfter", INT),
];

const NAME: Members = &[
    ("commonName", TEXT),
    ("commonNames", TEXTS),
    ("organization", TEXT),
    ("organizations", TEXTS),
    ("organizationalUnit", TEXT),
    ("organizationalUnits", TEXTS),
    ("country", TEXT),
    ("countries", TEXTS),
];

const DEVICE: Members = &[
    ("tenant", LOWER),
    ("location", LOWER),
    ("hub", HUB),
    (
        "profile",
        Type::text(Shape::Words(&["classic", "mqttV5", "both"])),
    ),
];

/// What is known of a variable before there is a request.
pub(super) fn type_of(variable: Variable) -> Type {
    match variable {
        Variable::RegistrationId => LOWER,
        Variable::RegistrationIdAsWritten => TEXT,
        Variable::Enrollment => Type::record(ENROLLMENT),
        Variable::Attestation => Type::text(Shape::Words(&Attestation::WORDS)).or_null(),
        Variable::Cert => Type::record(CERTIFICATE).or_null(),
        Variable::IotEdge => Type::of(Kinds::BOOL),
        Variable::Payload => Type::JSON,
        Variable::CurrentHub => HUB.or_null(),
        Variable::Tenant => LOWER.or_null(),
        Variable::Device => Type::record(DEVICE).or_null(),
    }
}

impl<'a> Record<'a> {
    /// The names of the members that it can have.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let members = match self {
            Self::Enrollment(_) => ENROLLMENT,
            Self::Certificate(_) => CERTIFICATE,
            Self::Name(_) => NAME,
            Self::Device(_) => DEVICE,
        };
        members.iter().map(|(name, _)| *name)
    }

    /// The members that it has.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'static str, Val<'a>)> {
        self.names()
            .filter_map(|name| Some((name, self.member(name)?)))
    }

    /// The value of a member, where it has that member.
    pub(super) fn member(&self, name: &str) -> Option<Val<'a>> {
        match self {
            Self::Enrollment(enrollment) => enrollment_member(enrollment, name),
            Self::Certificate(certificate) => certificate_member(certificate, name),
            Self::Name(own) => name_member(own, name),
            Self::Device(device) => match name {
                "tenant" => device.tenant.map(Val::text),
                "location" => device.location.map(Val::text),
                "hub" => device.hub.map(Val::text),
                "profile" => device.profile.map(Val::text),
                _ => None,
            },
        }
    }
}

fn enrollment_member<'a>(enrollment: &'a Enrollment<'a>, name: &str) -> Option<Val<'a>> {
    let registry = &enrollment.registry;
    let resource =
        |name: &'a Option<ResourceName<'a>>| name.as_ref().map(|name| Val::text(name.as_str()));
    match name {
        "id" => Some(Val::text(enrollment.id.as_str())),
        "kind" => Some(Val::text(enrollment.kind.as_str())),
        "deviceId" => enrollment.device_id.as_deref().map(Val::text),
        "namespaceName" => resource(&registry.namespace_name),
        "certificateAuthorityName" => resource(&registry.certificate_authority_name),
        "certificatePolicyName" => resource(&registry.certificate_policy_name),
        "credentialPolicyName" => resource(&registry.credential_policy_name),
        "deviceTypeRefs" => {
            let references = &registry.device_type_refs;
            (!references.is_empty()).then(|| Val::List(List::References(references)))
        }
        _ => None,
    }
}

fn certificate_member<'a>(certificate: &'a Certificate, name: &str) -> Option<Val<'a>> {
    Some(match name {
        "subject" => Val::record(Record::Name(&certificate.subject)),
        "issuer" => Val::record(Record::Name(&certificate.issuer)),
        "dnsNames" => texts(&certificate.dns_names),
        "sha1Thumbprint" => Val::text(&certificate.sha1_thumbprint),
        "sha256Thumbprint" => Val::text(&certificate.sha256_thumbprint),
        "serialNumber" => Val::text(&certificate.serial_number),
        "notBefore" => Val::Int(certificate.not_before),
        "notAfter" => Val::Int(certificate.not_after),
        _ => return None,
    })
}

fn name_member<'a>(own: &'a Name, name: &str) -> Option<Val<'a>> {
    let text = |text: &'a Option<String>| text.as_deref().map(Val::text);
    match name {
        "commonName" => text(&own.common_name),
        "commonNames" => Some(texts(&own.common_names)),
        "organization" => text(&own.organization),
        "organizations" => Some(texts(&own.organizations)),
        "organizationalUnit" => text(&own.organizational_unit),
        "organizationalUnits" => Some(texts(&own.organizational_units)),
        "country" => text(&own.country),
        "countries" => Some(texts(&own.countries)),
        _ => None,
    }
}

fn texts(texts: &[String]) -> Val<'_> {
    Val::List(List::Texts(texts))
}
