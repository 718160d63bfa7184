//! Tables at the budget of a read and beyond it: what they do to the memory of the process.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::running::Process;
use crate::webhook::{TABLES, good_request, write_tables};

/// MB that loading tables within the budget may take at once, with the file of the last good policy.
const AT_THE_BUDGET: u64 = 200;
/// MB that tables beyond the budget may take before reading them stops: 55 to 64 in debug builds, by how the
/// pages arrive. To read them to their end takes hundreds.
const BEYOND_THE_BUDGET: u64 = 80;

/// Rows of all tables, as the README says.
const MAX_ROWS: usize = 300_000;

/// Fills `devices` so that all tables together have that many rows.
fn write_rows(folder: &Path, rows: usize) {
    write_tables(folder);
    let others = TABLES.iter().filter(|(name, _)| *name != "devices.csv");
    let lines = others.flat_map(|(_, text)| text.lines().filter(|line| !line.starts_with('#')));
    // Each file has a header.
    let of_others = lines.count() - (TABLES.len() - 1);
    let devices = (of_others..rows).map(|n| format!("pump-{n:08},device,acme,westeurope\n"));
    let head = "PartitionKey,RowKey,tenant,location\n".to_owned();
    let text = std::iter::once(head).chain(devices).collect::<String>();
    fs::write(folder.join("devices.csv"), text).unwrap();
}

/// Starts over a folder with that many rows; the log up to a line, and the peak in MB.
fn over_rows(rows: usize, line: &str) -> (Process, u64) {
    let folder = tempfile::tempdir().unwrap();
    write_rows(folder.path(), rows);
    let cache = folder.path().join("cache");
    let mut process = Process::start(&[
        ("POLICY_DIR", folder.path().to_str().unwrap()),
        ("POLICY_CACHE_DIR", cache.to_str().unwrap()),
        ("POLICY_REFRESH_SECONDS", "1"),
    ]);
    process.wait_for_line(line);
    let peak = process.peak_mb();
    (process, peak)
}

#[test]
fn as_many_rows_as_may_be_are_a_policy() {
    let (process, peak) = over_rows(MAX_ROWS, "policy installed");
    let answer = process.allocate(&good_request().to_string());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(peak < AT_THE_BUDGET, "{peak} MB");
}

#[test]
fn one_row_more_is_refused() {
    let rule = "the tables have more than 300000 rows in all";
    let (process, peak) = over_rows(MAX_ROWS + 1, rule);
    let answer = process.allocate(&good_request().to_string());
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(peak < BEYOND_THE_BUDGET, "{peak} MB");
}

/// A file of 256 MiB, and the last good policy stays in use.
#[test]
fn a_huge_file_is_refused_and_the_policy_in_use_stays() {
    let mut process = Process::start(&[("POLICY_REFRESH_SECONDS", "1")]);
    process.wait_for_line("policy installed");
    let line = format!("note,{}\n", "x".repeat(32_000));
    let text = format!(
        "PartitionKey,RowKey\n{}",
        line.repeat((256 << 20) / line.len())
    );
    fs::write(process.folder.path().join("rules.csv"), text).unwrap();
    process.wait_for_line("`rules.csv` has more than 16 MiB");
    let answer = process.allocate(&good_request().to_string());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let peak = process.peak_mb();
    assert!(peak < BEYOND_THE_BUDGET, "{peak} MB");
}

/// Azure Tables with 14,000 rules that have notes of 32 KB each, in pages as Azure gives them.
struct Hoard {
    port: u16,
    /// Pages with notes that were asked for.
    pages: Arc<AtomicUsize>,
}

const ROWS: usize = 14_000;
/// Rows that fill the 4 MiB of a page.
const ROWS_WITH_NOTES: usize = 128;
const MAX_ROWS_OF_PAGE: usize = 1000;
/// Characters of a note.
const NOTE: usize = 32 * 1024;

impl Hoard {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages = Arc::default();
        let counted = Arc::clone(&pages);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, counted) = (stream.unwrap(), Arc::clone(&counted));
                // The webhook gives up a page that it does not want.
                thread::spawn(move || serve(&stream, &counted).ok());
            }
        });
        Self { port, pages }
    }

    /// With the key that everybody knows.
    fn connection_string(&self) -> String {
        let key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        let port = self.port;
        format!(
            "AccountName=devstoreaccount1;AccountKey={key};\
             TableEndpoint=http://127.0.0.1:{port}/devstoreaccount1"
        )
    }
}

/// Answers the queries of a connection.
fn serve(stream: &TcpStream, pages: &AtomicUsize) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        reader.read_line(&mut request)?;
        if request.is_empty() {
            return Ok(());
        }
        let mut header = String::new();
        while header != "\r\n" {
            header.clear();
            reader.read_line(&mut header)?;
        }
        let (rows, next) = page(&request, pages);
        let body = json!({ "odata.metadata": "", "value": rows }).to_string();
        let next = next.map_or_else(String::new, |next| {
            format!(
                "x-ms-continuation-NextPartitionKey: rule\r\n\
                 x-ms-continuation-NextRowKey: {next}\r\n"
            )
        });
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nServer: Windows-Azure-Table/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             x-ms-version: 2019-02-02\r\nx-ms-request-id: 0c8a0d3e-8002-0021-4c5d-8f1e2f000000\r\n\
             Date: Thu, 26 Nov 2026 03:00:00 GMT\r\n{next}\r\n",
            body.len()
        )?;
        stream.write_all(body.as_bytes())?;
    }
}

/// The rows of a page, and the number of the first row of the next one.
fn page(request: &str, pages: &AtomicUsize) -> (Vec<Value>, Option<usize>) {
    if !request.contains("/DpsRules") {
        return (Vec::new(), None);
    }
    let keys_only = request.contains("select=");
    let from = request.split("NextRowKey=").nth(1);
    let from = from.map_or(0, |from| {
        let digits = from.split(|c: char| !c.is_ascii_digit()).next();
        digits.unwrap().parse().unwrap()
    });
    let rows = if keys_only {
        MAX_ROWS_OF_PAGE
    } else {
        ROWS_WITH_NOTES
    };
    if !keys_only {
        pages.fetch_add(1, Ordering::Relaxed);
    }
    let until = (from + rows).min(ROWS);
    let row = |number: usize| {
        let etag = "W/\"datetime'2026-11-26T03%3A00%3A00.0000000Z'\"";
        let key = format!("{number:05}");
        let mut row = json!({ "odata.etag": etag, "PartitionKey": "*", "RowKey": key });
        if !keys_only {
            row["note"] = "x".repeat(NOTE).into();
        }
        row
    };
    let next = (until < ROWS).then_some(until);
    ((from..until).map(row).collect(), next)
}

#[test]
fn huge_notes_in_azure_are_not_read_to_their_end() {
    let hoard = Hoard::start();
    let connection = hoard.connection_string();
    let variables = [
        ("PolicyTables", &*connection),
        ("POLICY_REFRESH_SECONDS", "1"),
    ];
    let mut process = Process::start(&variables);
    process.wait_for_line("the tables have more than 16 MiB of text in all");
    let peak = process.peak_mb();
    assert!(peak < BEYOND_THE_BUDGET, "{peak} MB");
    // The notes of these pages take all of the budget, so that their keys are too much. Nothing is
    // read again before it changes.
    let pages = hoard.pages.load(Ordering::Relaxed);
    assert_eq!(pages, (16 << 20) / (NOTE * ROWS_WITH_NOTES));
}
