//! Whether a device's certificate chain leads to a certificate that is trusted, at a chosen time.

use std::time::Duration;

use jiff::Timestamp;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::certificate::Certificate;

/// What a device has presented in the handshake, which has shown that it holds the leaf's key.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    pub(crate) leaf: Certificate,
    /// The issuer of the leaf first, as they were sent.
    pub(crate) others: Vec<Certificate>,
}

impl Chain {
    /// `None` if a certificate cannot be read, or there is none.
    pub(crate) fn read(presented: &[CertificateDer<'_>]) -> Option<Self> {
        let mut certificates = presented.iter().map(|der| Certificate::from_der(der).ok());
        Some(Self {
            leaf: certificates.next()??,
            others: certificates.collect::<Option<_>>()?,
        })
    }

    /// How many certificates are between the leaf and the one that `anchor` has issued; `None` if the chain
    /// does not lead to it, or a certificate of it is not valid at this time.
    ///
    /// Where several trusted certificates are in a chain, the one nearest to the leaf counts.
    pub(crate) fn distance(&self, anchor: &Certificate, now: Timestamp) -> Option<usize> {
        let leaf_first = [&self.leaf].into_iter().chain(&self.others);
        let issued = leaf_first
            .enumerate()
            .filter(|(_, certificate)| certificate.issuer() == anchor.subject());
        let mut distances = issued.map(|(distance, _)| distance);
        distances.find(|distance| self.leads_to(anchor, *distance, now))
    }

    fn leads_to(&self, anchor: &Certificate, distance: usize, now: Timestamp) -> bool {
        let between = self.others.iter().take(distance);
        let between: Vec<_> = between.map(|it| it.der().clone()).collect();
        // The library trusts an anchor for ever.
        anchor.is_valid_at(now) && verify(&self.leaf, &between, anchor, now).is_some()
    }
}

/// `None` if the chain does not lead there. Why not is dropped, as DPS does not say it either.
fn verify(
    leaf: &Certificate,
    between: &[CertificateDer<'_>],
    anchor: &Certificate,
    now: Timestamp,
) -> Option<()> {
    let since_1970 = Duration::from_secs(u64::try_from(now.as_second()).ok()?);
    let leaf = EndEntityCert::try_from(leaf.der()).ok()?;
    let anchors = [anchor_from_trusted_cert(anchor.der()).ok()?];
    let verified = leaf.verify_for_usage(
        default_provider().signature_verification_algorithms.all,
        &anchors,
        between,
        UnixTime::since_unix_epoch(since_1970),
        KeyUsage::client_auth(),
        None,
        None,
    );
    verified.ok().map(drop)
}
