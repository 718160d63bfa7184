//! Finds hubs by their host names, in any case.

use hashbrown::HashTable;

use super::hub_set::HubIndex;

/// One of the host names of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HostName {
    pub(super) hub: HubIndex,
    /// Whether it is the one for newer TLS.
    pub(super) is_device_name: bool,
}

/// Every host name by which a request may name a hub.
#[derive(Clone, Debug, Default)]
pub(super) struct HostNames {
    /// Those of each hub in lower case: the classic one, and the one for newer TLS.
    texts: Vec<[Option<Box<str>>; 2]>,
    /// By the [`hash`] of their texts, which stand here again: a search compares them without a way
    /// to the hub.
    names: HashTable<(Box<str>, HostName)>,
}

/// Finds the host names of a list, one after the other.
///
/// Operators number their hubs, so many a list has them in the order of the policy. A name that follows
/// on two in order, or on the first hub at the beginning, is compared with the next hub before it is hashed.
pub(super) struct Search<'n> {
    names: &'n HostNames,
    expected: HostName,
    is_in_order: bool,
}

impl HostName {
    /// That of the next hub.
    fn next(self) -> Self {
        Self {
            hub: self.hub.next(),
            ..self
        }
    }
}

impl HostNames {
    /// Adds the names of the next hub.
    pub(super) fn add(&mut self, hub: HubIndex, classic: Box<str>, device: Option<Box<str>>) {
        let texts = [Some(classic), device];
        for (text, is_device_name) in texts.iter().zip([false, true]) {
            let name = HostName {
                hub,
                is_device_name,
            };
            if let Some(text) = text {
                let hash_of = |(text, _): &(Box<str>, HostName)| hash(text);
                self.names
                    .insert_unique(hash(text), (text.clone(), name), hash_of);
            }
        }
        self.texts.push(texts);
    }

    /// The name that a text is, in any case.
    #[inline]
    pub(super) fn find(&self, host: &str) -> Option<HostName> {
        let hash = hash(host);
        // Nearly always in the same case, and comparing bytes is faster.
        self.find_by(hash, |text| text == host)
            .or_else(|| self.find_in_other_case(hash, host))
    }

    #[cold]
    fn find_in_other_case(&self, hash: u64, host: &str) -> Option<HostName> {
        self.find_by(hash, |text| text.eq_ignore_ascii_case(host))
    }

    #[inline]
    fn find_by(&self, hash: u64, is_it: impl Fn(&str) -> bool) -> Option<HostName> {
        let found = self.names.find(hash, |(text, _)| is_it(text));
        found.map(|(_, name)| *name)
    }

    pub(super) fn search(&self) -> Search<'_> {
        Search {
            names: self,
            expected: HostName {
                hub: HubIndex::default(),
                is_device_name: false,
            },
            is_in_order: false,
        }
    }
}

fn text(texts: &[[Option<Box<str>>; 2]], name: HostName) -> Option<&str> {
    let of_hub = texts.get(name.hub.position())?;
    of_hub.get(usize::from(name.is_device_name))?.as_deref()
}

impl Search<'_> {
    /// The name that the next text is, in any case.
    #[inline]
    pub(super) fn next(&mut self, host: &str) -> Option<HostName> {
        let expected = self.expected;
        let is_next = self.is_in_order && text(&self.names.texts, expected) == Some(host);
        let name = if is_next {
            expected
        } else {
            let name = self.names.find(host)?;
            self.is_in_order = name == expected;
            name
        };
        self.expected = name.next();
        Some(name)
    }
}

/// A hash that ignores case: upper and lower case letters differ in the bit that is set.
///
/// A request names up to 50 hubs, so this is most of a decision: it takes sixteen bytes at a time,
/// where std's hash would cost more than the rest of the decision together.
fn hash(host: &str) -> u64 {
    const CASE: u64 = 0x2020_2020_2020_2020;
    // An odd constant with well-spread bits: the golden ratio in 64 bits.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) | CASE;
    let mix = |hash: u64, [one, other]: [u64; 2]| {
        let (low, high) = (hash ^ one).carrying_mul(SPREAD ^ other, 0);
        low ^ high
    };
    let (words, _) = host.as_bytes().as_chunks();
    let (_, words_at_end) = host.as_bytes().as_rchunks();
    let (pairs, _) = words.as_chunks();
    let pairs = pairs.iter().map(|pair| pair.each_ref().map(word));
    let last = match words_at_end.last_chunk() {
        Some(last) => last.each_ref().map(word),
        None => [0, short(host)],
    };
    mix(pairs.fold(host.len() as u64, mix), last)
}

/// A hash of a name that is shorter than sixteen bytes, which none of Azure is.
#[cold]
fn short(host: &str) -> u64 {
    let bytes = host.bytes().map(|byte| u64::from(byte | 0x20));
    bytes.fold(0, |hash, byte| hash.rotate_left(8) ^ byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> HostNames {
        let mut names = HostNames::default();
        for at in 0..6 {
            let hub = HubIndex::new(at).unwrap();
            // Two rigs between hubs of Azure, and a name that is shorter than what a hash takes.
            match at {
                2 | 3 => names.add(hub, format!("rig-{at}.example.net").into(), None),
                5 => names.add(hub, "h.net".into(), None),
                _ => {
                    let device = format!("weu-{at}.device.azure-devices.net");
                    let classic = format!("weu-{at}.azure-devices.net");
                    names.add(hub, classic.into(), Some(device.into()));
                }
            }
        }
        names
    }

    /// Looks for hubs by one kind of name, one after the other; `-` is a hub without a row.
    #[track_caller]
    fn check(hubs: &str, is_device_name: bool, spelled: fn(&str) -> String) {
        let names = names();
        let mut search = names.search();
        for at in hubs.chars() {
            let position = at.to_digit(10).and_then(|at| at.try_into().ok());
            let name = position.and_then(HubIndex::new).map(|hub| HostName {
                hub,
                is_device_name,
            });
            let known = name.and_then(|name| text(&names.texts, name));
            let written = spelled(known.unwrap_or("unknown.azure-devices.net"));
            let expected = name.filter(|_| known.is_some());
            assert_eq!(search.next(&written), expected, "{written} in {hubs}");
            assert_eq!(names.find(&written), expected, "{written}");
        }
    }

    #[test]
    fn names_are_found_in_any_order_and_case() {
        for hubs in [
            "012345",
            "543210",
            "0-1-2-345",
            "01201234501",
            "00112",
            "-",
            "5",
            "35012",
        ] {
            for is_device_name in [false, true] {
                check(hubs, is_device_name, str::to_owned);
                check(hubs, is_device_name, str::to_ascii_uppercase);
            }
        }
    }

    /// DPS may link a hub by both of its names.
    #[test]
    fn names_of_both_kinds_follow_each_other() {
        let names = names();
        let mut search = names.search();
        for hub in [0, 1, 4].map(|at| HubIndex::new(at).unwrap()) {
            for is_device_name in [false, true] {
                let name = HostName {
                    hub,
                    is_device_name,
                };
                let written = text(&names.texts, name).unwrap();
                assert_eq!(search.next(written), Some(name), "{written}");
            }
        }
    }
}
