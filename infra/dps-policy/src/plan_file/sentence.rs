//! A plan in a line.

use super::model::{Fleet, PlanFile};

/// `moved 162 of 1000, refused 0, ..; fleet f.csv`
pub(crate) fn sentence(plan: &PlanFile) -> String {
    let it = &plan.prediction.summary;
    let fleet = name(&plan.fleet);
    format!(
        "moved {} of {}, refused {}, newly accepted {}, undecidable {}, across residency {}; fleet \
         {fleet}",
        it.moved, it.devices, it.refused, it.accepted, it.undecidable, it.across_residency,
    )
}

/// When devices register, and what was assumed of them.
pub(crate) fn assumptions(plan: &PlanFile) -> String {
    let (before, after) = (plan.from.at, plan.to.at);
    let registers = if before == after {
        format!("devices register at {after:.0}")
    } else {
        format!("devices register at {before:.0} before the change and at {after:.0} after it")
    };
    match plan.assumed.to_string() {
        assumed if assumed.is_empty() => registers,
        assumed => format!("{registers}, assumed by {assumed}"),
    }
}

/// What the fleet is called: files by their names alone.
pub(crate) fn name(fleet: &Fleet) -> String {
    match fleet {
        Fleet::Synthetic(count) => format!("{count} made from the tables"),
        Fleet::Files(files) => {
            let names = files.iter().filter_map(|file| file.name.file_name());
            let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
            names.join(", ")
        }
    }
}
