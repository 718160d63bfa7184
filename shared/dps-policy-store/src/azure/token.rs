//! One token, shared by everybody who signs in with an identity.
//!
//! The time limit of a request does not end a request for a token: that runs as a task of its own, of
//! which there is at most one, and every request that needs the token waits for it. While a token is
//! valid no request waits; near its end it is renewed beside the requests that use it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tracing::{info, warn};

use super::connection::Identity;
use super::identity::{credential, message};
use super::quiet::quiet;

/// What a token for tables is asked for:
/// <https://learn.microsoft.com/azure/storage/tables/authorize-access-azure-active-directory>.
const SCOPE: &str = "https://storage.azure.com/.default";

/// How long before its end a token is renewed; `azure_identity` answers the old one before that.
const RENEWAL: SignedDuration = SignedDuration::from_secs(300);

/// Wait before a renewal that has failed, or that gave no newer token, is tried again.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);

/// How long a failure is answered without asking again, where there is no valid token.
const FAILURE_TIME_TO_LIVE: SignedDuration = SignedDuration::from_secs(1);

/// The Azure CLI takes seconds to start, and a busy token service to answer.
const LIMIT: Duration = Duration::from_secs(30);

/// The token of one identity; a clone shares it.
#[derive(Clone)]
pub(super) struct Tokens(Arc<Inner>);

struct Inner {
    credential: Arc<dyn TokenCredential>,
    /// By the wall clock: the monotonic one may stand still while the process is frozen.
    clock: fn() -> Timestamp,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Token>,
    failed: Option<(Timestamp, String)>,
    /// When the next renewal may begin.
    renew_at: Timestamp,
    under_way: Option<UnderWay>,
}

#[derive(Clone)]
struct Token {
    text: String,
    ends: Timestamp,
}

/// A request for a token that has not ended.
#[derive(Clone)]
struct UnderWay {
    ended: AbortHandle,
    outcome: Shared<BoxFuture<'static, Outcome>>,
}

type Outcome = Result<Token, String>;

impl Tokens {
    /// # Errors
    /// What the identity lacks, as `azure_identity` says it.
    pub(super) fn new(identity: &Identity, http: reqwest::Client) -> Result<Self, String> {
        let credential = credential(identity, http).map_err(|error| message(&error))?;
        Ok(Self::of(credential, Timestamp::now))
    }

    pub(super) fn of(credential: Arc<dyn TokenCredential>, clock: fn() -> Timestamp) -> Self {
        Self(Arc::new(Inner {
            credential,
            clock,
            state: Mutex::default(),
        }))
    }

    /// A token that is valid now; waits only where there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) async fn token(&self) -> Result<String, String> {
        let asked = match self.at_hand() {
            AtHand::Valid(token) => return Ok(token),
            AtHand::Failed(reason) => return Err(reason),
            AtHand::Asked(asked) => asked,
        };
        asked.outcome.await.map(|token| token.text)
    }

    /// What there is without waiting; begins what has to be begun.
    fn at_hand(&self) -> AtHand {
        let now = (self.0.clock)();
        let mut state = self.0.state.lock();
        let valid = state.current.clone().filter(|token| token.ends > now);
        if let Some(token) = valid {
            if state.renew_at <= now && state.asked().is_none() {
                self.ask(&mut state);
            }
            return AtHand::Valid(token.text);
        }
        if let Some(asked) = state.asked() {
            return AtHand::Asked(asked.clone());
        }
        if let Some((at, reason)) = &state.failed
            && now.duration_since(*at).abs() < FAILURE_TIME_TO_LIVE
        {
            return AtHand::Failed(reason.clone());
        }
        AtHand::Asked(self.ask(&mut state))
    }

    /// Asks for a token, in a task that ends by its own limit only.
    fn ask(&self, state: &mut State) -> UnderWay {
        let inner = Arc::clone(&self.0);
        let task = tokio::spawn(async move {
            let fetched = inner.fetch().await;
            inner.note(&fetched);
            fetched
        });
        let asked = UnderWay {
            ended: task.abort_handle(),
            outcome: task
                .map(|ended| ended.unwrap_or_else(|_gone| Err("its runtime has ended".to_owned())))
                .boxed()
                .shared(),
        };
        state.under_way = Some(asked.clone());
        asked
    }
}

enum AtHand {
    Valid(String),
    Failed(String),
    Asked(UnderWay),
}

impl State {
    fn asked(&self) -> Option<&UnderWay> {
        let under_way = self.under_way.as_ref();
        under_way.filter(|asked| !asked.ended.is_finished())
    }
}

impl Inner {
    async fn fetch(&self) -> Outcome {
        let asked = AssertUnwindSafe(self.credential.get_token(&[SCOPE], None)).catch_unwind();
        let token = tokio::time::timeout(LIMIT, quiet(asked))
            .await
            .map_err(|_elapsed| format!("no answer in {} s", LIMIT.as_secs()))?
            .map_err(|_panic| "a fault of the program; stderr says where".to_owned())?
            .map_err(|error| message(&error))?;
        let ends = Timestamp::from_second(token.expires_on.unix_timestamp());
        Ok(Token {
            text: token.token.secret().to_owned(),
            ends: ends.map_err(|error| format!("it has no end: {error}"))?,
        })
    }

    fn note(&self, fetched: &Outcome) {
        let now = (self.clock)();
        let mut state = self.state.lock();
        match fetched {
            Ok(token) => {
                if state.failed.take().is_some() {
                    info!("there is a token again");
                }
                // Half of a short life.
                let before = (token.ends.duration_since(now) / 2).min(RENEWAL);
                let due = token.ends.saturating_sub(before).unwrap_or(now);
                state.renew_at = due.max(now.saturating_add(PAUSE).unwrap_or(now));
                state.current = Some(token.clone());
            }
            Err(reason) => {
                state.renew_at = now.saturating_add(PAUSE).unwrap_or(now);
                let valid = state.current.as_ref().filter(|token| token.ends > now);
                // Without a valid one, the request that needs the token reports it.
                if let Some(token) = valid {
                    warn!(ends = %token.ends, reason, "the token cannot be renewed");
                }
                state.failed = Some((now, reason.clone()));
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
