//! Settings: environment variables, since that is what an Azure function app has.

mod keys;
mod list;
mod log_filter;
mod names;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use dps_allocation::IdKey;
use dps_policy_store::StoreSettings;
use dps_settings::{Environment, Faulty};
use dps_telemetry::Settings as TelemetrySettings;
use tracing_subscriber::filter::Targets;

use crate::functions_host::WORKER_ID;
use crate::keys::Keys;
use crate::logged::LoggedIds;

use names::{
    ALLOCATE_DEADLINE_MS, FUNCTIONS_CUSTOMHANDLER_PORT, LAMBDA, LISTEN_ADDRESS, LOG_ID_KEY,
    POLICY_CACHE_DIR, POLICY_REFRESH_SECONDS, POLICY_SHADOW, RUST_LOG,
};

pub(crate) use list::help;
pub use list::settings_page;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the config tables are.
    pub store: StoreSettings,
    /// Where the tables of a candidate policy are, to decide beside the live one.
    pub shadow: Option<StoreSettings>,
    /// Where traces and metrics go.
    pub telemetry: TelemetrySettings,
    /// The folder of the last good policy; `None`: it is not stored.
    pub cache_dir: Option<PathBuf>,
    /// Time between two polls of the config tables.
    pub refresh: Duration,
    /// Longest time of one request.
    pub deadline: Duration,
    /// Where a server listens; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Whether a Functions host has started the process, and so is what ends it.
    pub under_host: bool,
    /// What callers must show; `None`: nothing, since the Functions host has asked already.
    pub keys: Option<Keys>,
    /// What hides registration ids in logs and spans.
    pub ids: LoggedIds,
    /// What is logged.
    pub log: Targets,
}

/// An edit takes two polls, so it is in use within half a minute; reading some small files that
/// often costs next to nothing.
const DEFAULT_REFRESH_SECONDS: u64 = 15;

/// Up to a day, for those who want no refresh.
const REFRESH_SECONDS: RangeInclusive<u64> = 1..=86_400;

/// DPS publishes no time limit for the webhook; it asks again after 503, so that giving up early
/// costs a second and giving up late may cost the registration.
const DEFAULT_DEADLINE_MS: u64 = 2_000;

/// Below 10 ms a busy machine refuses without need; Azure's load balancer cuts at 230 s.
const DEADLINE_MS: RangeInclusive<u64> = 10..=230_000;

/// Where `func start` listens on a laptop, so that the same `curl` works with and without it.
const DEFAULT_PORT: u16 = 7071;

impl Settings {
    /// Reads the settings of a server.
    ///
    /// # Errors
    /// [`Faulty`] if one is wrong.
    pub fn read(environment: &mut Environment) -> Result<Self, Faulty> {
        let address = environment.parse(LISTEN_ADDRESS, |text| {
            let rule = format!("`{text}` is not an address such as `0.0.0.0` or `::`");
            text.parse().map_err(|_cause| rule)
        });
        let address = address.map(|it| it.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        let exposed = matches!(address, Ok(address) if !address.is_loopback());
        let exposed = exposed.then_some("LISTEN_ADDRESS lets other machines call");
        Self::read_all(environment, address, exposed)
    }

    /// Reads the settings of a function of AWS Lambda, which anybody may call.
    ///
    /// # Errors
    /// As of [`Settings::read`].
    pub fn read_on_lambda(environment: &mut Environment) -> Result<Self, Faulty> {
        for name in LAMBDA {
            if !environment.is_set(name) {
                let rule = "missing; AWS Lambda sets it, elsewhere run dps-webhook";
                environment.wrong(name, rule);
            }
        }
        if environment.is_set(POLICY_SHADOW) {
            let rule = "AWS Lambda freezes the process between requests, so that nothing can poll a \
                        candidate policy; leave it unset";
            environment.wrong(POLICY_SHADOW, rule);
        }
        let unused = Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let exposed = Some("no Functions host asks for keys on AWS Lambda");
        Self::read_all(environment, unused, exposed)
    }

    /// Reads all of them before the first fault ends it.
    fn read_all(
        environment: &mut Environment,
        address: Result<IpAddr, Faulty>,
        exposed: Option<&str>,
    ) -> Result<Self, Faulty> {
        let keys = keys::read(environment, exposed);
        let store = StoreSettings::read(environment);
        let shadow = shadow(environment, store.as_ref().ok());
        let telemetry = TelemetrySettings::read(environment);
        let refresh = environment.whole_number(
            POLICY_REFRESH_SECONDS,
            DEFAULT_REFRESH_SECONDS,
            REFRESH_SECONDS,
        );
        let deadline =
            environment.whole_number(ALLOCATE_DEADLINE_MS, DEFAULT_DEADLINE_MS, DEADLINE_MS);
        let port =
            environment.whole_number(FUNCTIONS_CUSTOMHANDLER_PORT, DEFAULT_PORT, 0..=u16::MAX);
        let id_key = environment.parse(LOG_ID_KEY, IdKey::parse);
        let log = log_filter::read(environment, RUST_LOG);
        Ok(Self {
            store: store?,
            shadow: shadow?,
            telemetry: telemetry?,
            cache_dir: environment.raw(POLICY_CACHE_DIR).map(PathBuf::from),
            refresh: Duration::from_secs(refresh?),
            deadline: Duration::from_millis(deadline?),
            listen: SocketAddr::new(address?, port?),
            under_host: environment.is_set(WORKER_ID),
            keys: keys?,
            ids: LoggedIds::new(id_key?),
            log: log?,
        })
    }
}

/// Where the candidate is: in tables of the same account, or in a folder.
fn shadow(
    environment: &mut Environment,
    live: Option<&StoreSettings>,
) -> Result<Option<StoreSettings>, Faulty> {
    let Some(live) = live else {
        return Ok(None);
    };
    environment.parse(POLICY_SHADOW, |text| live.beside(text))
}
