//! Predictions next to what a log says: counts, loads, and what counts cannot tell.

use std::num::NonZeroUsize;

use dps_allocation::{Part, Parts, Revision};
use dps_fleet::fleet::Watch;
use dps_fleet::outcome::{Compared, Outcome, Question, follow};
use dps_fleet::prediction::Prediction;
use dps_fleet::preview::{Assumed, Pair, Side, preview};

use crate::fleet::reader;
use crate::preview::{BEFORE, policy, tables};

const THEN: &str = "2026-12-10T00:00:00Z";

/// A hub that is closed, seen by a fleet.
struct Predicted {
    prediction: Prediction,
    revision: Revision,
    assumed: Assumed,
}

impl Predicted {
    /// `acme` devices 0..10 on `a.net`, which is closed; so they move to `b.net`.
    fn new() -> Self {
        let rows = (0..10).map(|number| format!("dev-{number},acme,A.net\n"));
        let head = "registrationId,enrollment,currentHub\n".to_owned();
        Self::of(&rows.fold(head, |fleet, row| fleet + &row))
    }

    fn of(fleet: &str) -> Self {
        let closed = "a.net|geography=EU|state=closed";
        let (from, to) = (BEFORE, BEFORE.replace("a.net|geography=EU", closed));
        let (from, to) = (tables(from), tables(&to));
        let policies = (policy(&from), policy(&to));
        let at = THEN.parse().unwrap();
        let assumed = Assumed {
            without: [Part::Payload].into_iter().collect::<Parts>(),
            ..Assumed::default()
        };
        let pair = Pair::new(
            Side::new(&policies.0, &from, "from".to_owned(), at),
            Side::new(&policies.1, &to, "to".to_owned(), at),
            assumed.clone(),
        );
        let (watch, threads) = (Watch::default(), NonZeroUsize::MIN);
        let (found, _) = preview(reader(fleet), &pair, threads, Some(10), &watch, |_| {});
        Self {
            prediction: Prediction::of(&found),
            revision: policies.1.revision(),
            assumed,
        }
    }

    /// Lines as `TIME id tenant from to`; a destination in capitals is a reason. `-` is none.
    fn log(&self, lines: &[&str]) -> String {
        let lines = lines.iter().map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let [at, id, tenant, from, to, more @ ..] = &words[..] else {
                panic!("{line}");
            };
            let member = |name: &str, text: &str| match text {
                "-" => String::new(),
                text => format!("\"{name}\":\"{text}\","),
            };
            let answer = match to.strip_prefix('!') {
                Some(reason) => format!("\"outcome\":\"refused\",\"reason\":\"{reason}\""),
                None => format!("\"hub\":\"{to}\",\"outcome\":\"assigned\",\"reason\":\"weighted\""),
            };
            format!(
                "{{\"log\":\"decision\",\"version\":2,\"time\":\"2026-12-{at}\",\"revision\":\"{}\",{}{}{}{}{answer}}}\n",
                self.revision,
                member("registrationId", id),
                member("tenant", tenant),
                member("currentHub", from),
                more.join(""),
            )
        });
        lines.collect()
    }

    fn compare(&self, log: &str) -> Outcome {
        let revision = self.revision.into();
        let question = Question {
            revision: &revision,
            since: THEN.parse().unwrap(),
            until: Some("2026-12-20T00:00:00Z".parse().unwrap()),
            prediction: &self.prediction,
            assumed: &self.assumed,
        };
        let (threads, watch) = (NonZeroUsize::new(2).unwrap(), Watch::default());
        let (found, broken) = follow(reader(log), &question, threads, &watch);
        assert!(broken.is_none());
        found.outcome(&question)
    }
}

fn numbers(it: Compared) -> [u64; 4] {
    [it.predicted, it.seen, it.as_predicted, it.not_predicted]
}

fn load(found: &Outcome) -> Vec<(&str, u64, u64, u64)> {
    let load = found.load.iter();
    load.map(|it| (&*it.hub, it.then, it.predicted, it.seen))
        .collect()
}

