//! What a check has found.

use serde::Serialize;

use crate::webhook::{Answer, cause};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Verdict {
    Good,
    Bad,
    /// The question could not be asked.
    NotChecked,
}

/// One question about a deployment, and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    /// What to do; `None` if all is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
}

/// All checks, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    pub(super) fn good(&mut self, name: &'static str, detail: impl Into<String>) {
        self.add(name, Verdict::Good, detail.into(), None);
    }

    pub(super) fn bad(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(name, Verdict::Bad, detail.into(), Some(help.into()));
    }

    pub(super) fn not_checked(
        &mut self,
        name: &'static str,
        detail: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.add(name, Verdict::NotChecked, detail.into(), Some(help.into()));
    }

    /// The answer; if there is none, something is wrong, since the webhook has answered before.
    pub(super) fn answered(
        &mut self,
        name: &'static str,
        answer: Result<Answer, reqwest::Error>,
    ) -> Option<Answer> {
        let help = "try again; if it happens often, look at the restarts of the app";
        let answer =
            answer.map_err(|it| self.bad(name, format!("no answer: {}", cause(&it)), help));
        answer.ok()
    }

    pub(super) fn into_vec(self) -> Vec<Check> {
        self.0
    }

    fn add(&mut self, name: &'static str, verdict: Verdict, detail: String, help: Option<String>) {
        self.0.push(Check {
            name,
            verdict,
            detail,
            help,
        });
    }
}
