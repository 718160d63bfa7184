//! Rollout state x dates x cohort x `from` x `return`, for devices of every bucket on every hub.

use std::fmt;

use dps_allocation::bucket::BucketSalt;

use crate::fleet::{Device, policy};

const FLEET: &str = "
    hubs: weight
    a.net | 1
    b.net | 1
    n.net | 0
    tenants: pools
    acme
    enrollments: tenants
    group | acme
";
const ALL: [&str; 3] = ["a.net", "b.net", "n.net"];

/// From the first of these days of December 2026 on that percentage, before it the first.
const STEPS: [(u32, u32); 3] = [(3, 20), (5, 60), (7, 100)];

/// A day before all steps, on, between and after them.
const DAYS: [u32; 5] = [2, 3, 4, 6, 8];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Paused(u32),
    /// `pausedAt`, `abortedAt`.
    Aborted(Option<u32>, Option<u32>),
}

const STATES: [State; 10] = [
    State::Running,
    State::Paused(2),
    State::Paused(6),
    State::Aborted(None, None),
    State::Aborted(None, Some(2)),
    State::Aborted(None, Some(4)),
    State::Aborted(None, Some(8)),
    State::Aborted(Some(4), Some(6)),
    State::Aborted(Some(6), Some(4)),
    State::Aborted(Some(4), None),
];

/// One row of `rollouts`.
#[derive(Clone, Copy, Debug)]
struct Row {
    state: State,
    cohort: &'static str,
    from: Option<&'static str>,
    returns: bool,
    linear: bool,
    /// A percentage of a first step without a time.
    at_first: Option<u32>,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |day: Option<u32>| day.map_or("-".to_owned(), |day| format!("2026-12-{day:02}"));
        let (state, paused, aborted) = match self.state {
            State::Running => ("running", None, None),
            State::Paused(paused) => ("paused", Some(paused), None),
            State::Aborted(paused, aborted) => ("aborted", paused, aborted),
        };
        let steps = STEPS
            .map(|(day, share)| format!("2026-12-{day:02}={share}%"))
            .join(" ");
        let at_first = self
            .at_first
            .map_or(String::new(), |share| format!("{share}% "));
        let ramp = if self.linear { "linear" } else { "step" };
        write!(
            f,
            "rollouts: to steps ramp cohort from state pausedAt abortedAt return include exclude\n\
             acme/go | n.net | {at_first}{steps} | {ramp} | {} | {} | {state} | {} | {} | {} | \
             pinned-* | banned-*",
            self.cohort,
            self.from.unwrap_or("-"),
            day(paused),
            day(aborted),
            self.returns,
        )
    }
}

impl Row {
    fn rows() -> impl Iterator<Item = Self> {
        let states = STATES.into_iter();
        states.flat_map(|state| {
            ["new", "existing", "all"]
                .into_iter()
                .flat_map(move |cohort| {
                    [None, Some("a.net")].into_iter().flat_map(move |from| {
                        let variants = [
                            (false, false, None),
                            (true, true, None),
                            (true, false, Some(10)),
                        ];
                        variants
                            .into_iter()
                            .map(move |(returns, linear, at_first)| Self {
                                state,
                                cohort,
                                from,
                                returns,
                                linear,
                                at_first,
                            })
                    })
                })
        })
    }

    fn is_aborted(&self) -> bool {
        matches!(self.state, State::Aborted(..))
    }

    /// The percentage at the beginning of a day; none: what holds without a time.
    fn share_on(&self, day: Option<u32>) -> u32 {
        let at_first = self.at_first.unwrap_or(0);
        let Some(day) = day else { return at_first };
        let Some(reached) = STEPS.iter().rposition(|(from, _)| *from <= day) else {
            return at_first;
        };
        let (from, share) = STEPS[reached];
        match STEPS.get(reached + 1) {
            Some((until, next)) if self.linear => {
                share + (next - share) * (day - from) / (until - from)
            }
            _ => share,
        }
    }

    /// The percentage that the rollout has reached, or had reached when it was stopped.
    fn share(&self, now: u32) -> u32 {
        let stopped = match self.state {
            State::Running => Some(now),
            State::Paused(at) => Some(at.min(now)),
            State::Aborted(paused, aborted) => {
                let stopped = [paused, aborted].into_iter().flatten().min();
                stopped.filter(|stopped| *stopped <= now)
            }
        };
        self.share_on(stopped)
    }
}

/// A device, its place in the rollout, and where it is.
#[derive(Clone, Copy, Debug)]
struct Case {
    id: &'static str,
    current: Option<&'static str>,
    now: u32,
}

