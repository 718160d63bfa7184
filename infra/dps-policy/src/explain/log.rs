//! A decision that the webhook has logged, and the registration as far as its line tells it.

mod find;

use std::io::{self, Read as _};

use anyhow::Context as _;
use dps_allocation::tables::Table;
use dps_allocation::wire::Text;
use dps_allocation::{
    Attestation, DeviceFact, DeviceRecord, Enrollment, EnrollmentId, EnrollmentKind, Evidence,
    Explanation, HubName, IdKey, Policy, Registration, RegistrationId, RegistryMembers,
    ResourceName, Revision,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::screen;
use crate::device;

/// One line of the decision log.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    time: String,
    outcome: String,
    reason: String,
    tenant: Option<String>,
    hub: Option<String>,
    rollout: Option<String>,
    /// Absent where no registration could be read.
    #[serde(flatten)]
    subject: Option<Subject>,
}

/// What was decided about, and what from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    revision: String,
    registration_id: String,
    /// Whether hashes stand for registration ids.
    #[serde(default)]
    ids_hashed: bool,
    enrollment: LoggedEnrollment,
    attestation: Option<String>,
    /// Whether the request had one.
    certificate: Option<String>,
    /// Whether the request had one.
    payload: Option<String>,
    linked_hubs: Vec<String>,
    current_hub: Option<String>,
    device: Option<Device>,
    #[serde(default)]
    evidence: Evidence,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedEnrollment {
    kind: String,
    id: String,
    iot_edge: bool,
    resets_data: bool,
    namespace_name: Option<String>,
    certificate_authority_name: Option<String>,
    certificate_policy_name: Option<String>,
    credential_policy_name: Option<String>,
    #[serde(default)]
    device_type_refs: Vec<String>,
}

impl LoggedEnrollment {
    /// What it said about Azure Device Registry.
    fn registry(&self) -> RegistryMembers<'_> {
        let name = |name: &Option<String>| name.clone().and_then(ResourceName::new);
        let references = self.device_type_refs.iter();
        RegistryMembers {
            namespace_name: name(&self.namespace_name),
            certificate_authority_name: name(&self.certificate_authority_name),
            certificate_policy_name: name(&self.certificate_policy_name),
            credential_policy_name: name(&self.credential_policy_name),
            device_type_refs: references.map(|it| Text(it.clone().into())).collect(),
        }
    }
}

/// What was known of the device's row.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Device {
    Word(String),
    Row {
        tenant: Option<String>,
        location: Option<String>,
        /// Whether coordinates in it are coarser than those that have decided.
        #[serde(default, rename = "locationRounded")]
        location_rounded: bool,
        hub: Option<String>,
        profile: Option<String>,
    },
}

/// What the log says otherwise than the decision that was taken again.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    same: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    /// Why the log may not be able to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Difference {
    what: &'static str,
    logged: Option<String>,
    now: Option<String>,
}

/// What rounding may change.
const ROUNDED: &str = "the log rounds the coordinates of the device's row to about 11 km, which may \
                       be why; explain the request itself";

/// Longest log that is read, in bytes: one line has a few thousand.
const MAX_LOG: u64 = 1024 * 1024;

impl Line {
    /// Reads the line of a decision, or all of stdin for `-`, whatever a tool has put around it.
    ///
    /// # Errors
    /// When there is no such line, or more than one.
    pub(super) fn read(log: &str) -> anyhow::Result<Self> {
        let mut stdin = String::new();
        let log = if log == "-" {
            let read = io::stdin().lock().take(MAX_LOG).read_to_string(&mut stdin);
            read.context("stdin cannot be read")?;
            &stdin
        } else {
            log
        };
        let decisions = find::decisions(log);
        anyhow::ensure!(
            decisions.len() < 2,
            "--log has several lines of decisions; leave the one to explain"
        );
        let cut = || {
            let cut = log.contains("decision") && log.contains('{');
            anyhow::anyhow!(if cut {
                "--log is no whole line of a decision; copy it up to its last `}`"
            } else {
                "--log has no line of a decision; those begin with `{\"log\":\"decision\"`"
            })
        };
        let line = decisions.first().ok_or_else(cut)?;
        serde_json::from_str(line).context("--log is no whole line of a decision")
    }

    /// The line with the registration ids that hashes in it stand for.
    ///
    /// # Errors
    /// When there is no candidate, or none has the hash.
    pub(super) fn reveal(
        mut self,
        candidates: impl FnOnce() -> anyhow::Result<(IdKey, Vec<String>)>,
    ) -> anyhow::Result<Self> {
        let hashed = self.subject.as_mut().filter(|subject| subject.ids_hashed);
        let Some(subject) = hashed else {
            return Ok(self);
        };
        let (key, ids) = candidates()?;
        let find = |hash: &str, of: &str| {
            let found = ids.iter().find(|id| key.hide(id) == hash).cloned();
            found.with_context(|| {
                format!(
                    "none of {} ids has the hash of the {of} in --log: it is another device, or \
                     LOG_ID_KEY is not the key of the webhook",
                    ids.len()
                )
            })
        };
        subject.registration_id = find(&subject.registration_id, "registration id")?;
        if subject.enrollment.kind == "individual" {
            subject.enrollment.id = find(&subject.enrollment.id, "individual enrollment")?;
        }
        Ok(self)
    }

    /// Whether the log tells coordinates less exactly than they were known.
    fn is_rounded(&self) -> bool {
        let device = self.subject.as_ref().and_then(|it| it.device.as_ref());
        matches!(
            device,
            Some(Device::Row {
                location_rounded: true,
                ..
            })
        )
    }

