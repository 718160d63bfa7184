//! A preview of a larger fleet takes no more memory. Alone in its process, whose memory it
//! measures.

#![cfg(test)]
#![cfg(target_os = "linux")]

use std::num::NonZeroUsize;

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_fleet::fleet::{Synthetic, Watch};
use dps_fleet::preview::{Assumed, Pair, Side, preview};

/// Devices of a fleet, and of a larger one.
const SMALL: u64 = 110_000;
const LARGE: u64 = 4 * SMALL;

/// What the allocator and the order of threads may add, in KiB.
const NOISE: u64 = 2048;

/// Ten tenants on five hubs; the last hub is in this state.
fn tables(state: &str) -> Tables {
    let mut tables = Tables::default();
    let mut push = |name: TableName, partition: &str, key: &str, column: &str, text: &str| {
        let table = tables.table_mut(name);
        let cells = [("PartitionKey", partition), ("RowKey", key), (column, text)];
        let cells = cells.map(|(column, text)| (table.column(column), text));
        table.push(None, cells).unwrap();
    };
    for hub in 0..5 {
        let host = format!("hub-{hub}.azure-devices.net");
        let state = if hub == 4 { state } else { "open" };
        push(TableName::Hubs, "hub", &host, "state", state);
    }
    for tenant in 0..10 {
        let id = format!("tenant-{tenant}");
        push(TableName::Tenants, "tenant", &id, "state", "active");
        push(TableName::Enrollments, "enrollment", &id, "tenants", &id);
    }
    tables
}

/// The most memory that this process has had so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let number = line.unwrap().split_whitespace().next().unwrap();
    number.parse().unwrap()
}

#[test]
fn a_larger_fleet_takes_no_more_memory() {
    let [before, after] = ["open", "closed"].map(tables);
    let policies = [&before, &after].map(|it| Policy::read(it).policy.unwrap());
    let now = "2026-12-10T00:00:00Z".parse().unwrap();
    let pair = Pair::new(
        Side::new(&policies[0], &before, "before".to_owned(), now),
        Side::new(&policies[1], &after, "after".to_owned(), now),
        Assumed::default(),
    );
    let mut moved = 0;
    let mut peak_of = |count: u64| {
        let threads = NonZeroUsize::new(2).unwrap();
        let fleet = Synthetic::new(&before, count);
        let about = Some(count);
        let (found, broken) = preview(fleet, &pair, threads, about, &Watch::default(), |list| {
            moved += list.len() as u64;
        });
        assert!(broken.is_none(), "{broken:?}");
        assert_eq!(found.summary.devices, count);
        assert_eq!(std::mem::take(&mut moved), found.summary.moved);
        assert!(found.summary.moved > count / 10);
        peak()
    };
    let (small, large) = (peak_of(SMALL), peak_of(LARGE));
    assert!(
        large - small < NOISE,
        "{SMALL} devices: {small} KiB, {LARGE}: {large} KiB"
    );
}
