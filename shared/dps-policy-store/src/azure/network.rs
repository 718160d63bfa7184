//! What is wrong with the way to the service.

use std::{fmt, io};

/// What is wrong with the way to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Network {
    /// The name is not known.
    Dns,
    /// No program listens there.
    Refused,
    /// The certificate is not accepted.
    Tls,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Broken,
}

impl Network {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
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

impl fmt::Display for Network {
    /// What to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns => "is the name right, and does this network know it?",
            Self::Refused => "nobody listens there; is Azurite running, or the port right?",
            Self::Tls => "is the certificate's authority known to this machine?",
            Self::Timeout => "does a firewall keep this machine from it?",
            Self::Broken => "the connection broke; try again",
        })
    }
}
