//! The file of `preview --out`: what a change was predicted to do, and what that was predicted of.

mod fleet;
mod kept;
mod misfit;
mod model;
mod sentence;

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use dps_fleet::fleet::FleetError;

pub(crate) use fleet::{fleet, is_fleet_of};
pub(crate) use kept::kept;
pub(crate) use misfit::{Misfit, Pushed, misfits};
use model::FORMAT;
pub(crate) use model::{DeviceRows, Fleet, PlanFile, Tables};
pub(crate) use sentence::{assumptions, name, sentence};

/// # Errors
/// When the file cannot be read, or is not a plan of this version.
pub(crate) fn read(path: &Path) -> anyhow::Result<PlanFile> {
    let name = path.display();
    let text = fs::read(path).with_context(|| format!("`{name}` cannot be read"))?;
    FleetError::refuse_utf16(&text).with_context(|| format!("`{name}`"))?;
    let plan: PlanFile = serde_json::from_slice(&text).with_context(|| {
        format!("`{name}` is not a whole plan; write one with `dps-policy preview --out`")
    })?;
    anyhow::ensure!(
        plan.format == FORMAT,
        "`{name}` is a plan of format {}, and this version reads {FORMAT}; write it again with \
         `dps-policy preview --out`",
        plan.format
    );
    Ok(plan)
}

/// Replaces a regular file as a whole, where only its owner reads a new one.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(path: &Path, plan: &PlanFile) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(plan).context("the plan cannot be JSON")? + "\n";
    let written = dps_policy_store::write_named_file(path, text.as_bytes());
    written.with_context(|| format!("`{}` cannot be written", path.display()))
}
