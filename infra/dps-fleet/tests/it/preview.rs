//! Previews from outside: two sets of tables and a fleet in, numbers out.

use std::num::NonZeroUsize;

use dps_allocation::tables::{TableName, Tables};
use dps_allocation::{Part, Parts, Policy};
use dps_fleet::fleet::{Synthetic, Watch};
use dps_fleet::preview::{Assumed, Changed, Pair, Preview, Side, preview};

use crate::fleet::reader;

/// Tables as `table|partition|row|column=value..`, one row a line.
pub(crate) fn tables(text: &str) -> Tables {
    let mut tables = Tables::default();
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
        let mut cells = line.split('|');
        let name = cells.next().unwrap();
        let name = TableName::all().find(|it| it.as_str() == name).unwrap();
        let table = tables.table_mut(name);
        let keys = ["PartitionKey", "RowKey"].map(|key| (key, cells.next().unwrap()));
        let others = cells.map(|cell| cell.split_once('=').unwrap());
        let row: Vec<(usize, &str)> = keys
            .into_iter()
            .chain(others)
            .map(|(column, value)| (table.column(column), value))
            .collect();
        table.push(None, row).unwrap();
    }
    tables
}

pub(crate) fn policy(tables: &Tables) -> Policy {
    let reading = Policy::read(tables);
    reading
        .policy
        .unwrap_or_else(|| panic!("{:?}", reading.findings))
}

/// Two hubs in Europe, one in America; a tenant that must stay in Europe.
pub(crate) const BEFORE: &str = "
    hubs|hub|a.net|geography=EU
    hubs|hub|b.net|geography=EU
    hubs|hub|c.net|geography=US
    tenants|tenant|acme|residency=EU
    tenants|tenant|free
    enrollments|enrollment|acme|tenants=acme
    enrollments|enrollment|free|tenants=free
    rules|acme|10-recalled|when=payload.recalled == true|refuse=true
";

fn run(before: &str, after: &str, fleet: &str, assumed: Assumed) -> (Preview, Vec<Changed>) {
    let (before, after) = (tables(before), tables(after));
    let policies = (policy(&before), policy(&after));
    let now = "2026-12-10T00:00:00Z".parse().unwrap();
    let pair = Pair::new(
        Side::new(&policies.0, &before, "before".to_owned(), now),
        Side::new(&policies.1, &after, "after".to_owned(), now),
        assumed,
    );
    let threads = NonZeroUsize::new(2).unwrap();
    let watch = Watch::default();
    let mut list = Vec::new();
    let push = |changed: &[Changed]| list.extend_from_slice(changed);
    // Without it each run clears memory for ten million ids.
    let about = Some(fleet.lines().count() as u64);
    let (found, broken) = preview(reader(fleet), &pair, threads, about, &watch, push);
    assert!(broken.is_none(), "{broken:?}");
    assert_eq!(watch.devices(), found.summary.devices);
    (found, list)
}

fn no_payload() -> Assumed {
    Assumed {
        without: [Part::Payload].into_iter().collect::<Parts>(),
        ..Assumed::default()
    }
}

/// A thousand devices of a group, with what follows their ids.
fn thousand(group: &str, more: &str) -> String {
    let rows = (0..1000).map(|number| format!("dev-{number},{group},{more}\n"));
    rows.fold(
        "registrationId,enrollment,currentHub\n".to_owned(),
        |fleet, row| fleet + &row,
    )
}

fn with(before: &str, from: &str, to: &str) -> String {
    assert!(before.contains(from));
    before.replace(from, to)
}

#[test]
fn tables_that_are_the_same_move_nobody() {
    let (found, list) = run(BEFORE, BEFORE, &thousand("free", ""), no_payload());
    assert_eq!(found.summary.devices, 1000);
    assert_eq!((found.summary.moved, found.summary.least_moves), (0, 0));
    assert!(list.is_empty() && found.groups.is_empty());
}

