//! Random rules and rollouts.

use std::fmt::Write as _;

use dps_allocation::tables::TableName;

use super::dice::Dice;
use super::vocabulary::{HOSTS, Row};

const EXPRESSIONS: &[&str] = &[
    "payload.x == 1",
    "payload.x > 2 && payload.y == 'a'",
    "has(payload.x)",
    "has(payload.x) ? payload.x == 1 : registrationId.startsWith('q')",
    "registrationId.startsWith('dev-')",
    "!registrationId.startsWith('dev')",
    "registrationId.endsWith('1')",
    "registrationId == 'dev-7'",
    "registrationId.contains('z')",
    "registrationId.matches('^a[0-9]+$')",
    "registrationId in ['dev-1', 'x']",
    "enrollment.id == 'e0'",
    "enrollment.id.startsWith('dev-')",
    "tenant == 't1'",
    "tenant in ['t0', 't2']",
    "attestation == 'tpm'",
    "attestation != 'x509' && payload.x == 1",
    "currentHub == 'h0.azure-devices.net'",
    "currentHub != 'h1.azure-devices.net'",
    "now < timestamp('2026-12-05T00:00:00Z')",
    "now >= timestamp('2026-12-05T00:00:00Z') ? true : payload.y == 'b'",
    "device.attributes.sku == 'pro'",
    "has(device.attributes)",
    "cert.subject.commonName == 'a'",
    "has(cert.subject)",
    "payload.x == 1 ? true : tenant == 't0'",
    "payload.t == tenant",
];

fn scope(dice: &mut Dice) -> &'static str {
    dice.pick(&["*", "*", "t0", "t1", "t2"])
}

pub(super) fn rule(number: usize, dice: &mut Dice) -> Row {
    let mut row = format!("{}|r{number}", scope(dice));
    let also = dice.chance(40);
    let mut cell = |column: &str, text: &str| write!(row, "|{column}={text}").unwrap();
    if also {
        cell("mode", "also");
    }
    if dice.chance(80) {
        cell("when", dice.pick(EXPRESSIONS));
    }
    if dice.chance(15) {
        cell("unless", dice.pick(EXPRESSIONS));
    }
    match dice.below(if also { 3 } else { 7 }) {
        0 => {
            cell("refuse", "true");
            if dice.chance(30) {
                cell(
                    dice.pick(&["begins", "ends"]),
                    dice.pick(&["2026-12-04", "2026-12-20"]),
                );
            }
        }
        1 | 2 => cell("pools", dice.pick(&["a", "b", "a;b"])),
        3 => cell("hub", dice.pick(&HOSTS)),
        4 => cell(
            "hubFrom",
            dice.pick(&[
                "payload.h",
                "payload.x == 1 ? 'h0.azure-devices.net' : 'h1.azure-devices.net'",
            ]),
        ),
        5 => cell("placement", dice.pick(&["weighted", "latency"])),
        _ => {}
    }
    (TableName::Rules, row)
}

pub(super) fn rollout(number: usize, dice: &mut Dice) -> Row {
    let mut row = format!("{}|o{number}", scope(dice));
    let mut cell = |column: &str, text: &str| write!(row, "|{column}={text}").unwrap();
    let places = [
        "h0.azure-devices.net",
        "h1.azure-devices.net",
        "h2.azure-devices.net",
        "a",
        "b",
    ];
    cell("to", dice.pick(&places));
    if dice.chance(70) {
        cell("from", dice.pick(&places));
    }
    let steps = [
        "2026-12-01=50%",
        "2026-12-01=10% 2026-12-08=100%",
        "0%",
        "2026-11-01=30%",
        "2026-11-01=100%",
    ];
    cell("steps", dice.pick(&steps));
    if dice.chance(30) {
        cell("cohort", dice.pick(&["new", "existing"]));
    }
    if dice.chance(30) {
        cell("when", dice.pick(EXPRESSIONS));
    }
    if dice.chance(20) {
        cell("include", dice.pick(&["dev-7", "a*", "dev-*;x"]));
    }
    if dice.chance(20) {
        cell("exclude", dice.pick(&["dev-1", "*1", "q*"]));
    }
    if dice.chance(15) {
        cell("salt", dice.pick(&["o0", "o1", "z"]));
    }
    if dice.chance(15) {
        cell("anew", "true");
    }
    if dice.chance(20) {
        cell("ramp", "linear");
    }
    match dice.below(10) {
        0 => {
            cell("state", "paused");
            cell("pausedAt", dice.pick(&["2026-11-20", "2026-12-03"]));
        }
        1 | 2 => {
            cell("state", "aborted");
            if dice.chance(50) {
                cell("abortedAt", "2026-12-03");
                cell("return", "true");
            }
        }
        _ => {}
    }
    (TableName::Rollouts, row)
}
