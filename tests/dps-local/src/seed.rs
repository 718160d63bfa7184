//! Hubs and enrollments of a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::dps::Core;
use crate::enrollment::{Group, Individual};
use crate::manage::{Enrollment, enroll, link};
use crate::refusal::Refusal;

/// What a service knows from the start: hubs, enrollment groups and individual enrollments.
///
/// A file is a JSON object with the members `linkedHubs`, `enrollmentGroups` and `enrollments`, each a list as
/// `az iot dps linked-hub list`, `az iot dps enrollment-group list` and `az iot dps enrollment list` print it. A
/// list alone is one of them: which, the members of its records say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seed {
    /// Linked first: enrollments may name them.
    #[serde(default)]
    linked_hubs: Vec<Value>,
    #[serde(default)]
    enrollment_groups: Vec<Value>,
    #[serde(default)]
    enrollments: Vec<Value>,
}

/// Why a seed is not used.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file cannot be read.
    #[error("cannot read `{0}`: {1}")]
    File(PathBuf, io::Error),
    /// The file is something else.
    #[error(
        "`{0}` is not a seed: {1}. It has to be a list as `az iot dps enrollment-group list` prints it, or an object \
         with `linkedHubs`, `enrollmentGroups` and `enrollments`"
    )]
    Format(PathBuf, serde_json::Error),
    /// A record of it is not taken; those before it are.
    #[error("{place}: {message}")]
    Record {
        /// Such as `enrollmentGroups[2]`.
        place: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Seed {
    /// Reads a file.
    ///
    /// # Errors
    /// Says why it is not a seed.
    pub fn read(path: &Path) -> Result<Self, SeedError> {
        let text = fs::read(path).map_err(|error| SeedError::File(path.to_owned(), error))?;
        Self::parse(&text).map_err(|error| SeedError::Format(path.to_owned(), error))
    }

    fn parse(text: &[u8]) -> serde_json::Result<Self> {
        let value: Value = serde_json::from_slice(text)?;
        let Value::Array(records) = value else {
            return serde_json::from_value(value);
        };
        let has = |member| {
            records
                .iter()
                .any(|record: &Value| record.get(member).is_some())
        };
        let (is_groups, is_hubs) = (has("enrollmentGroupId"), has("allocationWeight"));
        let mut seed = Self::default();
        match (is_groups, is_hubs) {
            (true, _) => seed.enrollment_groups = records,
            (_, true) => seed.linked_hubs = records,
            _ => seed.enrollments = records,
        }
        Ok(seed)
    }

    /// Links one more hub.
    #[must_use]
    pub fn with_hub(mut self, hub: Value) -> Self {
        self.linked_hubs.push(hub);
        self
    }

    /// Creates one more enrollment group.
    #[must_use]
    pub fn with_group(mut self, group: Value) -> Self {
        self.enrollment_groups.push(group);
        self
    }

    /// Creates one more individual enrollment.
    #[must_use]
    pub fn with_individual(mut self, individual: Value) -> Self {
        self.enrollments.push(individual);
        self
    }

    pub(crate) async fn sow(self, core: &Core) -> Result<(), SeedError> {
        for (number, hub) in self.linked_hubs.into_iter().enumerate() {
            at("linkedHubs", number, link(core, hub).await)?;
        }
        enrolled::<Group>(core, self.enrollment_groups).await?;
        enrolled::<Individual>(core, self.enrollments).await
    }
}

async fn enrolled<E: Enrollment>(core: &Core, records: Vec<Value>) -> Result<(), SeedError> {
    for (number, record) in records.into_iter().enumerate() {
        at(E::BULK, number, enroll::<E>(core, record).await)?;
    }
    Ok(())
}

fn at(list: &str, number: usize, done: Result<(), Refusal>) -> Result<(), SeedError> {
    done.map_err(|refusal| SeedError::Record {
        place: format!("{list}[{number}]"),
        message: refusal.message,
    })
}
