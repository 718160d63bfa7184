//! The devices of a fleet next to what a log says of them: names in place of counts.

use std::num::NonZeroUsize;

use dps_allocation::{Decision, HubName, IdKey};
use serde::Serialize;

use super::again::Again;
use super::devices::{DeviceKey, Devices};
use crate::fleet::{self, Batch, FleetError, Member, Ran, Watch};
use crate::flow::{Destination, Route};
use crate::ids::Ids;
use crate::preview::{Judge, Judged, Seen, Unjudged};

/// What became of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// It got what was predicted.
    AsPredicted,
    /// It got something else.
    Otherwise,
    /// It has not registered since.
    NotRegistered,
}

/// A device that was to go elsewhere, or has gone where it was not to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedDevice {
    /// The registration id in lower case.
    pub id: String,
    /// What became of it.
    pub fate: Fate,
    /// From where to where it was predicted to go.
    pub predicted: Route,
    /// What its last registration has led to.
    pub seen: Option<Destination>,
}

/// What became of the devices of a fleet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Devices of the fleet.
    pub devices: u64,
    /// Devices that have registered, and got what was predicted.
    pub as_predicted: u64,
    /// Of these, those that went elsewhere, or were refused.
    pub gone: Ids,
    /// Devices that have registered, and got something else.
    pub otherwise: Ids,
    /// Devices that have not registered.
    pub not_registered: u64,
    /// Of these, those that are to go elsewhere, or to be refused.
    pub waiting: Ids,
    /// Devices of which nothing is predicted.
    pub undecidable: u64,
    /// Devices that have registered, and are not of the fleet.
    pub others: u64,
}

impl Fate {
    /// The word for lists.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsPredicted => "asPredicted",
            Self::Otherwise => "otherwise",
            Self::NotRegistered => "notRegistered",
        }
    }
}

/// Decides the fleet again, and looks up what became of each device.
pub(super) fn name(
    batches: impl Iterator<Item = Result<Batch, FleetError>>,
    again: &Again<'_>,
    devices: &Devices,
    threads: NonZeroUsize,
    watch: &Watch,
    mut list: impl FnMut(&[NamedDevice]),
) -> (Named, Option<FleetError>) {
    let seen = Seen::for_about(again.about);
    let start = || (Judge::new(again.pair), Named::default(), 0);
    let each = |(judge, named, registered): &mut (Judge<'_>, Named, u64), batch: &Batch| {
        let mut worker = Worker {
            devices,
            key: again.key,
            named,
            registered,
            listed: Vec::new(),
        };
        let before = worker.named.devices;
        let mut order = batch.order();
        batch.each(|_line, member| {
            order += 1;
            if let Ok(member) = member {
                worker.member(judge, &seen, order, &member);
            }
        });
        watch.add(batch.bytes, worker.named.devices - before);
        worker.listed
    };
    let in_order = |listed: Vec<NamedDevice>| list(&listed);
    let Ran { counted, broken } = fleet::run(batches, threads, watch, start, each, in_order);
    let mut all = Named::default();
    let mut of_fleet = 0;
    for (_, named, registered) in counted {
        all.merge(named);
        of_fleet += registered;
    }
    all.others = devices.len().saturating_sub(of_fleet);
    (all, broken)
}

impl Named {
    fn merge(&mut self, other: Self) {
        self.devices += other.devices;
        self.as_predicted += other.as_predicted;
        self.gone.merge(other.gone);
        self.otherwise.merge(other.otherwise);
        self.not_registered += other.not_registered;
        self.waiting.merge(other.waiting);
        self.undecidable += other.undecidable;
    }
}

/// Names the devices of one batch.
struct Worker<'w> {
    devices: &'w Devices,
    key: Option<&'w IdKey>,
    named: &'w mut Named,
    /// Devices of the fleet that are in the log.
    registered: &'w mut u64,
    listed: Vec<NamedDevice>,
}

impl Worker<'_> {
    fn member(&mut self, judge: &Judge<'_>, seen: &Seen, order: u64, member: &Member<'_>) {
        let id = member.id().to_ascii_lowercase();
        if seen.see(&id) == Some(true) {
            return;
        }
        let plain = self.devices.last(DeviceKey::of(&id));
        let hidden = || self.devices.last(DeviceKey::of(&self.key?.hide(&id)));
        let last = plain.or_else(hidden).cloned();
        let mut predicted = None;
        let judged = judge.judge(member, |judged| predicted = route(judged));
        if let Err(Unjudged::Broken(_)) = judged {
            return;
        }
        self.named.devices += 1;
        *self.registered += u64::from(last.is_some());
        self.named.not_registered += u64::from(last.is_none());
        if let Some(predicted) = predicted {
            self.device(order, id, predicted, last);
        } else {
            self.named.undecidable += 1;
        }
    }

    fn device(&mut self, order: u64, id: String, predicted: Route, seen: Option<Destination>) {
        let named = &mut *self.named;
        let goes = !predicted.stays();
        let fate = match &seen {
            None => Fate::NotRegistered,
            Some(seen) if *seen == predicted.to => Fate::AsPredicted,
            Some(_) => Fate::Otherwise,
        };
        named.as_predicted += u64::from(fate == Fate::AsPredicted);
        let ids = match fate {
            Fate::Otherwise => &mut named.otherwise,
            Fate::NotRegistered if goes => &mut named.waiting,
            Fate::AsPredicted if goes => &mut named.gone,
            Fate::NotRegistered | Fate::AsPredicted => return,
        };
        ids.add(order, &id);
        self.listed.push(NamedDevice {
            id,
            fate,
            predicted,
            seen,
        });
    }
}

/// From where to where a device goes; `None` if the webhook could not decide either.
fn route(judged: &Judged<'_>) -> Option<Route> {
    let to = match &judged.to {
        Decision::Assigned(it) => Destination::Hub(HubName::fold(&it.hub_name).into_owned()),
        Decision::Refused(it) => Destination::Refused(it.reason.as_str().to_owned()),
        Decision::Unavailable(_) => return None,
    };
    Some(Route {
        tenant: judged.to.tenant().map(str::to_owned),
        from: judged.now.as_deref().map(str::to_owned),
        to,
    })
}
