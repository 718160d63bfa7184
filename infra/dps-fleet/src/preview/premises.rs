//! What is assumed of devices if a fleet says nothing, by the operator and from the tables.

use std::collections::{BTreeSet, HashMap};

use dps_allocation::HubName;

use super::assumed::Assumed;
use super::labels::Labels;
use super::side::Side;

/// What is assumed of devices if a fleet says nothing.
#[derive(Debug)]
pub(crate) struct Premises {
    pub(super) assumed: Assumed,
    /// The hubs of the tables by their classic host names, in order.
    pub(super) hosts: Vec<String>,
    positions: HashMap<String, u32>,
    labels: Labels,
    /// The hubs that DPS links.
    pub(super) linked: Vec<String>,
}

impl Premises {
    pub(crate) fn new(assumed: Assumed, sides: &[&Side<'_>]) -> Self {
        let hosts: BTreeSet<&str> = sides.iter().flat_map(|side| side.hosts()).collect();
        let hosts: Vec<String> = hosts.into_iter().map(str::to_owned).collect();
        Self {
            positions: hosts.iter().cloned().zip(0..).collect(),
            linked: assumed.linked.clone().unwrap_or_else(|| hosts.clone()),
            labels: Labels::of(&hosts),
            hosts,
            assumed,
        }
    }

    /// The number of a hub of the tables, by its classic host name.
    pub(super) fn position(&self, host: &str) -> Option<u32> {
        self.positions.get(host).copied()
    }

    /// The host name of a hub as a fleet writes it: as that, or as the first label of a row.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub(super) fn host<'a>(&'a self, text: &'a str) -> Result<&'a str, String> {
        if self.position(&HubName::fold(text)).is_some() {
            return Ok(text);
        }
        self.labels.host(text)
    }

    /// Whether DPS links a hub.
    pub(super) fn links(&self, host: &str) -> bool {
        let host = HubName::fold(host);
        match &self.assumed.linked {
            None => self.position(&host).is_some(),
            Some(linked) => linked.iter().any(|it| HubName::fold(it) == host),
        }
    }
}