impl Case {
    fn is_member(&self, row: &Row) -> bool {
        let bucket = BucketSalt::new("go").bucket(self.id).number();
        match self.id.split_once('-') {
            Some(("banned", _)) => false,
            Some(("pinned", _)) => true,
            _ => bucket < row.share(self.now) * 1000,
        }
    }

    fn decided(&self, policy: &dps_allocation::Policy) -> String {
        let device = Device::new(self.id)
            .linked(&ALL)
            .at(&format!("2026-12-{:02}T00:00Z", self.now));
        let device = self
            .current
            .iter()
            .fold(device, |device, hub| device.on(hub));
        device.decided(policy)
    }

    /// What `ROLLOUTS.md` says.
    fn expected(&self, row: &Row) -> &'static str {
        let is_member = self.is_member(row);
        let may_leave = match (row.cohort, self.current) {
            ("new", Some(_)) | ("existing", None) => false,
            (_, Some(hub)) => row.from.is_none_or(|from| from == hub),
            (_, None) => true,
        };
        match self.current {
            Some("n.net") if row.is_aborted() && row.returns && is_member => match row.from {
                Some(_) => "a.net rolloutReturn",
                None => "a or b rolloutReturn",
            },
            Some("n.net") => "n.net stay",
            _ if !row.is_aborted() && is_member && may_leave => "n.net rollout",
            Some("a.net") => "a.net stay",
            Some(_) => "b.net stay",
            None => "a or b weighted",
        }
    }
}

/// Devices of buckets below, between and above the shares, one that is pinned, one that is excluded.
fn ids() -> Vec<&'static str> {
    let tenth = |id: &str| BucketSalt::new("go").bucket(id).number() / 10_000;
    let pumps = || (0..1000).map(|n| &*format!("pump-{n}").leak());
    let of_tenth = |wanted: u32| pumps().find(|id| tenth(id) == wanted).unwrap();
    let mut ids = [0, 1, 3, 5, 8].map(of_tenth).to_vec();
    ids.extend(["pinned-1", "banned-1"]);
    ids
}

#[test]
fn every_state_date_cohort_and_return_does_what_the_readme_says() {
    let ids = ids();
    for row in Row::rows() {
        let policy = policy(&format!("{FLEET}\n{row}"));
        for now in DAYS {
            for id in &ids {
                for current in [None, Some("a.net"), Some("b.net"), Some("n.net")] {
                    let case = Case { id, current, now };
                    let (decided, expected) = (case.decided(&policy), case.expected(&row));
                    let either = decided.replacen("a.net", "a or b", 1);
                    let either = either.replacen("b.net", "a or b", 1);
                    assert!(
                        [&*decided, &*either].contains(&expected),
                        "{decided}, not {expected}: {case:?} {row}"
                    );
                }
            }
        }
    }
}

/// Registers every device each day: before the abort the row runs, then it is aborted.
#[test]
fn an_aborted_rollout_never_moves_a_device_that_has_not_been_in_its_frozen_share() {
    for from in [None, Some("a.net")] {
        for (abort, stamp) in [
            (4, Some(4)),
            (2, Some(2)),
            (6, Some(6)),
            (4, None),
            (4, Some(8)),
        ] {
            let row = |state| Row {
                state,
                cohort: "all",
                from,
                returns: true,
                linear: false,
                at_first: None,
            };
            let running = policy(&format!("{FLEET}\n{}", row(State::Running)));
            let aborted = policy(&format!("{FLEET}\n{}", row(State::Aborted(None, stamp))));
            for id in (0..40).map(|n| &*format!("device-{n}").leak()) {
                for first in ["a.net", "b.net", "n.net"] {
                    let was_in = BucketSalt::new("go").bucket(id).number()
                        < row(State::Running).share_on(Some(abort)) * 1000;
                    let mut hub = first;
                    for now in 1..10 {
                        let policy = if now <= abort { &running } else { &aborted };
                        let decided = Case {
                            id,
                            current: Some(hub),
                            now,
                        }
                        .decided(policy);
                        let (next, _) = decided.split_once(' ').unwrap();
                        // A stamp in the future counts when it has come, with the share of then.
                        let in_stamped = stamp.is_some_and(|stamp| stamp > abort && stamp <= now);
                        assert!(
                            next == hub || was_in || in_stamped,
                            "{id} from {hub} to {next} on {now}, aborted on {abort} ({stamp:?})"
                        );
                        hub = ALL.into_iter().find(|known| *known == next).unwrap();
                    }
                }
            }
        }
    }
}
