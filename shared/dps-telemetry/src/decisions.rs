//! How often what was decided.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;
use opentelemetry::KeyValue;

use crate::allocation::Outcome;
use crate::fields;

/// Counts decisions, and keeps the texts that come again and again.
///
/// Of its own instead of a counter of the SDK: that one takes a text apart from each attribute at
/// each request, and drops all of a decision's attributes where there are too many.
#[derive(Debug, Default)]
pub(crate) struct Decisions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    texts: HashSet<Arc<str>, RandomState>,
    /// In lower case, by their spelling.
    lower_case: HashMap<Arc<str>, Arc<str>, RandomState>,
    series: HashMap<Series, u64, RandomState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Series {
    outcome: Outcome,
    reason: &'static str,
    tenant: Option<Arc<str>>,
    hub: Option<Arc<str>>,
}

/// Combinations of outcome, reason, tenant and hub with a series of their own; the decisions of
/// all further ones are counted with `other` as tenant and hub.
///
/// 1,000 series are what a small backend takes from each of some instances; the SDK's own limit,
/// where all attributes go, is 2,000.
const MOST_SERIES: usize = 1000;

/// Texts that are shared: ids of tenants, hubs, rollouts, enrollment groups, and revisions; and
/// spellings of hubs. About 64 bytes each; further ones are copied.
const MOST_TEXTS: usize = 4096;

const OTHER: &str = "other";

impl Decisions {
    /// The text, without a copy where it was seen before.
    pub(crate) fn text(&self, text: &str) -> Arc<str> {
        self.lock().text(text)
    }

    /// Counts a decision; names without regard to case.
    pub(crate) fn count(
        &self,
        outcome: Outcome,
        reason: &'static str,
        tenant: Option<&str>,
        hub: Option<&str>,
    ) {
        let mut state = self.lock();
        let series = Series {
            outcome,
            reason,
            tenant: tenant.map(|tenant| state.lower_case(tenant)),
            hub: hub.map(|hub| state.lower_case(hub)),
        };
        state.count(series);
    }

    /// What there is to count, with its attributes.
    pub(crate) fn each(&self, mut found: impl FnMut(u64, &[KeyValue])) {
        for (series, count) in &self.lock().series {
            let text = |name, text: &Arc<str>| KeyValue::new(name, Arc::clone(text));
            let mut attributes = vec![
                KeyValue::new(fields::OUTCOME, series.outcome.as_str()),
                KeyValue::new(fields::REASON, series.reason),
            ];
            attributes.extend(series.tenant.as_ref().map(|it| text(fields::TENANT, it)));
            attributes.extend(series.hub.as_ref().map(|it| text(fields::HUB, it)));
            found(*count, &attributes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if self.texts.len() < MOST_TEXTS {
            self.texts.insert(Arc::clone(&new));
        }
        new
    }

    /// Hubs are spelled as each request spells them.
    fn lower_case(&mut self, text: &str) -> Arc<str> {
        if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return self.text(text);
        }
        if let Some(known) = self.lower_case.get(text) {
            return Arc::clone(known);
        }
        let lower = self.text(&text.to_ascii_lowercase());
        if self.lower_case.len() < MOST_TEXTS {
            self.lower_case.insert(text.into(), Arc::clone(&lower));
        }
        lower
    }

    fn count(&mut self, series: Series) {
        if let Some(count) = self.series.get_mut(&series) {
            *count += 1;
            return;
        }
        let series = if self.series.len() < MOST_SERIES {
            series
        } else {
            let other = self.text(OTHER);
            Series {
                tenant: series.tenant.map(|_| Arc::clone(&other)),
                hub: series.hub.map(|_| other),
                ..series
            }
        };
        *self.series.entry(series).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(decisions: &Decisions) -> Vec<(u64, String)> {
        let mut all = Vec::new();
        decisions.each(|count, attributes| {
            let values = attributes.iter().map(|it| it.value.to_string());
            all.push((count, values.collect::<Vec<_>>().join(" ")));
        });
        all.sort();
        all
    }

    #[test]
    fn decisions_are_counted_by_what_was_decided() {
        let decisions = Decisions::default();
        for hub in ["Hub-1.azure-devices.net", "hub-1.azure-devices.net"] {
            decisions.count(Outcome::Assigned, "weighted", Some("toasters"), Some(hub));
        }
        decisions.count(Outcome::Refused, "unknownEnrollment", None, None);
        let expected = [
            (1, "refused unknownEnrollment"),
            (2, "assigned weighted toasters hub-1.azure-devices.net"),
        ];
        assert_eq!(
            counted(&decisions),
            expected.map(|(n, text)| (n, text.to_owned()))
        );
    }

    #[test]
    fn more_tenants_than_series_are_counted_together() {
        let decisions = Decisions::default();
        for number in 0..5000 {
            let tenant = format!("tenant-{number}");
            decisions.count(Outcome::Assigned, "stay", Some(&tenant), Some("hub"));
        }
        let counted = counted(&decisions);
        assert_eq!(counted.len(), MOST_SERIES + 1);
        assert_eq!(
            counted.last().unwrap(),
            &(4000, "assigned stay other other".to_owned())
        );
        assert_eq!(counted.iter().map(|(count, _)| count).sum::<u64>(), 5000);
        assert!(decisions.lock().texts.len() <= MOST_TEXTS);
    }
}
