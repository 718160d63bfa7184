//! Certificates of devices and of those who issue them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType, IsCa, Issuer,
    KeyPair,
};
use time::{Duration, OffsetDateTime};

/// When a certificate is good.
#[derive(Clone, Copy)]
pub(crate) enum Validity {
    Now,
    Past,
    Future,
}

/// Who issues certificates.
pub(crate) struct Ca {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

/// A device's chain with its key.
pub(crate) struct Identity {
    /// As TLS clients take it.
    pub(crate) pem: String,
    /// Of the leaf, base64 of DER.
    pub(crate) leaf: String,
}

impl Ca {
    pub(crate) fn root(name: &str) -> Self {
        let (params, key) = (
            params(name, Validity::Now, true),
            KeyPair::generate().unwrap(),
        );
        let certificate = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        Self {
            issuer,
            certificate,
        }
    }

    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let (params, key) = (
            params(name, Validity::Now, true),
            KeyPair::generate().unwrap(),
        );
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let issuer = Issuer::new(params, key);
        Self {
            issuer,
            certificate,
        }
    }

    /// Base64 of DER, as the CLI writes it.
    pub(crate) fn certificate(&self) -> String {
        STANDARD.encode(self.certificate.der())
    }

    /// A leaf with this common name; the device also sends the certificates of `chain`.
    pub(crate) fn leaf(&self, name: &str, validity: Validity, chain: &[&Self]) -> Identity {
        let key = KeyPair::generate().unwrap();
        let leaf = params(name, validity, false)
            .signed_by(&key, &self.issuer)
            .unwrap();
        let chain: String = chain.iter().map(|ca| ca.certificate.pem()).collect();
        Identity {
            leaf: STANDARD.encode(leaf.der()),
            pem: format!("{}{chain}{}", leaf.pem(), key.serialize_pem()),
        }
    }
}

/// Of a certificate with a common name and nothing else.
fn params(name: &str, validity: Validity, is_ca: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    // Without the name that it has from the start.
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Contoso");
    params.distinguished_name.push(DnType::CommonName, name);
    let (now, year) = (OffsetDateTime::now_utc(), Duration::days(365));
    (params.not_before, params.not_after) = match validity {
        Validity::Now => (now - year, now + year),
        Validity::Past => (now - year, now - Duration::days(1)),
        Validity::Future => (now + Duration::days(90), now + year),
    };
    if is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}
