//! How a device has shown who it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::certificate::Certificate;
use crate::hub::Authentication;
use crate::id::RegistrationId;
use crate::key::KeyPair;
use crate::tpm::TpmKey;

/// The enrollment through which a device registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Source {
    Individual(RegistrationId),
    Group(RegistrationId),
}

impl Source {
    pub(crate) fn id(&self) -> &RegistrationId {
        let (Self::Individual(id) | Self::Group(id)) = self;
        id
    }
}

/// A device whose credential is good.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attested {
    pub(crate) source: Source,
    pub(crate) evidence: Evidence,
}

/// What the credential was checked with; a hub checks it with the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Evidence {
    SymmetricKey(KeyPair),
    X509 {
        leaf: Certificate,
        /// Of a group: what has issued the leaf, or what has issued that.
        signing: Option<Certificate>,
    },
    Tpm(Box<Tpm>),
}

/// A TPM, and the keys that were made for it. The primary one is in the TPM.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tpm {
    pub(crate) endorsement_key: TpmKey,
    pub(crate) storage_root_key: TpmKey,
    pub(crate) keys: KeyPair,
    /// The primary key, in base64, as only this TPM can open it.
    pub(crate) authentication_key: String,
}

impl Evidence {
    /// As the registration log names it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::SymmetricKey(_) => "symmetricKey",
            Self::X509 { .. } => "x509",
            Self::Tpm(_) => "tpm",
        }
    }

    /// How the device shows to its hub who it is.
    pub(crate) fn authentication(&self) -> Authentication {
        match self {
            Self::SymmetricKey(keys) => Authentication::Sas { keys: keys.clone() },
            Self::X509 { leaf, .. } => Authentication::SelfSigned {
                thumbprints: vec![leaf.sha1_thumbprint()],
            },
            Self::Tpm(tpm) => Authentication::Sas {
                keys: tpm.keys.clone(),
            },
        }
    }

    /// What the webhook sees of it: the member of `deviceRuntimeContext`, with its name.
    pub(crate) fn shown_to_webhook(&self) -> (&'static str, Value) {
        let shown = match self {
            Self::SymmetricKey(_) => json!({}),
            Self::X509 { leaf, .. } => json!({ "clientCertificate": leaf.to_base64() }),
            Self::Tpm(tpm) => json!({
                "endorsementKey": tpm.endorsement_key,
                "storageRootKey": tpm.storage_root_key,
            }),
        };
        (self.kind(), shown)
    }

    /// What the device sees of it: the member of `registrationState`, with its name.
    pub(crate) fn shown_to_device(&self, source: &Source) -> (&'static str, Value) {
        let mut shown = Map::new();
        let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
        match self {
            Self::SymmetricKey(_) => {}
            Self::X509 { leaf, signing } => {
                put("certificateInfo", leaf.info());
                if let Some(signing) = signing {
                    put("signingCertificateInfo", signing.info());
                }
            }
            Self::Tpm(tpm) => put("authenticationKey", json!(tpm.authentication_key)),
        }
        if let Source::Group(id) = source {
            put("enrollmentGroupId", json!(id));
        }
        (self.kind(), Value::Object(shown))
    }
}