#[test]
fn closing_a_hub_moves_its_devices_and_says_why() {
    let closed = with(
        BEFORE,
        "a.net|geography=EU",
        "a.net|geography=EU|state=closed",
    );
    let (found, list) = run(BEFORE, &closed, &thousand("acme", "A.net"), no_payload());
    let it = &found.summary;
    assert_eq!(
        (it.moved, it.least_moves, it.across_residency),
        (1000, 1000, 0)
    );
    let [group] = &found.groups[..] else {
        panic!("{:?}", found.groups)
    };
    assert_eq!((&*group.effect.from, &*group.effect.to), ("a.net", "b.net"));
    assert_eq!(group.effect.row.as_deref(), Some("tenants tenant/acme"));
    assert_eq!(group.because.as_ref().unwrap().text, "its state is closed");
    assert_eq!(
        group.ids.such_as().collect::<Vec<_>>(),
        ["dev-0", "dev-1", "dev-2"]
    );
    assert_eq!(list.len(), 1000);
    let ids: Vec<String> = list.iter().map(|it| it.id.clone()).collect();
    let expected: Vec<String> = (0..1000).map(|number| format!("dev-{number}")).collect();
    assert_eq!(ids, expected);
    let [moves] = &found.moves[..] else {
        panic!("{:?}", found.moves)
    };
    assert_eq!(moves.devices, 1000);
    assert_eq!(
        (moves.from.as_deref(), moves.to.as_deref()),
        (Some("eu"), Some("eu"))
    );
    let load: Vec<(u64, u64, u64)> = found
        .load
        .iter()
        .map(|it| (it.now, it.before, it.after))
        .collect();
    assert_eq!(load, [(1000, 1000, 0), (0, 0, 1000), (0, 0, 0)]);
}

/// Where no list says where a device is, it is where the tables have placed it.
#[test]
fn a_weight_moves_nobody_who_has_a_hub() {
    let heavier = with(BEFORE, "b.net|geography=EU", "b.net|geography=EU|weight=9");
    let fleet = thousand("acme", "")
        .replace(",currentHub", "")
        .replace(",\n", "\n");
    let (found, _) = run(BEFORE, &heavier, &fleet, no_payload());
    assert_eq!(found.summary.moved, 0);
    let new = Assumed {
        as_new: true,
        ..no_payload()
    };
    let (found, _) = run(BEFORE, &heavier, &fleet, new);
    assert!(
        (300..500).contains(&found.summary.moved),
        "{:?}",
        found.summary
    );
    assert_eq!(found.summary.moved, found.summary.least_moves);
}

#[test]
fn what_the_fleet_does_not_hold_is_named() {
    let (found, list) = run(BEFORE, BEFORE, &thousand("acme", ""), Assumed::default());
    assert_eq!(
        (found.summary.undecidable, found.summary.devices),
        (1000, 1000)
    );
    assert_eq!(found.undecided[0].asked, "rules acme/10-recalled when");
    assert!(list.is_empty());
    assert!(found.load.iter().all(|it| it.before + it.after == 0));
    // The payload of this one is known.
    let fleet =
        "{\"registrationId\":\"d\",\"enrollment\":\"acme\",\"payload\":{\"recalled\":true}}";
    let (found, _) = run(BEFORE, BEFORE, fleet, Assumed::default());
    assert_eq!(
        (found.summary.undecidable, found.summary.refused_before),
        (0, 1)
    );
    let (found, _) = run(BEFORE, BEFORE, "id\nd\n", Assumed::default());
    assert_eq!(
        found.undecided[0].asked,
        "the enrollment that the device comes through"
    );
}

#[test]
fn refused_and_accepted_devices_are_told() {
    let suspended = with(BEFORE, "tenant|acme|", "tenant|acme|state=suspended|");
    let fleet = thousand("acme", "a.net");
    let (found, list) = run(BEFORE, &suspended, &fleet, no_payload());
    assert_eq!((found.summary.refused, found.summary.moved), (1000, 0));
    assert_eq!(
        (&*list[0].effect.from, &*list[0].effect.to),
        ("a.net", "tenantSuspended")
    );
    assert_eq!(list[0].effect.row.as_deref(), Some("tenants tenant/acme"));
    let (found, list) = run(&suspended, BEFORE, &fleet, no_payload());
    assert_eq!(found.summary.accepted, 1000);
    assert_eq!(
        (&*list[0].effect.from, &*list[0].effect.to),
        ("tenantSuspended", "a.net")
    );
}

