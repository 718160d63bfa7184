//! Keys that the host asks callers for, as Azure does.

use std::collections::BTreeMap;

use functions_host::{Auth, Keys};

/// The master key of every app of the tests.
const MASTER_KEY: &str = "master-key-0123456789";

/// A host that asks for keys, where each of these functions has one of its own.
#[must_use]
pub fn keys_of(functions: &[(&str, &str)]) -> Auth {
    let own = |key: &str| BTreeMap::from([("default".to_owned(), key.to_owned())]);
    let functions = functions.iter();
    Auth::On(Keys {
        master_key: MASTER_KEY.to_owned(),
        function_keys: BTreeMap::new(),
        functions: functions
            .map(|(name, key)| ((*name).to_owned(), own(key)))
            .collect(),
    })
}
