//! Simulations from outside: tables, a fleet and a calendar in, devices over time out.

use std::num::NonZeroUsize;

use dps_allocation::{Part, Parts};
use dps_fleet::fleet::Watch;
use dps_fleet::preview::{Assumed, Pair, Side, preview};
use dps_fleet::rollout::length;
use dps_fleet::simulate::{
    Calendar, Capacities, HubOverTime, Measured, Pace, Simulation, measure, simulate,
};
use jiff::Timestamp;

use crate::fleet::reader;
use crate::preview::{policy, tables};

/// Two hubs in one pool; devices register monthly, from December until the end of January.
const TWO: &str = "
    hubs|hub|a.net
    hubs|hub|b.net
    tenants|tenant|acme
    enrollments|enrollment|acme|tenants=acme
";

const ALL_TO_B: &str = "rollouts|acme|go|from=a.net|to=b.net|steps=2026-12-01=100%";

fn time(text: &str) -> Timestamp {
    dps_allocation::instant(text).unwrap()
}

fn calendar(until: &str) -> Calendar {
    let pace = Pace::every(length("30d").unwrap());
    Calendar::new(time("2026-12-01"), time(until), &pace).unwrap()
}

fn no_payload() -> Assumed {
    Assumed {
        without: [Part::Payload].into_iter().collect::<Parts>(),
        ..Assumed::default()
    }
}

fn run(rows: &str, fleet: &str, assumed: Assumed) -> Simulation {
    run_by(&calendar("2027-01-30"), rows, fleet, assumed)
}

fn run_by(calendar: &Calendar, rows: &str, fleet: &str, assumed: Assumed) -> Simulation {
    let tables = tables(rows);
    let policy = policy(&tables);
    let side = Side::new(&policy, &tables, "here".to_owned(), time("2026-12-01"));
    let (threads, watch) = (NonZeroUsize::new(2).unwrap(), Watch::default());
    // Without it each run clears memory for ten million ids.
    let about = Some(fleet.lines().count() as u64);
    let (found, broken) = simulate(
        reader(fleet),
        &side,
        assumed,
        calendar,
        threads,
        about,
        &watch,
    );
    assert!(broken.is_none(), "{broken:?}");
    assert_eq!(watch.devices(), found.devices);
    found
}

/// A thousand devices, with what follows the enrollment.
fn thousand(hub: &str) -> String {
    let head = "id,enrollment,currentHub,attestation\n".to_owned();
    let rows = (0..1000).map(|number| format!("dev-{number},acme,{hub},tpm\n"));
    rows.fold(head, |all, row| all + &row)
}

#[track_caller]
fn hub<'a>(found: &'a Simulation, name: &str) -> &'a HubOverTime {
    let hub = found.hubs.iter().find(|it| it.hub == name);
    hub.unwrap_or_else(|| panic!("{:?}", found.hubs))
}

fn moved(found: &Simulation) -> u64 {
    found.moments.iter().map(|it| it.moved).sum()
}

#[test]
fn without_a_rollout_nobody_moves() {
    let found = run(TWO, &thousand("a.net"), no_payload());
    assert_eq!((found.devices, moved(&found)), (1000, 0));
    assert_eq!(found.moments.len(), 61);
    assert_eq!(hub(&found, "a.net").devices, [1000; 61]);
    assert_eq!(hub(&found, "a.net").empty_from, None);
    assert_eq!(found.hubs.len(), 1);
}

#[test]
fn a_rollout_moves_each_device_when_it_registers() {
    let found = run(
        &format!("{TWO}{ALL_TO_B}"),
        &thousand("a.net"),
        no_payload(),
    );
    let (a, b) = (hub(&found, "a.net"), hub(&found, "b.net"));
    assert_eq!(moved(&found), 1000);
    assert!(a.devices.iter().zip(&b.devices).all(|(a, b)| a + b == 1000));
    assert!((400..600).contains(&a.devices[15]), "{:?}", a.devices);
    // Everybody has registered once.
    assert!(a.devices[29] > 0);
    assert_eq!(a.devices[30], 0);
    assert_eq!(a.empty_from, Some(time("2026-12-31")));
    assert_eq!(b.empty_from, None);
}

