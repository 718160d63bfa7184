//! What no log and no telemetry may hold, and the search for it.
//!
//! The harness notes the secrets of every setting, key and request that goes through it, and
//! searches for all of them in whatever the processes wrote and the collectors were sent.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

use functions_host::Auth;
use memchr::memmem;
use serde_json::Value;

use crate::staged::project;

/// Of all tests of the process.
static SECRETS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// The starter tables. Evidence may say which of their places or tenants a request named: those
/// are the operator's words.
static TABLES: LazyLock<String> = LazyLock::new(|| {
    let folder = fs::read_dir(project().join("infra/policy")).expect("the starter tables");
    let paths = folder.map(|file: io::Result<DirEntry>| file.expect("a table").path());
    let tables = paths.filter(|path| path.extension().is_some_and(|it| it == "csv"));
    let texts: io::Result<Vec<String>> = tables.map(fs::read_to_string).collect();
    texts.expect("the starter tables are text").concat()
});

/// Shorter values stand in other words, too.
const SHORTEST: usize = 5;

/// A piece of a certificate or a key that is looked for: parts of them are secret, too.
const PIECE: usize = 24;

/// Notes a secret, which nothing may hold from now on.
pub fn keep_secret(secret: &str) {
    if secret.len() >= SHORTEST {
        lock().insert(secret.to_owned());
    }
}

/// Notes the keys that the host asks for.
pub(crate) fn keep_keys(auth: &Auth) {
    let Auth::On(keys) = auth else {
        return;
    };
    keep_secret(&keys.master_key);
    let of_functions = keys.functions.values().flat_map(|keys| keys.values());
    for key in keys.function_keys.values().chain(of_functions) {
        keep_secret(key);
    }
}

/// Notes what is secret in a setting of the app.
pub(crate) fn keep_setting(name: &str, value: &str) {
    if name.ends_with("_HEADERS") {
        for (_, value) in value.split(',').filter_map(|pair| pair.split_once('=')) {
            keep_secret(value);
        }
    }
    let whole = [
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "IDENTITY_HEADER",
        "PolicyTables__clientSecret",
    ];
    if name.starts_with("ALLOCATE_KEY_")
        || name.starts_with("OPERATOR_KEY_")
        || whole.contains(&name)
    {
        keep_secret(value);
    }
    for part in value.split(';') {
        let secret = [
            "AccountKey=",
            "SharedAccessSignature=",
            "InstrumentationKey=",
        ];
        let secret = secret.iter().find_map(|name| part.strip_prefix(name));
        secret.into_iter().for_each(keep_secret);
    }
}

/// Notes what a request holds that only the decision may know: keys, certificates, payload and
/// the values of the initial twin.
pub(crate) fn keep_request(request: &Value) {
    let context = &request["deviceRuntimeContext"];
    let enrollments = ["individualEnrollment", "enrollmentGroup"];
    for enrollment in enrollments.map(|kind| &request[kind]) {
        keep_values(&enrollment["initialTwin"]);
        keep_pieces(&enrollment["attestation"]["tpm"]["endorsementKey"]);
    }
    keep_values(&context["payload"]);
    keep_pieces(&context["x509"]["clientCertificate"]);
    keep_pieces(&context["tpm"]["endorsementKey"]);
    keep_pieces(&context["tpm"]["storageRootKey"]);
}

/// Fails when this holds a secret, except those with which it is sent.
///
/// # Panics
/// With the place and the secret.
pub(crate) fn search(place: &str, bytes: &[u8], sent_with: Option<&str>) {
    if thread::panicking() {
        return;
    }
    let secrets = lock().clone();
    for secret in secrets.iter().filter(|it| sent_with != Some(it.as_str())) {
        if let Some(at) = memmem::find(bytes, secret.as_bytes()) {
            let around = at.saturating_sub(200)..bytes.len().min(at + 200);
            let around = String::from_utf8_lossy(&bytes[around]).into_owned();
            panic!("{place} holds a secret, `{secret}`: {around}");
        }
    }
}

/// Every text in it that the tables do not name.
fn keep_values(value: &Value) {
    match value {
        Value::String(text) if TABLES.contains(text) => {}
        Value::String(text) => keep_secret(text),
        Value::Array(items) => items.iter().for_each(keep_values),
        Value::Object(members) => members.values().for_each(keep_values),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Both ends and the middle of a long text.
fn keep_pieces(value: &Value) {
    let text = value.as_str().unwrap_or_default();
    let last = text.len().saturating_sub(PIECE);
    for start in [0, last / 2, last] {
        text.get(start..start + PIECE.min(text.len()))
            .into_iter()
            .for_each(keep_secret);
    }
}

fn lock() -> MutexGuard<'static, BTreeSet<String>> {
    SECRETS.lock().unwrap_or_else(PoisonError::into_inner)
}
