//! Random tables, and random edits of them.

use std::fmt::Write as _;

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};

use super::dice::Dice;
use super::exceptions::{rollout, rule};
use super::vocabulary::{HOSTS, Row, TENANTS};
use crate::policy::tables_of;

fn hub(number: usize, dice: &mut Dice) -> Row {
    let mut row = format!("hub|{}", HOSTS[number]);
    let mut cell = |column: &str, text: &str| write!(row, "|{column}={text}").unwrap();
    if dice.chance(92) {
        let usual = ["EU", "US", "EU"][number];
        cell("geography", if dice.chance(85) { usual } else { "US" });
    }
    if dice.chance(90) {
        let usual = ["a;b", "a", "b"][number];
        cell("pools", if dice.chance(80) { usual } else { "a" });
    }
    if dice.chance(12) {
        cell("tenants", dice.pick(&["t0", "t1", "t*", "t0;t2", "t1;t3"]));
    }
    if dice.chance(35) {
        cell("region", dice.pick(&["westeurope", "eastus"]));
    }
    if dice.chance(25) {
        cell("weight", dice.pick(&["5", "5", "100", "2", "0"]));
    }
    if dice.chance(15) {
        cell("tier", "1");
    }
    match dice.below(10) {
        0 | 1 => cell("state", "draining"),
        2 if number == 2 => cell("state", "closed"),
        3 => {
            cell("state", "draining");
            cell(
                dice.pick(&["begins", "ends"]),
                dice.pick(&["2026-12-04", "2026-12-20"]),
            );
        }
        _ => {}
    }
    (TableName::Hubs, row)
}

fn tenant(number: usize, dice: &mut Dice) -> Row {
    let mut row = format!("tenant|{}", TENANTS[number]);
    let mut cell = |column: &str, text: &str| write!(row, "|{column}={text}").unwrap();
    if dice.chance(35) {
        cell("pools", dice.pick(&["a", "b", "a;b"]));
    }
    if dice.chance(35) {
        cell("residency", dice.pick(&["EU", "US", "EU;US"]));
    }
    if dice.chance(6) {
        cell("state", "suspended");
    }
    if dice.chance(15) {
        cell("onReprovision", "replace");
    }
    if dice.chance(10) {
        cell("groupFrom", "payload.g");
    }
    if dice.chance(15) {
        cell("salt", dice.pick(&["s", "u"]));
    }
    match dice.below(8) {
        0 | 1 => {
            cell("placement", "latency");
            if dice.chance(50) {
                cell("withoutLocation", "refuse");
            }
            if dice.chance(30) {
                cell("locationFrom", "payload.region");
            }
        }
        2 => {
            cell("placement", "static");
            cell(
                "hub",
                &format!("{};{}", dice.pick(&HOSTS), dice.pick(&HOSTS)),
            );
        }
        _ => {}
    }
    (TableName::Tenants, row)
}

fn enrollment(key: &str, dice: &mut Dice) -> Row {
    let listed = [
        "t0", "t1", "t2", "t3", "t0;t1", "t1;t2", "t2;t3", "t1;t3", "*",
    ];
    let listed = dice.pick(&listed);
    let mut row = format!("enrollment|{key}|tenants={listed}");
    let mut cell = |column: &str, text: &str| write!(row, "|{column}={text}").unwrap();
    if listed.len() != 2 && dice.chance(80) {
        cell(
            "tenantFrom",
            dice.pick(&[
                "payload.t",
                "payload.u",
                "cert.subject.organization",
                "registrationId.startsWith('dev-') ? 't1' : 't2'",
                "registrationId == 'dev-7' ? 't0' : payload.t",
            ]),
        );
    }
    if dice.chance(20) {
        cell("residency", dice.pick(&["EU", "US"]));
    }
    if dice.chance(30) {
        cell(
            "deviceRows",
            dice.pick(&["optional", "required", "bestEffort"]),
        );
    }
    if dice.chance(15) {
        cell("location", dice.pick(&["westeurope", "eastus"]));
    }
    (TableName::Enrollments, row)
}

