//! Everything that the service knows, in memory.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::AccessPolicy;
use crate::authority::Authority;
use crate::enrollment::{Group, Individual};
use crate::hub::{Device, LinkedHub};
use crate::issuing::PolicyAuthority;
use crate::registration::Registration;

/// All records, by their keys.
#[derive(Debug, Default)]
pub(crate) struct State {
    individuals: BTreeMap<String, Individual>,
    groups: BTreeMap<String, Group>,
    registrations: BTreeMap<String, Registration>,
    authorities: BTreeMap<String, Authority>,
    policies: BTreeMap<String, AccessPolicy>,
    hubs: BTreeMap<String, LinkedHub>,
    devices: BTreeMap<String, Device>,
    issuers: BTreeMap<String, PolicyAuthority>,
}

impl State {
    pub(crate) fn all<R: Record>(&self) -> &BTreeMap<String, R> {
        R::of(self)
    }

    pub(crate) fn get<R: Record>(&self, key: &str) -> Option<&R> {
        self.all::<R>().get(key)
    }
}

/// What is stored on its own.
pub(crate) trait Record: Serialize + DeserializeOwned + Clone {
    /// Name of its table.
    const TABLE: &'static str;

    fn key(&self) -> String;

    fn of(state: &State) -> &BTreeMap<String, Self>;

    fn of_mut(state: &mut State) -> &mut BTreeMap<String, Self>;
}

macro_rules! record {
    ($record:ty, $table:ident, |$it:ident| $key:expr) => {
        impl Record for $record {
            const TABLE: &'static str = stringify!($table);

            fn key(&self) -> String {
                let $it = self;
                $key
            }

            fn of(state: &State) -> &BTreeMap<String, Self> {
                &state.$table
            }

            fn of_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
                &mut state.$table
            }
        }
    };
}

record!(Individual, individuals, |it| it.registration_id.key());
record!(Group, groups, |it| it.enrollment_group_id.key());
record!(Registration, registrations, |it| it.id.key());
record!(Authority, authorities, |it| it.name.to_lowercase());
record!(AccessPolicy, policies, |it| it.key_name.to_lowercase());
record!(LinkedHub, hubs, |it| it.name.key());
record!(Device, devices, |it| it.key());
record!(PolicyAuthority, issuers, |it| it.policy.to_lowercase());
