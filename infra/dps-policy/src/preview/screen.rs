//! A preview for people: the numbers that matter first.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use dps_fleet::preview::{Change, Group, HubLoad, Preview, TablesAt};

use crate::output::{counted, one_line};
use crate::screen::{self, NO_DECISION, add, add_ids, short};

pub(crate) fn text(found: &Preview, fleet: &str, width: usize) -> String {
    let mut text = summary(found);
    text.push('\n');
    for (name, it) in [("from ", &found.from), ("to   ", &found.to)] {
        let TablesAt {
            source,
            revision,
            at,
        } = it;
        let line = format!(
            "{name}  {source}, revision {}, at {at:.0}",
            revision.short()
        );
        let _infallible = writeln!(text, "{}", one_line(&line));
    }
    let _infallible = writeln!(text, "fleet  {}", one_line(&fleet_line(found, fleet)));
    for fault in &found.faults {
        let _infallible = writeln!(text, "       {}", screen::fault(fault));
    }
    add_undecided(found, &mut text, width);
    add_groups(found, &mut text, width);
    add_moves(found, &mut text, width);
    add_load(found, &mut text, width);
    add_twins(found, &mut text, width);
    text
}

/// `moved 104 of 1000 (at least 104), refused 0, ..`
fn summary(found: &Preview) -> String {
    let it = &found.summary;
    let bold = Style::new().bold();
    let bad = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let alarm = |count: u64| if count > 0 { bad } else { Style::new() };
    let (refused, across) = (alarm(it.refused), alarm(it.across_residency));
    format!(
        "{bold}moved {} of {}{bold:#} (at least {}), {refused}refused {}{refused:#}, newly accepted \
         {}, twin differs {}, undecidable {}, {across}across residency {}{across:#}\n",
        it.moved,
        it.devices,
        it.least_moves,
        it.refused,
        it.accepted,
        it.twin_differs,
        it.undecidable,
        it.across_residency,
    )
}

fn fleet_line(found: &Preview, fleet: &str) -> String {
    let it = &found.summary;
    let more = [
        (it.faults, ["line is not a device", "lines are not devices"]),
        (
            it.repeated,
            [
                "id came before and counts once",
                "ids came before and count once",
            ],
        ),
        (it.other_lines, NO_DECISION),
        (it.refused_before, ["refused by both"; 2]),
        (
            it.under_way,
            [
                "moves without the change too",
                "move without the change too",
            ],
        ),
        (it.twin_unknown, ["with a twin that is not known"; 2]),
        (it.unchecked, ["not compared with the ids before"; 2]),
    ];
    let mut line = format!("{fleet}: {}", counted(it.devices, "device"));
    for more in screen::counts(more) {
        let _infallible = write!(line, "; {more}");
    }
    line
}

fn add_undecided(found: &Preview, text: &mut String, width: usize) {
    if !found.undecided.is_empty() {
        let headings = ["UNDECIDABLE: THE FLEET DOES NOT HOLD", "DEVICES", "SUCH AS"];
        let rows = found.undecided.iter().map(|it| (&*it.asked, &it.ids));
        add_ids(text, headings, rows, width);
        text.push_str(
            "add what they read to the fleet, or say that no device has it: --without payload\n",
        );
    }
}

fn add_groups(found: &Preview, text: &mut String, width: usize) {
    for (change, heading) in [
        (Change::Moved, "MOVED FROM"),
        (Change::Refused, "REFUSED, FROM"),
        (Change::Accepted, "ACCEPTED, BEFORE"),
    ] {
        let groups = found.groups.iter().filter(|it| it.effect.change == change);
        let headings = [heading, "TO", "TENANT", "DEVICES", "ROW", "WHY"];
        add(text, headings, groups.map(group), width);
    }
}

fn group(group: &Group) -> [String; 6] {
    let it = &group.effect;
    let why = match &group.because {
        Some(because) => because.text.clone(),
        None => it.reason.to_owned(),
    };
    [
        short(&it.from),
        short(&it.to),
        it.tenant.clone().unwrap_or_default(),
        group.ids.devices.to_string(),
        it.row.as_deref().map(short).unwrap_or_default(),
        why,
    ]
}

fn add_moves(found: &Preview, text: &mut String, width: usize) {
    let name = |geography: &Option<String>| geography.clone().unwrap_or_else(|| "none".to_owned());
    let rows = found.moves.iter().map(|it| {
        let tenant = it.tenant.clone().unwrap_or_default();
        [tenant, name(&it.from), name(&it.to), it.devices.to_string()]
    });
    let headings = ["TENANT", "FROM GEOGRAPHY", "TO GEOGRAPHY", "DEVICES"];
    add(text, headings, rows, width);
}

fn add_load(found: &Preview, text: &mut String, width: usize) {
    let used = |it: &&HubLoad| it.before + it.after + it.now > 0 || it.weight.is_some();
    let rows = found.load.iter().filter(used).map(|it| {
        let state = it.state.clone().filter(|it| it != "open");
        let weight = it
            .weight
            .map_or_else(|| "no row".to_owned(), |it| it.to_string());
        [
            short(&it.hub),
            it.geography.clone().unwrap_or_default(),
            state.map_or_else(|| weight.clone(), |state| format!("{weight} {state}")),
            it.before.to_string(),
            it.after.to_string(),
            difference(it.before, it.after),
        ]
    });
    let headings = ["HUB", "GEOGRAPHY", "WEIGHT", "BEFORE", "AFTER", "CHANGE"];
    add(text, headings, rows, width);
}

fn difference(before: u64, after: u64) -> String {
    match after.checked_sub(before) {
        Some(0) => String::new(),
        Some(more) => format!("+{more}"),
        None => format!("-{}", before - after),
    }
}

fn add_twins(found: &Preview, text: &mut String, width: usize) {
    let headings = ["TWIN OR REPLY DIFFERS, TENANT", "DEVICES", "SUCH AS"];
    let rows = found.twins.iter().map(|it| (&*it.tenant, &it.ids));
    add_ids(text, headings, rows, width);
}
