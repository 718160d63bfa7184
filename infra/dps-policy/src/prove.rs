//! `prove`: claims about every device, with a request if one does not hold.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dps_fleet::prove::{Claim, Report, Side, Verdict, prove};
use jiff::Timestamp;

use crate::checked::Checked;
use crate::exit::Exit;
use crate::moment::time;
use crate::source::Source;
use crate::{check, output};

/// Decide a claim about every device, or show a request that breaks it
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    claim: Words,

    /// Time from which on the claim is to hold [default: now]
    #[arg(long, global = true, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,

    /// File to write the request to, for explain and curl
    #[arg(long, global = true, value_name = "FILE")]
    request: Option<PathBuf>,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Words {
    /// No device gets a hub outside of its pools and residencies
    Constraints {
        /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
        source: Option<Source>,

        /// Pools, residencies and hubs as these tables have them [default: the same]
        #[arg(long, value_name = "SOURCE")]
        of: Option<Source>,
    },
    /// An edit changes decisions for one tenant only
    OnlyTenant {
        /// The tenant
        tenant: String,
        #[command(flatten)]
        edit: Edit,
    },
    /// An edit changes nothing for the devices of an enrollment
    Same {
        /// The row of enrollments, as it is written
        enrollment: String,
        #[command(flatten)]
        edit: Edit,
    },
    /// No device gets a hub that does not have it already
    NoNewDevices {
        /// The hub
        hub: String,
        /// Folder, `tables` or `tables@REVISION` [default: what the settings name]
        source: Option<Source>,
    },
}

#[derive(Debug, clap::Args)]
struct Edit {
    /// Folder, `tables` or `tables@REVISION`
    from: Source,

    /// Folder, `tables` or `tables@REVISION`
    to: Source,
}

const AFTER_HELP: &str = "\
Devices are enumerated by what decisions depend on: enrollment, tenant, hub, id,
share, time. What a row reads from payload or certificate is answered in every
way. DPS is assumed to link every hub of the tables; twins are not compared.

Examples:
  dps-policy prove constraints infra/policy
  dps-policy prove only-tenant contoso tables my-policy
  dps-policy prove same SAS-IoT-Devices tables@0123456789ab tables
  dps-policy prove no-new-devices contoso-weu-1 --request broken.json
  dps-policy explain broken.json

Exit codes: 0 proved, 1 refuted or undecided, or the tables have errors, 2
failure.";

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let (all, claim) = match arguments.claim {
        Words::Constraints { source, of: None } => (one(source).await?, Claim::Constraints),
        Words::Constraints {
            source,
            of: Some(from),
        } => {
            let to = source.map_or_else(Source::of_settings, Ok)?;
            (both(Edit { from, to }).await?, Claim::Constraints)
        }
        Words::OnlyTenant { tenant, edit } => (both(edit).await?, Claim::OnlyTenant(tenant)),
        Words::Same { enrollment, edit } => (both(edit).await?, Claim::Same(enrollment)),
        Words::NoNewDevices { hub, source } => (one(source).await?, Claim::NoNewDevices(hub)),
    };
    if let Some(broken) = all.iter().find(|it| it.policy.is_none()) {
        return check::report(broken, arguments.json);
    }
    let sides = all.iter();
    let sides: Vec<Side<'_>> = sides
        .filter_map(|it| Some(Side::new(it.policy.as_ref()?, &it.tables)))
        .collect();
    let claim = claim.named_in(&sides)?;
    if let Some(file) = &arguments.request {
        output::check_writable(file)?;
    }
    let report = prove(&claim, &sides, arguments.at.unwrap_or_else(Timestamp::now));
    if let (Some(file), Some(shown)) = (&arguments.request, &report.counterexample) {
        let body = serde_json::to_string_pretty(&shown.request)?;
        let written = fs::write(file, body + "\n");
        written.with_context(|| format!("`{}` cannot be written", file.display()))?;
    }
    let text = || text(&report, arguments.request.as_deref());
    output::answer(arguments.json, &report, text)?;
    Ok(Exit::of(report.verdict == Verdict::Proved))
}

async fn one(source: Option<Source>) -> anyhow::Result<Vec<Checked>> {
    Ok(vec![Checked::read_as_in_use(source).await?])
}

async fn both(edit: Edit) -> anyhow::Result<Vec<Checked>> {
    let all = Checked::all_as_in_use([edit.from, edit.to], false).await?;
    Ok(all.into())
}

fn text(report: &Report, file: Option<&Path>) -> String {
    let word = match report.verdict {
        Verdict::Proved => "proved",
        Verdict::Refuted => "refuted",
        Verdict::Undecided => "undecided",
    };
    let claim = &report.claim;
    let decisions = output::counted(report.decisions, "decision");
    let classes = output::counted_as(report.classes, "class of devices", "classes of devices");
    let mut lines = vec![
        format!("{word}: {claim}"),
        format!("{decisions} about {classes}"),
    ];
    if let Some(shown) = &report.counterexample {
        lines.push(format!("at {}: {}", shown.at, shown.decided));
        lines.push(match file {
            Some(file) => format!("request: written to `{}`", file.display()),
            None => format!("request: {}", shown.request),
        });
    }
    for unknown in &report.unknown {
        lines.push(format!("{}: {}", unknown.place, unknown.why));
    }
    let lines = lines.iter().map(|line| output::one_line(line) + "\n");
    lines.collect()
}
