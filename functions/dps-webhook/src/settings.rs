//! Settings: environment variables, since that is what an Azure function app has.

mod log_filter;
mod variables;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use dps_policy_store::StoreSettings;
use dps_telemetry::Settings as TelemetrySettings;
use tracing_subscriber::filter::Targets;

use crate::functions_host::has_started_this;
use crate::keys::Keys;
use crate::logged::LoggedIds;
use variables::Variables;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the config tables are.
    pub store: StoreSettings,
    /// Where traces and metrics go. `OTEL_*`, `APPLICATIONINSIGHTS_CONNECTION_STRING`; none:
    /// nowhere.
    pub telemetry: TelemetrySettings,
    /// The folder of the last good policy. `POLICY_CACHE_DIR`; none: it is not kept.
    pub cache_dir: Option<PathBuf>,
    /// Time between two looks at the config tables. `POLICY_REFRESH_SECONDS`, default 15.
    pub refresh: Duration,
    /// Longest time of one request. `ALLOCATE_DEADLINE_MS`, default 2000.
    pub deadline: Duration,
    /// Where a server listens. `LISTEN_ADDRESS`, default 127.0.0.1, and
    /// `FUNCTIONS_CUSTOMHANDLER_PORT`, default 7071; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Whether a Functions host has started the process, and so is who ends it.
    /// `FUNCTIONS_CUSTOMHANDLER_WORKER_ID`, which nobody else sets.
    pub under_host: bool,
    /// What callers must show. `ALLOCATE_KEY_1`, `ALLOCATE_KEY_2`, `OPERATOR_KEY_1`,
    /// `OPERATOR_KEY_2`; none: nothing, since the Functions host has asked already.
    pub keys: Option<Keys>,
    /// What hides registration ids in logs and spans. `LOG_ID_KEY`; none: they are told as they are.
    pub ids: LoggedIds,
    /// What is logged. `RUST_LOG`, default `info`; levels and `target=level`, no patterns.
    pub log: Targets,
}

/// Every setting that is wrong, with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSettings(Vec<String>);

const POLICY_CACHE_DIR: &str = "POLICY_CACHE_DIR";
const POLICY_REFRESH_SECONDS: &str = "POLICY_REFRESH_SECONDS";
const ALLOCATE_DEADLINE_MS: &str = "ALLOCATE_DEADLINE_MS";
/// Set by the Functions host; see `functions-custom-handlers` of its documentation.
const FUNCTIONS_CUSTOMHANDLER_PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// An edit takes two looks, so it is in use within half a minute; reading some small files that
/// often costs next to nothing.
const DEFAULT_REFRESH_SECONDS: u64 = 15;

/// A day: who wants no refresh has it that way.
const REFRESH_SECONDS: RangeInclusive<u64> = 1..=86_400;

/// DPS publishes no time limit for the webhook; it asks again after 503, so that giving up early
/// costs a second and giving up late may cost the registration.
const DEFAULT_DEADLINE_MS: u64 = 2_000;

/// Below 10 ms a busy machine refuses for nothing; Azure's load balancer cuts at 230 s.
const DEADLINE_MS: RangeInclusive<u64> = 10..=230_000;

/// Where `func start` listens on a laptop, so that the same `curl` works with and without it.
const DEFAULT_PORT: u16 = 7071;

impl Settings {
    /// Reads the variables of a server; an empty one counts as not set.
    ///
    /// # Errors
    /// [`WrongSettings`] lists all of them, not the first.
    pub fn read(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, WrongSettings> {
        let mut variables = Variables::new(environment);
        let address = variables.listen_address();
        let exposed = (!address.is_loopback()).then_some("LISTEN_ADDRESS lets other machines call");
        Self::read_all(variables, address, exposed)
    }

    /// Reads the variables of a function of AWS Lambda, which anybody may call.
    ///
    /// # Errors
    /// As of [`Settings::read`].
    pub fn read_on_lambda(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, WrongSettings> {
        let nowhere = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let exposed = Some("no Functions host asks for keys on AWS Lambda");
        let mut variables = Variables::new(environment);
        variables.lambda();
        Self::read_all(variables, nowhere, exposed)
    }

    fn read_all(
        mut variables: Variables,
        address: IpAddr,
        exposed: Option<&str>,
    ) -> Result<Self, WrongSettings> {
        let keys = variables.keys(exposed);
        let store = variables.store();
        let telemetry = variables.telemetry();
        let refresh = variables.integer(
            POLICY_REFRESH_SECONDS,
            DEFAULT_REFRESH_SECONDS,
            REFRESH_SECONDS,
        );
        let deadline = variables.integer(ALLOCATE_DEADLINE_MS, DEFAULT_DEADLINE_MS, DEADLINE_MS);
        let port = variables.integer(FUNCTIONS_CUSTOMHANDLER_PORT, DEFAULT_PORT, 0..=u16::MAX);
        let cache_dir = variables.set.get(OsStr::new(POLICY_CACHE_DIR));
        let settings = Self {
            store,
            telemetry,
            cache_dir: cache_dir.map(PathBuf::from),
            refresh: Duration::from_secs(refresh),
            deadline: Duration::from_millis(deadline),
            listen: SocketAddr::new(address, port),
            under_host: has_started_this(|name| variables.set.contains_key(name)),
            keys,
            ids: variables.ids(),
            log: variables.log(),
        };
        if variables.wrong.is_empty() {
            Ok(settings)
        } else {
            Err(WrongSettings(variables.wrong))
        }
    }
}

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrong settings:")?;
        self.0.iter().try_for_each(|wrong| write!(f, "\n  {wrong}"))
    }
}

impl std::error::Error for WrongSettings {}
