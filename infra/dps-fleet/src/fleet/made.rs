//! Devices that are made while they are decided.

use std::borrow::Cow;
use std::sync::Arc;

use dps_allocation::AttestationKind;

use super::device::{ListedDevice, Member, Through};
use super::fault::LineFault;

/// How some of the devices register.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// `None`: by individual enrollments, whose ids match the glob.
    pub(super) group: Option<Box<str>>,
    /// What an id has before and after its number.
    pub(super) id: (Box<str>, Box<str>),
}

/// Some of them.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) ways: Arc<[Way]>,
    pub(super) from: u64,
    pub(super) to: u64,
}

impl Made {
    pub(super) fn each(&self, each: &mut dyn FnMut(u64, Result<Member<'_>, LineFault>)) {
        for number in self.from..self.to {
            let ways = self.ways.len() as u64;
            let way = usize::try_from(number % ways).ok();
            let Some(way) = way.and_then(|at| self.ways.get(at)) else {
                continue;
            };
            let (before, after) = &way.id;
            let device = ListedDevice {
                id: Cow::Owned(format!("{before}{number:07}{after}")),
                through: Some(match &way.group {
                    Some(group) => Through::Group(Cow::Borrowed(group)),
                    None => Through::Individual,
                }),
                attestation: Some(AttestationKind::SymmetricKey),
                iot_edge: Some(false),
                payload: Some(None),
                ..ListedDevice::default()
            };
            each(number + 1, Ok(Member::Listed(device)));
        }
    }
}