/// The edit itself widens the residency, so the tables after it say nothing against the move.
#[test]
fn a_device_that_leaves_its_residency_is_told() {
    let wider = with(
        BEFORE,
        "residency=EU",
        "residency=EU;US|onReprovision=replace",
    );
    let wider = with(
        &wider,
        "c.net|geography=US",
        "c.net|geography=US|weight=1000",
    );
    let (found, list) = run(BEFORE, &wider, &thousand("acme", "a.net"), no_payload());
    let left = list.iter().filter(|it| it.effect.to == "c.net").count();
    assert!(left > 900, "{left}");
    assert_eq!(found.summary.across_residency, left as u64);
    // Whoever has no residency may go anywhere.
    let replace = with(BEFORE, "tenant|free", "tenant|free|onReprovision=replace");
    let (found, _) = run(BEFORE, &replace, &thousand("free", "a.net"), no_payload());
    assert!(found.moves.iter().any(|it| it.to.as_deref() == Some("us")));
    assert_eq!(found.summary.across_residency, 0);
}

#[test]
fn other_twins_and_replies_are_told() {
    let reply = with(BEFORE, "tenant|free", "tenant|free|reply={\"n\": 1}");
    let (found, _) = run(BEFORE, &reply, &thousand("free", "a.net"), no_payload());
    assert_eq!((found.summary.twin_differs, found.summary.moved), (1000, 0));
    assert_eq!(
        (found.summary.twin_applied, &*found.twins[0].tenant),
        (0, "free")
    );
    let twin = format!("{BEFORE}twins|*|mark|tags={{\"a\": \"${{payload.a}}\"}}");
    let twin = with(&twin, "tenant|free", "tenant|free|twin=mark");
    let (found, _) = run(BEFORE, &twin, &thousand("free", ""), no_payload());
    assert_eq!(
        (found.summary.twin_differs, found.summary.twin_applied),
        (1000, 1000)
    );
    let (found, _) = run(BEFORE, &twin, &thousand("free", ""), Assumed::default());
    assert_eq!(
        (found.summary.twin_differs, found.summary.twin_unknown),
        (0, 1000)
    );
}

/// A rollout that both have moves devices; it is not the change that does.
#[test]
fn what_moves_anyway_is_not_moved_by_the_change() {
    let rollout = "rollouts|free|r|from=a.net|to=b.net|cohort=existing|steps=2026-12-01=50%";
    let before = format!("{BEFORE}{rollout}");
    let (found, _) = run(&before, &before, &thousand("free", "a.net"), no_payload());
    assert_eq!(found.summary.moved, 0);
    assert!(
        (400..600).contains(&found.summary.under_way),
        "{:?}",
        found.summary
    );
    let (found, _) = run(BEFORE, &before, &thousand("free", "a.net"), no_payload());
    assert!((400..600).contains(&found.summary.moved));
    assert_eq!(
        found.groups[0].effect.row.as_deref(),
        Some("rollouts free/r")
    );
}

#[test]
fn ids_count_once_and_faults_are_counted() {
    let fleet = "id,enrollment\na,free\nA,free\nb,free\na b,free\n,free\na,free\n";
    let (found, _) = run(BEFORE, BEFORE, fleet, no_payload());
    let it = &found.summary;
    assert_eq!((it.devices, it.repeated, it.faults), (2, 2, 2));
    let rules: Vec<(u64, &str)> = found.faults.iter().map(|it| (it.line, &*it.rule)).collect();
    assert_eq!(rules[0].0, 5);
    assert!(
        rules[0]
            .1
            .starts_with("`a b` is not a registration id: it holds ' '")
    );
    assert!(
        rules[1]
            .1
            .starts_with("`` is not a registration id: it is empty")
    );
}

