//! What all routes share: the state, and the way from a request to the facts of a decision.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::response::Response;
use dps_allocation::{Facts, Registration};
use dps_telemetry::{Allocation, Telemetry};
use futures_util::FutureExt as _;
use jiff::Timestamp;

use crate::body::{self, BodyMemory};
use crate::context::Context;
use crate::deadline::Deadline;
use crate::decision_id::invocation_id;
use crate::decision_log::DecisionLog;
use crate::devices::{DeviceLookup, log_errors};
use crate::envelope;
use crate::front::Front;
use crate::lines::Lines;
use crate::logged::LoggedIds;
use crate::policy::PolicyInUse;
use crate::problem::Problem;
use crate::refresh::PollsOnDemand;
use crate::shadow::Shadow;

/// Records a problem, and answers it.
pub(crate) fn report(problem: &Problem, head: &Parts, recorder: &mut Allocation<'_>) -> Response {
    recorder.decided(&problem.decided());
    problem.respond(head)
}

/// What every request shares.
#[derive(Debug)]
pub struct App {
    /// The policy that decides.
    pub policy: Arc<PolicyInUse>,
    /// A candidate policy that is decided beside it.
    pub shadow: Option<Shadow>,
    /// Polls that requests wait for; `None`: a thread polls beside them.
    pub polls: Option<PollsOnDemand>,
    /// Rows of devices, if they do not come with the policy.
    pub devices: DeviceLookup,
    /// Where every allocation is recorded.
    pub telemetry: Telemetry,
    /// Where long bodies are read.
    pub bodies: BodyMemory,
    /// Longest time from a request's head to its answer.
    pub deadline: Duration,
    /// Where decisions are logged.
    pub log: DecisionLog,
    /// How logs and telemetry show registration ids.
    pub ids: LoggedIds,
    /// What hands over the requests.
    pub front: Front,
    /// Where rejected callers are reported; `None`: nowhere.
    pub lines: Option<Lines>,
}

impl App {
    /// Finds out what a decision needs, and answers the request.
    pub(crate) async fn answer(
        &self,
        request: Request,
        mut recorder: Allocation<'_>,
        answer: impl FnOnce(&Context<'_>, &mut Allocation<'_>) -> Result<Response, Problem>,
    ) -> Response {
        let deadline = Deadline::after(self.deadline);
        let (head, body) = request.into_parts();
        // What a panic leaves behind belongs to this request alone, or is behind a lock; the
        // connection outlives it.
        let answered = self.try_answer((&head, body), deadline, &mut recorder, answer);
        let answered = AssertUnwindSafe(answered).catch_unwind().await;
        let answered = answered.unwrap_or_else(|_panic| Err(Problem::fault()));
        let response = answered.unwrap_or_else(|problem| report(&problem, &head, &mut recorder));
        let status = response.status().as_u16();
        recorder.end(head.uri.path(), status, invocation_id(&head.headers));
        response
    }

    async fn try_answer(
        &self,
        (head, body): (&Parts, Body),
        deadline: Deadline,
        recorder: &mut Allocation<'_>,
        answer: impl FnOnce(&Context<'_>, &mut Allocation<'_>) -> Result<Response, Problem>,
    ) -> Result<Response, Problem> {
        let body = body::read(&self.bodies, head, body, deadline).await?;
        self.poll(deadline.half()).await;
        if self.policy.now().is_none() {
            Box::pin(self.policy.first_poll(deadline)).await;
        }
        let snapshot = self.policy.now();
        let snapshot = snapshot.as_deref().ok_or_else(Problem::no_policy)?;
        let registration = Registration::parse(&body).map_err(|malformed| {
            if envelope::is(&body) {
                Problem::not_forwarded()
            } else {
                malformed.into()
            }
        })?;
        let named = self.ids.of(&registration);
        let device = self
            .devices
            .find(snapshot, (&registration, &named), deadline, recorder);
        let found = device.await;
        let (device, row_findings) = found.fact(&snapshot.policy, &registration.id);
        log_errors(&named, &row_findings);
        let facts = Facts {
            now: Timestamp::now(),
            device,
        };
        let context = Context {
            head,
            snapshot,
            registration: &registration,
            named: &named,
            facts,
            found: &found,
            row_findings: &row_findings,
        };
        answer(&context, recorder)
    }

    /// Answers a request that matches no route: with the problem, or with what is wrong with the
    /// host.
    pub(crate) async fn turn_away(&self, request: Request, problem: Problem) -> Response {
        let deadline = Deadline::after(self.deadline);
        let (head, body) = request.into_parts();
        if envelope::may_be(&head) {
            let body = body::read(&self.bodies, &head, body, deadline).await;
            if body.is_ok_and(|body| envelope::is(&body)) {
                return Problem::not_forwarded().respond(&head);
            }
        }
        problem.respond(&head)
    }

    /// Polls the tables if no thread does and it is time to.
    pub(crate) async fn poll(&self, deadline: Deadline) {
        if let Some(polls) = &self.polls {
            Box::pin(polls.up_to_date(deadline)).await;
        }
    }
}
