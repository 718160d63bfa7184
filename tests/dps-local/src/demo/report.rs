//! What the demonstration prints.

mod columns;

use std::fmt::Write as _;
use std::io::{self, Write as _, stdout};

use serde_json::{Value, json};

use self::columns::Columns;
use super::enrollments::HUBS;
use super::fleet::Owner;
use super::outcome::Outcome;
use super::round::Round;
use super::style::{Look, Style};
use super::tables::Edit;

/// Who the devices are, before their table.
const OWNERS: [(Owner, &str); 3] = [
    (
        Owner::Contoso,
        "Tenant contoso. Its rules read from the registration id what a device is, and lead it to a hub for its kind.",
    ),
    (
        Owner::TenantA,
        "Tenant tenant-a. A device goes to the nearest hub; if nobody knows where it is, the weights of the hubs decide.",
    ),
    (Owner::Stranger, "Devices that get no hub."),
];

/// Tables for people; the style is that of the terminal.
pub(super) struct Report {
    style: Style,
    text: String,
}

impl Report {
    pub(super) fn new() -> Self {
        Self {
            style: Style::of_stdout(),
            text: String::new(),
        }
    }

    /// Prints what has been written since the last time.
    pub(super) fn print(&mut self) -> io::Result<()> {
        stdout().write_all(self.text.as_bytes())?;
        self.text.clear();
        stdout().flush()
    }

    /// Each device after its first registration.
    pub(super) fn first(&mut self, round: &Round) {
        self.heading("1. Each device registers, and connects to the hub that it is given");
        self.line(Look::Plain, "It shows a key or a certificate. The service checks that, and asks the webhook for a hub.");
        self.line(Look::Plain, "");
        for (owner, about) in OWNERS {
            self.line(Look::Plain, about);
            let mut columns = Columns::new(match owner {
                Owner::Contoso | Owner::TenantA => ["DEVICE", "SHOWS", "HUB", "WHY"],
                Owner::Stranger => ["DEVICE", "SHOWS", "IS TOLD", "WHY"],
            });
            for outcome in round.0.iter().filter(|it| it.owner == owner) {
                let (result, look) = match &outcome.result {
                    Ok(_) => (outcome.hub().unwrap_or_default(), Look::Plain),
                    Err(result) => (result.as_str(), Look::Refused),
                };
                columns.row(look, [&outcome.id, outcome.shows, result, &outcome.why()]);
            }
            self.columns(&columns);
        }
        self.line(
            Look::Plain,
            "What devices read from their hubs, for example:",
        );
        let mut columns = Columns::new(["DEVICE", "DESIRED PROPERTIES OF ITS TWIN"]);
        for (owner, _) in OWNERS {
            let example = round.0.iter().find(|it| it.owner == owner);
            if let Some((id, Ok(placed))) = example.map(|it| (&it.id, &it.result)) {
                columns.row(Look::Plain, [id, &placed.desired.to_string()]);
            }
        }
        self.columns(&columns);
    }

    pub(super) fn edit(&mut self, edit: &Edit) {
        self.heading("2. An operator edits a table");
        self.line(Look::Plain, edit.intent);
        let mut columns = Columns::new(["TABLE", "ROW", "COLUMN", "BEFORE", "AFTER"]);
        let row = edit.row.join(" ");
        columns.row(
            Look::Plain,
            [edit.table, &row, edit.column, edit.from, edit.to],
        );
        self.columns(&columns);
    }

    /// What has moved, and what has not.
    pub(super) fn second(&mut self, before: &Round, after: &Round) {
        self.heading("3. The same devices register again");
        let moved: Vec<_> = moved(before, after).collect();
        let mut columns = Columns::new(["MOVED", "FROM", "TO", "TWIN", "WHY"]);
        for (earlier, later) in &moved {
            let [from, to] = [earlier, later].map(|it| it.hub().unwrap_or_default());
            let twin = later.result.as_ref().map_or("", |it| &it.substatus);
            columns.row(Look::Moved, [&later.id, from, to, twin, &later.why()]);
        }
        self.columns(&columns);
        self.stayed(&moved, after);
        let mut columns = Columns::new(["HUB", "REGION", "DEVICES BEFORE", "AFTER"]);
        for (hub, region) in HUBS {
            let counts = [before, after].map(|round| round.on(hub).to_string());
            columns.row(Look::Plain, [hub, region, &counts[0], &counts[1]]);
        }
        self.columns(&columns);
    }

    /// By reason, as they are many.
    fn stayed(&mut self, moved: &[(&Outcome, &Outcome)], after: &Round) {
        let has_moved = |it: &Outcome| moved.iter().any(|(_, later)| later.id == it.id);
        let stayed = after
            .0
            .iter()
            .filter(|it| it.result.is_ok() && !has_moved(it));
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for outcome in stayed {
            let why = outcome.why();
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, ids)) => ids.push(&outcome.id),
                None => reasons.push((why, vec![&outcome.id])),
            }
        }
        let mut columns = Columns::new(["NOT MOVED", "WHY"]);
        for (why, ids) in &reasons {
            let first = ids.first().copied().unwrap_or_default();
            let ids = match ids.len() {
                1 => first.to_owned(),
                count => format!("{first} and {} more", count - 1),
            };
            columns.row(Look::Plain, [&ids, why]);
        }
        self.columns(&columns);
    }

    fn heading(&mut self, text: &str) {
        self.line(Look::Heading, text);
        self.line(Look::Plain, "");
    }

    fn line(&mut self, look: Look, text: &str) {
        // A text can always be added to.
        let _ = writeln!(self.text, "{}", self.style.paint(look, text));
    }

    fn columns<const N: usize>(&mut self, columns: &Columns<N>) {
        columns.write(self.style, &mut self.text);
        self.line(Look::Plain, "");
    }
}

/// All of it, for scripts.
pub(super) fn written(edit: &Edit, before: &Round, after: &Round) -> Value {
    let all = |round: &Round| round.0.iter().map(Outcome::written).collect::<Value>();
    let moved = moved(before, after).map(|(earlier, later)| {
        let [from, to] = [earlier, later].map(|it| it.result.as_ref().ok().map(|it| &it.hub));
        json!({ "registrationId": later.id, "from": from, "to": to, "why": later.why() })
    });
    json!({
        "before": all(before),
        "edit": {
            "table": edit.table, "row": edit.row, "column": edit.column, "from": edit.from, "to": edit.to,
        },
        "after": all(after),
        "moved": moved.collect::<Value>(),
    })
}

fn moved<'a>(
    before: &'a Round,
    after: &'a Round,
) -> impl Iterator<Item = (&'a Outcome, &'a Outcome)> {
    let both = before.0.iter().zip(&after.0);
    both.filter(|(earlier, later)| earlier.hub() != later.hub())
}
