//! The hubs of a policy, and those of a request.

use jiff::Timestamp;

use super::host_names::HostNames;
use super::hub_set::{HubIndex, HubSet, MAX_HUBS};
use super::region::RegionIndex;
use super::shared::Shared;
use super::window::Window;
use crate::expression::HubView;
use crate::geo::Point;
use crate::hub_name::HubName;
use crate::schema::{HubProfile, HubState};
use crate::twin::TwinTemplate;
use crate::wire::Text;

/// A row of the `hubs` table.
#[derive(Clone, Debug)]
pub(crate) struct Hub {
    /// The classic host name in lower case.
    pub(crate) host: Box<str>,
    /// [`crate::weight::hub_hash`] of the classic host name.
    pub(crate) hash: u64,
    pub(crate) weight: u16,
    pub(crate) tier: u16,
    pub(crate) state: HubState,
    /// When the state draining holds; the hub is open at other times. None: always.
    pub(crate) window: Option<Window>,
    pub(crate) region: Option<RegionIndex>,
    /// The region as the row names it, in the canonical form of locations.
    pub(crate) region_name: Option<Box<str>>,
    /// Where its region is, if the region is known.
    pub(crate) point: Option<Point>,
    pub(crate) geography: Option<Box<str>>,
    pub(crate) profile: HubProfile,
    /// The namespace of Azure Device Registry that the hub belongs to.
    pub(crate) namespace: Option<Box<str>>,
    pub(crate) twin: Option<Shared<TwinTemplate>>,
}

/// All hubs, in the order of their classic host names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hubs {
    rows: Vec<Hub>,
    names: HostNames,
    /// Every hub.
    pub(crate) all: HubSet,
    /// Those that are open at any time.
    always_open: HubSet,
    /// Those that drain for a time.
    timed: Vec<(Window, HubIndex)>,
    pub(crate) closed: HubSet,
    /// Hubs that only devices with MQTT v5 can use.
    pub(crate) mqtt_v5: HubSet,
    /// Hubs that are for some tenants only.
    pub(crate) reserved: HubSet,
    /// Hubs with a weight above 0.
    pub(crate) weighted: HubSet,
    /// The hubs of each tier, the lowest tier first.
    pub(crate) tiers: Vec<(u16, HubSet)>,
}

impl Hubs {
    /// Adds the next hub in the order of host names; none if the policy is full.
    pub(crate) fn add(&mut self, name: &HubName, row: Hub) -> Option<HubIndex> {
        let hub = HubIndex::new(self.rows.len())?;
        self.all.insert(hub);
        match row.state {
            HubState::Open => self.always_open.insert(hub),
            HubState::Draining => self.timed.extend(row.window.map(|window| (window, hub))),
            HubState::Closed => self.closed.insert(hub),
        }
        if row.profile == HubProfile::MqttV5 {
            self.mqtt_v5.insert(hub);
        }
        if row.weight > 0 {
            self.weighted.insert(hub);
        }
        match self
            .tiers
            .binary_search_by_key(&row.tier, |(tier, _)| *tier)
        {
            Ok(at) => self
                .tiers
                .get_mut(at)
                .into_iter()
                .for_each(|(_, set)| set.insert(hub)),
            Err(at) => self.tiers.insert(at, (row.tier, hub.into())),
        }
        let device_name = name.device_name().map(Into::into);
        self.names.add(hub, name.as_str().into(), device_name);
        self.rows.push(row);
        Some(hub)
    }

    /// The hubs that accept new devices at a time.
    pub(crate) fn open_at(&self, now: Timestamp) -> HubSet {
        let timed = self.timed.iter();
        let open = timed.filter(|(window, _)| window.excludes(now).is_some());
        open.fold(self.always_open, |set, (_, hub)| set.or((*hub).into()))
    }

    /// The hubs that accept new devices at some time.
    pub(crate) fn ever_open(&self) -> HubSet {
        self.always_open.or(self.timed())
    }

    /// The hubs that drain for a time, and are open before and after.
    pub(crate) fn timed(&self) -> HubSet {
        let timed = self.timed.iter().map(|(_, hub)| HubSet::from(*hub));
        timed.fold(HubSet::default(), HubSet::or)
    }

