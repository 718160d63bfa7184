//! Devices of a fleet as they register.

use std::borrow::Cow;

use dps_allocation::wire::Text;
use dps_allocation::{
    Attestation, AttestationKind, DecisionRecord, DeviceFact, DeviceRecord, DeviceRows, Enrollment,
    EnrollmentId, EnrollmentKind, Known, Part, Parts, Policy, Registration, RegistrationId,
    RegistryMembers, Version,
};

use super::judged::Unjudged;
use crate::fleet::{HASHED, Hub, ListedDevice, Member, Through};
use crate::preview::premises::Premises;
use crate::preview::side::Side;

/// A device as it registers.
pub(crate) struct Registering<'a> {
    pub(crate) registration: Registration<'a>,
    pub(crate) known: Known<'a>,
    /// Whether nothing says where it is.
    pub(crate) is_unplaced: bool,
    row: Row<'a>,
}

/// Where the row of a device is.
enum Row<'a> {
    OfTables,
    /// In the line of its decision, if it was read.
    Recorded(&'a DecisionRecord<'a>, Option<Box<DeviceRecord>>),
}

impl Registering<'_> {
    /// The row of the device, if the policy asks for it.
    pub(crate) fn row<'a>(&'a self, policy: &'a Policy) -> Result<DeviceFact<'a>, Unjudged> {
        match &self.row {
            Row::OfTables if policy.device_rows(&self.registration) == DeviceRows::Off => {
                Ok(DeviceFact::NotRead)
            }
            Row::OfTables => {
                let row = policy.device(&self.registration.id);
                Ok(row.map_or(DeviceFact::Missing, DeviceFact::Row))
            }
            Row::Recorded(record, row) => Ok(record.device(policy, row.as_deref())?),
        }
    }
}

/// Turns devices of a fleet into registrations.
pub(crate) struct Registrar<'p> {
    premises: &'p Premises,
    /// The enrollment of devices for which the fleet names none.
    group: Option<&'p str>,
    /// The linked hubs, which are the same for nearly every device.
    linked: Vec<Text<'p>>,
}

impl<'p> Registrar<'p> {
    /// Devices that come through an enrollment of `side`, if there is only one.
    pub(crate) fn new(premises: &'p Premises, side: &'p Side<'_>) -> Self {
        let linked = premises.linked.iter();
        let linked = linked.map(|it| Text(Cow::Borrowed(&**it)));
        let group = premises.assumed.group.as_deref();
        Self {
            group: group.or_else(|| side.only_enrollment()),
            linked: linked.collect(),
            premises,
        }
    }

    pub(crate) fn read<'a>(&'a self, member: &'a Member<'_>) -> Result<Registering<'a>, Unjudged> {
        match member {
            Member::Listed(device) => self.listed(device),
            Member::Logged(record) => self.logged(record),
        }
    }

    fn logged<'a>(&self, record: &'a DecisionRecord<'_>) -> Result<Registering<'a>, Unjudged> {
        if record.ids_hashed {
            return Err(Unjudged::Undecidable(HASHED.to_owned()));
        }
        let mut registration = record.registration()?;
        // Where the line left the device.
        if self.premises.assumed.as_new {
            registration.current_hub = None;
        } else if let Some(hub) = record.hub.as_deref() {
            registration.current_hub = Some(Text(hub.into()));
        }
        Ok(Registering {
            registration,
            known: Known::Recorded(Version::NEWEST, &record.evidence),
            is_unplaced: false,
            row: Row::Recorded(record, record.row()?.map(Box::new)),
        })
    }

    fn listed<'a>(&'a self, device: &'a ListedDevice<'_>) -> Result<Registering<'a>, Unjudged> {
        let assumed = &self.premises.assumed;
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
        let is_unstated = matches!(device.hub, Hub::Unstated);
        Ok(Registering {
            registration,
            known: Known::AllBut(unknown.with(Part::Enrollment)),
            is_unplaced: is_unstated && assumed.hub.is_none() && !assumed.as_new,
            row: Row::OfTables,
        })
    }

    fn enrollment<'a>(
        &'a self,
        device: &'a ListedDevice<'_>,
        id: &'a str,
    ) -> Result<(EnrollmentKind, &'a str), Unjudged> {
        match &device.through {
            Some(Through::Group(group)) => Ok((EnrollmentKind::Group, group.trim())),
            Some(Through::Individual) => Ok((EnrollmentKind::Individual, id)),
            None if self.premises.assumed.individual => Ok((EnrollmentKind::Individual, id)),
            None => self
                .group
                .map(|id| (EnrollmentKind::Group, id))
                .ok_or_else(|| {
                    Unjudged::Undecidable("the enrollment that the device comes through".to_owned())
                }),
        }
    }

    fn host<'a>(&'a self, text: &'a str) -> Result<&'a str, Unjudged> {
        self.premises.host(text.trim()).map_err(Unjudged::Broken)
    }

    /// The hubs that DPS links, and the device's own: a device is on a hub that was linked.
    fn linked_to<'a>(
        &'a self,
        device: &'a ListedDevice<'_>,
        current: Option<&'a str>,
    ) -> Result<Vec<Text<'a>>, Unjudged> {
        if let Some(linked) = &device.linked {
            let hosts = linked.iter().map(|it| self.host(it));
            return hosts.map(|it| Ok(Text(Cow::Borrowed(it?)))).collect();
        }
        let mut linked: Vec<Text<'a>> = self.linked.clone();
        if let Some(current) = current.filter(|it| !self.premises.links(it)) {
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
        (None | Some(AttestationKind::X509), Some(text)) => {
            (Some(Attestation::X509(Some(text))), none)
        }
        (Some(AttestationKind::X509), None) if no_certificate => {
            (Some(Attestation::X509(None)), none)
        }
        (Some(AttestationKind::X509), None) => {
            (Some(Attestation::X509(None)), none.with(Part::Certificate))
        }
        (Some(AttestationKind::SymmetricKey), _) => (Some(Attestation::SymmetricKey), none),
        (Some(AttestationKind::Tpm), _) => (Some(Attestation::Tpm), none),
        (None, None) if no_certificate => (None, none.with(Part::Attestation)),
        (None, None) => (None, none.with(Part::Attestation).with(Part::Certificate)),
    }
}
