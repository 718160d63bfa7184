//! The classes of devices that decisions tell apart.

mod automaton;
mod crossings;
mod enrollment;
mod enrollments;
mod groups;
mod ids;
mod limits;
mod moments;
mod scope;
mod shares;
mod tenants;

use dps_allocation::tables::{Column, TableName};
use dps_allocation::{AttestationKind, DecisionRecord, EnrollmentKind};
use jiff::Timestamp;
use serde_json::json;

use super::claim::Claim;
use super::side::Side;
use super::unknown::Unknown;
use enrollment::Enrollment;
use ids::Ids;
pub(super) use limits::limits;

/// What all classes share.
#[derive(Debug)]
pub(super) struct Space {
    /// The hubs of all sides, by their classic names.
    pub(super) hosts: Vec<String>,
    /// One tenant of each kind.
    pub(super) tenants: Vec<String>,
}

/// Devices that are decided alike, but for what they send and what hashes choose.
#[derive(Clone, Debug)]
pub(super) struct Class<'s> {
    pub(super) space: &'s Space,
    pub(super) enrollment: &'s Enrollment,
    pub(super) id: String,
    pub(super) attestation: AttestationKind,
    /// The classic name of the hub that the device has.
    pub(super) current: Option<String>,
    pub(super) at: Timestamp,
}

/// A hub that no row names.
const UNLISTED: &str = "hub-without-a-row.azure-devices.net";

impl Class<'_> {
    /// The class as a line of the decision log, which holds nothing of what devices send.
    pub(super) fn record(&self) -> Option<DecisionRecord<'static>> {
        let kind = if self.enrollment.is_individual {
            EnrollmentKind::Individual
        } else {
            EnrollmentKind::Group
        };
        let certificate = (self.attestation == AttestationKind::X509).then_some("withheld");
        let line = json!({
            "log": "decision",
            "version": 2,
            "time": self.at,
            "registrationId": self.id,
            "enrollment": {"kind": kind.as_str(), "id": self.enrollment_id(), "iotEdge": false, "resetsData": true},
            "attestation": self.attestation.as_str(),
            "certificate": certificate,
            "payload": "withheld",
            "linkedHubs": self.linked(),
            "currentHub": self.current,
            "outcome": "assigned",
            "reason": "stay",
        });
        serde_json::from_value(line).ok()
    }

    /// The id of the enrollment; of an individual one it is that of the device.
    pub(super) fn enrollment_id(&self) -> &str {
        if self.enrollment.is_individual {
            &self.id
        } else {
            &self.enrollment.id
        }
    }

    /// DPS links every hub of the tables, and the one that the device has.
    pub(super) fn linked(&self) -> Vec<&str> {
        let hosts = self.space.hosts.iter().map(String::as_str);
        let unlisted = self.current.as_deref().filter(|it| *it == UNLISTED);
        hosts.chain(unlisted).collect()
    }
}

/// Every class that a claim is about; answers which are not among them.
pub(super) fn for_each(
    claim: &Claim,
    sides: &[Side<'_>],
    now: Timestamp,
    mut each: impl FnMut(&Class<'_>) -> bool,
) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    let mut hosts: Vec<String> = Vec::new();
    for host in sides.iter().flat_map(Side::hosts) {
        if hosts.iter().all(|known| known != host) {
            hosts.push(host.to_owned());
        }
    }
    let kinds = tenants::kinds(claim, sides);
    let space = Space {
        tenants: kinds.representatives(),
        hosts,
    };
    let moments = moments::moments(sides, &space.tenants, now);
    let currents = || {
        let hubs = space.hosts.iter().cloned().map(Some);
        [None, Some(UNLISTED.to_owned())].into_iter().chain(hubs)
    };
    let proofs = attestations(sides);
    for enrollment in enrollments::enrollments(claim, sides, &kinds, &mut unknown) {
        let mut ids = Ids::of(sides, &enrollment);
        for at in &moments {
            for id in ids.at(sides, *at, &mut unknown) {
                for attestation in &proofs {
                    for current in currents() {
                        let class = Class {
                            space: &space,
                            enrollment: &enrollment,
                            id: id.clone(),
                            attestation: *attestation,
                            current,
                            at: *at,
                        };
                        if !each(&class) {
                            return unknown;
                        }
                    }
                }
            }
        }
    }
    unknown
}

/// Those that rows can tell apart. Whatever is read of a certificate is answered in every way, so a
/// device with one stands for those without.
fn attestations(sides: &[Side<'_>]) -> Vec<AttestationKind> {
    let mut expressions = sides.iter().flat_map(Side::expressions);
    let reads = expressions.any(|(_, text)| text.contains("attestation"));
    let is_mqtt = sides.iter().any(|side| {
        let mut rows = side.rows.rows(TableName::Hubs);
        rows.any(|row| row.get(Column::Profile).is_some())
    });
    if reads || is_mqtt {
        AttestationKind::all().collect()
    } else {
        vec![AttestationKind::X509]
    }
}
