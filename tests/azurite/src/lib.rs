//! Azure Tables for tests: a real Azurite process, and a proxy that breaks the way to it.
//!
//! ```no_run
//! use azurite::{Azurite, Fault, FaultProxy, unique_prefix};
//!
//! let azurite = azurite::shared();
//! let proxy = FaultProxy::start(azurite.port());
//! let (settings, prefix) = (azurite.through(proxy.port()), unique_prefix());
//! // Let the program under test use `settings` and `prefix`, then:
//! proxy.set(Fault::ServiceUnavailable { retry_after: Some(1), times: 2 });
//! assert_eq!(proxy.requests(), 0);
//! ```
//!
//! Azurite differs from Azure: <https://github.com/Azure/Azurite#differences-between-azurite-and-azure-storage>.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "only tests use it: what fails here is a failed test"
)]

mod answer;
mod fault;
mod launch;
mod load;
mod message;
mod port;
mod process;
mod proxy;
mod relay;

pub use fault::Fault;
pub use port::Port;
pub use process::{ACCOUNT, Azurite, KEY, SAS, connection_by, shared, unique_prefix};
pub use proxy::FaultProxy;
