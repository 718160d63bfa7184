//! What a fleet expects: who moves, how many, and who is where afterwards.

use super::hubs::{host, hosts};
use super::ids::Ids;
use super::model::FleetExpect;
use super::names::Names;
use super::section::Section;

const KEYS: &[&str] = &[
    "moved", "within", "from", "to", "twice", "refused", "load", "moves", "stays", "together",
];

/// Reads the key `ids` of a fleet; `None` after a fault.
pub(super) fn ids(fleet: &Section<'_>) -> Option<Ids> {
    let Some(text) = fleet.text("ids") else {
        if !fleet.has("ids") {
            let help = "write the registration ids, such as ids = \"pump-{1..200}\"";
            fleet.fault_of("ids", "the fleet has no devices", help);
        }
        return None;
    };
    let ids = Ids::parse(&text);
    let ids = ids.map_err(|error| fleet.fault_of("ids", error.to_string(), HOW_TO_WRITE_IDS));
    ids.ok()
}

const HOW_TO_WRITE_IDS: &str = "write ranges as {FROM..TO}, such as pump-{1..200}";

/// Reads the key `expect` of a fleet; `None` after a fault.
pub(super) fn expect(fleet: &Section<'_>, ids: Option<&Ids>, names: &Names) -> Option<FleetExpect> {
    let Some(section) = fleet.section("expect", KEYS) else {
        if !fleet.has("expect") {
            let help = "write who moves, such as expect = { moved = 100, within = 20 }";
            fleet.fault_of("expect", "the fleet expects nothing", help);
        }
        return None;
    };
    let has_hubs = fleet.has("before") || fleet.has("currentHub");
    if has_hubs && !section.has("moved") {
        let help = "write how many devices move, such as moved = 0";
        section.fault_of(
            "moved",
            "the devices have hubs, and `moved` is missing",
            help,
        );
    }
    let together = section.flag("together").unwrap_or(false);
    if together && ids.is_some_and(|ids| ids.ranges() < 2) {
        let help = "write ids such as building-{1..20}-sensor-{1..10}";
        section.fault_of("together", "`ids` has fewer than two ranges", help);
    }
    let loads = section.counts("load").into_iter();
    let load = loads.filter_map(|(hub, count)| Some((host(&section, "load", &hub, names)?, count)));
    Some(FleetExpect {
        load: load.collect(),
        moved: section.count("moved"),
        within: section.count("within").unwrap_or(0),
        from: hosts(&section, "from", names),
        to: hosts(&section, "to", names),
        twice: section.count("twice").unwrap_or(0),
        refused: section.count("refused").unwrap_or(0),
        moves: devices(&section, "moves"),
        stays: devices(&section, "stays"),
        together,
    })
}

/// Ids or patterns of ids, as a list of ids in lower case.
fn devices(section: &Section<'_>, key: &str) -> Vec<String> {
    let mut devices = Vec::new();
    for word in section.words(key).unwrap_or_default() {
        match Ids::parse(&word.text) {
            Ok(ids) => devices.extend(ids.devices().map(|device| device.id.to_lowercase())),
            Err(error) => section.fault(word.line, key, error.to_string(), HOW_TO_WRITE_IDS),
        }
    }
    devices
}
