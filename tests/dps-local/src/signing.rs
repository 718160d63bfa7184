//! Certificates that somebody makes for devices: the maker's own, and those that it issues.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

use crate::id::RegistrationId;

/// For machines whose clock is behind.
const BEFORE: Duration = Duration::days(1);

/// What a device lives; its maker's certificate lives longer.
const OF_DEVICE: Duration = Duration::days(365);
const OF_MAKER: Duration = Duration::days(3650);

/// The longest common name of X.509.
const LONGEST: usize = 64;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The name is not a registration id.
    #[error("{0}")]
    RegistrationId(String),
    /// The name does not fit.
    #[error("`{0}` is too long for a certificate: its common name has 64 characters at most")]
    Long(String),
    /// What was given cannot be read, or used for this.
    #[error("cannot make a certificate: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// The certificate of an X.509 enrollment group, with its key.
#[derive(Debug)]
pub struct SigningCertificate {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

/// The certificate of a device, with its key.
#[derive(Clone)]
pub struct DeviceCertificate {
    /// PEM.
    pub certificate: String,
    /// PEM, PKCS#8.
    pub key: String,
}

impl std::fmt::Debug for DeviceCertificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DeviceCertificate(..)")
    }
}

impl SigningCertificate {
    /// A new one, which has signed itself.
    ///
    /// # Errors
    /// Where the name cannot be written into a certificate.
    pub fn create(common_name: &str) -> Result<Self, SigningError> {
        let mut params = params(&[(DnType::CommonName, common_name)], OF_MAKER);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);
        Ok(Self {
            certificate,
            issuer,
        })
    }

    /// One that was made before, from PEM.
    ///
    /// # Errors
    /// Where either is not PEM, or the certificate is not one that may issue others.
    pub fn read(certificate: String, key: &str) -> Result<Self, SigningError> {
        let issuer = Issuer::from_ca_cert_pem(&certificate, KeyPair::from_pem(key)?)?;
        Ok(Self {
            certificate,
            issuer,
        })
    }

    /// What the enrollment group is given, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What only its maker may have, as PEM.
    #[must_use]
    pub fn key(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// A certificate for the device with this registration id.
    ///
    /// # Errors
    /// Where it is not a registration id, or a name cannot be written into a certificate.
    pub fn issue(
        &self,
        registration_id: &str,
        organizational_unit: Option<&str>,
    ) -> Result<DeviceCertificate, SigningError> {
        let id = RegistrationId::try_from(registration_id.to_owned());
        let id = id.map_err(|error| SigningError::RegistrationId(error.to_string()))?;
        if registration_id.len() > LONGEST {
            return Err(SigningError::Long(registration_id.to_owned()));
        }
        let unit = organizational_unit.map(|unit| (DnType::OrganizationalUnitName, unit));
        let subject: Vec<_> = unit
            .into_iter()
            .chain([(DnType::CommonName, id.as_str())])
            .collect();
        let mut params = params(&subject, OF_DEVICE);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate()?;
        Ok(DeviceCertificate {
            certificate: params.signed_by(&key, &self.issuer)?.pem(),
            key: key.serialize_pem(),
        })
    }
}

fn params(subject: &[(DnType, &str)], length: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    // Without the name that it has from the start.
    params.distinguished_name = DistinguishedName::new();
    for (kind, value) in subject {
        params.distinguished_name.push(kind.clone(), *value);
    }
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now - BEFORE, now + length);
    params
}
