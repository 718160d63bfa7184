//! How devices of an enrollment show who they are.

use serde::de::Error as _;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::certificate::Certificate;
use crate::key::{KeyError, KeyPair, SymmetricKey};
use crate::tpm::TpmKey;

/// `AttestationMechanism` of the service API. Serialized with its secrets: see [`without_secrets`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attestation {
    /// `None` if the client leaves it to the service to make them.
    SymmetricKey(Option<KeyPair>),
    X509(Trusted),
    /// For individual enrollments.
    Tpm(TpmKeys),
}

/// The keys of a TPM that an enrollment states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TpmKeys {
    pub(crate) endorsement_key: TpmKey,
    /// That of the device counts if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) storage_root_key: Option<TpmKey>,
}

/// The certificates that an enrollment trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Trusted {
    /// Of the device itself; for individual enrollments.
    ClientCertificates(Slots<Stated>),
    /// That have issued those of the devices; for groups.
    SigningCertificates(Slots<Stated>),
    /// Names of verified certificates.
    CaReferences(Slots<String>),
}

/// Primary and secondary, so that one can be replaced while the other is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slots<T> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) primary: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secondary: Option<T>,
}

impl<T> Slots<T> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.primary.iter().chain(&self.secondary)
    }
}

/// A certificate as an enrollment states it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Stated {
    pub(crate) certificate: Certificate,
}

impl Serialize for Stated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("certificate", &self.certificate)?;
        map.serialize_entry("info", &self.certificate.info())?;
        map.end()
    }
}

/// The mechanism as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    r#type: Type,
    #[serde(skip_serializing_if = "Option::is_none")]
    symmetric_key: Option<Keys>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x509: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tpm: Option<TpmKeys>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Type {
    SymmetricKey,
    X509,
    Tpm,
    None,
}

/// What is left out, empty or null, the service makes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Keys {
    primary_key: Option<String>,
    secondary_key: Option<String>,
}

impl From<KeyPair> for Keys {
    fn from(keys: KeyPair) -> Self {
        Self {
            primary_key: Some(keys.primary_key.into()),
            secondary_key: Some(keys.secondary_key.into()),
        }
    }
}

impl Keys {
    fn read(self) -> Result<Option<KeyPair>, KeyError> {
        let key = |text: Option<String>| {
            let text = text.filter(|text| !text.is_empty());
            text.map(SymmetricKey::try_from).transpose()
        };
        let (primary, secondary) = (key(self.primary_key)?, key(self.secondary_key)?);
        Ok((primary.is_some() || secondary.is_some()).then(|| KeyPair {
            primary_key: primary.unwrap_or_else(SymmetricKey::random),
            secondary_key: secondary.unwrap_or_else(SymmetricKey::random),
        }))
    }
}

impl Serialize for Attestation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut written = Written {
            r#type: Type::SymmetricKey,
            symmetric_key: None,
            x509: None,
            tpm: None,
        };
        match self {
            Self::SymmetricKey(keys) => written.symmetric_key = keys.clone().map(Keys::from),
            Self::X509(trusted) => {
                written.r#type = Type::X509;
                let trusted = serde_json::to_value(trusted);
                written.x509 = Some(trusted.map_err(serde::ser::Error::custom)?);
            }
            Self::Tpm(keys) => {
                written.r#type = Type::Tpm;
                written.tpm = Some(keys.clone());
            }
        }
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Attestation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        match written.r#type {
            Type::SymmetricKey => {
                let keys = written.symmetric_key.map(Keys::read).transpose();
                let keys = keys.map_err(D::Error::custom)?;
                Ok(Self::SymmetricKey(keys.flatten()))
            }
            Type::X509 => {
                let x509 = stated(written.x509, "x509")?;
                trusted(x509).map(Self::X509).map_err(D::Error::custom)
            }
            Type::Tpm => stated(written.tpm, "tpm").map(Self::Tpm),
            Type::None => Err(D::Error::custom("attestation `none` is not for devices")),
        }
    }
}

/// The member that has the name of the mechanism.
fn stated<T, E: serde::de::Error>(member: Option<T>, name: &str) -> Result<T, E> {
    member.ok_or_else(|| {
        E::custom(format!(
            "attestation `{name}` has to have a member `{name}`"
        ))
    })
}

/// Reads the one member that counts: SDKs write the others as null.
fn trusted(x509: Value) -> Result<Trusted, String> {
    let Value::Object(members) = x509 else {
        return Err("`x509` has to be an object".to_owned());
    };
    let mut stated: Map<String, Value> = members;
    stated.retain(|_, value| !value.is_null());
    serde_json::from_value(Value::Object(stated)).map_err(|error| error.to_string())
}

/// Removes keys and certificates from a record, as the service API and the webhook show it.
pub(crate) fn without_secrets(record: &mut Value) {
    let Some(attestation) = record.get_mut("attestation").and_then(Value::as_object_mut) else {
        return;
    };
    attestation.remove("symmetricKey");
    let x509 = attestation.get_mut("x509").and_then(Value::as_object_mut);
    let slots = x509.into_iter().flat_map(Map::values_mut);
    let certificates = slots
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for certificate in certificates.filter_map(Value::as_object_mut) {
        certificate.remove("certificate");
    }
}
