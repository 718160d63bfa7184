//! A certificate for the name by which a client calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::authority::LocalAuthority;
use crate::hub_name::HubName;

/// How many hubs are remembered. More than can be linked under both of their names.
const REMEMBERED: usize = 1000;

/// Certificates by the hub that the client names; of the service if it names none.
#[derive(Debug)]
pub(super) struct ByName {
    authority: Arc<LocalAuthority>,
    /// Names and addresses of the service.
    service: Vec<String>,
    issued: Mutex<HashMap<Option<String>, Arc<CertifiedKey>>>,
}

impl ByName {
    pub(super) fn new(authority: Arc<LocalAuthority>, service: Vec<String>) -> Self {
        Self {
            authority,
            service,
            issued: Mutex::default(),
        }
    }

    fn issue(&self, hub: Option<&str>) -> Result<Arc<CertifiedKey>, rustls::Error> {
        if let Some(hub) = hub {
            return self.authority.issue(vec![hub.to_owned()]);
        }
        self.authority.issue(self.service.clone())
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let hub = hello.server_name().map(str::to_ascii_lowercase);
        let hub = hub.filter(|name| HubName::try_from(name.clone()).is_ok());
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certificate) = issued.get(&hub) {
            return Some(Arc::clone(certificate));
        }
        // Without a certificate the handshake ends, and the client is told so.
        let certificate = self.issue(hub.as_deref()).ok()?;
        if issued.len() < REMEMBERED {
            issued.insert(hub, Arc::clone(&certificate));
        }
        Some(certificate)
    }
}
