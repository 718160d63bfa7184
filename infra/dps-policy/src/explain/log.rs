//! A decision that the webhook has logged, and how it differs from the one that is taken again.

mod find;

use std::borrow::Cow;
use std::io::{self, Read as _};

use anyhow::Context as _;
use dps_allocation::{DecisionRecord, EnrollmentKind, Explanation, HubName, IdKey, RevisionPrefix};
use serde::Serialize;

use super::screen;

/// How the log differs from the decision that is taken again.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    same: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<Difference>,
    /// Why a difference may be none.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Difference {
    what: &'static str,
    logged: Option<String>,
    now: Option<String>,
}

/// What rounding may change.
const ROUNDED: &str = "the log rounds the coordinates of the device's row to about 11 km, which may \
                       be why; explain the request itself";

/// Longest log that is read, in bytes: one line has a few thousand.
const MAX_LOG: u64 = 1024 * 1024;

/// Reads the line of a decision, or all of stdin for `-`, whatever a tool has put around it.
///
/// # Errors
/// When there is no such line, or more than one.
pub(super) fn read(log: &str) -> anyhow::Result<DecisionRecord<'static>> {
    let mut stdin = String::new();
    let log = if log == "-" {
        let read = io::stdin().lock().take(MAX_LOG).read_to_string(&mut stdin);
        read.context("stdin cannot be read")?;
        &stdin
    } else {
        log
    };
    let decisions = find::decisions(log);
    anyhow::ensure!(
        decisions.len() < 2,
        "--log has several lines of decisions; keep the one to explain"
    );
    let cut = || {
        let cut = log.contains("decision") && log.contains('{');
        anyhow::anyhow!(if cut {
            "--log is not a whole line of a decision; copy it up to the last `}`"
        } else {
            "--log has no line of a decision; those begin with `{\"log\":\"decision\"`"
        })
    };
    let line = decisions.first().ok_or_else(cut)?;
    serde_json::from_str(line).context("--log is not a whole line of a decision")
}

/// Puts the registration ids into the record that hashes in it stand for.
///
/// # Errors
/// When there is no candidate, or none has the hash.
pub(super) fn reveal(
    record: &mut DecisionRecord<'_>,
    candidates: impl FnOnce() -> anyhow::Result<(IdKey, Vec<String>)>,
) -> anyhow::Result<()> {
    if !record.ids_hashed {
        return Ok(());
    }
    let (key, ids) = candidates()?;
    let find = |hash: &str, of: &str| {
        let found = ids.iter().find(|id| key.hide(id) == hash).cloned();
        found.with_context(|| {
            format!(
                "none of {} ids has the hash of the {of} in --log: it is another device, or \
                 LOG_ID_KEY is not the key of the webhook",
                ids.len()
            )
        })
    };
    if let Some(id) = &mut record.registration_id {
        *id = find(id, "registration id")?.into();
    }
    let enrollment = record.enrollment.as_mut();
    if let Some(individual) = enrollment.filter(|it| it.kind == EnrollmentKind::Individual) {
        individual.id = find(&individual.id, "individual enrollment")?.into();
    }
    Ok(())
}

/// The policy that decided.
pub(super) fn revision(record: &DecisionRecord<'_>) -> anyhow::Result<RevisionPrefix> {
    let revision = record.revision.as_ref();
    let revision = revision.context("--log has no revision")?;
    let parsed = revision.parse();
    parsed.with_context(|| format!("the revision `{revision}` of --log cannot be read"))
}

impl Comparison {
    /// Compares what was logged with the decision that was taken again.
    pub(super) fn new(record: &DecisionRecord<'_>, explanation: &Explanation) -> Self {
        let text = |text: &str| Some(text.to_owned());
        let logged = |member: &Option<Cow<'_, str>>| member.as_deref().map(str::to_owned);
        let hub = screen::hub(explanation);
        let pairs = [
            ("outcome", text(&record.outcome), text(explanation.outcome)),
            ("reason", text(&record.reason), text(explanation.reason)),
            ("tenant", logged(&record.tenant), explanation.tenant.clone()),
            ("hub", logged(&record.hub), hub),
            (
                "rollout",
                logged(&record.rollout),
                explanation.rollout.clone(),
            ),
        ];
        // A hub has two host names, and an older version may have answered the other one.
        let folded = |what: &str, value: &Option<String>| match what {
            "hub" => value.as_deref().map(|it| HubName::fold(it).into_owned()),
            _ => value.clone(),
        };
        let pairs = pairs.into_iter();
        let pairs = pairs.map(|(what, logged, now)| Difference { what, logged, now });
        let differs = |it: &Difference| folded(it.what, &it.logged) != folded(it.what, &it.now);
        let differences: Vec<Difference> = pairs.filter(differs).collect();
        let same = differences.is_empty();
        Self {
            same,
            note: (!same && record.is_rounded()).then_some(ROUNDED),
            differences,
        }
    }

    pub(super) fn is_same(&self) -> bool {
        self.same
    }

    /// For people: `the same decision`, or what the log says instead.
    pub(super) fn text(&self) -> String {
        let logged = |difference: &Difference| {
            let logged = difference.logged.as_deref().unwrap_or("none");
            format!("{} {logged}", difference.what)
        };
        let differences: Vec<String> = self.differences.iter().map(logged).collect();
        if differences.is_empty() {
            return "the same decision".to_owned();
        }
        let note = self.note.map(|note| format!("; {note}"));
        let note = note.unwrap_or_default();
        format!("another decision: {}{note}", differences.join(", "))
    }
}
