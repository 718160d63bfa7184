//! The two policies, and what they share.

use std::collections::{BTreeSet, HashMap};

use dps_allocation::HubName;

use super::assumed::Assumed;
use super::labels::Labels;
use super::side::{HubRow, Side};

/// The policies before and after a change.
#[derive(Debug)]
pub struct Pair<'p> {
    pub(crate) from: Side<'p>,
    pub(crate) to: Side<'p>,
    pub(super) assumed: Assumed,
    /// The hubs of both by their classic host names, in order.
    pub(super) hosts: Vec<String>,
    positions: HashMap<String, u32>,
    labels: Labels,
    /// The hubs that DPS links, where the fleet does not say.
    pub(super) linked: Vec<String>,
    /// Whether a device that was just placed can be sent on at once.
    pub(super) moves_at_once: bool,
}

impl<'p> Pair<'p> {
    /// Two policies, and what is said of devices where a fleet does not.
    #[must_use]
    pub fn new(from: Side<'p>, to: Side<'p>, assumed: Assumed) -> Self {
        let hosts: BTreeSet<&str> = from.hosts().chain(to.hosts()).collect();
        let hosts: Vec<String> = hosts.into_iter().map(str::to_owned).collect();
        let positions = hosts.iter().cloned().zip(0..).collect();
        let linked = assumed.linked.clone().unwrap_or_else(|| hosts.clone());
        Self {
            moves_at_once: from.moves_at_once(),
            from,
            to,
            assumed,
            labels: Labels::of(&hosts),
            hosts,
            positions,
            linked,
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

    /// Whether DPS links a hub, where the fleet does not say.
    pub(super) fn links(&self, host: &str) -> bool {
        let host = HubName::fold(host);
        match &self.assumed.linked {
            None => self.position(&host).is_some(),
            Some(linked) => linked.iter().any(|it| HubName::fold(it) == host),
        }
    }

    /// The row of a hub: that after the change before that of before.
    pub(super) fn hub(&self, host: &str) -> Option<&HubRow> {
        self.to.hub(host).or_else(|| self.from.hub(host))
    }

    /// The geography of a hub; that before the change counts, since an edit of it moves no hub.
    pub(super) fn geography(&self, host: &str) -> Option<&str> {
        let row = self.from.hub(host).or_else(|| self.to.hub(host))?;
        row.geography.as_deref()
    }
}
