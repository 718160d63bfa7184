//! The requests of `tests/fixtures/allocation`, and what the starter tables answer to them.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The captured requests, for [`fixture`] and [`expected`].
pub const CAPTURED: [&str; 6] = [
    "group-sparse-2019",
    "group-symmetric-key-first",
    "group-symmetric-key-reprovision-payload",
    "group-x509",
    "individual-never-reprovision",
    "individual-tpm-payload",
];

/// What the starter tables answer to a captured request.
#[derive(Debug)]
pub struct Expected {
    /// Why the device gets its hub.
    pub reason: String,
    /// The row that decides: its table and keys, as `explain` names them.
    pub decided_by: Value,
    /// The body that DPS gets.
    pub response: Value,
}

/// A request of `tests/fixtures/allocation`.
#[must_use]
pub fn fixture(name: &str) -> Value {
    read(&format!("allocation/{name}.json"))
}

/// What `tests/fixtures/answers.json` expects of a captured request.
#[must_use]
pub fn expected(name: &str) -> Expected {
    let answers = read("answers.json");
    let member = |member: &str| {
        let value = answers.get(name).and_then(|answer| answer.get(member));
        value
            .cloned()
            .unwrap_or_else(|| panic!("answers.json lacks `{member}` of `{name}`"))
    };
    let reason = member("reason");
    Expected {
        reason: reason.as_str().expect("a reason is text").to_owned(),
        decided_by: member("decidedBy"),
        response: member("response"),
    }
}

fn read(name: &str) -> Value {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let text = fs::read(fixtures.join(name))
        .unwrap_or_else(|error| panic!("tests/fixtures/{name}: {error}"));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("tests/fixtures/{name}: {error}"))
}
