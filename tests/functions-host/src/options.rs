//! How a host is run: the choices a test or a user has.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::key::Auth;
use crate::trace::TraceContext;

/// How to run a script root.
#[derive(Clone)]
pub struct Options {
    /// Folder with host.json, the function folders and the handler.
    pub script_root: PathBuf,
    /// Port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// As `func start` (off) or as Azure (on): keys, and where settings come from.
    pub auth: Auth,
    /// Which trace context reaches the handler.
    pub trace_context: TraceContext,
    /// App settings: seen by the host and by the handler, before the process's environment.
    ///
    /// `AzureFunctionsJobHost__a__b` overrides `a.b` of host.json.
    pub settings: BTreeMap<String, String>,
    /// Waits that a test may want shorter.
    pub waits: Waits,
}

/// Waits of the real host that no setting changes.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// From the first byte of a connection's first request to the end of its head; 32 s.
    pub head: Duration,
    /// How long nothing may move in a proxied call; 240 s.
    pub activity: Duration,
    /// How long after functionTimeout an answer still passes, before the handler is killed; 2 s.
    pub timeout_grace: Duration,
    /// How long a host that stops lets calls under way go on; 30 s.
    pub drain: Duration,
}

impl Options {
    /// `func start` on any free port: no keys, trace context and waits as seen.
    #[must_use]
    pub fn new(script_root: impl Into<PathBuf>) -> Self {
        Self {
            script_root: script_root.into(),
            port: 0,
            auth: Auth::Off,
            trace_context: TraceContext::AsSeen,
            settings: BTreeMap::new(),
            waits: Waits::default(),
        }
    }
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(32),
            activity: Duration::from_mins(4),
            timeout_grace: Duration::from_secs(2),
            drain: Duration::from_secs(30),
        }
    }
}

/// Names of the settings only: values may be secrets.
impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            script_root,
            port,
            auth,
            trace_context,
            settings,
            waits,
        } = self;
        (formatter.debug_struct("Options"))
            .field("script_root", script_root)
            .field("port", port)
            .field("auth", auth)
            .field("trace_context", trace_context)
            .field("settings", &settings.keys())
            .field("waits", waits)
            .finish()
    }
}
