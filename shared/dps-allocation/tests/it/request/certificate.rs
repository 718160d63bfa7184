//! Certificates as DPS sends them, compared with what `openssl x509` says of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dps_allocation::certificate::{Certificate, CertificateError, Name};
use proptest::prelude::*;

/// As `deviceRuntimeContext.x509.clientCertificate` of a request for an X.509 group.
fn captured() -> String {
    let request: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../../tests/fixtures/allocation/group-x509.json"
    ))
    .unwrap();
    let certificate = &request["deviceRuntimeContext"]["x509"]["clientCertificate"];
    certificate.as_str().unwrap().to_owned()
}

fn captured_der() -> Vec<u8> {
    STANDARD.decode(captured()).unwrap()
}

/// Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
/// -days 3650 -set_serial 0xF0A1B2C3D4E5F601` with `string_mask=MASK:0x800`, `C=DE`,
/// `O=Größe GmbH`, `CN=Gerät-Ω-1` and `subjectAltName=DNS:device-1.contoso.example,
/// URI:urn:x:1,DNS:device-1.local,IP:10.0.0.1`.
const BMP_NAMES: &str = include_str!("../../fixtures/certificate-bmp-names.txt");

fn name(c: Option<&str>, o: Option<&str>, ou: Option<&str>, cn: Option<&str>) -> Name {
    let all = |value: Option<&str>| value.iter().map(ToString::to_string).collect();
    Name {
        country: c.map(str::to_owned),
        countries: all(c),
        organization: o.map(str::to_owned),
        organizations: all(o),
        organizational_unit: ou.map(str::to_owned),
        organizational_units: all(ou),
        common_name: cn.map(str::to_owned),
        common_names: all(cn),
    }
}

/// Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
/// -days 3650 -set_serial 7 -subj /C=DE/O=Contoso/OU=tenant-a/OU=line-7/OU=berlin/CN=pump-1`.
const THREE_UNITS: &str = include_str!("../../fixtures/certificate-three-units.txt");

#[test]
fn every_value_of_a_repeated_attribute_is_read_in_order() {
    let certificate = Certificate::parse(THREE_UNITS).unwrap();
    for name in [&certificate.subject, &certificate.issuer] {
        assert_eq!(name.organizational_unit.as_deref(), Some("tenant-a"));
        assert_eq!(name.organizational_units, ["tenant-a", "line-7", "berlin"]);
        assert_eq!(name.common_names, ["pump-1"]);
        assert_eq!(name.organizations, ["Contoso"]);
        assert_eq!(name.countries, ["DE"]);
    }
}

#[test]
fn a_captured_certificate_is_read_as_openssl_reads_it() {
    let certificate = Certificate::parse(&captured()).unwrap();
    let Certificate {
        subject,
        issuer,
        dns_names,
        ..
    } = &certificate;
    assert_eq!(
        *subject,
        name(None, Some("Contoso"), Some("tenant-a"), Some("device-01"))
    );
    assert_eq!(
        *issuer,
        name(
            Some("US"),
            Some("Contoso"),
            None,
            Some("contoso-factory-ca")
        )
    );
    assert_eq!(*dns_names, [""; 0]);
    assert_eq!(
        certificate.sha1_thumbprint,
        "19657FD87533928A3F3DC5576C35780E765A521B"
    );
    assert_eq!(
        certificate.sha256_thumbprint,
        "53F35681D2868A5E5E2236C479DE986760D4B8EB34F2B2B0D150402A5DE75ABF"
    );
    // 2026-11-21 02:58:55 and 2027-11-21 02:58:55 GMT.
    assert_eq!(certificate.not_before, 1_795_229_935);
    assert_eq!(certificate.not_after, 1_826_765_935);
    assert_eq!(certificate.serial_number, "0A1B2C3D4E5F");
}

#[test]
fn names_in_utf_16_alternative_names_and_a_large_serial_number_are_read() {
    let certificate = Certificate::parse(BMP_NAMES).unwrap();
    let named = name(Some("DE"), Some("Größe GmbH"), None, Some("Gerät-Ω-1"));
    assert_eq!(certificate.subject, named);
    assert_eq!(certificate.issuer, named);
    assert_eq!(
        certificate.dns_names,
        ["device-1.contoso.example", "device-1.local"]
    );
    assert_eq!(certificate.serial_number, "F0A1B2C3D4E5F601");
    assert_eq!(
        certificate.sha1_thumbprint,
        "03383589E7F19828D6C7621773294D04DB2DCFBE"
    );
}

fn wrapped(base64: &str, line_end: &str) -> String {
    let lines: Vec<_> = base64
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    lines.join(line_end)
}

fn pem(label: &str, base64: &str) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        wrapped(base64, "\n")
    )
}

#[test]
fn every_form_of_the_same_certificate_is_the_same() {
    let expected = Certificate::parse(&captured());
    let same = |text: &str| assert_eq!(Certificate::parse(text), expected);
    let leaf = pem("CERTIFICATE", &captured());
    same(&STANDARD.encode(&leaf));
    same(&STANDARD.encode(leaf.replace('\n', "\r\n")));
    same(&STANDARD.encode(format!("subject: device-01\n{leaf}")));
    same(&STANDARD.encode(leaf.clone() + &pem("CERTIFICATE", BMP_NAMES)));
    same(&STANDARD.encode(pem("EC PARAMETERS", "BggqhkjOPQMBBw==") + &leaf));
    same(&STANDARD.encode([captured_der(), STANDARD.decode(BMP_NAMES).unwrap()].concat()));
    same(&(wrapped(&captured(), " \r\n\t") + "\n"));
}

