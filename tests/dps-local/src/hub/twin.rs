//! Device twins.

mod size;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::enrollment::InitialTwin;

pub(crate) use size::TwinTooLarge;

use size::Part;

/// What a hub keeps of a device beside its identity.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Twin {
    pub(crate) tags: Map<String, Value>,
    /// What the back end wants; the device reads it.
    pub(crate) desired: Properties,
    /// What the device has said; the back end reads it.
    pub(crate) reported: Properties,
}

/// Properties with the number of changes that they have seen.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Properties {
    pub(crate) values: Map<String, Value>,
    pub(crate) version: u64,
}

impl Twin {
    pub(crate) fn new(initial: InitialTwin) -> Result<Self, TwinTooLarge> {
        let desired = initial.properties.and_then(|properties| properties.desired);
        let twin = Self {
            tags: initial.tags.unwrap_or_default(),
            desired: Properties::new(desired.unwrap_or_default()),
            reported: Properties::new(Map::new()),
        };
        Part::Tags.check(&twin.tags)?;
        Part::Desired.check(&twin.desired.values)?;
        Ok(twin)
    }

    /// Merges a patch into the tags: null removes one, objects are merged.
    pub(crate) fn patch_tags(&mut self, patch: Map<String, Value>) -> Result<(), TwinTooLarge> {
        merge(&mut self.tags, patch);
        Part::Tags.check(&self.tags)
    }

    /// Merges a patch into what the back end wants: null removes a property, objects are merged.
    pub(crate) fn patch_desired(&mut self, patch: Map<String, Value>) -> Result<(), TwinTooLarge> {
        self.desired.patch(patch);
        Part::Desired.check(&self.desired.values)
    }

    /// The same for what the device says.
    pub(crate) fn patch_reported(&mut self, patch: Map<String, Value>) -> Result<(), TwinTooLarge> {
        self.reported.patch(patch);
        Part::Reported.check(&self.reported.values)
    }

    /// Grows with each change of properties; tags do not count here.
    pub(crate) fn version(&self) -> u64 {
        self.desired.version + self.reported.version
    }
}

impl Properties {
    fn new(mut values: Map<String, Value>) -> Self {
        // What SDKs write beside the properties; a hub counts by itself.
        values.retain(|name, _| !name.starts_with('$'));
        Self { values, version: 1 }
    }

    fn patch(&mut self, patch: Map<String, Value>) {
        merge(&mut self.values, patch);
        self.version += 1;
    }

    /// With `$version`, as a hub writes them.
    pub(crate) fn written(&self) -> Value {
        let mut values = self.values.clone();
        values.insert("$version".to_owned(), json!(self.version));
        Value::Object(values)
    }
}

fn merge(values: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (values.get_mut(&name), value) {
            (_, Value::Null) => drop(values.remove(&name)),
            (Some(Value::Object(values)), Value::Object(patch)) => merge(values, patch),
            (_, value) => drop(values.insert(name, without_nulls(value))),
        }
    }
}

/// A new object has no properties to remove.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(patch) => {
            let mut values = Map::new();
            merge(&mut values, patch);
            Value::Object(values)
        }
        value => value,
    }
}
