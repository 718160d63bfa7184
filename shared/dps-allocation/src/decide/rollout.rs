//! Step 5: whether a rollout selects the device.

use std::fmt;

use smallvec::SmallVec;

use super::condition::NotTrue;
use super::context::{Context, Unassigned};
use super::rows::{rollout_row, step};
use crate::hash::bucket::{Bucket, Share};
use crate::policy::{Frozen, HubIndex, HubSet, Rollout, TenantRef};
use crate::schema::{Cohort, Column};

/// What a rollout does with a device.
pub(super) enum Selection<'p> {
    /// It moves the device to one of these hubs.
    To(HubSet),
    /// The device is on this one of the rollout's hubs already.
    OnTarget(HubIndex),
    /// The device is on this one of the rollout's hubs, which is not open: a later rollout may
    /// take it.
    Held(HubIndex),
    /// It moves the device back to one of these hubs.
    Back(HubSet),
    /// It does not select the device.
    No(NotSelected<'p>),
}

/// Why a rollout does not select a device; becomes text only in explanations.
pub(super) enum NotSelected<'p> {
    Because(&'static str),
    /// The bucket is not known where a replay does not know the group.
    Bucket(Option<Bucket>, Share, Frozen),
    Condition(NotTrue<'p>),
}

impl fmt::Display for NotSelected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Because(because) => f.write_str(because),
            Self::Bucket(bucket, share, frozen) => {
                match bucket {
                    Some(bucket) => write!(f, "bucket {bucket} is outside the share of {share}"),
                    None => write!(f, "the group was outside the share of {share}"),
                }?;
                f.write_str(match frozen {
                    Frozen::Not => "",
                    Frozen::Paused => ", at which it was paused",
                    Frozen::Aborted => ", at which it was aborted",
                    Frozen::AbortedAtUnknownTime => {
                        ", which holds without a time: abortedAt is missing or in the future"
                    }
                })
            }
            Self::Condition(not_true) => not_true.fmt(f),
        }
    }
}

/// What a rollout to the hubs `to` does with a device.
pub(super) fn select<'p>(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    rollout: &'p Rollout,
    to: HubSet,
    eligible: HubSet,
    current: Option<HubIndex>,
) -> Result<Selection<'p>, Unassigned> {
    let no = |because| Ok(Selection::No(NotSelected::Because(because)));
    let on_target = current.is_some_and(|hub| to.contains(hub));
    if rollout.is_aborted() {
        if !(rollout.returns() && on_target) {
            return no("it is aborted");
        }
        return match not_selected(context, rollout)? {
            Some(why_not) => Ok(Selection::No(why_not)),
            None => back_from(context, tenant, rollout, to, eligible),
        };
    }
    let out_of_reach = || out_of_reach(context, rollout, current);
    let hubs = eligible.and(to);
    let has_open = !hubs.and(context.open).is_empty();
    let is_anew = rollout.anew.is_some() && has_open && out_of_reach().is_none();
    if !on_target && let Some(because) = out_of_reach() {
        return no(because);
    }
    if let Some(why_not) = not_selected(context, rollout)? {
        return Ok(Selection::No(why_not));
    }
    if on_target
        && !is_anew
        && let Some(hub) = current.filter(|hub| eligible.contains(*hub))
    {
        let is_open = context.open.contains(hub);
        return Ok(if is_open || !context.version.evacuation_wins() {
            Selection::OnTarget(hub)
        } else {
            Selection::Held(hub)
        });
    }
    if !has_open {
        return no("the constraints leave none of its hubs open: the device is not in the rollout");
    }
    Ok(Selection::To(hubs))
}

/// The rollouts without `to` that select the device: each adds its twin.
pub(super) fn layers<'a>(
    context: &mut Context<'a, '_>,
    tenant: TenantRef<'_>,
    current: Option<HubIndex>,
) -> Result<SmallVec<[&'a Rollout; 4]>, Unassigned> {
    let mut layers = SmallVec::new();
    let rollouts = context.policy.rollouts.of(tenant.index);
    for rollout in rollouts.filter(|rollout| rollout.to.is_none()) {
        let why_not = if rollout.is_aborted() {
            Some(NotSelected::Because("it is aborted"))
        } else if let Some(because) = out_of_reach(context, rollout, current) {
            Some(NotSelected::Because(because))
        } else {
            not_selected(context, rollout)?
        };
        let now = context.facts.now;
        context.trace.step(|| {
            let (found, row) = match &why_not {
                None => (
                    format!("adds its twin, at {}", rollout.share(now).0),
                    Some(rollout_row(rollout)),
                ),
                Some(why_not) => (format!("no: {why_not}"), None),
            };
            step("rollout", format!("rollout {}", rollout.id), found, row)
        });
        if why_not.is_none() {
            layers.push(rollout);
        }
    }
    Ok(layers)
}

