//! A scenario file, section by section.

use std::collections::HashSet;

use jiff::Timestamp;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::device::DeviceRow;
use super::expect;
use super::fault::{Fault, line_of};
use super::fleet;
use super::model::{Case, CaseRequest, Fleet, Item, Stated};
use super::names::Names;
use super::request::RequestForm;
use super::section::Section;

const OF_FILE: &[&str] = &["request", "case", "fleet"];
const OF_DEFAULTS: &[&str] = &["at", "device"];
const OF_CASE: &[&str] = &["name", "id", "body", "at", "device", "expect"];
const OF_FLEET: &[&str] = &["name", "ids", "before", "after", "device", "expect"];

/// The section `[request]`.
#[derive(Default)]
struct Defaults {
    request: RequestForm,
    at: Option<Timestamp>,
    row: Option<DeviceRow>,
}

/// Reads a file; an item with faults has them instead of its content.
///
/// # Errors
/// The faults that concern the whole file.
pub(super) fn read(text: &str, names: &Names) -> Result<Vec<Item>, Vec<Fault>> {
    let table = DeTable::parse(text).map_err(|error| vec![not_toml(text, &error)])?;
    let file = Section::new(text, 0, table.get_ref(), OF_FILE);
    let defaults = defaults(&file, names);
    let mut items = Vec::new();
    for (at, table) in tables(&file, "case") {
        let section = Section::new(text, at, table, &keys(OF_CASE));
        items.push(item(section, |section| {
            Stated::Case(
                case(section, &defaults, names)
                    .map(Box::new)
                    .ok_or_else(Vec::new),
            )
        }));
    }
    for (at, table) in tables(&file, "fleet") {
        let section = Section::new(text, at, table, &keys(OF_FLEET));
        items.push(item(section, |section| {
            let fleet = fleet_of(section, &defaults, names).map(Box::new);
            Stated::Fleet(fleet.ok_or_else(Vec::new))
        }));
    }
    if items.is_empty() {
        let help = "write at least one [[case]] or [[fleet]]";
        file.fault_of("", "the file states nothing", help);
    }
    let mut known = HashSet::new();
    for item in items.iter().filter(|item| !known.insert(&*item.name)) {
        let rule = format!("there are two entries with the name `{}`", item.name);
        file.fault(item.line, "name", rule, "give each a name of its own");
    }
    let faults = file.into_faults();
    if faults.is_empty() {
        items.sort_by_key(|item| item.line);
        Ok(items)
    } else {
        Err(faults)
    }
}

fn not_toml(text: &str, error: &toml::de::Error) -> Fault {
    Fault {
        line: line_of(text, error.span().unwrap_or_default().start),
        key: String::new(),
        rule: format!("it is not TOML: {}", error.message().replace('\n', "; ")),
        help: "correct the line, or see https://toml.io".to_owned(),
    }
}

/// The keys of a section that states a request, and others.
fn keys(others: &[&'static str]) -> Vec<&'static str> {
    [others, RequestForm::KEYS].concat()
}

fn defaults(file: &Section<'_>, names: &Names) -> Defaults {
    let section = file.section("request", &keys(OF_DEFAULTS));
    section.map_or_else(Defaults::default, |section| Defaults {
        request: RequestForm::read(&section, names),
        at: section.time("at"),
        row: DeviceRow::read(&section),
    })
}

/// The tables of `[[case]]` or `[[fleet]]`, each with its offset.
fn tables<'t>(file: &Section<'t>, key: &str) -> Vec<(usize, &'t DeTable<'t>)> {
    let Some(value) = file.value(key) else {
        return Vec::new();
    };
    let table =
        |item: &'t Spanned<DeValue<'t>>| Some((item.span().start, item.get_ref().as_table()?));
    let list = value.get_ref().as_array();
    let tables = list.and_then(|list| list.iter().map(table).collect::<Option<Vec<_>>>());
    if tables.is_none() {
        let rule = format!("`{key}` is not a list of sections");
        file.fault_of(key, rule, format!("begin each with [[{key}]]"));
    }
    tables.unwrap_or_default()
}

/// Puts the faults of a section in place of what it states.
fn item<'t>(section: Section<'t>, read: impl FnOnce(&Section<'t>) -> Stated) -> Item {
    let line = section.line();
    let name = section.text("name");
    if !section.has("name") {
        section.fault_of(
            "name",
            "the entry has no name",
            "write in a few words what it shows",
        );
    }
    let stated = read(&section);
    let faults = section.into_faults();
    let stated = match (stated, faults.is_empty()) {
        (stated, true) => stated,
        (Stated::Case(_), false) => Stated::Case(Err(faults)),
        (Stated::Fleet(_), false) => Stated::Fleet(Err(faults)),
    };
    let name = name.unwrap_or_else(|| format!("line {line}"));
    Item { name, line, stated }
}

/// `None` after a fault.
fn case(section: &Section<'_>, defaults: &Defaults, names: &Names) -> Option<Case> {
    let stated = RequestForm::read(section, names);
    let request = if let Some(file) = section.text("body") {
        let also = RequestForm::KEYS.iter().chain(&["id"]);
        if let Some(key) = also.copied().find(|key| section.has(key)) {
            let help = "leave out one of them";
            section.fault_of(
                key,
                format!("`body` is the whole request, and so is not `{key}`"),
                help,
            );
        }
        Some(CaseRequest::File(file))
    } else {
        let request = stated.or(defaults.request.clone());
        request.check(section, names);
        if !section.has("id") {
            let help = "write id = \"pump-1\", or body = \"request.json\"";
            section.fault_of("id", "the registration id is missing", help);
        }
        section
            .text("id")
            .map(|id| CaseRequest::Short(id, Box::new(request)))
    };
    let at = at(section, defaults, names);
    let row = DeviceRow::read(section).or_else(|| defaults.row.clone());
    let expect = expect::read(section, names);
    Some(Case {
        at: at?,
        request: request?,
        row: row.unwrap_or(DeviceRow::OfTables),
        expect: expect?,
    })
}

/// When the case is decided; tables without dates decide alike at any time.
fn at(section: &Section<'_>, defaults: &Defaults, names: &Names) -> Option<Timestamp> {
    let at = section.time("at").or(defaults.at);
    if at.is_none() && !section.has("at") {
        if !names.is_dated {
            return Some(Timestamp::UNIX_EPOCH);
        }
        let help = "write at = \"2026-12-01\" here, or under [request]";
        section.fault_of("at", "the tables have dates, and the case has none", help);
    }
    at
}

/// `None` after a fault.
fn fleet_of(section: &Section<'_>, defaults: &Defaults, names: &Names) -> Option<Fleet> {
    let request = RequestForm::read(section, names).or(defaults.request.clone());
    request.check(section, names);
    let before = section.time("before");
    if section.has("before") && request.current_hub.is_some() {
        let help = "leave out one of `before` and `currentHub`";
        section.fault_of(
            "before",
            "a device that registers as a new one has no hub",
            help,
        );
    }
    let after = section.time("after").or(defaults.at);
    if after.is_none() && !section.has("after") {
        let help = "write when the devices register, such as after = \"2026-12-08\"";
        section.fault_of("after", "the fleet has no time", help);
    }
    let ids = fleet::ids(section);
    let expect = fleet::expect(section, ids.as_ref(), names);
    let row = DeviceRow::read(section).or_else(|| defaults.row.clone());
    Some(Fleet {
        ids: ids?,
        request,
        row: row.unwrap_or(DeviceRow::OfTables),
        before,
        after: after?,
        expect: expect?,
    })
}
