//! The group of a device: devices of one group get the same hub and move together.

use std::borrow::Cow;

use crate::hidden::Hidden;
use crate::id_key::IdKey;

/// A group of devices, by the text that stands for the registration id of each of them.
///
/// `Debug` hides the text: it may identify a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'a>(Hidden<Cow<'a, str>>);

impl<'a> Group<'a> {
    /// The group that a text names; none if the text is empty.
    ///
    /// As with ids, the case of the letters `A` to `Z` and spaces around the text do not count.
    pub(crate) fn new(text: impl Into<Cow<'a, str>>) -> Option<Self> {
        let text = match text.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(' ')),
            Cow::Owned(text) => Cow::Owned(text.trim_matches(' ').to_owned()),
        };
        let text = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            text
        };
        (!text.is_empty()).then_some(Self(Hidden(text)))
    }

    /// The text that is hashed in place of the registration id.
    pub(crate) fn as_str(&self) -> &str {
        let Hidden(text) = &self.0;
        text
    }

    /// The pseudonym of the group, see [`IdKey::hide`].
    #[must_use]
    pub fn hide(&self, key: &IdKey) -> String {
        key.hide(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::bucket::BucketSalt;
    use crate::hash::weight::{Candidate, PlacementSalt, hub_hash, pick};
    use serde_json::Value;

    fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
        vector[name].as_str().unwrap()
    }

    fn group(vector: &Value) -> Group<'_> {
        Group::new(text(vector, "group")).unwrap()
    }

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../vectors/hashing.json")).unwrap()
    }

    #[test]
    fn buckets_of_groups_are_the_published_ones() {
        let vectors = vectors();
        let buckets = vectors["groupBuckets"].as_array().unwrap();
        assert!(buckets.len() >= 12);
        for vector in buckets {
            let bucket = BucketSalt::new(text(vector, "salt")).bucket(group(vector).as_str());
            assert_eq!(Value::from(bucket.number()), vector["bucket"], "{vector}");
        }
    }

    #[test]
    fn hubs_of_groups_are_the_published_ones() {
        let vectors = vectors();
        let picks = vectors["groupPicks"].as_array().unwrap();
        assert!(picks.len() >= 12);
        for vector in picks {
            let hubs = vectors["hubs"][text(vector, "hubs")].as_object().unwrap();
            let mut hosts: Vec<&String> = hubs.keys().collect();
            hosts.sort();
            let candidates = hosts.iter().zip(0..).map(|(host, order)| Candidate {
                hub_hash: hub_hash(host),
                weight: hubs[*host].as_u64().unwrap().try_into().unwrap(),
                order,
            });
            let hash = PlacementSalt::new(text(vector, "salt")).hash(group(vector).as_str());
            let picked = pick(hash, candidates).unwrap();
            assert_eq!(
                hosts[usize::from(picked.order)],
                &vector["host"],
                "{vector}"
            );
        }
    }

    #[test]
    fn spaces_and_case_do_not_count() {
        let same = |one: &str, other: &str| Group::new(one) == Group::new(other);
        assert!(same(" Building 7 ", "building 7"));
        assert!(same("GW-1", "gw-1"));
        assert!(!same("building\t7", "building 7"));
        assert!(!same("\u{a0}a", "a"));
        assert!(!same("\u{c4}", "\u{e4}"));
        for nothing in ["", "   "] {
            assert_eq!(Group::new(nothing), None);
            assert_eq!(Group::new(nothing.to_owned()), None);
        }
        assert_eq!(Group::new(" A ".to_owned()), Group::new("a"));
    }

    #[test]
    fn debug_hides_the_text() {
        let shown = format!("{:?}", Group::new("marked"));
        assert!(!shown.contains("marked"), "{shown}");
    }
}
