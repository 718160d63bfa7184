//! Decides about a device under both policies.

use std::borrow::Cow;

use dps_allocation::wire::Text;
use dps_allocation::{
    Attestation, Decision, DeviceFact, DeviceRows, Enrollment, EnrollmentId, EnrollmentKind,
    Explanation, Facts, Foreseen, HubName, Known, NotRecorded, Part, Parts, Policy, Registration,
    RegistrationId, RegistryMembers, RowRef, Version, deciding_row, explain, foresee, replay,
};
use jiff::Timestamp;

use super::pair::Pair;
use super::side::Side;
use crate::fleet::{Attests, Hub, ListedDevice, Member, Through};

/// A device under both policies.
pub(crate) struct Judged<'a> {
    pub(crate) id: &'a str,
    pub(crate) enrollment: &'a str,
    /// Where it is now, if that is known.
    pub(crate) now: Option<Cow<'a, str>>,
    pub(crate) from: Decision<'a>,
    pub(crate) to: Decision<'a>,
    /// Whether initial twin and reply of both are known.
    pub(crate) twin_is_known: bool,
    asked: Asked<'a>,
}

/// What was decided about, to ask for reasons.
struct Asked<'a> {
    policy: &'a Policy,
    registration: &'a Registration<'a>,
    facts: Facts<'a>,
    known: Known<'a>,
}

impl Judged<'_> {
    /// The row that decides after the change.
    pub(crate) fn row(&self) -> Option<RowRef> {
        let Asked {
            policy,
            registration,
            facts,
            known,
        } = &self.asked;
        deciding_row(policy, registration, facts, *known)
    }

    /// The reasons after the change.
    pub(crate) fn explain(&self) -> Option<Explanation> {
        let Asked {
            policy,
            registration,
            facts,
            known,
        } = &self.asked;
        match known {
            // What is not known was not read, or the device would not have been decided.
            Known::AllBut(_) => Some(explain(policy, registration, facts)),
            Known::Recorded(version, evidence) => {
                replay(policy, registration, facts, *version, evidence).ok()
            }
        }
    }
}

/// Why a device is not decided.
pub(crate) enum Unjudged {
    /// The fleet does not hold what the policy reads; names the row that reads it.
    Undecidable(String),
    /// The line is not a device; says why.
    Broken(String),
}

impl From<NotRecorded> for Unjudged {
    fn from(missing: NotRecorded) -> Self {
        Self::Undecidable(missing.asked().to_owned())
    }
}

/// Decides about devices, one after the other.
pub(crate) struct Judge<'p> {
    pair: &'p Pair<'p>,
    /// The linked hubs, which are the same for nearly every device.
    linked: Vec<Text<'p>>,
    /// When devices register before and after the change.
    from_at: Timestamp,
    to_at: Timestamp,
}

impl<'p> Judge<'p> {
    pub(crate) fn new(pair: &'p Pair<'p>) -> Self {
        let linked = pair.linked.iter().map(|it| Text(Cow::Borrowed(&**it)));
        Self {
            pair,
            linked: linked.collect(),
            from_at: pair.from.at,
            to_at: pair.to.at,
        }
    }

    /// From now on devices register at another time, under both.
    pub(crate) fn set_time(&mut self, at: Timestamp) {
        (self.from_at, self.to_at) = (at, at);
    }

