//! What is wrong with the way to the service.

use std::error::Error;
use std::io;

/// What is wrong with the way to the service; shown as what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[non_exhaustive]
pub enum Network {
    /// The name is not known.
    #[strum(to_string = "is the name right, and does this network know it?")]
    Dns,
    /// No program listens there.
    #[strum(to_string = "nothing listens there; is Azurite running, and is the port right?")]
    Refused,
    /// The certificate is not accepted.
    #[strum(to_string = "is the certificate's authority known to this machine?")]
    Tls,
    /// No answer in time.
    #[strum(to_string = "does a firewall keep this machine from it?")]
    Timeout,
    /// The connection broke.
    #[strum(to_string = "the connection broke; try again")]
    Broken,
}

impl Network {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            let io = error.downcast_ref::<io::Error>().map(io::Error::kind);
            if io == Some(io::ErrorKind::ConnectionRefused) {
                return Self::Refused;
            }
            if error.is::<rustls::Error>() {
                return Self::Tls;
            }
            if error.to_string() == "dns error" {
                return Self::Dns;
            }
            // An inner error is not a source of the one that wraps it in an io::Error.
            let inner = error
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref);
            cause = match inner {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        if error.is_timeout() {
            Self::Timeout
        } else {
            Self::Broken
        }
    }
}
