//! How devices reach a service.

use std::net::SocketAddr;

/// Host name by which devices call the service.
pub(super) const HOST: &str = "global.azure-devices-provisioning.net";

/// What devices have to know to reach a service.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where it receives registrations.
    pub https: SocketAddr,
    /// Where devices connect to its hubs.
    pub mqtt: SocketAddr,
    /// Id scope of the service.
    pub id_scope: String,
    /// The certificate to trust, as PEM.
    pub authority: String,
}