#[test]
fn devices_that_move_as_predicted_are_counted_once() {
    let predicted = Predicted::new();
    let log = predicted.log(&[
        "11T10:00:00Z dev-0 acme a.net b.net",
        // DPS asks again when an answer comes late; later the device is where it was sent.
        "11T10:00:01Z Dev-0 acme A.net B.net",
        "12T10:00:00Z dev-0 acme b.net b.net",
        "11T10:00:00Z dev-1 acme a.net b.net",
    ]);
    let found = predicted.compare(&log);
    assert_eq!(numbers(found.moved), [10, 2, 2, 0]);
    assert_eq!((found.decisions, found.registered), (4, 2));
    assert_eq!((found.devices, found.not_registered), (10, 8));
    assert_eq!(load(&found), [("a.net", 10, 0, 8), ("b.net", 0, 10, 2)]);
    assert!(!found.differs());
}

#[test]
fn what_was_not_predicted_is_told_from_what_was() {
    let predicted = Predicted::new();
    let log = predicted.log(&[
        "11T10:00:00Z dev-0 acme a.net b.net",
        "11T10:00:00Z dev-1 acme a.net c.net",
        "11T10:00:00Z other free a.net b.net",
        "11T10:00:00Z dev-2 acme a.net !refusedByRule",
        "11T10:00:00Z dev-3 acme a.net a.net",
    ]);
    let found = predicted.compare(&log);
    assert_eq!(numbers(found.moved), [10, 3, 1, 2]);
    assert_eq!(numbers(found.refused), [0, 1, 0, 1]);
    assert_eq!((found.stayed, found.registered), (1, 5));
    assert!(found.differs());
    let shown = found.flows.iter().map(|it| {
        let from = it.route.from.as_deref().unwrap();
        format!("{from} {:?} {} {}", it.route.to, it.predicted, it.seen)
    });
    let expected = [
        "a.net Hub(\"b.net\") 10 1",
        "a.net Hub(\"c.net\") 0 1",
        "a.net Refused(\"refusedByRule\") 0 1",
        "a.net Hub(\"b.net\") 0 1",
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    let hubs = [("a.net", 10, 0, 6), ("b.net", 0, 10, 2), ("c.net", 0, 0, 1)];
    assert_eq!(load(&found), hubs);
}

/// Several instances write several logs, so the order of lines says nothing.
#[test]
fn the_times_of_lines_count_and_not_their_order() {
    let predicted = Predicted::new();
    let mut lines = [
        "11T10:00:00Z dev-0 acme a.net b.net",
        "12T10:00:00Z dev-0 acme b.net c.net",
        "13T10:00:00Z dev-0 acme c.net b.net",
    ];
    for _ in 0..3 {
        lines.rotate_left(1);
        let found = predicted.compare(&predicted.log(&lines));
        assert_eq!(numbers(found.moved), [10, 1, 1, 0], "{lines:?}");
        let last = found.last.unwrap().to_string();
        assert_eq!(last, "2026-12-13T10:00:00Z");
        assert_eq!(found.first.unwrap().to_string(), "2026-12-11T10:00:00Z");
    }
}

#[test]
fn other_revisions_and_other_times_do_not_count() {
    let predicted = Predicted::new();
    let line = |at: &str| predicted.log(&[&format!("{at} dev-0 acme a.net c.net")]);
    let whole = predicted.revision.to_string();
    let log = [
        line("09T23:59:59Z"),
        line("20T00:00:00Z"),
        line("11T10:00:00Z").replace(&whole, &"a".repeat(64)),
        line("11T10:00:00Z").replace(&format!("\"revision\":\"{whole}\","), ""),
        line("11T10:00:00Z").replace("assigned", "unavailable"),
        "{\"log\":\"started\"}\n".to_owned(),
        line("11T10:00:00Z")[..150].to_owned() + "\n",
    ];
    let found = predicted.compare(&log.concat());
    assert_eq!((found.decisions, found.registered), (0, 0));
    assert_eq!((found.other_revisions, found.unanswered), (4, 1));
    assert_eq!((found.other_lines, found.fault_count), (1, 1));
    assert_eq!(found.first, None);
    // Older versions wrote twelve digits of a revision.
    let short = line("11T10:00:00Z").replace(&whole, &whole[..12]);
    assert_eq!(predicted.compare(&short).decisions, 1);
}

/// A fleet of new devices, some of them refused with and without the change.
#[test]
fn devices_without_a_hub_are_placed_and_not_moved() {
    let fleet = "registrationId,enrollment,currentHub\nnew-1,acme,\nnew-2,acme,\nlost,nobody,\n";
    let predicted = Predicted::of(fleet);
    assert_eq!(predicted.prediction.summary.refused_before, 1);
    let log = predicted.log(&[
        "11T10:00:00Z new-1 acme - b.net",
        "11T10:00:00Z lost - - !unknownEnrollment",
        "11T10:00:00Z newest free - c.net",
    ]);
    let found = predicted.compare(&log);
    assert_eq!(numbers(found.moved), [0; 4]);
    assert_eq!(numbers(found.placed), [2, 2, 1, 1]);
    assert_eq!(numbers(found.refused), [1, 1, 1, 0]);
    assert!(!found.differs(), "new devices are no surprise");
}

#[test]
fn what_was_assumed_is_held_against_the_log() {
    let mut predicted = Predicted::new();
    predicted.assumed.as_new = true;
    predicted.assumed.linked = Some(vec!["a.net".to_owned(), "b.net".to_owned()]);
    let log = predicted.log(&[
        "11T10:00:00Z dev-0 acme - b.net \"payload\":\"withheld\",\"linkedHubs\":[\"B.net\",\"a.net\"],",
        "11T10:00:00Z dev-1 acme a.net b.net \"linkedHubs\":[\"b.net\"],",
    ]);
    let found = predicted.compare(&log);
    let found = found.contradicted.iter();
    let found: Vec<(String, u64)> = found
        .map(|it| (it.assumed.to_string(), it.decisions))
        .collect();
    let expected = [
        "no device sends a payload",
        "each device registers for the first time",
        "DPS links the hubs of --linked-hubs",
    ];
    assert_eq!(found, expected.map(|it| (it.to_owned(), 1)));
}

/// Moves that a rollout makes with and without the change are seen in the log too.
#[test]
fn what_is_under_way_without_the_change_is_predicted_too() {
    let predicted = Predicted::of("registrationId,enrollment,currentHub\ndev-1,acme,c.net\n");
    let it = &predicted.prediction;
    assert_eq!((it.summary.under_way, it.flows.len()), (1, 1));
    let log = predicted.log(&["11T10:00:00Z dev-1 acme c.net b.net"]);
    assert_eq!(numbers(predicted.compare(&log).moved), [1, 1, 1, 0]);
}

#[test]
fn a_prediction_is_bounded_and_says_what_is_left_out() {
    let rows = (0..1200).map(|number| format!("dev-{number},acme,h{number}.net\n"));
    let head = "registrationId,enrollment,currentHub\n".to_owned();
    let fleet = rows.fold(head, |fleet, row| fleet + &row) + "dev-x,acme,h9.net\n";
    let mut it = Predicted::of(&fleet).prediction;
    assert_eq!((it.flows.len(), it.load.len()), (1000, 200));
    assert_eq!(it.flows[0].devices, 2);
    let left_out = it.left_out.unwrap();
    assert_eq!((left_out.flows, left_out.devices), (200, 200));
    assert_eq!(left_out.hubs, 1202 - 200);
    assert!(
        it.load.iter().any(|it| it.hub == "b.net"),
        "it has the most"
    );
    assert!(it.load.is_sorted_by_key(|it| &it.hub));
    let text = serde_json::to_string(&it).unwrap();
    assert_eq!(serde_json::from_str::<Prediction>(&text).unwrap(), it);
    while it.halve() {}
    assert_eq!(it.left_out.unwrap().flows, 1200);
    assert!(serde_json::to_string(&it).unwrap().len() < 400);
}
