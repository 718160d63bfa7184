//! One line for each attempt to register, like the table `RegistrationsOperationalLogs` of Azure.

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// Where the lines go. It never gets a key, a token, a certificate or a payload.
#[derive(Clone, Default)]
pub struct Log(Option<Arc<Mutex<dyn Write + Send>>>);

impl Log {
    /// Writes each line to `to`.
    #[must_use]
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self(Some(Arc::new(Mutex::new(to))))
    }

    pub(crate) fn write(&self, attempt: &Attempt<'_>) {
        let (Some(to), Ok(mut line)) = (&self.0, serde_json::to_vec(attempt)) else {
            return;
        };
        line.push(b'\n');
        let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
        // A device is not refused because nobody reads the log.
        drop(to.write_all(&line).and_then(|()| to.flush()));
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Log(..)")
    }
}

/// How an attempt ended.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt<'a> {
    pub(crate) time: String,
    pub(crate) registration_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attestation_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) enrollment: Option<&'a str>,
    /// `assigned`, `failed`, `disabled` or `refused`.
    pub(crate) outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assigned_hub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<&'a str>,
    /// Whether `error` says why the device is not who it says it is.
    #[serde(skip)]
    pub(crate) has_failed_attestation: bool,
}
