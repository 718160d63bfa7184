//! Why a program cannot serve, or stops.

use std::io;
use std::net::SocketAddr;

use dps_policy_store::azure::ClientError;

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is in use, or may not be used.
    #[error("cannot listen on {address}: {source}; {}", listen_help(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing is left that would send requests, or end the process.
    #[error("the Functions host that has started this process is gone")]
    HostGone,
    /// The settings name a store that cannot be used from here.
    #[error("the config tables cannot be opened: {0}")]
    Store(#[from] ClientError),
    /// The system gives no thread, signal or event queue.
    #[error("the system refuses what a server needs: {0}")]
    System(#[from] io::Error),
    /// Lambda's runtime API is not there, or gives no more requests.
    #[error("the runtime API of AWS Lambda cannot be asked for requests: {0}")]
    Lambda(lambda_http::Error),
}

/// What to do about an address that cannot be listened on.
fn listen_help(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses the port: end it, or set FUNCTIONS_CUSTOMHANDLER_PORT to another port"
        }
        io::ErrorKind::PermissionDenied => {
            "the port needs rights that this user does not have: set FUNCTIONS_CUSTOMHANDLER_PORT to \
             1024 or more"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have the address: set LISTEN_ADDRESS to one that it has"
        }
        _ => "FUNCTIONS_CUSTOMHANDLER_PORT and LISTEN_ADDRESS say where to listen",
    }
}