#[track_caller]
fn refused(text: &str, expected: CertificateError) {
    assert_eq!(Certificate::parse(text), Err(expected));
}

#[test]
fn texts_that_are_not_certificates_are_errors() {
    refused("", CertificateError::NoCertificate);
    refused("!", CertificateError::NotBase64);
    refused(&captured()[1..], CertificateError::NotBase64);
    refused(
        &pem("CERTIFICATE", &captured()),
        CertificateError::NotBase64,
    );
    refused(&STANDARD.encode("hello"), CertificateError::NoCertificate);
    refused(
        &STANDARD.encode(pem("X509 CRL", &captured())),
        CertificateError::NoCertificate,
    );
    let cut = pem("CERTIFICATE", &captured()).replace("-----END", "");
    refused(&STANDARD.encode(cut), CertificateError::NoCertificate);
    refused(
        &STANDARD.encode(pem("CERTIFICATE", "!")),
        CertificateError::NoCertificate,
    );
    refused(
        &STANDARD.encode(pem("CERTIFICATE", "AAAA")),
        CertificateError::NotX509,
    );
    refused(
        &STANDARD.encode([0x30, 0x03, 0x02, 0x01, 0x01]),
        CertificateError::NotX509,
    );
}

#[test]
fn a_certificate_cut_off_anywhere_is_refused() {
    let der = captured_der();
    for length in 1..der.len() {
        refused(&STANDARD.encode(&der[..length]), CertificateError::NotX509);
    }
}

#[test]
fn a_huge_text_is_refused_unread() {
    let huge = "A".repeat(64 * 1024 * 1024);
    refused(&huge, CertificateError::TooLarge { bytes: huge.len() });
    refused(
        &"A".repeat(128 * 1024 + 1),
        CertificateError::TooLarge {
            bytes: 128 * 1024 + 1,
        },
    );
    refused(&"A".repeat(128 * 1024), CertificateError::NoCertificate);
}

#[test]
fn nothing_of_a_certificate_reaches_a_log() {
    let shown = format!("{:?}", Certificate::parse(&captured()).unwrap());
    assert_eq!(
        shown,
        "Certificate { sha256_thumbprint: \
         \"53F35681D2868A5E5E2236C479DE986760D4B8EB34F2B2B0D150402A5DE75ABF\", .. }"
    );
}

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;
const TELETEX: u8 = 0x14;
const UNIVERSAL: u8 = 0x1c;
const BMP: u8 = 0x1e;
const OCTETS: u8 = 0x04;

/// The captured certificate with eight other bytes, of another string type, as its `OU`.
#[track_caller]
fn unit(tag: u8, bytes: &[u8], expected: Option<&str>) {
    let mut der = captured_der();
    let at = der
        .windows(8)
        .position(|window| window == b"tenant-a")
        .unwrap();
    der[at - 2] = tag;
    der[at..at + 8].copy_from_slice(bytes);
    let certificate = Certificate::parse(&STANDARD.encode(der)).unwrap();
    assert_eq!(certificate.subject.organizational_unit.as_deref(), expected);
    assert_eq!(
        certificate.subject.common_name.as_deref(),
        Some("device-01")
    );
}

#[test]
fn every_string_type_is_text_or_absent() {
    unit(UTF8, "größe!".as_bytes(), Some("größe!"));
    unit(UTF8, b"ab\xff\xfecdef", None);
    unit(PRINTABLE, b"tenant-b", Some("tenant-b"));
    unit(PRINTABLE, b"tenant\xe4b", None);
    unit(TELETEX, b"Ger\xe4t 01", Some("Gerät 01"));
    unit(BMP, b"\x00a\x03\xa9\xd8\x3d\xde\x00", Some("aΩ😀"));
    unit(BMP, b"\x00a\x00b\x00c\xd8\x3d", None);
    unit(UNIVERSAL, b"\x00\x00\x00a\x00\x01\xf6\x00", Some("a😀"));
    unit(UNIVERSAL, b"\x00\x00\x00a\x00\x11\x00\x00", None);
    unit(OCTETS, b"tenant-a", None);
}

#[test]
fn utf_16_of_odd_length_is_absent() {
    let mut der = captured_der();
    let at = der
        .windows(9)
        .position(|window| window == b"device-01")
        .unwrap();
    der[at - 2] = BMP;
    let certificate = Certificate::parse(&STANDARD.encode(der)).unwrap();
    assert_eq!(certificate.subject.common_name, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let _ = Certificate::parse(&text);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), der: bool) {
        let bytes = if der { [vec![0x30, 0x82, 0x02, 0x00], bytes].concat() } else { bytes };
        let _ = Certificate::parse(&STANDARD.encode(bytes));
    }

    #[test]
    fn no_damage_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        other: bool,
    ) {
        let mut der = if other { STANDARD.decode(BMP_NAMES).unwrap() } else { captured_der() };
        for (index, byte) in damage {
            *index.get_mut(&mut der) = byte;
        }
        let _ = Certificate::parse(&STANDARD.encode(&der));
        let text = pem("CERTIFICATE", &STANDARD.encode(&der));
        let _ = Certificate::parse(&STANDARD.encode(text));
    }

    #[test]
    fn no_damaged_pem_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut text = pem("CERTIFICATE", &captured()).into_bytes();
        for (index, byte) in damage {
            *index.get_mut(&mut text) = byte;
        }
        let _ = Certificate::parse(&STANDARD.encode(text));
    }
}
