//! Stand-in for the Azure Functions host v4 running a custom handler.
//!
//! It runs a staged script root (host.json, function folders, handler) the way `func start` or
//! Azure does, so that tests meet what production meets: which requests reach the handler and with
//! which headers, keys, readiness, restarts, time limits, log levels. It reads like a description
//! of the host: each module names the section of the project's notes on the host
//! (`functions-host.md`, "the reference") and the source files of the host that it follows.
//!
//! Left out: triggers other than HTTP (such functions are refused at start), Easy Auth, system keys, throttling, file watching, warm-up, the recurring health ping.
//!
//! ```no_run
//! # async fn example() -> Result<(), functions_host::StartError> {
//! use functions_host::{Host, Options, Stop};
//!
//! let host = Host::start(Options::new("target/funcapp")).await?;
//! println!("{}/api/allocate", host.url());
//! let status = host.stop(Stop::Host).await;
//! # Ok(())
//! # }
//! ```

mod body;
mod comments;
mod dispatcher;
mod envelope;
mod environment;
mod forward;
mod front;
mod function;
mod function_json;
mod head;
mod host;
mod host_json;
mod invocation;
mod key;
pub mod log;
mod options;
mod port;
mod proxy;
mod relay;
mod route;
mod server;
mod setting;
mod supervisor;
mod target;
mod time_span;
mod trace;
mod upstream;
mod worker;

pub use dispatcher::State;
pub use environment::LocalSettingsError;
pub use function::FunctionsError;
pub use host::{Endpoint, Host, StartError};
pub use host_json::HostJsonError;
pub use key::{Auth, Keys, KeysError};
pub use options::{Options, Waits};
pub use route::TemplateError;
pub use trace::TraceContext;
pub use worker::Stop;
