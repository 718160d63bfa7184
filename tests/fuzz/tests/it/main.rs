//! Every seed through its target, so that neither can rot; `tests/fuzz/run` goes on from there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests; the last seed that is named is the one that fails"
)]

use std::fs;
use std::path::Path;

/// Runs a target over a folder of seeds, and over nothing at all.
#[track_caller]
fn replay(target: fn(&[u8]), seeds: &str) {
    target(b"");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(seeds);
    let mut replayed = 0;
    for seed in fs::read_dir(&folder).unwrap() {
        let seed = seed.unwrap().path();
        if seed.is_file() {
            println!("{}", seed.display());
            target(&fs::read(seed).unwrap());
            replayed += 1;
        }
    }
    assert!(replayed > 0, "{} has no seed", folder.display());
}

#[test]
fn requests() {
    replay(fuzz::request, "../fixtures/allocation");
    replay(fuzz::request, "../fixtures/allocation/made");
}

#[test]
fn tables() {
    replay(fuzz::tables, "seeds/tables");
}

#[test]
fn expressions() {
    replay(fuzz::expression, "seeds/expression");
}

#[test]
fn certificates() {
    replay(fuzz::certificate, "seeds/certificate");
}

#[test]
fn log_lines() {
    replay(fuzz::log, "seeds/log");
}
