use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use azure_core::Error;
use azure_core::credentials::{AccessToken, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::time::OffsetDateTime;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::*;

/// Gives one token after the other; the last kind is repeated.
#[derive(Debug)]
pub(in crate::azure) struct Source {
    gives: Vec<Gives>,
    asked: AtomicUsize,
}

/// What a source does when it is asked.
#[derive(Clone, Copy, Debug)]
pub(in crate::azure) enum Gives {
    /// A token that comes after so many seconds and lasts so many.
    Token {
        after: u64,
        lasts: i64,
    },
    /// This token, for an hour.
    Text(&'static str),
    Failure,
    Panic,
    Nothing,
}

impl Source {
    pub(in crate::azure) fn new(gives: &[Gives]) -> Arc<Self> {
        Arc::new(Self {
            gives: gives.to_vec(),
            asked: AtomicUsize::new(0),
        })
    }

    pub(in crate::azure) fn tokens(self: &Arc<Self>) -> Tokens {
        Tokens::of(Arc::clone(self) as Arc<dyn TokenCredential>, clock)
    }

    pub(in crate::azure) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl TokenCredential for Source {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        assert_eq!(scopes, ["https://storage.azure.com/.default"]);
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        match self.gives.get(number).or(self.gives.last()) {
            Some(Gives::Token { after, lasts }) => {
                tokio::time::sleep(Duration::from_secs(*after)).await;
                let end = clock().as_second() + lasts;
                let end = OffsetDateTime::from_unix_timestamp(end).unwrap();
                Ok(AccessToken::new(format!("token-{number}"), end))
            }
            Some(Gives::Text(token)) => {
                let end = clock().as_second() + 3_600;
                let end = OffsetDateTime::from_unix_timestamp(end).unwrap();
                Ok(AccessToken::new((*token).to_owned(), end))
            }
            Some(Gives::Failure) => {
                let reason = "nobody is signed in";
                Err(Error::with_message(ErrorKind::Credential, reason))
            }
            Some(Gives::Panic) => panic!("a fault, on purpose"),
            Some(Gives::Nothing) | None => std::future::pending().await,
        }
    }
}

/// Goes on with the paused time of a test.
fn clock() -> Timestamp {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    Timestamp::UNIX_EPOCH + Instant::now().duration_since(*START)
}

const HOUR: Gives = Gives::Token {
    after: 0,
    lasts: 3_600,
};
const SLOW: Gives = Gives::Token {
    after: 5,
    lasts: 3_600,
};
/// Renewed from the 15th second on.
const SHORT: Gives = Gives::Token {
    after: 0,
    lasts: 30,
};
const EXPIRED: Gives = Gives::Token {
    after: 0,
    lasts: -1,
};

/// Asks `times` in a row, each time for at most `limit` seconds and with a second in between.
/// What is answered, without repetitions, and how often the source was asked.
async fn check(gives: &[Gives], limit: u64, times: usize, expected: &str) {
    let source = Source::new(gives);
    let tokens = source.tokens();
    let mut shown: Vec<String> = Vec::new();
    for _ in 0..times {
        let answer = tokio::time::timeout(Duration::from_secs(limit), tokens.token()).await;
        shown.push(match answer {
            Ok(Ok(token)) => token,
            Ok(Err(reason)) => reason,
            Err(_elapsed) => "late".to_owned(),
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    shown.dedup();
    let asked = source.asked();
    let shown = format!("{}; asked {asked}", shown.join(", "));
    assert_eq!(shown, expected, "{gives:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept() {
    check(&[HOUR], 1, 5, "token-0; asked 1").await;
}

/// What made device rows disappear: each lookup ended the request for the token.
#[tokio::test(start_paused = true)]
async fn who_gives_up_ends_no_request_for_a_token() {
    check(&[SLOW], 1, 6, "late, token-0; asked 1").await;
    check(&[SLOW], 10, 2, "token-0; asked 1").await;
    check(
        &[Gives::Nothing, HOUR],
        1,
        20,
        "late, no answer in 30 s, token-1; asked 2",
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_while_it_is_used() {
    check(&[SHORT, HOUR], 1, 28, "token-0, token-1; asked 2").await;
    check(&[SHORT, SLOW], 1, 28, "token-0, token-1; asked 2").await;
    check(&[SHORT, Gives::Failure], 1, 28, "token-0; asked 3").await;
    check(&[SHORT, Gives::Panic], 1, 28, "token-0; asked 3").await;
    check(&[SHORT, Gives::Nothing], 1, 28, "token-0; asked 2").await;
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_used_after_its_end() {
    check(&[EXPIRED, SLOW], 1, 9, "token-0, late, token-1; asked 2").await;
}

#[tokio::test(start_paused = true)]
async fn without_a_token_the_reason_is_told() {
    check(&[Gives::Failure], 1, 2, "nobody is signed in; asked 2").await;
    let fault = "a fault of the program; stderr says where; asked 2";
    check(&[Gives::Panic], 1, 2, fault).await;
    check(&[Gives::Nothing], 60, 1, "no answer in 30 s; asked 1").await;
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_at_once_shares_one_request() {
    for gives in [HOUR, SLOW, SHORT, Gives::Failure] {
        let source = Source::new(&[gives, SLOW]);
        let tokens = source.tokens();
        let all = join_all((0..20).map(|_| tokens.token())).await;
        assert!(all.iter().all(|token| *token == all[0]), "{all:?}");
        assert_eq!(source.asked(), 1, "{gives:?}");
        join_all((0..20).map(|_| tokens.token())).await;
        tokio::task::yield_now().await;
        assert!(source.asked() <= 2, "{gives:?}");
    }
}

/// A request for a token belongs to a runtime, which may end before it.
#[test]
fn a_token_outlives_the_runtime_that_asked_for_it() {
    let source = Source::new(&[Gives::Nothing, HOUR]);
    let tokens = source.tokens();
    let run = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap()
    };
    let gave_up = run().block_on(async {
        let limit = Duration::from_millis(10);
        tokio::time::timeout(limit, tokens.token()).await.is_err()
    });
    assert!(gave_up);
    assert_eq!(run().block_on(tokens.token()).unwrap(), "token-1");
}