    /// When it was decided.
    pub(super) fn time(&self) -> anyhow::Result<Timestamp> {
        let time = self.time.parse();
        time.with_context(|| format!("--log: `{}` is no time", self.time))
    }

    /// The policy that decided.
    pub(super) fn revision(&self) -> anyhow::Result<Revision> {
        Ok(self.subject()?.revision.parse()?)
    }

    pub(super) fn evidence(&self) -> anyhow::Result<&Evidence> {
        Ok(&self.subject()?.evidence)
    }

    fn subject(&self) -> anyhow::Result<&Subject> {
        self.subject.as_ref().with_context(|| {
            format!(
                "the log tells `{}` before a registration was read: there is nothing to decide \
                 again; explain the request itself",
                self.reason
            )
        })
    }

    /// The registration; payload and certificate only as something that was there.
    pub(super) fn registration(&self) -> anyhow::Result<Registration<'_>> {
        let subject = self.subject()?;
        let enrollment = &subject.enrollment;
        let text = |host: &String| Text(host.clone().into());
        let certificate = subject.certificate.is_some();
        Ok(Registration {
            id: RegistrationId::parse(&*subject.registration_id)?,
            enrollment: Enrollment {
                kind: match &*enrollment.kind {
                    "individual" => EnrollmentKind::Individual,
                    _ => EnrollmentKind::Group,
                },
                id: EnrollmentId::parse(&*enrollment.id)?,
                // What a condition made of it is among the evidence.
                device_id: None,
                iot_edge: enrollment.iot_edge,
                initial_twin: None,
                resets_data: enrollment.resets_data,
                registry: enrollment.registry(),
            },
            attestation: match subject.attestation.as_deref() {
                Some("x509") => Some(Attestation::X509(certificate.then(|| Text("".into())))),
                Some("symmetricKey") => Some(Attestation::SymmetricKey),
                Some("tpm") => Some(Attestation::Tpm),
                _ => None,
            },
            linked_hubs: subject.linked_hubs.iter().map(text).collect(),
            current_hub: subject.current_hub.as_ref().map(text),
            payload: subject.payload.as_ref().map(|_withheld| RawValue::NULL),
        })
    }

    /// The device's row as it was then.
    ///
    /// # Errors
    /// When it is not a row.
    pub(super) fn record(&self) -> anyhow::Result<Option<DeviceRecord>> {
        let subject = self.subject()?;
        let Some(Device::Row {
            tenant,
            location,
            hub,
            profile,
            ..
        }) = &subject.device
        else {
            return Ok(None);
        };
        let mut row = Table::default();
        let cells = [
            ("PartitionKey", Some(&*subject.registration_id)),
            ("RowKey", Some("device")),
            ("tenant", tenant.as_deref()),
            ("location", location.as_deref()),
            ("hub", hub.as_deref()),
            ("profile", profile.as_deref()),
        ]
        .map(|(column, text)| (row.column(column), text.unwrap_or_default()));
        row.push(0, cells)?;
        let record = DeviceRecord::read(row);
        Ok(Some(record.map_err(|it| device::with_errors(&it))?))
    }

    /// What was known of the device's row.
    ///
    /// # Errors
    /// When the policy does not know what the row names.
    pub(super) fn device<'a>(
        &self,
        policy: &'a Policy,
        record: Option<&'a DeviceRecord>,
    ) -> anyhow::Result<DeviceFact<'a>> {
        if let Some(record) = record {
            let row = policy.recorded_device(record);
            let row = row.map_err(|it| device::with_errors(&it))?;
            return Ok(row.map_or(DeviceFact::Missing, DeviceFact::Row));
        }
        Ok(match &self.subject()?.device {
            Some(Device::Word(word)) if word == "missing" => DeviceFact::Missing,
            Some(Device::Word(word)) if word == "invalid" => DeviceFact::Invalid,
            Some(_) => DeviceFact::Unavailable,
            None => DeviceFact::NotRead,
        })
    }

    /// Compares what was logged with the decision that was taken again.
    pub(super) fn compare(&self, explanation: &Explanation) -> Comparison {
        let text = |text: &str| Some(text.to_owned());
        let hub = screen::hub(explanation);
        let pairs = [
            ("outcome", text(&self.outcome), text(explanation.outcome)),
            ("reason", text(&self.reason), text(explanation.reason)),
            ("tenant", self.tenant.clone(), explanation.tenant.clone()),
            ("hub", self.hub.clone(), hub),
            ("rollout", self.rollout.clone(), explanation.rollout.clone()),
        ];
        // A hub has two host names, and an older version may have answered the other one.
        let said = |what: &str, value: &Option<String>| match what {
            "hub" => value.as_deref().map(|it| HubName::fold(it).into_owned()),
            _ => value.clone(),
        };
        let other = pairs
            .into_iter()
            .filter(|(what, logged, now)| said(what, logged) != said(what, now));
        let differences: Vec<Difference> = other
            .map(|(what, logged, now)| Difference { what, logged, now })
            .collect();
        let same = differences.is_empty();
        Comparison {
            same,
            note: (!same && self.is_rounded()).then_some(ROUNDED),
            differences,
        }
    }
}

impl Comparison {
    pub(super) fn is_same(&self) -> bool {
        self.same
    }

    /// For people: `the same decision`, or what the log says otherwise.
    pub(super) fn text(&self) -> String {
        let said = |difference: &Difference| {
            let logged = difference.logged.as_deref().unwrap_or("none");
            format!("{} {logged}", difference.what)
        };
        let differences: Vec<String> = self.differences.iter().map(said).collect();
        if differences.is_empty() {
            return "the same decision".to_owned();
        }
        let note = self
            .note
            .map(|note| format!("; {note}"))
            .unwrap_or_default();
        format!("another decision: {}{note}", differences.join(", "))
    }
}