    /// Hands what is decided about a device to `use_it`.
    pub(crate) fn judge(
        &self,
        member: &Member<'_>,
        use_it: impl FnOnce(&Judged<'_>),
    ) -> Result<(), Unjudged> {
        match member {
            Member::Listed(device) => self.listed(device, use_it),
            Member::Logged(record) => {
                if record.ids_hashed {
                    let asked = "the registration id, which the log hashes";
                    return Err(Unjudged::Undecidable(asked.to_owned()));
                }
                let broken =
                    |error: dps_allocation::RecordError| Unjudged::Broken(error.to_string());
                let mut registration = record.registration().map_err(broken)?;
                let is_new = self.pair.assumed.as_new;
                let hub = record.hub.as_deref().filter(|_| !is_new);
                // Where the line left the device.
                if let Some(hub) = hub {
                    registration.current_hub = Some(Text(hub.into()));
                } else if is_new {
                    registration.current_hub = None;
                }
                let row = record.row().map_err(broken)?;
                let known = Known::Recorded(Version::NEWEST, &record.evidence);
                let fact = |policy| record.device(policy, row.as_ref()).map_err(broken);
                let (from, to) = (fact(self.pair.from.policy)?, fact(self.pair.to.policy)?);
                let before = self.before(&registration, from, known)?;
                self.after(before, &registration, to, known, use_it)
            }
        }
    }

    fn listed(
        &self,
        device: &ListedDevice<'_>,
        use_it: impl FnOnce(&Judged<'_>),
    ) -> Result<(), Unjudged> {
        let (registration, unknown) = self.registration(device)?;
        let known = Known::AllBut(unknown);
        let pair = self.pair;
        let row = |side: &Side<'p>, registration: &Registration<'_>| {
            if side.policy.device_rows(registration) == DeviceRows::Off {
                return DeviceFact::NotRead;
            }
            let row = side.policy.device(&registration.id);
            row.map_or(DeviceFact::Missing, DeviceFact::Row)
        };
        let from = row(&pair.from, &registration);
        let to = row(&pair.to, &registration);
        let before = self.before(&registration, from, known)?;
        let is_placed = matches!(device.hub, Hub::Unstated)
            && pair.assumed.hub.is_none()
            && !pair.assumed.as_new;
        if !is_placed {
            return self.after(before, &registration, to, known, use_it);
        }
        // The device is where the tables before the change place it.
        let host = match &before.decision {
            Decision::Assigned(it) => pair.position(&it.hub_name),
            Decision::Refused(_) | Decision::Unavailable(_) => None,
        };
        let host = host.and_then(|at| pair.hosts.get(usize::try_from(at).ok()?));
        let again = Registration {
            current_hub: host.map(|host| Text(Cow::Borrowed(&**host))),
            ..registration.clone()
        };
        let before = if pair.moves_at_once {
            self.before(&again, from, known)?
        } else {
            before
        };
        self.after(before, &again, to, known, use_it)
    }

    fn before<'a>(
        &self,
        registration: &'a Registration<'a>,
        device: DeviceFact<'a>,
        known: Known<'a>,
    ) -> Result<Foreseen<'a>, Unjudged>
    where
        'p: 'a,
    {
        let now = self.from_at;
        let facts = Facts { now, device };
        Ok(foresee(self.pair.from.policy, registration, &facts, known)?)
    }

    fn after<'a>(
        &self,
        before: Foreseen<'a>,
        registration: &'a Registration<'a>,
        device: DeviceFact<'a>,
        known: Known<'a>,
        use_it: impl FnOnce(&Judged<'_>),
    ) -> Result<(), Unjudged>
    where
        'p: 'a,
    {
        let policy = self.pair.to.policy;
        let facts = Facts {
            now: self.to_at,
            device,
        };
        let after = foresee(policy, registration, &facts, known)?;
        use_it(&Judged {
            id: registration.id.as_str(),
            enrollment: registration.enrollment.id.as_str(),
            now: registration.current_hub.as_deref().map(HubName::fold),
            twin_is_known: before.twin_is_known && after.twin_is_known,
            from: before.decision,
            to: after.decision,
            asked: Asked {
                policy,
                registration,
                facts,
                known,
            },
        });
        Ok(())
    }

    /// The registration of a device, and what nobody knows of it.
    fn registration<'a>(
        &'a self,
        device: &'a ListedDevice<'_>,
    ) -> Result<(Registration<'a>, Parts), Unjudged>
    where
        'p: 'a,
    {
        let assumed = &self.pair.assumed;
        let written = device.id.trim();
        let id = RegistrationId::parse(written).map_err(|error| {
            let shown: String = written.chars().take(60).collect();
            Unjudged::Broken(format!("`{shown}` is not a registration id: {error}"))
        })?;
        let (kind, enrollment) = self.enrollment(device, written)?;
        let enrollment = EnrollmentId::parse(enrollment)
            .map_err(|error| Unjudged::Broken(format!("its enrollment is not an id: {error}")))?;
        let (attestation, mut unknown) = attestation(device, assumed.without);
        if device.payload.is_none() && !assumed.without.contains(Part::Payload) {
            unknown = unknown.with(Part::Payload);
        }
        let payload = device.payload.as_ref().and_then(Option::as_deref);
        if device.iot_edge.is_none() && !assumed.without.contains(Part::IotEdge) {
            unknown = unknown.with(Part::IotEdge);
        }
        let current_hub = match &device.hub {
            _ if assumed.as_new => None,
            Hub::Unstated => assumed.hub.as_deref(),
            Hub::None => None,
            Hub::At(host) => Some(self.host(host)?),
        };
        let registration = Registration {
            id,
            enrollment: Enrollment {
                kind,
                id: enrollment,
                device_id: None,
                iot_edge: device.iot_edge.unwrap_or(false),
                initial_twin: None,
                resets_data: false,
                registry: RegistryMembers::default(),
            },
            attestation,
            linked_hubs: self.linked_to(device, current_hub)?,
            current_hub: current_hub.map(|host| Text(Cow::Borrowed(host))),
            payload,
        };
        Ok((registration, unknown.with(Part::Enrollment)))
    }

    fn enrollment<'a>(
        &'a self,
        device: &'a ListedDevice<'_>,
        id: &'a str,
    ) -> Result<(EnrollmentKind, &'a str), Unjudged> {
        let assumed = &self.pair.assumed;
        let group = |id| (EnrollmentKind::Group, id);
        match &device.through {
            Some(Through::Group(group)) => return Ok((EnrollmentKind::Group, group.trim())),
            Some(Through::Individual) => return Ok((EnrollmentKind::Individual, id)),
            None if assumed.individual => return Ok((EnrollmentKind::Individual, id)),
            None => {}
        }
        let only = assumed.group.as_deref();
        let only = only.or_else(|| self.pair.from.only_enrollment());
        only.map(group).ok_or_else(|| {
            Unjudged::Undecidable("the enrollment that the device comes through".to_owned())
        })
    }

