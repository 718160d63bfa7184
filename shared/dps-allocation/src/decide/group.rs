//! The group of a device, whose text is hashed in place of the registration id: in the bucket of a
//! rollout and in the weighted hash. So all devices of a group move in one step to one hub.
//!
//! The text may identify a person, so no log holds it. Instead the answers that follow from it are
//! recorded: whether a share contains the group, and which hub the hash chose.

use super::context::{Context, Unassigned};
use super::evidence_mode::EvidenceMode;
use super::hash_input::HashInput;
use super::rows::{rollout_row, step, tenant_row};
use crate::evidence::Found;
use crate::explanation::RowRef;
use crate::expression::{Expression, Outcome};
use crate::group::Group;
use crate::hash::bucket::{Bucket, Share};
use crate::hidden::Hidden;
use crate::policy::{HubIndex, HubSet, Rollout, TenantRef};
use crate::schema::TableName;

/// Finds the group: that of the device's row before that of the tenant's `groupFrom`.
pub(super) fn find<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
) -> Result<(), Unassigned> {
    let by_row = context.device.and_then(|row| row.group);
    let (hash_input, asked) = match (by_row, tenant.settings.group_from.as_deref()) {
        (Some(Hidden(text)), _) => (of_row(context, text), None),
        (None, Some(expression)) => (from(context, tenant, expression)?, Some(expression)),
        (None, None) => return Ok(()),
    };
    context.trace.step(|| {
        let (asked, row) = match asked {
            None => {
                let id = context.registration.id.as_str();
                let row = RowRef::new(TableName::Devices, id, "device");
                ("the group in the device's row".to_owned(), row)
            }
            Some(expression) => {
                let asked = format!("groupFrom `{}`", expression.source());
                (asked, tenant_row(tenant.id))
            }
        };
        let found = match &hash_input {
            HashInput::RegistrationId => "no group: the registration id is hashed".to_owned(),
            HashInput::Group(group) | HashInput::WithheldGroup(group) => {
                format!("`{}`, which is hashed in place of the id", shown(group))
            }
            HashInput::UnknownGroup => "a group, which only the request holds".to_owned(),
        };
        step("group", asked, found, Some(row))
    });
    context.hash_input = hash_input;
    Ok(())
}

/// Longest group that an explanation shows, in characters, as of a claimed tenant.
const MAX_SHOWN: usize = 128;

fn shown(group: &Group<'_>) -> String {
    let plain = group.as_str().chars().filter(|c| !c.is_control());
    plain.take(MAX_SHOWN).collect()
}

fn of_row<'a>(context: &Context<'a, '_>, text: &'a str) -> HashInput<'a> {
    let group = Group::new(text);
    match (&*context.mode, group) {
        // The log says only that the row names one.
        (EvidenceMode::Replayed { .. }, _) => HashInput::UnknownGroup,
        (_, None) => HashInput::RegistrationId,
        (EvidenceMode::Recorded(_), Some(group)) => HashInput::WithheldGroup(group),
        (EvidenceMode::Unrecorded | EvidenceMode::Partial { .. }, Some(group)) => {
            HashInput::Group(group)
        }
    }
}

/// What `groupFrom` gives.
fn from<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'a>,
    expression: &Expression,
) -> Result<HashInput<'a>, Unassigned> {
    if !context.records(expression) {
        let outcome = expression.evaluate(&context.inputs)?;
        return Ok(group_of(&outcome).map_or(HashInput::RegistrationId, HashInput::Group));
    }
    let question = || format!("{} groupFrom", tenant_row(tenant.id)).into();
    let replayed = context.replayed(question, |found| match found {
        Found::Group(true) => Some(HashInput::UnknownGroup),
        Found::Group(false) => Some(HashInput::RegistrationId),
        _ => None,
    })?;
    if let Some(hash_input) = replayed {
        return Ok(hash_input);
    }
    let group = group_of(&context.evaluate(expression, question)?);
    context.record(question, || Found::Group(group.is_some()));
    Ok(group.map_or(HashInput::RegistrationId, HashInput::WithheldGroup))
}

fn group_of(outcome: &Outcome) -> Option<Group<'static>> {
    outcome.text().and_then(Group::new)
}

impl<'a> Context<'a, '_> {
    /// The text that is hashed; none in a replay that does not know it.
    fn hash_text(&self) -> Option<&str> {
        match &self.hash_input {
            HashInput::RegistrationId => Some(self.registration.id.as_str()),
            HashInput::Group(group) | HashInput::WithheldGroup(group) => Some(group.as_str()),
            HashInput::UnknownGroup => None,
        }
    }

    /// The group, if it is known.
    pub(super) fn group(&self) -> Option<&Group<'a>> {
        match &self.hash_input {
            HashInput::Group(group) | HashInput::WithheldGroup(group) => Some(group),
            HashInput::RegistrationId | HashInput::UnknownGroup => None,
        }
    }

    /// What is hashed, for explanations.
    pub(super) fn hash_input_name(&self) -> &'static str {
        match &self.hash_input {
            HashInput::RegistrationId => "the id",
            HashInput::Group(_) | HashInput::WithheldGroup(_) | HashInput::UnknownGroup => {
                "the group"
            }
        }
    }

    fn records_group(&self) -> bool {
        matches!(self.hash_input, HashInput::WithheldGroup(_))
    }

    /// Whether the share of a rollout contains the device; with its bucket, if that is known.
    pub(super) fn in_share(
        &mut self,
        rollout: &Rollout,
        share: Share,
    ) -> Result<(bool, Option<Bucket>), Unassigned> {
        let question = || format!("{} share", rollout_row(rollout)).into();
        let Some(text) = self.hash_text() else {
            let in_share = |found: &Found| match found {
                Found::InShare(is_in) => Some(*is_in),
                _ => None,
            };
            return Ok((self.only_recorded(question, in_share)?, None));
        };
        let bucket = rollout.salt.bucket(text);
        let is_in = share.contains(bucket);
        if self.records_group() {
            self.record(question, || Found::InShare(is_in));
        }
        Ok((is_in, Some(bucket)))
    }

    /// Which of these hubs the weighted hash chooses: `pick` does so by the hash.
    pub(super) fn drawn(
        &mut self,
        tenant: TenantRef<'_>,
        hubs: HubSet,
        pick: impl FnOnce(u64) -> Option<HubIndex>,
    ) -> Result<Option<HubIndex>, Unassigned> {
        let policy = self.policy;
        let question = || "the weighted hash of the group".into();
        let Some(text) = self.hash_text() else {
            let drawn = |found: &Found| match found {
                // Other tables may leave other hubs to choose from.
                Found::Drawn(host) => policy.hubs.find(host).filter(|hub| hubs.contains(*hub)),
                _ => None,
            };
            return self.only_recorded(question, drawn).map(Some);
        };
        let drawn = pick(tenant.settings.salt.hash(text));
        if let (true, Some(hub)) = (self.records_group(), drawn) {
            self.record(question, || Found::Drawn(policy.hubs.host(hub).to_owned()));
        }
        Ok(drawn)
    }
}
