//! X.509 certificates: what DPS reads of them, and how it writes them.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::parse_x509_certificate;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

/// Why bytes are not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a certificate has to be X.509, as PEM or as base64 of DER")]
pub(crate) struct CertificateError;

/// A certificate that could be read.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Certificate(Arc<Facts>);

#[derive(PartialEq, Eq)]
struct Facts {
    der: CertificateDer<'static>,
    common_name: Option<String>,
    subject: String,
    issuer: String,
    not_before: Timestamp,
    not_after: Timestamp,
    serial_number: String,
    version: u32,
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        match parse_x509_certificate(der) {
            Ok(([], parsed)) => Ok(Self(Arc::new(Facts::of(der, &parsed)?))),
            _ => Err(CertificateError),
        }
    }

    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        &self.0.der
    }

    /// Base64 of DER, as DPS hands it to the webhook.
    pub(crate) fn to_base64(&self) -> String {
        STANDARD.encode(self.der())
    }

    pub(crate) fn common_name(&self) -> Option<&str> {
        self.0.common_name.as_deref()
    }

    /// Subject and issuer as .NET writes them.
    pub(crate) fn subject(&self) -> &str {
        &self.0.subject
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    pub(crate) fn is_valid_at(&self, now: Timestamp) -> bool {
        (self.0.not_before..=self.0.not_after).contains(&now)
    }

    /// Upper-case hex, as Azure shows it.
    pub(crate) fn sha1_thumbprint(&self) -> String {
        self.thumbprint(&SHA1_FOR_LEGACY_USE_ONLY)
    }

    /// Upper-case hex, as Azure shows it.
    pub(crate) fn sha256_thumbprint(&self) -> String {
        self.thumbprint(&SHA256)
    }

    fn thumbprint(&self, algorithm: &'static Algorithm) -> String {
        hex(digest(algorithm, self.der()).as_ref())
    }

    /// `X509CertificateInfo` of the service API.
    pub(crate) fn info(&self) -> Value {
        let facts = &self.0;
        json!({
            "subjectName": facts.subject,
            "sha1Thumbprint": self.sha1_thumbprint(),
            "sha256Thumbprint": self.sha256_thumbprint(),
            "issuerName": facts.issuer,
            "notBeforeUtc": facts.not_before.to_string(),
            "notAfterUtc": facts.not_after.to_string(),
            "serialNumber": facts.serial_number,
            "version": facts.version,
        })
    }
}

impl TryFrom<String> for Certificate {
    type Error = CertificateError;

    /// Reads PEM, base64 of DER, or base64 of PEM. Of a chain it takes the first certificate.
    fn try_from(text: String) -> Result<Self, CertificateError> {
        if text.contains("-----BEGIN") {
            return from_pem(text.as_bytes());
        }
        let compact: String = text.split_ascii_whitespace().collect();
        match STANDARD.decode(compact) {
            Ok(bytes) if bytes.starts_with(b"-----") => from_pem(&bytes),
            Ok(der) => Self::from_der(&der),
            Err(_) => Err(CertificateError),
        }
    }
}

impl From<Certificate> for String {
    fn from(certificate: Certificate) -> Self {
        certificate.to_base64()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({})", self.sha1_thumbprint())
    }
}

impl Facts {
    fn of(der: &[u8], parsed: &X509Certificate<'_>) -> Result<Self, CertificateError> {
        let common_name = parsed.subject().iter_common_name().next();
        let time = |time: ASN1Time| {
            let time = Timestamp::from_second(time.timestamp()).ok();
            time.ok_or(CertificateError)
        };
        Ok(Self {
            der: CertificateDer::from(der.to_vec()),
            common_name: common_name
                .and_then(|name| name.as_str().ok())
                .map(str::to_owned),
            subject: name(parsed.subject()),
            issuer: name(parsed.issuer()),
            not_before: time(parsed.validity().not_before)?,
            not_after: time(parsed.validity().not_after)?,
            serial_number: hex(without_sign(parsed.raw_serial())),
            version: parsed.version().0 + 1,
        })
    }
}

fn from_pem(text: &[u8]) -> Result<Certificate, CertificateError> {
    match CertificateDer::from_pem_slice(text) {
        Ok(der) => Certificate::from_der(&der),
        Err(_) => Err(CertificateError),
    }
}

/// As .NET writes a name: the last part first.
fn name(name: &X509Name<'_>) -> String {
    let parts = name.iter_attributes().map(|attribute| {
        let kind = match oid2abbrev(attribute.attr_type(), oid_registry()) {
            Ok("ST") => "S".to_owned(),
            Ok(abbreviation) => abbreviation.to_owned(),
            Err(_) => format!("OID.{}", attribute.attr_type()),
        };
        format!("{kind}={}", attribute.as_str().unwrap_or("?"))
    });
    let mut parts: Vec<String> = parts.collect();
    parts.reverse();
    parts.join(", ")
}

/// A number without the zero that DER puts before a first bit of 1.
fn without_sign(bytes: &[u8]) -> &[u8] {
    match bytes {
        [0, rest @ ..] if !rest.is_empty() => rest,
        _ => bytes,
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A text can always be added to.
        let _ = write!(text, "{byte:02X}");
        text
    })
}
