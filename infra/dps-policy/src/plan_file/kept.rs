//! A plan as it is kept with the revision that it led to.

use anyhow::Context as _;
use dps_policy_store::Report;

use super::model::{FORMAT, Fleet, PlanFile};

impl PlanFile {
    /// The plan in one row of the store: if it is too long, what matters least is left out.
    ///
    /// # Errors
    /// When it cannot be JSON.
    pub(crate) fn report(&self) -> anyhow::Result<Report> {
        let mut plan = self.clone();
        loop {
            let text = serde_json::to_string(&plan).context("the plan cannot be JSON")?;
            match Report::new(text) {
                Ok(report) => return Ok(report),
                // Names of many files.
                Err(error) if !plan.prediction.halve() => match &mut plan.fleet {
                    Fleet::Files(files) if !files.is_empty() => files.truncate(files.len() / 2),
                    _ => return Err(error.into()),
                },
                Err(_too_long) => {}
            }
        }
    }
}

/// Reads what is kept.
///
/// # Errors
/// When it is not a plan of this version.
pub(crate) fn kept(text: &str) -> anyhow::Result<PlanFile> {
    let plan: PlanFile = serde_json::from_str(text).context("it is not a plan")?;
    anyhow::ensure!(
        plan.format == FORMAT,
        "it is a plan of format {}, and this version reads {FORMAT}",
        plan.format
    );
    Ok(plan)
}
