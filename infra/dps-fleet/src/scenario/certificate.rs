//! The certificate of a device, from the few members that a scenario states.
//!
//! It has the form of an X.509 certificate and no valid signature: DPS has verified the certificate
//! that a webhook receives, and nobody verifies it again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ids::Device;
use super::section::Section;

/// What a scenario says of a certificate, in the words of expressions.
#[derive(Clone, Debug, Default)]
pub(super) struct CertificateForm {
    subject: Name,
    issuer: Name,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    dns_names: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct Name {
    common: Option<String>,
    organization: Option<String>,
    organizational_unit: Option<String>,
    country: Option<String>,
}

/// 9999-12-31T23:59:59Z: no expiry (RFC 5280, section 4.1.2.5).
const NEVER: &[u8] = b"99991231235959Z";

// Object identifiers in DER: attributes of names (X.520), an extension, an algorithm.
const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 0x04, 0x0b];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

// Tags of DER (X.690).
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[2]` of a general name, an IA5 string.
const DNS_NAME: u8 = 0x82;
/// `[0]` of a certificate.
const VERSION: u8 = 0xa0;
/// `[3]` of a certificate.
const EXTENSIONS: u8 = 0xa3;

impl CertificateForm {
    pub(super) const KEYS: &[&str] = &["subject", "issuer", "notBefore", "notAfter", "dnsNames"];

    /// Reads a section with [`Self::KEYS`].
    pub(super) fn read(section: &Section<'_>) -> Self {
        let dns_names = section.words("dnsNames").unwrap_or_default();
        Self {
            subject: Name::read(section, "subject"),
            issuer: Name::read(section, "issuer"),
            not_before: section.time("notBefore"),
            not_after: section.time("notAfter"),
            dns_names: dns_names.into_iter().map(|word| word.text).collect(),
        }
    }

    /// Base64 of DER, as DPS hands it over. The common name is the registration id, as DPS demands,
    /// unless the scenario states another one.
    pub(super) fn encode(&self, device: &Device) -> String {
        let mut subject = self.subject.clone();
        subject.common.get_or_insert_with(|| device.id.clone());
        let algorithm = tlv(SEQUENCE, &tlv(OBJECT_IDENTIFIER, ED25519));
        let validity = [
            time(self.not_before.unwrap_or(Timestamp::UNIX_EPOCH)),
            self.not_after
                .map_or_else(|| tlv(GENERALIZED_TIME, NEVER), time),
        ];
        let key = [algorithm.clone(), bits(&[0; 32])];
        let mut to_be_signed = vec![
            tlv(VERSION, &tlv(INTEGER, &[2])),
            tlv(INTEGER, &[1]),
            algorithm.clone(),
            self.issuer.encode(device),
            tlv(SEQUENCE, &validity.concat()),
            subject.encode(device),
            tlv(SEQUENCE, &key.concat()),
        ];
        to_be_signed.extend(self.alternative_names());
        let certificate = [
            tlv(SEQUENCE, &to_be_signed.concat()),
            algorithm,
            bits(&[0; 64]),
        ];
        STANDARD.encode(tlv(SEQUENCE, &certificate.concat()))
    }

    fn alternative_names(&self) -> Option<Vec<u8>> {
        let names = self.dns_names.iter();
        let names: Vec<u8> = names
            .flat_map(|name| tlv(DNS_NAME, name.as_bytes()))
            .collect();
        let extension = [
            tlv(OBJECT_IDENTIFIER, ALTERNATIVE_NAMES),
            tlv(OCTET_STRING, &tlv(SEQUENCE, &names)),
        ];
        let extension = tlv(SEQUENCE, &extension.concat());
        (!names.is_empty()).then(|| tlv(EXTENSIONS, &tlv(SEQUENCE, &extension)))
    }
}

impl Name {
    const KEYS: &[&str] = &[
        "commonName",
        "organization",
        "organizationalUnit",
        "country",
    ];

    fn read(certificate: &Section<'_>, key: &str) -> Self {
        let section = certificate.section(key, Self::KEYS);
        section.map_or_else(Self::default, |section| Self {
            common: section.text("commonName"),
            organization: section.text("organization"),
            organizational_unit: section.text("organizationalUnit"),
            country: section.text("country"),
        })
    }

    fn encode(&self, device: &Device) -> Vec<u8> {
        let parts = [
            (COUNTRY, &self.country),
            (ORGANIZATION, &self.organization),
            (ORGANIZATIONAL_UNIT, &self.organizational_unit),
            (COMMON_NAME, &self.common),
        ];
        let parts = parts.into_iter().filter_map(|(attribute, text)| {
            let attribute = tlv(OBJECT_IDENTIFIER, attribute);
            let part = [
                attribute,
                tlv(UTF8_STRING, device.fill(text.as_ref()?).as_bytes()),
            ];
            Some(tlv(SET, &tlv(SEQUENCE, &part.concat())))
        });
        tlv(SEQUENCE, &parts.collect::<Vec<_>>().concat())
    }
}

fn time(at: Timestamp) -> Vec<u8> {
    let text = at
        .to_zoned(TimeZone::UTC)
        .strftime("%Y%m%d%H%M%SZ")
        .to_string();
    tlv(GENERALIZED_TIME, text.as_bytes())
}

/// Whole bytes as a bit string: the first byte counts the unused bits.
fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], bytes].concat())
}

/// Tag, length and content.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    if let Ok(short @ ..=0x7f) = u8::try_from(content.len()) {
        encoded.push(short);
    } else {
        let length = content.len().to_be_bytes();
        let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
        // At most eight bytes: a `usize` has no more.
        encoded.push(0x80 | u8::try_from(length.len()).unwrap_or(u8::MAX));
        encoded.extend(length);
    }
    encoded.extend(content);
    encoded
}

#[cfg(test)]
mod tests {
    use dps_allocation::certificate::Certificate;

    use super::*;

    fn device(id: &str) -> Device {
        let (id, numbers) = (id.to_owned(), Vec::new());
        Device { id, numbers }
    }

    #[test]
    fn the_engine_reads_what_a_scenario_states() {
        let text = |text: &str| Some(text.to_owned());
        let form = CertificateForm {
            subject: Name {
                organizational_unit: text("tenant-ä"),
                country: text("DE"),
                ..Name::default()
            },
            issuer: Name {
                common: text("factory"),
                organization: text("Contoso"),
                ..Name::default()
            },
            not_before: Some("2026-01-02T03:04:05Z".parse().unwrap()),
            not_after: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            dns_names: vec!["a.example".repeat(20), "b.example".to_owned()],
        };
        let read = Certificate::parse(&form.encode(&device("pump-1"))).unwrap();
        assert_eq!(read.subject.common_name, text("pump-1"));
        assert_eq!(read.subject.organizational_unit, text("tenant-ä"));
        assert_eq!(read.subject.country, text("DE"));
        assert_eq!(read.issuer.common_name, text("factory"));
        assert_eq!(read.issuer.organization, text("Contoso"));
        assert_eq!(read.not_before, 1_767_323_045);
        assert_eq!(read.not_after, 1_798_761_600);
        assert_eq!(read.dns_names, form.dns_names);
    }

    #[test]
    fn a_certificate_of_which_nothing_is_stated_is_one() {
        let read = Certificate::parse(&CertificateForm::default().encode(&device("x"))).unwrap();
        assert_eq!(read.subject.common_name.as_deref(), Some("x"));
        assert_eq!(read.issuer.common_name, None);
        assert!(read.not_after > 250_000_000_000 && read.dns_names.is_empty());
    }
}
