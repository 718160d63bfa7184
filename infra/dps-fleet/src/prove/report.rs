//! The answer to a claim.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::bounds::{MAX_LEAVES, MAX_SENT};
use super::claim::Claim;
use super::explore::Leaf;
use super::side::Side;
use super::space::Class;
use super::unknown::Unknown;

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It holds for every device.
    Proved,
    /// A request shows that it does not.
    Refuted,
    /// Neither; the report says what it hangs on.
    Undecided,
}

/// A claim, and whether it holds.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The claim in words.
    pub claim: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// How many classes of devices were told apart.
    pub classes: u64,
    /// How many decisions were taken about them.
    pub decisions: u64,
    /// A device for which it does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counterexample: Option<Counterexample>,
    /// What could not be decided, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Unknown>,
}

/// A request that shows that a claim does not hold.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counterexample {
    /// The body of the request, as DPS would post it.
    pub request: Value,
    /// When it is posted.
    pub at: Timestamp,
    /// What is decided, in words.
    pub decided: String,
}

impl Report {
    pub(super) fn new(claim: &Claim) -> Self {
        Self {
            claim: claim.words(),
            verdict: Verdict::Proved,
            classes: 0,
            decisions: 0,
            counterexample: None,
            unknown: Vec::new(),
        }
    }

    pub(super) fn refute(&mut self, found: Counterexample) {
        self.verdict = Verdict::Refuted;
        self.counterexample = Some(found);
        self.unknown.clear();
    }

    /// The claim fails under what a leaf assumes, and no request is known that does that.
    pub(super) fn doubt(&mut self, leaf: &Leaf, broken: &str, sides: &[Side<'_>]) {
        let mut places: BTreeMap<&str, String> = BTreeMap::new();
        for (key, assumed) in &leaf.assumed {
            let mut read = sides.iter().map(|side| side.expression(&assumed.asked));
            let text = read.next_back().unwrap_or(key);
            places.insert(&assumed.asked, format!("`{text}`"));
        }
        if places.is_empty() {
            self.add(
                "the hashes of ids",
                &format!("{broken}, and no id was found that does"),
            );
        }
        for (place, text) in places {
            let why = format!(
                "{text} reads what devices send: with some answer {broken}, and none of {MAX_SENT} \
                 requests with values of expressions gives it"
            );
            self.add(place, &why);
        }
    }

    /// A class has more leaves than were decided.
    pub(super) fn cut(&mut self, class: &Class<'_>, asked: &[String]) {
        let kind = if class.enrollment.is_individual {
            "individual enrollment"
        } else {
            "enrollment group"
        };
        let why = format!(
            "what devices send is read by {}, and can be answered in more than {MAX_LEAVES} ways; \
             the others were not decided",
            asked.join(", ")
        );
        self.add(&format!("{kind} {}", class.enrollment.id), &why);
    }

    /// One reason a place is enough.
    pub(super) fn add(&mut self, place: &str, why: &str) {
        if self.unknown.iter().all(|known| known.place != place) {
            self.unknown.push(Unknown {
                place: place.to_owned(),
                why: why.to_owned(),
            });
        }
    }

    /// With what was not enumerated.
    pub(super) fn finish(mut self, others: impl Iterator<Item = Unknown>) -> Self {
        for other in others {
            if !self.unknown.contains(&other) {
                self.unknown.push(other);
            }
        }
        if !self.unknown.is_empty() {
            self.verdict = Verdict::Undecided;
        }
        self
    }
}