    /// The hubs that drain for a time, each with a moment at which it does.
    pub(crate) fn drains(&self) -> impl Iterator<Item = (Timestamp, HubIndex)> {
        let timed = self.timed.iter();
        timed.map(|(window, hub)| (window.moment(), *hub))
    }

    /// The hub of that host name, by whichever of its names and in any case.
    pub(crate) fn find(&self, host: &str) -> Option<HubIndex> {
        self.names.find(host).map(|name| name.hub)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "an index of another policy must not pass for another hub"
    )]
    pub(crate) fn get(&self, hub: HubIndex) -> &Hub {
        &self.rows[hub.position()]
    }

    /// The classic host name in lower case.
    pub(crate) fn host(&self, hub: HubIndex) -> &str {
        &self.get(hub).host
    }

    /// A hub as expressions see it.
    pub(crate) fn view(&self, hub: HubIndex) -> HubView<'_> {
        let row = self.get(hub);
        HubView {
            name: &row.host,
            region: row.region_name.as_deref(),
            geography: row.geography.as_deref(),
        }
    }

    /// The classic host names of a set of hubs, separated by commas.
    pub(crate) fn list(&self, hubs: HubSet) -> String {
        let hosts: Vec<&str> = hubs.iter().map(|hub| self.host(hub)).collect();
        hosts.join(", ")
    }

    /// All hubs in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Hub> {
        self.rows.iter()
    }

    /// All classic host names in order.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|hub| &*hub.host)
    }

    /// The hubs for which something holds.
    pub(crate) fn matching(&self, holds: impl Fn(&Hub) -> bool) -> HubSet {
        self.all
            .iter()
            .filter(|hub| holds(self.get(*hub)))
            .collect()
    }

    /// Finds the hubs that a request links.
    ///
    /// If a hub is linked by both of its names, the answer is the device name: new links of DPS
    /// use it.
    pub(crate) fn link<'a>(&self, linked: &'a [Text<'a>], current: Option<&str>) -> Linked<'a> {
        let known = current.and_then(|host| self.find(host));
        let mut found = Linked {
            set: HubSet::default(),
            current: known,
            unlisted: match (current, known) {
                (Some(host), None) => spelled(linked, host),
                _ => None,
            },
            hosts: linked,
            places: [0; MAX_HUBS],
        };
        let mut by_device_name = HubSet::default();
        let mut names = self.names.search();
        for (place, host) in (0..).zip(linked) {
            let Some(name) = names.next(host) else {
                continue;
            };
            if name.is_device_name {
                by_device_name.insert(name.hub);
            } else if by_device_name.contains(name.hub) {
                continue;
            }
            found.set.insert(name.hub);
            if let Some(of_hub) = found.places.get_mut(name.hub.position()) {
                *of_hub = place;
            }
        }
        found
    }
}

/// The hubs that a request links, as hubs of the policy.
#[derive(Debug)]
pub(crate) struct Linked<'a> {
    pub(crate) set: HubSet,
    /// The current hub, if the policy knows it.
    pub(crate) current: Option<HubIndex>,
    /// The current hub as the request links it, if the policy has no row for it.
    pub(crate) unlisted: Option<&'a str>,
    hosts: &'a [Text<'a>],
    /// Where in `hosts` each hub of `set` stands. Host names themselves would take 4 KiB.
    places: [u32; MAX_HUBS],
}

impl<'a> Linked<'a> {
    /// The host name as the request spells it; none if the request does not link the hub.
    pub(crate) fn spelling(&self, hub: HubIndex) -> Option<&'a str> {
        let place = *self.places.get(hub.position())?;
        let host = self.hosts.get(usize::try_from(place).ok()?)?;
        self.set.contains(hub).then_some(&**host)
    }
}

/// How a request links a hub: by its device name, if by both of its names.
fn spelled<'a>(linked: &'a [Text<'a>], host: &str) -> Option<&'a str> {
    let names = linked.iter().map(|it| &**it);
    let names = names.filter(|name| HubName::are_of_one_hub(name, host));
    names.max_by_key(|name| HubName::is_device_name(name))
}
