//! What a client has to know of a service.

use std::net::SocketAddr;

use dps_local::Server;

pub(crate) trait Called {
    fn https(&self) -> SocketAddr;

    fn authority(&self) -> &str;

    fn id_scope(&self) -> &str;

    fn host(&self) -> String;
}

impl Called for Server {
    fn https(&self) -> SocketAddr {
        self.https()
    }

    fn authority(&self) -> &str {
        self.authority()
    }

    fn id_scope(&self) -> &str {
        self.id_scope()
    }

    fn host(&self) -> String {
        self.host()
    }
}
