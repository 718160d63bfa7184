//! The rows of the `twins` table.

use std::collections::BTreeMap;

use super::shared::Shared;
use crate::twin::TwinTemplate;

/// A twin that rows name.
pub(crate) type Twin = Shared<TwinTemplate>;

/// The twins by `scope/name`; no scope has a `/`.
#[derive(Debug, Default)]
pub(crate) struct Twins(BTreeMap<Box<str>, Twin>);

impl Twins {
    pub(crate) fn add(&mut self, scope: &str, name: &str, template: TwinTemplate) {
        let key = key(scope, name).into();
        self.0.insert(key, Shared::new(template));
    }

    /// The twin of that scope and name.
    pub(crate) fn get(&self, scope: &str, name: &str) -> Option<&Twin> {
        self.0.get(&*key(scope, name))
    }

    /// The tenant's own twin of that name before that of `*`.
    pub(crate) fn find(&self, scope: &str, name: &str) -> Option<&Twin> {
        self.get(scope, name).or_else(|| self.get("*", name))
    }

    /// Whether any scope has a twin of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.keys().any(|(_, twin)| twin == name)
    }

    /// The names of the twins that a scope may use.
    pub(crate) fn names_for(&self, scope: &str) -> impl Iterator<Item = &str> {
        self.keys()
            .filter_map(move |(of, name)| (of == scope || of == "*").then_some(name))
    }

    fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.keys().filter_map(|key| key.split_once('/'))
    }
}

fn key(scope: &str, name: &str) -> String {
    format!("{scope}/{name}")
}
