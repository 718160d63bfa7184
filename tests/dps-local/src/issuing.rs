//! Certificates that the service issues for devices, by the policy of their enrollment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::CertificateSigningRequestDer;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::certificate::{Certificate, CertificateError};
use crate::id::RegistrationId;

/// For devices whose clock is behind.
const BEFORE: Duration = Duration::hours(1);

/// How long a device's certificate is good. On Azure its policy says that.
const OF_DEVICE: Duration = Duration::days(90);
const OF_AUTHORITY: Duration = Duration::days(3650);

/// Why a CSR is refused. Nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CsrError {
    #[error("`csr` has to be PKCS#10 in DER, as base64 without the lines of PEM")]
    Encoding,
    #[error("`csr` is not signed with the key that it is for")]
    Signature,
    #[error("the common name of `csr` has to be the registration id")]
    CommonName,
    #[error("`csr` asks for something that the service does not issue")]
    Unsupported,
}

/// Why there is no certificate, although the CSR is good.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IssuingError {
    #[error("cannot issue a certificate: {0}")]
    Sign(#[from] rcgen::Error),
    #[error("cannot issue a certificate: {0}")]
    Read(#[from] CertificateError),
    #[error("cannot issue a certificate at this time")]
    Time,
}

/// A request for a certificate, for the device that has sent it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Csr(String);

/// Who issues certificates for a policy. The key of the root is not kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyAuthority {
    pub(crate) policy: String,
    root: Certificate,
    issuing: Certificate,
    key: IssuingKey,
}

/// PEM; on disk it is in the same file as all other keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct IssuingKey(String);

impl std::fmt::Debug for IssuingKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("IssuingKey(..)")
    }
}

impl Csr {
    /// Checks that it is whole, signed, and for this device.
    pub(crate) fn read(text: String, id: &RegistrationId) -> Result<Self, CsrError> {
        let csr = Self(text);
        let request = csr.parsed()?;
        let named = request.params.distinguished_name.get(&DnType::CommonName);
        let is_own = named
            .and_then(text_of)
            .is_some_and(|name| name.eq_ignore_ascii_case(id.as_str()));
        is_own.then_some(csr).ok_or(CsrError::CommonName)
    }

    fn parsed(&self) -> Result<CertificateSigningRequestParams, CsrError> {
        let Ok(der) = STANDARD.decode(&self.0) else {
            return Err(CsrError::Encoding);
        };
        let request = CertificateSigningRequestDer::from(der);
        CertificateSigningRequestParams::from_der(&request).map_err(|error| match error {
            rcgen::Error::CouldNotParseCertificationRequest => CsrError::Encoding,
            rcgen::Error::InvalidCertificationRequestSignature => CsrError::Signature,
            _ => CsrError::Unsupported,
        })
    }
}

impl PolicyAuthority {
    pub(crate) fn create(policy: &str, now: Timestamp) -> Result<Self, IssuingError> {
        let root_key = KeyPair::generate()?;
        let root_params = authority(&format!("dps-local root of {policy}"), now)?;
        let root = root_params.self_signed(&root_key)?;
        let key = KeyPair::generate()?;
        let params = authority(&format!("dps-local issuer of {policy}"), now)?;
        let issuing = params.signed_by(&key, &Issuer::new(root_params, root_key))?;
        Ok(Self {
            policy: policy.to_owned(),
            root: Certificate::from_der(root.der())?,
            issuing: Certificate::from_der(issuing.der())?,
            key: IssuingKey(key.serialize_pem()),
        })
    }

    /// The chain of a new certificate, which is the first, to the root.
    ///
    /// Of the CSR only the key counts: the device cannot ask for other names or rights.
    pub(crate) fn issue(
        &self,
        csr: &Csr,
        id: &RegistrationId,
        now: Timestamp,
    ) -> Result<Vec<Certificate>, IssuingError> {
        let Ok(CertificateSigningRequestParams { public_key, .. }) = csr.parsed() else {
            return Err(rcgen::Error::CouldNotParseCertificationRequest.into());
        };
        let mut params = named(id.as_str(), OF_DEVICE, now)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::from_pem(&self.key.0)?;
        let issuer = Issuer::from_ca_cert_der(self.issuing.der(), key)?;
        let request = CertificateSigningRequestParams { params, public_key };
        let leaf = Certificate::from_der(request.signed_by(&issuer)?.der())?;
        Ok(vec![leaf, self.issuing.clone(), self.root.clone()])
    }
}

fn authority(name: &str, now: Timestamp) -> Result<CertificateParams, IssuingError> {
    let mut params = named(name, OF_AUTHORITY, now)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    Ok(params)
}

fn named(name: &str, length: Duration, now: Timestamp) -> Result<CertificateParams, IssuingError> {
    let Ok(now) = OffsetDateTime::from_unix_timestamp(now.as_second()) else {
        return Err(IssuingError::Time);
    };
    let mut params = CertificateParams::default();
    // Without the name that it has from the start.
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (now - BEFORE, now + length);
    Ok(params)
}

fn text_of(value: &DnValue) -> Option<&str> {
    match value {
        DnValue::Utf8String(text) => Some(text),
        DnValue::PrintableString(text) => Some(text.as_str()),
        DnValue::Ia5String(text) => Some(text.as_str()),
        DnValue::TeletexString(text) => Some(text.as_str()),
        _ => None,
    }
}
