//! TLS: an authority of our own, certificates for the names by which devices and operators call, and client
//! certificates that are taken as they are, to be judged later.

mod accept;
mod authority;
mod client_certificate;
mod names;

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use tokio_rustls::TlsAcceptor;

pub(crate) use accept::{Called, serve};
pub(crate) use authority::{LocalAuthority, LocalAuthorityError};
use client_certificate::AnyClientCertificate;
use names::ByName;

/// Accepts TLS 1.2 and 1.3 for any name of the service or of a hub.
pub(crate) fn acceptor(
    authority: Arc<LocalAuthority>,
    service: Vec<String>,
    protocols: &[&[u8]],
) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(default_provider());
    let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(Arc::new(AnyClientCertificate(provider)))
        .with_cert_resolver(Arc::new(ByName::new(authority, service)));
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(config)))
}
