//! Many devices: which of them move, and where all are afterwards.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dps_allocation::{Decision, HubName, Policy, decide};
use jiff::Timestamp;

use super::compared::Compared;
use super::decide::with_request;
use crate::scenario::ids::Device;
use crate::scenario::model::{Fleet, FleetExpect};
use crate::scenario::names::Names;

/// Registers a fleet before and after its date, and compares what happens with what is expected.
pub(super) fn run(fleet: &Fleet, policy: &Policy, names: &Names) -> Result<Compared, String> {
    let mut seen = Seen::of(&fleet.expect);
    for device in fleet.ids.devices() {
        let register =
            |at: Timestamp, hub: Option<&str>| register(fleet, &device, at, hub, policy, names);
        let before = match fleet.before {
            Some(before) => register(before, None)?.ok(),
            None => fleet.request.current_hub.as_deref().map(folded),
        };
        let after = register(fleet.after, before.as_deref())?;
        let again = match &after {
            Ok(hub) => register(fleet.after, Some(hub))?,
            Err(refusal) => Err(refusal.clone()),
        };
        seen.add(device, before, after, again);
    }
    Ok(Compared {
        decided: seen.summary(fleet.ids.count(), names),
        differences: seen.differences(&fleet.expect, names),
    })
}

/// The hub of a device by its classic name, or why it gets none.
type Placed = Result<String, String>;

fn register(
    fleet: &Fleet,
    device: &Device,
    at: Timestamp,
    hub: Option<&str>,
    policy: &Policy,
    names: &Names,
) -> Result<Placed, String> {
    let body = fleet.request.body(device, hub, names);
    let place = |decision: Decision<'_>| match decision {
        Decision::Assigned(assignment) => Ok(assignment.hub_name.into_owned()),
        Decision::Refused(it) => Err(format!("{}: {}", it.reason.as_str(), it.detail)),
        Decision::Unavailable(cause) => Err(cause.as_str().to_owned()),
    };
    let placed = with_request(
        &body,
        &fleet.row,
        &device.numbers,
        at,
        policy,
        |registration, facts| place(decide(policy, registration, facts)),
    );
    placed.map_err(|error| format!("{}: {error}", device.id))
}

fn folded(host: &str) -> String {
    HubName::fold(host).into_owned()
}

/// How many devices, with one as an example.
#[derive(Debug, Default)]
struct Count {
    devices: u64,
    such_as: String,
}

impl Count {
    fn add(&mut self, text: impl FnOnce() -> String) {
        if self.devices == 0 {
            self.such_as = text();
        }
        self.devices += 1;
    }
}

#[derive(Debug, Default)]
struct Seen {
    /// By the hubs that devices leave and reach.
    moves: BTreeMap<(String, String), Count>,
    moved: u64,
    refused: Count,
    /// Devices that a second registration moves.
    twice: Count,
    load: BTreeMap<String, u64>,
    /// The hubs of the devices with the same number in the first range, if these are to stay
    /// together.
    groups: Option<BTreeMap<String, BTreeSet<String>>>,
    /// Whether each device of `moves` or `stays` moves; `None` if it was refused or not seen.
    named: HashMap<String, Option<bool>>,
}

impl Seen {
    /// Nothing yet. Only `groups` grows with the fleet.
    fn of(expect: &FleetExpect) -> Self {
        let named = expect.moves.iter().chain(&expect.stays);
        Self {
            groups: expect.together.then(BTreeMap::new),
            named: named.map(|id| (id.clone(), None)).collect(),
            ..Self::default()
        }
    }

    fn add(&mut self, device: Device, before: Option<String>, after: Placed, again: Placed) {
        let hub = match after {
            Ok(hub) => hub,
            Err(why) => {
                self.refused.add(|| format!("{} ({why})", device.id));
                return;
            }
        };
        match again {
            Ok(second) if second == hub => {}
            Ok(_) | Err(_) => self.twice.add(|| device.id.clone()),
        }
        *self.load.entry(hub.clone()).or_default() += 1;
        if let Some(groups) = &mut self.groups
            && let Some(group) = device.numbers.into_iter().next()
        {
            groups.entry(group).or_default().insert(hub.clone());
        }
        let moves = before.as_ref().is_some_and(|before| *before != hub);
        if let Some(named) = self.named.get_mut(&device.id.to_lowercase()) {
            *named = Some(moves);
        }
        if let Some(before) = before.filter(|_| moves) {
            self.moved += 1;
            self.moves
                .entry((before, hub))
                .or_default()
                .add(|| device.id);
        }
    }