    fn host<'a>(&'a self, text: &'a str) -> Result<&'a str, Unjudged> {
        self.pair.host(text.trim()).map_err(Unjudged::Broken)
    }

    /// The hubs that DPS links, and the device's own: a device is on a hub that was linked.
    fn linked_to<'a>(
        &'a self,
        device: &'a ListedDevice<'_>,
        current: Option<&'a str>,
    ) -> Result<Vec<Text<'a>>, Unjudged>
    where
        'p: 'a,
    {
        if let Some(linked) = &device.linked {
            let hosts = linked.iter().map(|it| self.host(it));
            return hosts.map(|it| Ok(Text(Cow::Borrowed(it?)))).collect();
        }
        let mut linked: Vec<Text<'a>> = self.linked.clone();
        if let Some(current) = current.filter(|it| !self.pair.links(it)) {
            linked.push(Text(Cow::Borrowed(current)));
        }
        Ok(linked)
    }
}

fn attestation<'a>(
    device: &'a ListedDevice<'_>,
    without: Parts,
) -> (Option<Attestation<'a>>, Parts) {
    let none = Parts::default();
    let certificate = device.certificate.as_deref();
    let certificate = certificate.map(|text| Text(Cow::Borrowed(text)));
    let no_certificate = without.contains(Part::Certificate);
    match (device.attestation, certificate) {
        (None | Some(Attests::X509), Some(text)) => (Some(Attestation::X509(Some(text))), none),
        (Some(Attests::X509), None) if no_certificate => (Some(Attestation::X509(None)), none),
        (Some(Attests::X509), None) => {
            (Some(Attestation::X509(None)), none.with(Part::Certificate))
        }
        (Some(Attests::SymmetricKey), _) => (Some(Attestation::SymmetricKey), none),
        (Some(Attests::Tpm), _) => (Some(Attestation::Tpm), none),
        (None, None) if no_certificate => (None, none.with(Part::Attestation)),
        (None, None) => (None, none.with(Part::Attestation).with(Part::Certificate)),
    }
}