/// Why `cohort` and `from` keep the device out of the rollout; none if they do not.
fn out_of_reach(
    context: &Context<'_, '_>,
    rollout: &Rollout,
    current: Option<HubIndex>,
) -> Option<&'static str> {
    let is_new = context.registration.current_hub.is_none();
    match (rollout.cohort, is_new, rollout.from) {
        (Cohort::New, false, _) => Some("it selects new devices only"),
        (Cohort::Existing, true, _) => Some("it selects existing devices only"),
        (_, false, Some(from)) if !current.is_some_and(|hub| from.contains(hub)) => {
            Some("the device is on none of its `from` hubs")
        }
        _ => None,
    }
}

/// Why pins, bucket or `when` keep the device out of the rollout; none if they select it.
fn not_selected<'p>(
    context: &mut Context<'_, '_>,
    rollout: &'p Rollout,
) -> Result<Option<NotSelected<'p>>, Unassigned> {
    let id = context.registration.id.as_str();
    if rollout.exclude.iter().any(|glob| glob.matches(id)) {
        return Ok(Some(NotSelected::Because("exclude names the device")));
    }
    if rollout.include.iter().any(|glob| glob.matches(id)) {
        return Ok(None);
    }
    let (share, frozen) = rollout.share(context.facts.now);
    let (is_in, bucket) = context.in_share(rollout, share)?;
    if !is_in {
        return Ok(Some(NotSelected::Bucket(bucket, share, frozen)));
    }
    let Some(when) = rollout.when.as_deref() else {
        return Ok(None);
    };
    let not_true = context.not_true(when, Column::When, || rollout_row(rollout))?;
    Ok(not_true.map(NotSelected::Condition))
}

/// The hubs to which an aborted rollout brings back a device that it may have moved.
///
/// Hubs from which an earlier rollout brings back the same device are left out: the two would send
/// it back and forth.
fn back_from(
    context: &mut Context<'_, '_>,
    tenant: TenantRef<'_>,
    rollout: &Rollout,
    to: HubSet,
    eligible: HubSet,
) -> Result<Selection<'static>, Unassigned> {
    let policy = context.policy;
    let others = eligible.without(to);
    let mut back = rollout.from.map_or(others, |from| others.and(from));
    let rollouts = policy.rollouts.of(tenant.index);
    let earlier = rollouts.take_while(|earlier| !std::ptr::eq(*earlier, rollout));
    for earlier in earlier.filter(|earlier| earlier.returns()) {
        let led_to = earlier.to.unwrap_or_default();
        let overlaps = !back.and(led_to).is_empty();
        if overlaps && not_selected(context, earlier)?.is_none() {
            back = back.without(led_to);
        }
    }
    Ok(if back.and(context.open).is_empty() {
        let because = "it is aborted, and no hub is left to go back to";
        Selection::No(NotSelected::Because(because))
    } else {
        Selection::Back(back)
    })
}

/// Records what a rollout does with the device.
pub(super) fn trace(context: &mut Context<'_, '_>, rollout: &Rollout, selection: &Selection<'_>) {
    let now = context.facts.now;
    let has_hub = context.registration.current_hub.is_some();
    context.trace.step(|| {
        let found = match selection {
            Selection::To(_) if rollout.anew.is_some() && has_hub => {
                format!("places the device again, at {}", rollout.share(now).0)
            }
            Selection::To(_) => format!("selects the device, at {}", rollout.share(now).0),
            Selection::OnTarget(_) => "the device is on one of its hubs already".to_owned(),
            Selection::Held(_) => {
                "the device is on one of its hubs already, which is draining: it stays unless a \
                 later rollout takes it"
                    .to_owned()
            }
            Selection::Back(_) => {
                "aborted: brings the device back unless another rollout selects or keeps it"
                    .to_owned()
            }
            Selection::No(why_not) => format!("no: {why_not}"),
        };
        let row = (!matches!(selection, Selection::No(_))).then(|| rollout_row(rollout));
        step("rollout", format!("rollout {}", rollout.id), found, row)
    });
}
