//! What is known of the variables and their members before there is a request.

use super::kinds::Kinds;
use super::types::{Case, Members, Shape, Type};
use super::variable::Variable;
use crate::registration::AttestationKind;

const LOWER: Type = Type::text(Shape::Case(Case::Lower));
const UPPER: Type = Type::text(Shape::Case(Case::Upper));
const HUB: Type = Type::text(Shape::Hub);
const TEXT: Type = Type::of(Kinds::TEXT);
const TEXTS: Type = Type::list(Kinds::TEXT);
const INT: Type = Type::of(Kinds::INT);

pub(super) const ENROLLMENT: Members = &[
    ("id", LOWER),
    ("kind", Type::text(Shape::Words(&["group", "individual"]))),
    ("deviceId", TEXT),
    ("namespaceName", LOWER),
    ("certificateAuthorityName", LOWER),
    ("certificatePolicyName", LOWER),
    ("credentialPolicyName", LOWER),
    ("deviceTypeRefs", TEXTS),
];

pub(super) const CERTIFICATE: Members = &[
    ("subject", Type::record(NAME)),
    ("issuer", Type::record(NAME)),
    ("dnsNames", TEXTS),
    ("sha1Thumbprint", UPPER),
    ("sha256Thumbprint", UPPER),
    ("serialNumber", UPPER),
    ("notBefore", INT),
    ("notAfter", INT),
];

pub(super) const NAME: Members = &[
    ("commonName", TEXT),
    ("commonNames", TEXTS),
    ("organization", TEXT),
    ("organizations", TEXTS),
    ("organizationalUnit", TEXT),
    ("organizationalUnits", TEXTS),
    ("country", TEXT),
    ("countries", TEXTS),
];

pub(super) const DEVICE: Members = &[
    ("tenant", LOWER),
    ("location", LOWER),
    ("hub", HUB),
    (
        "profile",
        Type::text(Shape::Words(&["classic", "mqttV5", "both"])),
    ),
    ("attributes", Type::of(Kinds::MAP)),
];

pub(super) const CHOSEN_HUB: Members = &[("name", HUB), ("region", LOWER), ("geography", LOWER)];

/// The type of a variable.
pub(super) fn type_of(variable: Variable) -> Type {
    match variable {
        Variable::RegistrationId => LOWER,
        Variable::RegistrationIdAsWritten => TEXT,
        Variable::Enrollment => Type::record(ENROLLMENT),
        Variable::Attestation => Type::text(Shape::Words(AttestationKind::WORDS)).or_null(),
        Variable::Cert => Type::record(CERTIFICATE).or_null(),
        Variable::IotEdge => Type::of(Kinds::BOOL),
        Variable::Payload => Type::JSON,
        Variable::CurrentHub => HUB.or_null(),
        Variable::Tenant => LOWER.or_null(),
        Variable::Device => Type::record(DEVICE).or_null(),
        Variable::Now => Type::of(Kinds::TIMESTAMP),
        Variable::Hub => Type::record(CHOSEN_HUB),
    }
}
