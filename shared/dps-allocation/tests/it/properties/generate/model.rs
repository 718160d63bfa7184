//! What generated policies hold.

use super::super::registration::Asked;

pub(crate) const POOLS: [&str; 2] = ["red", "blue"];
pub(crate) const GEOGRAPHIES: [&str; 2] = ["eu", "us"];
pub(crate) const REGIONS: [&str; 4] = ["westeurope", "eastus", "southeastasia", "moonbase"];
pub(crate) const LOCATIONS: [&str; 4] = ["berlin", "boston", "52.4,4.9", "atlantis"];
pub(crate) const TENANTS: [&str; 3] = ["acme", "beta", "corp"];
pub(crate) const GROUPS: [&str; 2] = ["house-1", "house-2"];
pub(crate) const DAYS: u32 = 8;

/// From the first of two days of December 2026 on, and until the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Window {
    pub(crate) begins: Option<u32>,
    pub(crate) ends: Option<u32>,
}

impl Window {
    fn contains(self, day: u32) -> bool {
        self.begins.is_none_or(|begins| begins <= day) && self.ends.is_none_or(|ends| day < ends)
    }
}

/// What a condition asks of payload, row or time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Condition {
    Payload(u8),
    Attribute(u8),
    Before(u32),
    From(u32),
}

impl Condition {
    pub(crate) fn source(self) -> String {
        match self {
            Self::Payload(k) => format!("payload.k == {k}"),
            Self::Attribute(k) => format!("device.attributes.k == {k}"),
            Self::Before(day) => format!("now < timestamp('2026-12-{day:02}')"),
            Self::From(day) => format!("now >= timestamp('2026-12-{day:02}')"),
        }
    }

    fn holds(self, asked: &Asked, row: Option<&Row>) -> bool {
        match self {
            Self::Payload(k) => asked.k == Some(k),
            Self::Attribute(k) => row.is_some_and(|row| row.k == Some(k)),
            Self::Before(day) => asked.day() < day,
            Self::From(day) => asked.day() >= day,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Hub {
    pub(crate) pools: Vec<&'static str>,
    pub(crate) geography: Option<&'static str>,
    /// None: any.
    pub(crate) tenants: Option<Vec<&'static str>>,
    pub(crate) region: Option<&'static str>,
    pub(crate) weight: u16,
    pub(crate) tier: u16,
    pub(crate) state: &'static str,
    /// Only of a draining hub.
    pub(crate) window: Window,
}

impl Hub {
    pub(crate) fn is_open(&self, day: u32) -> bool {
        self.state == "open" || (self.state == "draining" && !self.window.contains(day))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) pools: Option<&'static str>,
    pub(crate) residency: Option<&'static str>,
    /// Of its enrollment.
    pub(crate) narrowed: Option<&'static str>,
    pub(crate) placement: &'static str,
    /// Those that static placement lists.
    pub(crate) hubs: Vec<usize>,
    pub(crate) tolerance: u16,
    pub(crate) without_location: &'static str,
    pub(crate) on_reprovision: &'static str,
    pub(crate) salt: &'static str,
    /// Whether `payload.g` names the group of its devices.
    pub(crate) groups: bool,
    pub(crate) has_twin: bool,
}

/// A row with a twin, such as a rule, adds a layer to the reply.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) scope: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) when: Option<Condition>,
    pub(crate) unless: Option<Condition>,
    /// Only of a rule that does nothing but refuse, or add to the reply of others.
    pub(crate) window: Window,
    pub(crate) pools: Option<&'static str>,
    /// Of these, it fixes the first that can be used.
    pub(crate) hubs: Vec<usize>,
    /// Whether `payload.h` names a hub that comes before these.
    pub(crate) names: bool,
    pub(crate) placement: Option<&'static str>,
    pub(crate) refuse: bool,
    pub(crate) has_twin: bool,
}

impl Rule {
    pub(crate) fn matches(&self, asked: &Asked, row: Option<&Row>) -> bool {
        self.window.contains(asked.day())
            && self.when.is_none_or(|when| when.holds(asked, row))
            && self.unless.is_none_or(|unless| !unless.holds(asked, row))
    }
}

/// The row of a device.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Of these, it fixes the first that can be used.
    pub(crate) hubs: Vec<usize>,
    pub(crate) residency: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
    /// `k` of the attributes.
    pub(crate) k: Option<u8>,
    pub(crate) has_twin: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Rollout {
    pub(crate) scope: &'static str,
    pub(crate) from: Option<usize>,
    /// None of them: it only adds a twin.
    pub(crate) to: Vec<usize>,
    pub(crate) anew: bool,
    pub(crate) min_gain: Option<u16>,
    pub(crate) cohort: &'static str,
    pub(crate) when: Option<Condition>,
    /// Shares in hundred-thousandths, one a day from the first of December 2026 on.
    pub(crate) shares: Vec<u32>,
    pub(crate) ramp: &'static str,
    pub(crate) state: &'static str,
    pub(crate) paused_on: u32,
    pub(crate) aborted_on: Option<u32>,
    pub(crate) returns: bool,
    pub(crate) include: Option<&'static str>,
    pub(crate) exclude: Option<&'static str>,
}

/// Everything of a policy but expressions that read more than one member.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) hubs: Vec<Hub>,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) rollouts: Vec<Rollout>,
    /// By location and region.
    pub(crate) latency: Vec<(usize, usize, u16)>,
    /// Of the first devices.
    pub(crate) rows: Vec<Row>,
}

pub(crate) fn host(hub: usize) -> String {
    format!("hub-{hub}.azure-devices.net")
}

/// The id of one of the devices that have a row, or of one that has none.
pub(crate) fn device(number: usize) -> String {
    format!("device-{number}")
}