fn device(id: &str, dice: &mut Dice) -> Row {
    let mut row = format!("{id}|device");
    let mut cell = |column: &str, text: &str| write!(row, "|{column}={text}").unwrap();
    if dice.chance(50) {
        cell("tenant", dice.pick(&TENANTS));
    }
    if dice.chance(30) {
        cell("hub", dice.pick(&HOSTS));
    }
    if dice.chance(30) {
        cell("residency", dice.pick(&["EU", "US"]));
    }
    if dice.chance(30) {
        cell("group", dice.pick(&["g1", "g2"]));
    }
    if dice.chance(30) {
        cell("attributes", "{\"sku\": \"pro\"}");
    }
    if dice.chance(30) {
        cell("location", dice.pick(&["westeurope", "eastus"]));
    }
    (TableName::Devices, row)
}

/// Rows of one way to fill the tables.
pub(super) fn rows(dice: &mut Dice) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..3).map(|number| hub(number, dice)).collect();
    rows.extend((0..4).map(|number| tenant(number, dice)));
    rows.extend(["e0", "e1"].map(|key| enrollment(key, dice)));
    for (key, percent) in [("dev-*", 50), ("*", 15), ("dev-7", 15), ("sold-1", 10)] {
        if dice.chance(percent) {
            rows.push(enrollment(key, dice));
        }
    }
    let rules = dice.below(4);
    rows.extend((0..rules).map(|number| rule(number, dice)));
    let rollouts = dice.below(3);
    rows.extend((0..rollouts).map(|number| rollout(number, dice)));
    for id in ["dev-7", "sold-1"] {
        if dice.chance(50) {
            rows.push(device(id, dice));
        }
    }
    if dice.chance(30) {
        rows.push((
            TableName::Latency,
            "westeurope|eastus|milliseconds=7".to_owned(),
        ));
    }
    rows
}

/// The same with another row, one more, or one less.
pub(super) fn edit(rows: &[Row], dice: &mut Dice) -> Vec<Row> {
    let mut rows = rows.to_vec();
    match dice.below(10) {
        0 => rows.push(rule(7, dice)),
        1 => rows.push(rollout(7, dice)),
        2 => {
            let at = dice.below(rows.len());
            rows.remove(at);
        }
        _ => {
            let at = dice.below(rows.len());
            let key = rows[at].1.split('|').nth(1).unwrap().to_owned();
            let number =
                |prefix: &str| key.strip_prefix(prefix).and_then(|it| it[..1].parse().ok());
            rows[at] = match rows[at].0 {
                TableName::Hubs => hub(number("h").unwrap(), dice),
                TableName::Tenants => tenant(number("t").unwrap(), dice),
                TableName::Enrollments => enrollment(&key, dice),
                TableName::Rules => rule(number("r").unwrap(), dice),
                TableName::Rollouts => rollout(number("o").unwrap(), dice),
                TableName::Devices => {
                    let id = rows[at].1.split('|').next().unwrap().to_owned();
                    device(&id, dice)
                }
                _ => (
                    TableName::Latency,
                    "westeurope|eastus|milliseconds=90".to_owned(),
                ),
            };
        }
    }
    rows
}

/// The tables of rows; `None` if they have errors.
pub(super) fn read(rows: &[Row]) -> Option<(Tables, Policy)> {
    let mut keys: Vec<_> = rows
        .iter()
        .map(|(name, row)| (name.as_str(), row.split('|').take(2).collect::<Vec<_>>()))
        .collect();
    keys.sort();
    let count = keys.len();
    keys.dedup();
    if keys.len() < count {
        return None;
    }
    let rows: Vec<(TableName, &str)> = rows.iter().map(|(name, row)| (*name, &**row)).collect();
    let tables = tables_of(&rows);
    let reading = Policy::read(&tables);
    let policy = reading.policy?;
    Some((tables, policy))
}
