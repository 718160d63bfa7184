//! Keys of callers, for a webhook without a Functions host.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodRouter;
use dps_telemetry::Guarded;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;

use crate::problem::Problem;
use crate::reason::Reason;
use crate::rejected::RejectedCallers;

/// A secret that a caller shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Box<str>);

/// Which keys open what; there are two of each, so that one can be exchanged.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// Open `allocate`: what DPS shows.
    pub allocate: Vec<Key>,
    /// Open `explain` and `policy`, which say what no device may know; if empty, those are closed.
    pub operator: Vec<Key>,
}

/// What opens a route: one of the keys; callers without one are rejected and counted.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    keys: Arc<[Key]>,
    rejected: RejectedCallers,
}

/// Fewest characters of a key: 128 bits, written in hex.
const MIN_LENGTH: usize = 32;

/// Fewest different characters of a key. Of 32 random hex digits fewer differ once in 25 million
/// keys; a key that is typed by hand (`aaaa..`, `1234512345..`) has fewer.
const MIN_DIFFERENT: usize = 8;

/// Where the Functions host accepts keys too, so that a webhook URL is written the same way.
/// <https://learn.microsoft.com/azure/azure-functions/function-keys-how-to>
static HEADER: HeaderName = HeaderName::from_static("x-functions-key");
const QUERY: &str = "code";

impl Key {
    /// A key of at least 32 letters, digits, `-` and `_`, which stand in a URL as they are, and of
    /// which at least 8 differ.
    ///
    /// # Errors
    /// The rule that the text breaks; the text is not in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.len() < MIN_LENGTH || !text.bytes().all(fits) {
            return Err(format!(
                "a key has at least {MIN_LENGTH} characters out of A-Z, a-z, 0-9, `-` and `_`"
            ));
        }
        if text.bytes().collect::<BTreeSet<_>>().len() < MIN_DIFFERENT {
            return Err(format!(
                "a key has at least {MIN_DIFFERENT} different characters; make one with \
                 `openssl rand -hex 32`"
            ));
        }
        Ok(Self(text.into()))
    }

    /// In a time that does not reveal how much of the key is right.
    fn is(&self, shown: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(shown).into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Guard {
    pub(crate) fn new(keys: Vec<Key>, rejected: &RejectedCallers) -> Self {
        Self {
            keys: keys.into(),
            rejected: rejected.clone(),
        }
    }
}

/// The route for callers that the guard admits; others are answered before anything of the body is read.
/// Without a guard the Functions host has checked the key, or this is a laptop.
pub(crate) fn guarded<S>(
    guard: Option<&Guard>,
    route: Guarded,
    methods: MethodRouter<S>,
) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    match guard {
        None => methods,
        Some(guard) => methods.layer(from_fn_with_state((guard.clone(), route), admit)),
    }
}

async fn admit(
    State((guard, route)): State<(Guard, Guarded)>,
    request: Request,
    next: Next,
) -> Response {
    let keys = &guard.keys;
    let header = request.headers().get(&HEADER);
    let admitted = header.is_some_and(|shown| any_is(keys, shown.as_bytes()))
        || in_query(request.uri()).any(|shown| any_is(keys, &shown));
    if admitted {
        return next.run(request).await;
    }
    guard.rejected.count(route);
    let rule = "the key, in `?code=` or the header `x-functions-key`, is missing or does not open this route";
    Problem::new(Reason::Unauthorized, rule).respond(&request.into_parts().0)
}

/// Compares with all of them, so that the time does not reveal which one is right.
fn any_is(keys: &[Key], shown: &[u8]) -> bool {
    keys.iter().fold(false, |found, key| found | key.is(shown))
}

fn in_query(uri: &Uri) -> impl Iterator<Item = Vec<u8>> {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name == QUERY)
        .map(|(_, value)| percent_decode_str(value).collect())
}
