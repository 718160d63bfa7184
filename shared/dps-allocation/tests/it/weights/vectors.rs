//! The published vectors, which `vectors/check.py` checks as well.

use dps_allocation::bucket::BucketSalt;
use dps_allocation::weight::{Candidate, PlacementSalt, hub_hash, pick};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../vectors/hashing.json")).unwrap()
}

#[track_caller]
fn check(section: &str, least: usize, compute: impl Fn(&Value) -> Value, expected: &str) {
    let vectors = vectors();
    let vectors = vectors[section].as_array().unwrap();
    assert!(
        vectors.len() >= least,
        "{section} has only {}",
        vectors.len()
    );
    for vector in vectors {
        assert_eq!(compute(vector), vector[expected], "{section}: {vector}");
    }
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap()
}

#[test]
fn buckets() {
    let bucket = |v: &Value| {
        BucketSalt::new(text(v, "salt"))
            .bucket(text(v, "id"))
            .number()
            .into()
    };
    check("buckets", 60, bucket, "bucket");
}

#[test]
fn id_hashes() {
    let hash = |v: &Value| hex(PlacementSalt::new(text(v, "salt")).hash(text(v, "id")));
    check("idHashes", 15, hash, "hash");
}

#[test]
fn hub_hashes() {
    check("hubHashes", 10, |v| hex(hub_hash(text(v, "host"))), "hash");
}

fn hex(hash: u64) -> Value {
    format!("{hash:016x}").into()
}

/// Among them two devices for which two of fifty hubs tie.
#[test]
fn picks() {
    let hubs = vectors()["hubs"].clone();
    let picked = |vector: &Value, reverse: bool| -> Value {
        let hubs = hubs[text(vector, "hubs")].as_object().unwrap();
        let mut hosts: Vec<&String> = hubs.keys().collect();
        hosts.sort();
        let mut candidates: Vec<Candidate> = hosts
            .iter()
            .zip(0..)
            .map(|(host, order)| Candidate {
                hub_hash: hub_hash(host),
                weight: hubs[*host].as_u64().unwrap().try_into().unwrap(),
                order,
            })
            .collect();
        if reverse {
            candidates.reverse();
        }
        let id_hash = PlacementSalt::new(text(vector, "salt")).hash(text(vector, "id"));
        let winner = pick(id_hash, candidates.into_iter()).unwrap();
        hosts[usize::from(winner.order)].clone().into()
    };
    check("picks", 60, |vector| picked(vector, false), "host");
    check("picks", 60, |vector| picked(vector, true), "host");
}
