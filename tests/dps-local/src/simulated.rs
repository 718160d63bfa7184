//! Devices that register and connect as SDKs do, for demonstrations and load.

mod credential;
mod error;
mod hub;
mod register;
mod site;
mod tpm;

use std::sync::Arc;

use reqwest::{Certificate, Client};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::Value;

pub use credential::{SimulatedCredential, TpmSession};
pub use error::SimulatedError;
pub use hub::OnHub;
pub use site::Site;
pub use tpm::SimulatedTpm;

/// Makes devices of one service.
#[derive(Clone, Debug)]
pub struct Simulation {
    site: Arc<Site>,
    roots: RootCertStore,
    authority: Certificate,
    /// Of all devices without a certificate of their own.
    http: Client,
}

/// A device. It registers over HTTPS, and connects to its hub over MQTT.
#[derive(Clone, Debug)]
pub struct SimulatedDevice {
    simulation: Simulation,
    id: String,
    credential: SimulatedCredential,
    http: Client,
}

impl Simulation {
    /// Devices of this service.
    ///
    /// # Errors
    /// Where the certificate to trust is none.
    pub fn new(site: Site) -> Result<Self, SimulatedError> {
        // Fails where it was done before, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let trusted = CertificateDer::from_pem_slice(site.authority.as_bytes())?;
        let mut roots = RootCertStore::empty();
        roots.add(trusted)?;
        let authority = Certificate::from_pem(site.authority.as_bytes())?;
        let http = register::client(&site, &authority, &SimulatedCredential::None)?;
        Ok(Self {
            site: Arc::new(site),
            roots,
            authority,
            http,
        })
    }

    /// A device with this registration id.
    ///
    /// # Errors
    /// Where its certificate or the key of that cannot be read.
    pub fn device(
        &self,
        id: &str,
        credential: SimulatedCredential,
    ) -> Result<SimulatedDevice, SimulatedError> {
        let http = match &credential {
            SimulatedCredential::Certificate(_) => {
                register::client(&self.site, &self.authority, &credential)?
            }
            SimulatedCredential::None
            | SimulatedCredential::Key(_)
            | SimulatedCredential::Tpm(_) => self.http.clone(),
        };
        Ok(SimulatedDevice {
            simulation: self.clone(),
            id: id.to_owned(),
            credential,
            http,
        })
    }
}

impl SimulatedDevice {
    /// Registration id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Registers, and asks as often as it is told to until that has ended; the last answer.
    ///
    /// # Errors
    /// Where the service refuses, or cannot be reached.
    pub async fn register(&self, payload: Option<&Value>) -> Result<Value, SimulatedError> {
        let site = &self.simulation.site;
        register::register(&self.http, site, &self.id, &self.credential, payload).await
    }

    /// Connects to the hub that it was given.
    ///
    /// # Errors
    /// Where the hub does not let it in, or cannot be reached.
    pub async fn connect(&self, hub: &str, device_id: &str) -> Result<OnHub, SimulatedError> {
        let (site, roots) = (&self.simulation.site, &self.simulation.roots);
        OnHub::connect(site, roots, &self.credential, hub, device_id).await
    }
}
