//! What devices have to know of a service.

use std::net::SocketAddr;

/// Host name by which devices call the service.
pub(super) const HOST: &str = "global.azure-devices-provisioning.net";

/// What devices have to know of a service.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where it takes registrations.
    pub https: SocketAddr,
    /// Where its hubs take devices.
    pub mqtt: SocketAddr,
    /// Id scope of the service.
    pub id_scope: String,
    /// The certificate to trust, as PEM.
    pub authority: String,
}
