//! Putting a device on the hub that was chosen for it.

use uuid::Uuid;

use super::job::failure;
use crate::allocation::{Choice, Enrolled};
use crate::data::Edit;
use crate::etag::Etag;
use crate::hub::{Authentication, Device, DeviceStatus, Twin, device_key};
use crate::id::DeviceId;
use crate::registration::{Assignment, Failure, Registration};
use crate::reprovision::Effect;

/// Where a device is now, and what that has changed.
pub(super) struct Placed {
    pub(super) assignment: Assignment,
    pub(super) effect: Effect,
    /// The device as it was on the hub that it has left.
    pub(super) left: Option<Device>,
    /// The device, if it is new on its hub.
    pub(super) created: Option<Device>,
}

/// Fails without a change where the hub does not take the initial twin.
pub(super) fn place(
    edit: &mut Edit<'_>,
    registration: &Registration,
    enrolled: &Enrolled,
    choice: Choice,
) -> Result<Placed, Failure> {
    let (terms, current) = (enrolled.terms(), registration.assignment.as_ref());
    let policy = terms.reprovision_policy.unwrap_or_default();
    let effect = Effect::of(current.map(|it| &it.hub), &choice.hub, policy);
    // A device that is moved keeps its id.
    let device_id = match current {
        Some(current) => current.device_id.clone(),
        None => named(enrolled).unwrap_or_else(|| DeviceId::from(&registration.id)),
    };
    let current_key = current.map(|it| device_key(&it.hub, it.device_id.as_str()));
    let before = current_key.as_ref().and_then(|key| edit.get::<Device>(key));
    let before = before.cloned();
    let has_left = matches!(effect, Effect::Migrates | Effect::Resets);
    let left = before.clone().filter(|_| has_left);
    let is_new = has_left || before.is_none();
    let initial = choice.initial_twin.or_else(|| terms.initial_twin.clone());
    let authentication = match registration.issued.first() {
        // The hub knows the certificate itself, not who has issued it.
        Some(leaf) => Authentication::SelfSigned {
            thumbprints: vec![leaf.sha1_thumbprint()],
        },
        None => registration.attested.evidence.authentication(),
    };
    let device = match before.filter(|_| effect != Effect::Resets) {
        Some(device) => Device {
            hub: choice.hub.clone(),
            etag: Etag::new(),
            authentication,
            ..device
        },
        // Also where somebody has deleted it from its hub.
        None => Device {
            hub: choice.hub.clone(),
            id: device_id.clone(),
            generation_id: Uuid::new_v4().simple().to_string(),
            etag: Etag::new(),
            status: DeviceStatus::Enabled,
            authentication,
            iot_edge: terms.capabilities.is_some_and(|it| it.iot_edge),
            twin: Twin::new(initial.unwrap_or_default())
                .map_err(|error| failure(&format!("Initial twin: {error}.")))?,
        },
    };
    if let Some(key) = current_key.filter(|_| has_left) {
        edit.remove::<Device>(&key);
    }
    edit.put(device.clone());
    Ok(Placed {
        left,
        created: is_new.then_some(device),
        assignment: Assignment {
            hub: choice.hub,
            device_id,
        },
        effect,
    })
}

fn named(enrolled: &Enrolled) -> Option<DeviceId> {
    match enrolled {
        Enrolled::Individual(individual) => individual.device_id.clone(),
        Enrolled::Group(_) => None,
    }
}
