//! How long a preview, a replay and a comparison with a log take: 1,000 tenants, 50 hubs, all
//! linked.
//!
//! `cargo bench -p dps-fleet -- 1000000` prints seconds and peak memory, which is that of all runs
//! so far; with a second number, `-- 1000000 2`, it previews on so many threads, and ends.

#![expect(clippy::print_stdout, reason = "the answer")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at what should not be"
)]

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use dps_allocation::Policy;
use dps_allocation::tables::{TableName, Tables};
use dps_fleet::fleet::{FleetReader, Watch};
use dps_fleet::outcome::{Question, follow};
use dps_fleet::prediction::Prediction;
use dps_fleet::preview::{Assumed, Pair, Side, preview};
use dps_fleet::replay::replay;

const TENANTS: u64 = 1000;
const HUBS: u64 = 50;

/// Lines of a fleet or of a log, made while they are read.
struct Lines<F> {
    made: Vec<u8>,
    at: usize,
    next: u64,
    count: u64,
    line: F,
}

impl<F: Fn(u64) -> String> Read for Lines<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.made.len() {
            self.made.clear();
            self.at = 0;
            while self.made.len() < 64 * 1024 && self.next < self.count {
                self.made.extend((self.line)(self.next).bytes());
                self.next += 1;
            }
        }
        let rest = self.made.get(self.at..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer
            .iter_mut()
            .zip(rest)
            .for_each(|(to, from)| *to = *from);
        self.at += length;
        Ok(length)
    }
}

fn lines(head: &str, count: u64, line: impl Fn(u64) -> String + Send + 'static) -> FleetReader {
    let lines = Lines {
        made: head.as_bytes().to_vec(),
        at: 0,
        next: 0,
        count,
        line,
    };
    FleetReader::new("made", Box::new(lines), Arc::new(AtomicU64::new(0))).unwrap()
}

/// The tables; hub 7 is as the argument says.
fn tables(state: &str) -> Tables {
    let mut tables = Tables::default();
    let mut push = |name: TableName, cells: &[(&str, &str)]| {
        let table = tables.table_mut(name);
        let cells: Vec<(usize, &str)> = cells
            .iter()
            .map(|(column, text)| (table.column(column), *text))
            .collect();
        table.push(None, cells).unwrap();
    };
    for hub in 0..HUBS {
        let host = format!("fleet-hub-{hub:02}.azure-devices.net");
        let state = if hub == 7 { state } else { "open" };
        let keys = [("PartitionKey", "hub"), ("RowKey", &*host)];
        push(
            TableName::Hubs,
            &[&keys[..], &[("state", state), ("geography", "EU")]].concat(),
        );
    }
    for tenant in 0..TENANTS {
        let id = format!("tenant-{tenant:03}");
        push(
            TableName::Tenants,
            &[
                ("PartitionKey", "tenant"),
                ("RowKey", &id),
                ("residency", "EU"),
            ],
        );
        push(
            TableName::Enrollments,
            &[
                ("PartitionKey", "enrollment"),
                ("RowKey", &id),
                ("tenants", &id),
            ],
        );
    }
    tables
}

/// Peak resident memory in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1000
}

/// Lines of the decision log, each of another device.
fn logged(count: u64, revision: String) -> FleetReader {
    let hubs: Vec<String> = (0..HUBS)
        .map(|hub| format!("\"fleet-hub-{hub:02}.azure-devices.net\""))
        .collect();
    let hubs = hubs.join(",");
    lines("", count, move |number| {
        let tenant = number % TENANTS;
        format!(
            "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-12-01T00:00:00.123Z\",\
             \"revision\":\"{revision}\",\"registrationId\":\"device-{number:08}\",\
             \"enrollment\":{{\"kind\":\"group\",\"id\":\"tenant-{tenant:03}\",\"iotEdge\":false,\
             \"resetsData\":false}},\"attestation\":\"symmetricKey\",\"linkedHubs\":[{hubs}],\
             \"currentHub\":\"fleet-hub-03.azure-devices.net\",\"tenant\":\"tenant-{tenant:03}\",\
             \"hub\":\"fleet-hub-03.azure-devices.net\",\"twinEffect\":\"ignoredSameHub\",\
             \"status\":200,\"outcome\":\"assigned\",\"reason\":\"stay\"}}\n"
        )
    })
}

fn main() {
    let mut numbers = std::env::args().filter_map(|it| it.parse::<u64>().ok());
    let count = numbers.next().unwrap_or(1_000_000);
    let only = numbers.next().and_then(|it| usize::try_from(it).ok());
    let (before, after) = (tables("open"), tables("closed"));
    let (from, to) = (
        Policy::read(&before).policy.unwrap(),
        Policy::read(&after).policy.unwrap(),
    );
    let at = "2026-12-01T00:00:00Z".parse().unwrap();
    let pair = Pair::new(
        Side::new(&from, &before, "before".to_owned(), at),
        Side::new(&to, &after, "after".to_owned(), at),
        Assumed::default(),
    );
    for threads in only.map_or(vec![1, 2], |only| vec![only]) {
        let fleet = lines("registrationId,enrollment\n", count, |number| {
            format!("device-{number:08},tenant-{:03}\n", number % TENANTS)
        });
        let begun = Instant::now();
        let threads = NonZeroUsize::new(threads).unwrap();
        let (found, _) = preview(
            fleet,
            &pair,
            threads,
            Some(count),
            &Watch::default(),
            |_| {},
        );
        let seconds = begun.elapsed().as_secs_f64();
        let moved = found.summary.moved;
        println!(
            "preview, {threads} threads: {count} devices, {moved} moved, {seconds:.2} s, {} MB",
            peak()
        );
    }
    if only.is_some() {
        return;
    }
    let log = logged(count / 10, "71bc68eb7d66".to_owned());
    let begun = Instant::now();
    let (found, _) = replay(log, &to, None, NonZeroUsize::MIN, &Watch::default());
    let seconds = begun.elapsed().as_secs_f64();
    let (all, same) = (found.decisions, found.same);
    println!(
        "replay, 1 thread: {all} decisions, {same} the same, {seconds:.2} s, {} MB",
        peak()
    );
    compare(&pair, &to, count);
}

/// A log of as many devices next to a prediction of them.
fn compare(pair: &Pair<'_>, to: &Policy, count: u64) {
    let (watch, threads) = (Watch::default(), NonZeroUsize::new(2).unwrap());
    let fleet = lines("registrationId,enrollment\n", 1000, |number| {
        format!("device-{number:08},tenant-{number:03}\n")
    });
    let (found, _) = preview(fleet, pair, threads, None, &watch, |_| {});
    let revision = to.revision();
    let question = Question {
        revision: &revision.into(),
        since: found.to.at,
        until: None,
        prediction: &Prediction::of(&found),
        assumed: &Assumed::default(),
    };
    let log = logged(count, revision.to_string());
    let begun = Instant::now();
    let (followed, _) = follow(log, &question, threads, &watch);
    let found = followed.outcome(&question);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "history --log, 2 threads: {} decisions, {} devices, {seconds:.2} s, {} MB",
        found.decisions,
        found.registered,
        peak()
    );
}