    /// `104 of 200 devices move: weu-1 to eus-1 104`
    fn summary(&self, devices: u64, names: &Names) -> String {
        let hub = |host| names.short(host);
        let moves = self.moves.iter();
        let moves: Vec<String> = moves
            .map(|((from, to), count)| format!("{} to {} {}", hub(from), hub(to), count.devices))
            .collect();
        let load = self.load.iter();
        let load: Vec<String> = load
            .map(|(host, count)| format!("{} {count}", hub(host)))
            .collect();
        let colon = if moves.is_empty() { "" } else { ": " };
        let what = if devices == 1 {
            "device moves"
        } else {
            "devices move"
        };
        format!(
            "{} of {devices} {what}{colon}{}; afterwards {}",
            self.moved,
            moves.join(", "),
            if load.is_empty() {
                "no hub has any".to_owned()
            } else {
                load.join(", ")
            }
        )
    }

    fn differences(&self, expect: &FleetExpect, names: &Names) -> Vec<String> {
        let mut differences = Vec::new();
        self.counts(expect, names, &mut differences);
        self.ends(expect, names, &mut differences);
        self.named(expect, &mut differences);
        let groups = self.groups.iter().flatten();
        let split = groups.filter(|(_, hubs)| hubs.len() > 1);
        if let Some((group, hubs)) = split.clone().next() {
            let hubs: Vec<&str> = hubs.iter().map(|hub| names.short(hub)).collect();
            let (count, hubs) = (split.count(), hubs.join(" and "));
            let are = if count == 1 { "group is" } else { "groups are" };
            differences.push(format!(
                "together: {count} {are} split, such as {group} ({hubs})"
            ));
        }
        differences
    }

    fn counts(&self, expect: &FleetExpect, names: &Names, differences: &mut Vec<String>) {
        let within = expect.within;
        let is_off = |expected: u64, found: u64| expected.abs_diff(found) > within;
        let about = match within {
            0 => String::new(),
            within => format!(" (within {within})"),
        };
        if let Some(moved) = expect.moved.filter(|moved| is_off(*moved, self.moved)) {
            differences.push(format!(
                "moved: expected {moved}{about}, got {}",
                self.moved
            ));
        }
        for (host, expected) in &expect.load {
            let found = self.load.get(&folded(host)).copied().unwrap_or(0);
            if is_off(*expected, found) {
                let hub = names.short(host);
                differences.push(format!(
                    "load: expected {expected}{about} on {hub}, got {found}"
                ));
            }
        }
        let exact = [
            ("refused", expect.refused, &self.refused),
            ("twice", expect.twice, &self.twice),
        ];
        for (what, expected, found) in exact {
            if expected != found.devices {
                let such_as = match found.devices {
                    0 => String::new(),
                    _ => format!(", such as {}", found.such_as),
                };
                differences.push(format!(
                    "{what}: expected {expected}, got {}{such_as}",
                    found.devices
                ));
            }
        }
    }

    /// Hubs that devices leave or reach although `from` and `to` do not name them.
    fn ends(&self, expect: &FleetExpect, names: &Names, differences: &mut Vec<String>) {
        let is_in = |hubs: &Option<Vec<String>>, host: &str| {
            hubs.as_ref()
                .is_none_or(|hubs| hubs.iter().any(|hub| HubName::fold(hub) == host))
        };
        for ((from, to), count) in &self.moves {
            for (what, is_right) in [
                ("from", is_in(&expect.from, from)),
                ("to", is_in(&expect.to, to)),
            ] {
                if !is_right {
                    differences.push(format!(
                        "{what}: {} move from {} to {}, such as {}",
                        count.devices,
                        names.short(from),
                        names.short(to),
                        count.such_as
                    ));
                }
            }
        }
    }

    /// Devices that are expected to move or to stay.
    fn named(&self, expect: &FleetExpect, differences: &mut Vec<String>) {
        let named = [
            ("moves", &expect.moves, true),
            ("stays", &expect.stays, false),
        ];
        for (what, ids, expected) in named {
            for id in ids {
                match self.named.get(id).copied().flatten() {
                    Some(moving) if moving == expected => {}
                    Some(true) => differences.push(format!("{what}: {id} moves")),
                    Some(false) => differences.push(format!("{what}: {id} stays")),
                    None => {
                        differences.push(format!("{what}: {id} is refused, or not one of `ids`"));
                    }
                }
            }
        }
    }
}
