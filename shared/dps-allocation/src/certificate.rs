//! The X.509 leaf certificate of a device, as DPS hands it to the webhook.
//!
//! DPS has verified it; this module only reads it. In the request it is
//! `deviceRuntimeContext.x509.clientCertificate`, base64 of DER.

use std::fmt;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use x509_parser::asn1_rs::Tag;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::pem::Pem;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// The largest message that DPS accepts from a device, 96 KB, in base64.
///
/// Source: <https://github.com/MicrosoftDocs/azure-docs/blob/main/includes/iot-dps-limits.md>
const MAX_TEXT_BYTES: usize = 128 * 1024;

/// The first byte of DER, a SEQUENCE; PEM begins with a dash or a comment.
const DER_SEQUENCE: u8 = 0x30;

/// What placement may use of a device's leaf certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The subject of the certificate.
    pub subject: Name,
    /// The issuer of the certificate.
    pub issuer: Name,
    /// The DNS names among the subject's alternative names, in order.
    pub dns_names: Vec<String>,
    /// SHA-1 of the DER in upper-case hex, as Azure shows it.
    pub sha1_thumbprint: String,
    /// SHA-256 of the DER in upper-case hex, as Azure shows it.
    pub sha256_thumbprint: String,
    /// Start of validity in seconds since 1970.
    pub not_before: i64,
    /// End of validity in seconds since 1970.
    pub not_after: i64,
    /// Upper-case hex of whole bytes, without the sign byte of DER.
    pub serial_number: String,
}

/// The parts of a distinguished name: the first value of each, and all of them.
///
/// A part that is missing, or not text, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// `CN`.
    pub common_name: Option<String>,
    /// Every `CN` that is text, in order.
    pub common_names: Vec<String>,
    /// `O`.
    pub organization: Option<String>,
    /// Every `O` that is text, in order.
    pub organizations: Vec<String>,
    /// `OU`.
    pub organizational_unit: Option<String>,
    /// Every `OU` that is text, in order.
    pub organizational_units: Vec<String>,
    /// `C`, two letters in a well-formed certificate.
    pub country: Option<String>,
    /// Every `C` that is text, in order.
    pub countries: Vec<String>,
}

/// Why a text is not a certificate; never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Longer than any message that DPS accepts.
    #[error("client certificate has {bytes} bytes, at most {MAX_TEXT_BYTES} are read")]
    TooLarge {
        /// Length of the text.
        bytes: usize,
    },
    /// Not base64, white space aside.
    #[error("client certificate is not base64, expected base64 of DER or of PEM")]
    NotBase64,
    /// Neither DER nor a PEM text with a whole `CERTIFICATE` block.
    #[error("client certificate is neither DER nor PEM with a `CERTIFICATE` block")]
    NoCertificate,
    /// The DER is damaged, cut off, or something other than a certificate.
    #[error("client certificate is not an X.509 certificate in DER")]
    NotX509,
}

impl Certificate {
    /// Reads base64 of DER, or base64 of PEM; white space in the base64 is skipped.
    ///
    /// Of a chain the first certificate is the leaf, what follows is ignored.
    ///
    /// # Errors
    /// Says which of the layers could not be read.
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(CertificateError::TooLarge { bytes: text.len() });
        }
        let compact: Vec<u8> = text
            .bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        let bytes = STANDARD
            .decode(compact)
            .ok()
            .ok_or(CertificateError::NotBase64)?;
        if bytes.first() == Some(&DER_SEQUENCE) {
            return Self::from_der(&bytes);
        }
        let leaf = Pem::iter_from_buffer(&bytes)
            .find_map(|block| block.ok().filter(|block| block.label == "CERTIFICATE"))
            .ok_or(CertificateError::NoCertificate)?;
        Self::from_der(&leaf.contents)
    }

    fn from_der(bytes: &[u8]) -> Result<Self, CertificateError> {
        // The cause is dropped here and above: it may quote the certificate.
        let (rest, leaf) = parse_x509_certificate(bytes)
            .ok()
            .ok_or(CertificateError::NotX509)?;
        let der = bytes.strip_suffix(rest).unwrap_or(bytes);
        Ok(Self {
            subject: Name::of(leaf.subject()),
            issuer: Name::of(leaf.issuer()),
            dns_names: dns_names(&leaf),
            sha1_thumbprint: hex(&Sha1::digest(der)),
            sha256_thumbprint: hex(&Sha256::digest(der)),
            not_before: leaf.validity().not_before.timestamp(),
            not_after: leaf.validity().not_after.timestamp(),
            serial_number: serial_number(leaf.raw_serial()),
        })
    }
}

/// Names the certificate by its thumbprint; what it holds stays out of logs.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut name = f.debug_struct("Certificate");
        name.field("sha256_thumbprint", &self.sha256_thumbprint)
            .finish_non_exhaustive()
    }
}

impl Name {
    fn of(name: &X509Name<'_>) -> Self {
        Self {
            common_name: name.iter_common_name().next().and_then(text),
            common_names: name.iter_common_name().filter_map(text).collect(),
            organization: name.iter_organization().next().and_then(text),
            organizations: name.iter_organization().filter_map(text).collect(),
            organizational_unit: name.iter_organizational_unit().next().and_then(text),
            organizational_units: name.iter_organizational_unit().filter_map(text).collect(),
            country: name.iter_country().next().and_then(text),
            countries: name.iter_country().filter_map(text).collect(),
        }
    }
}

/// The text of a `DirectoryString` (RFC 5280, 4.1.2.4) or of one of its relatives.
fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let bytes = attribute.as_slice();
    match attribute.attr_value().tag() {
        Tag::BmpString => {
            let (pairs, []) = bytes.as_chunks::<2>() else {
                return None;
            };
            let units = pairs.iter().copied().map(u16::from_be_bytes);
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        Tag::UniversalString => {
            let (quads, []) = bytes.as_chunks::<4>() else {
                return None;
            };
            quads
                .iter()
                .map(|quad| char::from_u32(u32::from_be_bytes(*quad)))
                .collect()
        }
        // In practice Latin-1, as OpenSSL reads it too.
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString => str::from_utf8(bytes).ok().map(str::to_owned),
        _ => None,
    }
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension
        .iter()
        .flat_map(|extension| &extension.value.general_names);
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(dns) => Some((*dns).to_owned()),
            _ => None,
        })
        .collect()
}

/// DER puts a zero byte before a positive number whose first bit is set.
fn serial_number(der: &[u8]) -> String {
    match der {
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        _ => hex(der),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02X}");
            text
        })
}
