//! Predictions and outcomes for people: the numbers that matter first.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_fleet::outcome::{Compared, Named, Outcome};
use dps_fleet::{Destination, Route};

use crate::output::{counted, one_line};
use crate::plan_file::{self, Fleet, PlanFile, Tables};
use crate::screen::{self, NO_DECISION, UNREADABLE, add, short, such_as};

pub(super) fn predicted(plan: &PlanFile, width: usize) -> String {
    let mut text = format!("{}\n\n", one_line(&plan_file::sentence(plan)));
    add_head(plan, &mut text);
    let flows = plan.prediction.flows.iter();
    let flows = flows.map(|it| flow(&it.route, [it.devices, it.by_change]));
    let headings = ["FROM", "TO", "TENANT", "DEVICES", "BY THE CHANGE"];
    add(&mut text, headings, flows, width);
    let load = plan.prediction.load.iter();
    let load = load.map(|it| load_row(&it.hub, [it.now, it.before, it.after]));
    let headings = ["HUB", "THEN", "WITHOUT THE CHANGE", "WITH IT"];
    add(&mut text, headings, load, width);
    add_left_out(plan, &mut text);
    text
}

pub(super) fn outcome(
    plan: &PlanFile,
    found: &Outcome,
    named: Option<&Named>,
    logs: &str,
    width: usize,
) -> String {
    let mut text = summary(found);
    text.push('\n');
    add_head(plan, &mut text);
    add_log(found, logs, &mut text);
    let flows = found.flows.iter();
    let flows = flows.map(|it| flow(&it.route, [it.predicted, it.seen]));
    let headings = ["FROM", "TO", "TENANT", "PREDICTED", "SEEN"];
    add(&mut text, headings, flows, width);
    let load = found.load.iter();
    let load = load.map(|it| load_row(&it.hub, [it.then, it.predicted, it.seen]));
    let headings = ["HUB", "THEN", "PREDICTED", "SEEN SO FAR"];
    add(&mut text, headings, load, width);
    add_left_out(plan, &mut text);
    match named {
        Some(named) => add_named(named, &mut text, width),
        None => text.extend(["\n", limits(plan)]),
    }
    text
}

fn add_named(named: &Named, text: &mut String, width: usize) {
    let stayed = named.as_predicted - named.gone.devices;
    let idle = named.not_registered - named.waiting.devices;
    let ids = [
        ("went or were refused as predicted", &named.gone),
        ("got something else", &named.otherwise),
        ("are to go, and have not registered", &named.waiting),
    ];
    let counts = [
        ("stayed as predicted", stayed),
        ("are to stay, and have not registered", idle),
        (
            "undecidable, so that nothing is predicted",
            named.undecidable,
        ),
        ("registered, and not of the fleet", named.others),
    ];
    let rows = ids.map(|(what, ids)| (what, ids.devices, such_as(ids)));
    let counts = counts.map(|(what, devices)| (what, devices, String::new()));
    let rows = rows.into_iter().chain(counts);
    let rows = rows.filter(|(_, devices, _)| *devices > 0);
    let rows = rows.map(|(what, devices, such_as)| [what.to_owned(), devices.to_string(), such_as]);
    let headings = ["DEVICES OF THE FLEET THAT", "DEVICES", "SUCH AS"];
    add(text, headings, rows, width);
}

/// What counts do not say.
fn limits(plan: &PlanFile) -> &'static str {
    match plan.fleet {
        Fleet::Synthetic(_) => {
            "No device of the fleet exists: it was made from the tables. Compare shares, not counts.\n"
        }
        Fleet::Files(_) => {
            "Counts cannot tell whether the devices that moved are those that were predicted, nor which \
             have\nnot registered: others of the same tenant, from and to, look the same. --fleet names them.\n"
        }
    }
}