/// A hub as people write it, on tables whose hubs `a` and `b` have one row each, and `c` has two.
#[track_caller]
fn check_hub(written: &str, moved: u64, fault: &str) {
    let before = "
        hubs|hub|a.azure-devices.net
        hubs|hub|b.azure-devices.net
        hubs|hub|c.azure-devices.net
        hubs|hub|c.azure-devices.us
        tenants|tenant|acme
        enrollments|enrollment|acme|tenants=acme
    ";
    let after = with(
        before,
        "a.azure-devices.net",
        "a.azure-devices.net|state=closed",
    );
    for fleet in [
        format!("id,enrollment,currentHub\nd,acme,{written}\n"),
        format!("{{\"id\":\"d\",\"enrollment\":\"acme\",\"currentHub\":\"{written}\"}}"),
        format!("id,enrollment,currentHub,linkedHubs\nd,acme,{written},{written};b\n"),
    ] {
        let (found, _) = run(before, &after, &fleet, no_payload());
        let rules: Vec<&str> = found.faults.iter().map(|it| &*it.rule).collect();
        assert_eq!(found.summary.moved, moved, "{fleet}: {rules:?}");
        assert_eq!(rules.len(), usize::from(!fault.is_empty()), "{rules:?}");
        assert!(rules.iter().all(|it| it.contains(fault)), "{rules:?}");
    }
}

#[test]
fn a_hub_is_named_by_a_host_name_or_by_the_label_of_one_row() {
    check_hub("a.azure-devices.net", 1, "");
    check_hub("A.device.azure-devices.net", 1, "");
    check_hub("a", 1, "");
    check_hub("A", 1, "");
    check_hub("b", 0, "");
    // A hub that is linked and has no row.
    check_hub("z.azure-devices.net", 0, "");
    check_hub("c", 0, "`c` is the first label of several hubs");
    check_hub("z", 0, "`z` is not a host name, and no row of hubs begins");
    check_hub("not a hub!", 0, "hub `not a hub!` is not a host name");
    check_hub("a b.net", 0, "hub `a b.net` is not a host name");
}

#[test]
fn a_fleet_can_be_made_from_the_tables() {
    let before = tables(BEFORE);
    let policy = policy(&before);
    let now = "2026-12-10T00:00:00Z".parse().unwrap();
    let side = || Side::new(&policy, &before, "same".to_owned(), now);
    let pair = Pair::new(side(), side(), Assumed::default());
    let fleet = Synthetic::new(&before, 10_001);
    let threads = NonZeroUsize::new(3).unwrap();
    let (found, _) = preview(fleet, &pair, threads, None, &Watch::default(), |_| {});
    assert_eq!(
        (found.summary.devices, found.summary.undecidable),
        (10_001, 0)
    );
    let load: u64 = found.load.iter().map(|it| it.before).sum();
    assert_eq!(load, 10_001);
}

/// However many threads there are, a preview is the same.
#[test]
fn threads_do_not_change_a_preview() {
    let before = tables(BEFORE);
    let after = tables(&with(BEFORE, "b.net|", "b.net|state=closed|"));
    let policies = (policy(&before), policy(&after));
    let now = "2026-12-10T00:00:00Z".parse().unwrap();
    let by = |threads: usize| {
        let pair = Pair::new(
            Side::new(&policies.0, &before, "before".to_owned(), now),
            Side::new(&policies.1, &after, "after".to_owned(), now),
            Assumed::default(),
        );
        let fleet = Synthetic::new(&before, 50_000);
        let threads = NonZeroUsize::new(threads).unwrap();
        let mut listed = Vec::new();
        let list = |changed: &[Changed]| listed.extend_from_slice(changed);
        let (found, _) = preview(fleet, &pair, threads, None, &Watch::default(), list);
        (serde_json::to_string(&found).unwrap(), listed)
    };
    assert_eq!(by(1), by(4));
}
