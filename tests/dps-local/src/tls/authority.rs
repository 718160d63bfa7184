//! The authority that clients of this service have to trust.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use time::{Duration, OffsetDateTime};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca.key";

/// For clients whose clock is behind.
const BEFORE: Duration = Duration::days(1);

/// The authority outlives every test, and a certificate for a name the process.
const YEARS: Duration = Duration::days(3650);
const YEAR: Duration = Duration::days(365);

/// Why there is no authority.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocalAuthorityError {
    #[error("cannot read or write `{CERTIFICATE}` and `{KEY}`: {0}")]
    File(#[from] io::Error),
    #[error("cannot use `{CERTIFICATE}` and `{KEY}`: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// Issues certificates for the names of the service and its hubs.
#[derive(Debug)]
pub(crate) struct LocalAuthority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl LocalAuthority {
    /// A new one.
    pub(crate) fn create() -> Result<Self, LocalAuthorityError> {
        Ok(Self::made()?.0)
    }

    /// The one of an earlier run, or a new one. The key is in a file for its owner only.
    pub(crate) fn open(folder: &Path) -> Result<Self, LocalAuthorityError> {
        let (certificate, key) = (folder.join(CERTIFICATE), folder.join(KEY));
        if certificate.exists() && key.exists() {
            let pem = fs::read_to_string(certificate)?;
            let key = KeyPair::from_pem(&fs::read_to_string(key)?)?;
            let issuer = Issuer::new(root(), key);
            return Ok(Self { pem, issuer });
        }
        let (authority, secret) = Self::made()?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        options.open(key)?.write_all(secret.as_bytes())?;
        fs::write(certificate, &authority.pem)?;
        Ok(authority)
    }

    fn made() -> Result<(Self, String), LocalAuthorityError> {
        let (key, params) = (KeyPair::generate()?, root());
        let pem = params.self_signed(&key)?.pem();
        let secret = key.serialize_pem();
        let issuer = Issuer::new(params, key);
        Ok((Self { pem, issuer }, secret))
    }

    /// What clients have to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a server of these names and addresses.
    pub(crate) fn issue(&self, names: Vec<String>) -> Result<Arc<CertifiedKey>, rustls::Error> {
        let general = |error: rcgen::Error| rustls::Error::General(error.to_string());
        let key = KeyPair::generate().map_err(general)?;
        let mut params = CertificateParams::new(names).map_err(general)?;
        (params.not_before, params.not_after) = period(YEAR);
        params
            .distinguished_name
            .push(DnType::CommonName, "dps-local");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(general)?;
        let secret = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = any_supported_type(&secret)?;
        Ok(Arc::new(CertifiedKey::new(
            vec![certificate.into()],
            signing,
        )))
    }
}

/// The same each time, but for its times: what it issues names it.
fn root() -> CertificateParams {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = period(YEARS);
    params
        .distinguished_name
        .push(DnType::CommonName, "dps-local root");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    params
}

fn period(length: Duration) -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now - BEFORE, now + length)
}
