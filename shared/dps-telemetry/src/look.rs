//! One look at the config tables.

use std::sync::Arc;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};

use crate::fields;
use crate::span::{Begun, Ended};
use crate::store_call::{EndedCall, Operation, StoreCall};
use crate::telemetry::Inner;

const NAME: &str = "refresh policy";

/// A look under way: a trace of its own, since no request waits for it.
#[derive(Debug)]
pub struct Look(Option<Open>);

#[derive(Debug)]
struct Open {
    telemetry: Arc<Inner>,
    begun: Begun,
    remote: bool,
    found: Looked,
    calls: Vec<EndedCall>,
}

/// How a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// The tables are those that were dealt with. Not exported, unless a call failed on the way:
    /// thousands a day that say nothing.
    Unchanged,
    /// The tables have changed, and may change again.
    Editing,
    /// A push is under way; the policy before it stays in use.
    Pushing,
    /// A policy was taken.
    Taken,
    /// The tables were refused.
    Refused,
    /// The tables could not be read.
    Failed,
}

impl Looked {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Editing => "editing",
            Self::Pushing => "pushing",
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

impl Look {
    pub(crate) fn begin(telemetry: Option<&Arc<Inner>>, remote: bool) -> Self {
        Self(telemetry.map(|telemetry| Open {
            telemetry: Arc::clone(telemetry),
            begun: Begun::new(telemetry.sampler, None),
            remote,
            found: Looked::Unchanged,
            calls: Vec::new(),
        }))
    }

    /// The store is asked.
    pub fn asked(&self, operation: Operation) -> StoreCall {
        let Some(open) = &self.0 else {
            return StoreCall::NONE;
        };
        StoreCall::new(operation, open.remote.then(|| open.begun.child()))
    }

    /// The store has answered, or failed with this kind of error.
    pub fn answered(&mut self, call: StoreCall, error: Option<&'static str>) {
        if let Some(open) = &mut self.0 {
            let ended = call.end(&open.telemetry.metrics, error);
            open.calls.extend(ended);
        }
    }

    /// Notes what was found; the first that is news counts.
    pub fn found(&mut self, found: Looked) {
        if let Some(open) = &mut self.0
            && open.found == Looked::Unchanged
        {
            open.found = found;
        }
    }

    /// Ends the look; the revision is that of the policy in use.
    pub fn end(self, revision: Option<String>) {
        if let Some(open) = self.0 {
            open.end(revision);
        }
    }
}

impl Open {
    fn end(self, revision: Option<String>) {
        let looked = self.found;
        let after = self.begun.elapsed();
        if looked == Looked::Refused {
            self.telemetry.metrics.policy_rejected();
        }
        let failed = self.calls.iter().any(EndedCall::failed);
        let wrong = failed || matches!(looked, Looked::Failed | Looked::Refused);
        let news = self.begun.sampled && looked != Looked::Unchanged;
        if !wrong && !news {
            return;
        }
        let mut attributes = vec![KeyValue::new(fields::OUTCOME, looked.as_str())];
        attributes.extend(revision.map(|it| KeyValue::new(fields::POLICY_REVISION, it)));
        let mut status = Status::Unset;
        if looked == Looked::Failed {
            attributes.push(KeyValue::new(fields::ERROR_TYPE, "storeUnavailable"));
            status = Status::error("storeUnavailable");
        }
        let ended = Ended {
            name: NAME.into(),
            kind: SpanKind::Internal,
            status,
            attributes,
        };
        for call in self.calls.into_iter().filter_map(EndedCall::into_span) {
            self.telemetry.export(call);
        }
        self.telemetry.export(self.begun.end(after, ended));
    }
}