#[test]
fn a_later_step_moves_those_who_register_after_it() {
    let steps = ALL_TO_B.replace("=100%", "=40% 2026-12-31=100%");
    let found = run(&format!("{TWO}{steps}"), &thousand("a.net"), no_payload());
    let a = hub(&found, "a.net");
    assert!((540..660).contains(&a.devices[29]), "{:?}", a.devices);
    assert_eq!(a.empty_from.unwrap(), time("2027-01-29"), "{:?}", a.devices);
}

#[test]
fn after_a_registration_of_each_device_the_load_is_that_of_a_preview() {
    let rows = format!("{TWO}{ALL_TO_B}").replace("a.net|to", "a.net|include=dev-1*|to");
    let rows = rows.replace("=100%", "=37%");
    let fleet = thousand("a.net");
    let found = run(&rows, &fleet, no_payload());
    let tables = tables(&rows);
    let policy = policy(&tables);
    let side = || Side::new(&policy, &tables, String::new(), time("2027-01-30"));
    let pair = Pair::new(side(), side(), no_payload());
    let one = NonZeroUsize::MIN;
    let (previewed, _) = preview(
        reader(&*fleet),
        &pair,
        one,
        None,
        &Watch::default(),
        |_changed| {},
    );
    for load in &previewed.load {
        let last = hub(&found, &load.hub).devices.last().copied();
        assert_eq!(last, Some(load.after), "{}", load.hub);
        assert!(load.after > 0);
    }
}

#[test]
fn a_new_device_gets_its_hub_when_it_registers() {
    // An empty cell: no hub yet.
    let found = run(TWO, &thousand(""), no_payload());
    let all = |moment: usize| found.hubs.iter().map(|it| it.devices[moment]).sum::<u64>();
    assert_eq!((all(0), all(30), all(60)), (0, 1000, 1000));
    assert_eq!(moved(&found), 1000);
}

#[test]
fn who_is_refused_stays() {
    let lost = "rules|acme|10-no|when=registrationId == 'dev-7'|refuse=true\n";
    let found = run(
        &format!("{TWO}{lost}{ALL_TO_B}"),
        &thousand("a.net"),
        no_payload(),
    );
    assert_eq!(hub(&found, "a.net").devices.last(), Some(&1));
    let refused: u64 = found.moments.iter().map(|it| it.refused).sum();
    assert_eq!(refused, 2);
}

#[test]
fn what_is_not_known_is_counted_and_named() {
    let lost = "rules|acme|10-no|when=payload.lost == true|refuse=true\n";
    let rows = format!("{TWO}{lost}");
    let text = thousand("a.net") + "dev-7,acme,a.net,tpm\nno/id,acme,a.net,tpm\n";
    let found = run(&rows, &text, Assumed::default());
    assert_eq!(
        (
            found.devices,
            found.undecidable,
            found.repeated,
            found.faults
        ),
        (1000, 1000, 1, 1)
    );
    assert_eq!(found.undecided.len(), 1);
    assert!(found.undecided[0].0.contains("10-no"), "{found:?}");
    let fault = found.first_fault.unwrap();
    assert_eq!(fault.line, 1003);
    assert!(fault.rule.contains("`no/id`"), "{}", fault.rule);
}