/// `moved as predicted 12 of 162, otherwise 3; refused ..; registered 210 of 1000, ..`
fn summary(found: &Outcome) -> String {
    let bold = Style::new().bold();
    let bad = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let of = |what: &str, it: &Compared, alarm: Style| {
        let style = if it.not_predicted > 0 {
            alarm
        } else {
            Style::new()
        };
        let (as_predicted, predicted) = (it.as_predicted, it.predicted);
        let otherwise = it.not_predicted;
        format!(
            "{what} as predicted {as_predicted} of {predicted}, {style}otherwise {otherwise}{style:#}"
        )
    };
    let mut text = format!(
        "{bold}{}{bold:#}; {}",
        of("moved", &found.moved, bad),
        of("refused", &found.refused, bad)
    );
    if found.placed.predicted + found.placed.seen > 0 {
        let _infallible = write!(text, "; {}", of("placed", &found.placed, Style::new()));
    }
    let _infallible = writeln!(
        text,
        "; registered {} of {}, at least {} have not",
        found.registered, found.devices, found.not_registered
    );
    text
}

fn add_head(plan: &PlanFile, text: &mut String) {
    let tables = |name: &str, it: &Tables| {
        let (source, revision) = (&it.source, it.revision.short());
        format!("{name:<5}  {source}, revision {revision}")
    };
    let (fleet, at) = (plan_file::name(&plan.fleet), plan.written_at);
    let assumptions = plan_file::assumptions(plan);
    let fleet = format!("fleet  {fleet}; previewed at {at:.0}, {assumptions}");
    for line in [tables("from", &plan.from), tables("to", &plan.to), fleet] {
        let _infallible = writeln!(text, "{}", one_line(&line));
    }
}

const STAYED: [&str; 2] = ["device is where it was", "devices are where they were"];
const OTHER_REVISIONS: [&str; 2] = [
    "decision by another revision or before the preview",
    "decisions by other revisions or before the preview",
];
const UNANSWERED: [&str; 2] = [
    "request that a device was to repeat",
    "requests that devices were to repeat",
];
const UNTOLD: [&str; 2] = [
    "decision of too many devices to tell them apart",
    "decisions of too many devices to tell them apart",
];

fn add_log(found: &Outcome, logs: &str, text: &mut String) {
    let decisions = counted(found.decisions, "decision");
    let mut line = format!("log    {logs}: {decisions} by the revision");
    if let (Some(first), Some(last)) = (found.first, found.last) {
        let _infallible = write!(line, " from {first:.0} to {last:.0}");
    }
    let more = [
        (found.stayed, STAYED),
        (found.other_revisions, OTHER_REVISIONS),
        (found.unanswered, UNANSWERED),
        (found.untold, UNTOLD),
        (found.fault_count, UNREADABLE),
        (found.other_lines, NO_DECISION),
    ];
    for more in screen::counts(more) {
        let _infallible = write!(line, "; {more}");
    }
    let _infallible = writeln!(text, "{}", one_line(&line));
    for fault in &found.faults {
        let _infallible = writeln!(text, "       {}", screen::fault(fault));
    }
    for it in &found.contradicted {
        let decisions = counted(it.decisions, "decision");
        let _infallible = writeln!(text, "not so {}, by {decisions}", it.assumed);
    }
}

fn add_left_out(plan: &PlanFile, text: &mut String) {
    if let Some(it) = plan.prediction.left_out {
        let _infallible = writeln!(
            text,
            "\nThe prediction was too large to keep all of it: {} of {} and {} are left out.\nWhat is \
             seen of them counts as not predicted.",
            counted(it.flows, "flow"),
            counted(it.devices, "device"),
            counted(it.hubs, "hub")
        );
    }
}

fn flow(route: &Route, counts: [u64; 2]) -> [String; 5] {
    let from = route.from.as_deref().unwrap_or("(no hub yet)");
    let to = match &route.to {
        Destination::Hub(hub) => short(hub),
        Destination::Refused(reason) => format!("refused: {reason}"),
    };
    let tenant = route.tenant.clone().unwrap_or_default();
    let [one, other] = counts.map(|it| it.to_string());
    [short(from), to, tenant, one, other]
}

fn load_row(hub: &str, counts: [u64; 3]) -> [String; 4] {
    let [one, two, three] = counts.map(|it| it.to_string());
    [short(hub), one, two, three]
}
