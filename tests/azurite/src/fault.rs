//! What can go wrong on the way to Azure Tables, and what it means for one request.

use crate::answer::Refusal;

/// What a [`FaultProxy`](crate::FaultProxy) does to the requests that reach it from now on.
///
/// `times` counts requests; the ones after these pass as if there were no fault. `u32::MAX` is for
/// ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Everything passes unchanged.
    None,
    /// A request is passed on and done, its answer comes when the next fault is set, the same one or another.
    Hold,
    /// The connection is reset (RST) when a request has come; the request is not passed on.
    Reset,
    /// A request is taken and never answered, not passed on, its connection not closed.
    BlackHole,
    /// A new connection is closed at once, and an old one when its next request has come.
    ///
    /// Nobody listening at all is another thing: [`Azurite::stop`](crate::Azurite::stop).
    Refuse,
    /// The connection is closed as soon as an answer is out, and nothing has announced that: how a
    /// server or a firewall with little patience treats connections that nobody uses.
    CloseIdle,
    /// The request is passed on and done, its answer is lost: the connection is closed instead.
    LoseAnswer {
        /// How many answers.
        times: u32,
    },
    /// The request is passed on and done, its answer ends too early: the connection is closed after
    /// the head and the first `bytes` of the body. Answers with no more than that pass unchanged,
    /// and are not counted.
    CutAfter {
        /// Bytes of the body, including the frames of chunks.
        bytes: usize,
        /// How many answers.
        times: u32,
    },
    /// The answer comes up to that byte of its body, and nothing after it; the connection stays
    /// open. Answers with no more than that pass unchanged.
    StallAfter(usize),
    /// Each answer comes with so many bytes a second.
    Slow(u32),
    /// 503 `ServerBusy`: what Azure says to throttle.
    ServiceUnavailable {
        /// Seconds; `None`: no such header, the usual case.
        retry_after: Option<u32>,
        /// How many requests.
        times: u32,
    },
    /// 429 `TooManyRequests`: how Cosmos DB for Table and gateways throttle.
    TooManyRequests {
        /// Seconds; `None`: no such header.
        retry_after: Option<u32>,
        /// How many requests.
        times: u32,
    },
    /// 500 `InternalError`.
    InternalError {
        /// How many requests.
        times: u32,
    },
    /// 403 `AuthorizationFailure`: a firewall rule, or a key that may not do this.
    Forbidden {
        /// How many requests.
        times: u32,
    },
    /// 403 `AuthenticationFailed`, as for a request whose date is more than 15 minutes off; the
    /// answer's `Date` shows by how much.
    ClockSkew {
        /// Seconds that Azure's clock is ahead of this machine's; negative: behind.
        ahead: i64,
        /// How many requests.
        times: u32,
    },
    /// 500 for each request of page `n` of a read, `n` from 1; the pages before it pass, and so do
    /// writes. A page read again is still the same page.
    ///
    /// Pages are told apart by their continuation tokens, for one read after the other of any
    /// number of tables.
    NthPageFails(u32),
    /// The inner fault, for requests whose first line contains the text; the others pass. The line
    /// is such as `GET /devstoreaccount1/DpsHubs()?NextPartitionKey=1!4!YWM- HTTP/1.1`.
    OnlyTo(String, Box<Fault>),
}

/// What happens to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    Pass,
    Hold,
    Reset,
    Swallow,
    Close,
    PassAndClose,
    LoseAnswer,
    Cut(usize),
    Stall(usize),
    Slow(u32),
    Refuse(Refusal),
}

/// The fault as it is now: counted down, and with the pages it has seen.
#[derive(Debug)]
pub(crate) struct State {
    fault: Fault,
    /// Lines of the requests for pages, in order, of the reads that are under way.
    pages: Vec<String>,
}

impl State {
    pub(crate) fn new(fault: Fault) -> Self {
        let pages = Vec::new();
        Self { fault, pages }
    }

    /// Whether a new connection is closed at once.
    pub(crate) fn refuses(&self) -> bool {
        self.fault == Fault::Refuse
    }

    /// Decides on a request, and counts it.
    pub(crate) fn fate(&mut self, line: &str) -> Fate {
        fate(&mut self.fault, &mut self.pages, line)
    }

    /// Takes a [`Fate::Cut`] back: the answer was too short to be cut.
    pub(crate) fn uncut(&mut self) {
        let mut fault = &mut self.fault;
        while let Fault::OnlyTo(_, inner) = fault {
            fault = inner;
        }
        if let Fault::CutAfter { times, .. } = fault {
            *times = times.saturating_add(1);
        }
    }
}

fn fate(fault: &mut Fault, pages: &mut Vec<String>, line: &str) -> Fate {
    match fault {
        Fault::Hold => Fate::Hold,
        Fault::Reset => Fate::Reset,
        Fault::BlackHole => Fate::Swallow,
        Fault::Refuse => Fate::Close,
        Fault::CloseIdle => Fate::PassAndClose,
        Fault::LoseAnswer { times } => counted(times, Fate::LoseAnswer),
        Fault::CutAfter { bytes, times } => counted(times, Fate::Cut(*bytes)),
        Fault::StallAfter(bytes) => Fate::Stall(*bytes),
        Fault::Slow(rate) => Fate::Slow(*rate),
        Fault::ServiceUnavailable { retry_after, times } => {
            counted(times, Fate::Refuse(Refusal::ServerBusy(*retry_after)))
        }
        Fault::TooManyRequests { retry_after, times } => {
            counted(times, Fate::Refuse(Refusal::TooManyRequests(*retry_after)))
        }
        Fault::InternalError { times } => counted(times, Fate::Refuse(Refusal::InternalError)),
        Fault::Forbidden { times } => counted(times, Fate::Refuse(Refusal::AuthorizationFailure)),
        Fault::ClockSkew { ahead, times } => counted(
            times,
            Fate::Refuse(Refusal::AuthenticationFailed { ahead: *ahead }),
        ),
        Fault::NthPageFails(n) if page(pages, line) == Some(*n) => {
            Fate::Refuse(Refusal::InternalError)
        }
        Fault::OnlyTo(text, fault) if line.contains(text.as_str()) => fate(fault, pages, line),
        Fault::None | Fault::NthPageFails(_) | Fault::OnlyTo(..) => Fate::Pass,
    }
}

/// Passes once the count is used up.
fn counted(times: &mut u32, fate: Fate) -> Fate {
    let Some(left) = times.checked_sub(1) else {
        return Fate::Pass;
    };
    *times = left;
    fate
}

/// Number of the page that is asked for, from 1; `None`: it is not a read.
fn page(pages: &mut Vec<String>, line: &str) -> Option<u32> {
    let path = line.strip_prefix("GET ")?.split(['?', ' ']).next()?;
    let of_this_table = |line: &String| line.split(['?', ' ']).nth(1) == Some(path);
    if !line.contains("NextPartitionKey=") {
        pages.retain(|seen| !of_this_table(seen));
    }
    if !pages.iter().any(|seen| seen == line) {
        pages.push(line.to_owned());
    }
    let index = pages
        .iter()
        .filter(|seen| of_this_table(seen))
        .position(|seen| seen == line)?;
    u32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests;