#[track_caller]
fn check(until: &str, every: &str, expected: &str) {
    let pace = Pace::every(length(every).unwrap());
    let calendar = Calendar::new(time("2026-12-01"), time(until), &pace);
    let error = calendar.unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn a_calendar_without_registrations_or_with_too_many_is_refused() {
    check("2026-12-01", "30d", "nobody registers until the end");
    check(
        "2026-11-01",
        "30d",
        "nobody registers until the end `2026-11-01",
    );
    check("2026-12-02", "1s", "at least a minute apart");
    check("2030-01-01", "30d", "more than 33 times");
}

#[test]
fn a_hub_is_full_when_it_has_as_many_devices_as_it_may_have() {
    let rows = format!("{TWO}{ALL_TO_B}");
    let found = run(&rows, &thousand("a.net"), no_payload());
    let check = |capacity: u64, full: bool, over: bool| {
        let capacities = Capacities {
            others: Some(capacity),
            hubs: [("a.net".to_owned(), 5000)].into(),
        };
        let found = found.clone().with_capacities(&capacities);
        let (a, b) = (hub(&found, "a.net"), hub(&found, "b.net"));
        assert_eq!(
            (a.capacity, a.full_from, a.is_over()),
            (Some(5000), None, false)
        );
        assert_eq!((b.capacity, b.is_over()), (Some(capacity), over));
        assert_eq!(b.full_from.is_some(), full);
        let moment = b
            .full_from
            .map(|full| found.moments.iter().position(|it| it.at == full));
        if let Some(at) = moment {
            let at = at.unwrap();
            assert!(b.devices[at] >= capacity && b.devices[at - 1] < capacity);
        }
    };
    check(1001, false, false);
    check(1000, true, false);
    check(999, true, true);
    check(500, true, true);
}

/// Lines of a log in which each device registers every so many hours, in any order.
fn log(devices: &[(&str, &[i64])]) -> String {
    let line = |id: &str, hour: i64| {
        let at = time("2026-11-01") + length("1h").unwrap() * i32::try_from(hour).unwrap();
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"{at}\",\"revision\":\"71bc68eb7d66\",\
             \"registrationId\":\"{id}\",\"enrollment\":{{\"kind\":\"group\",\"id\":\"acme\",\"iotEdge\":\
             false,\"resetsData\":false}},\"attestation\":\"tpm\",\"linkedHubs\":[\"a.net\"],\"tenant\":\
             \"acme\",\"hub\":\"a.net\",\"outcome\":\"assigned\",\"reason\":\"weighted\"}}\n"
        )
    };
    let lines = devices
        .iter()
        .flat_map(|(id, hours)| hours.iter().rev().map(move |hour| line(id, *hour)));
    lines.collect()
}

fn measured(log: &str) -> Option<Measured> {
    let threads = NonZeroUsize::new(2).unwrap();
    let (found, broken) = measure(reader(log), threads, &Watch::default());
    assert!(broken.is_none() && !found.interrupted, "{broken:?}");
    found.measured
}

#[test]
fn a_log_says_how_often_devices_register() {
    let hours = |every: usize| (0..=240).step_by(every).collect::<Vec<i64>>();
    let (often, seldom) = (hours(12), hours(48));
    let many: Vec<String> = (0..20).map(|number| format!("dev-{number}")).collect();
    let devices = many.iter().enumerate().map(|(number, id)| {
        let times: &[i64] = match number {
            0..14 => &often,
            14..18 => &seldom,
            _ => &[0],
        };
        (&**id, times)
    });
    let found = measured(&log(&devices.collect::<Vec<_>>())).unwrap();
    assert_eq!((found.devices, found.once), (20, 2));
    assert_eq!(found.registrations, 14 * 21 + 4 * 6 + 2);
    assert_eq!(found.log_seconds, 240 * 3600);
    let hour = 3600;
    let shares: Vec<i64> = found.pace().seconds().collect();
    let expected = [[12 * hour; 7].as_slice(), &[48 * hour; 2], &[240 * hour]].concat();
    assert_eq!(shares, expected);
    assert_eq!(found.pace().middle(), length("12h").unwrap());
}

#[test]
fn devices_register_at_the_pace_of_a_log() {
    let hours: Vec<i64> = (0..=240).step_by(24).collect();
    let devices = [("a", &*hours), ("b", &*hours), ("c", &[0, 240])];
    let found = measured(&log(&devices)).unwrap();
    let calendar = Calendar::new(time("2026-12-01"), time("2026-12-03"), found.pace()).unwrap();
    let found = run_by(
        &calendar,
        &format!("{TWO}{ALL_TO_B}"),
        &thousand("a.net"),
        no_payload(),
    );
    // Those that register daily, which are two of three, and a fifth of the rest.
    assert!((620..800).contains(&moved(&found)), "{}", moved(&found));
}

#[test]
fn a_log_that_is_not_read_to_its_end_is_told() {
    let watch = Watch::default();
    watch.stop();
    let log = log(&[("a", &[0, 24])]);
    let (found, broken) = measure(reader(log), NonZeroUsize::MIN, &watch);
    assert!(broken.is_none() && found.interrupted, "{broken:?}");
}

#[test]
fn a_log_without_two_registrations_of_a_device_says_nothing() {
    assert!(measured(&log(&[("a", &[0]), ("b", &[5])])).is_none());
    assert!(measured("{\"log\":\"other\"}\n").is_none());
}
