//! Which of several atoms an id matches, and an example of each combination.

use std::collections::{BTreeMap, HashMap, VecDeque};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::hybrid::{CacheError, LazyStateID};
use regex_automata::util::start::Config as Start;
use regex_automata::{Anchored, MatchKind};

use crate::prove::atoms::Atom;

/// The numbers of the atoms that an id matches, in ascending order.
pub(super) type Matches = Vec<usize>;

/// Most examples.
const MAX_EXAMPLES: usize = 512;

/// Memory of the automaton: about 100,000 states.
const MAX_BYTES: usize = 32 << 20;

/// Longest id, in characters.
const MAX_ID: usize = 128;

/// All characters of ids in lower case, those first that make the better examples.
const ALPHABET: &str = "d0abcefghijklmnopqrstuvwxyz123456789-._:";

/// Matches all atoms at once.
#[derive(Debug)]
pub(super) struct Automaton {
    dfa: DFA,
    cache: Cache,
    alphabet: Vec<u8>,
}

/// An id for each combination of atoms.
#[derive(Debug, Default)]
pub(super) struct Examples {
    pub(super) ids: BTreeMap<Matches, String>,
    /// Whether some combinations have no id here.
    pub(super) is_cut: bool,
}

impl Automaton {
    /// `None` if the atoms are too large together.
    pub(super) fn new(atoms: &[&Atom]) -> Option<Self> {
        let patterns: Vec<&str> = atoms.iter().map(|atom| &*atom.pattern).collect();
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .unicode_word_boundary(true)
            .cache_capacity(MAX_BYTES)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder()
            .configure(config)
            .build_many(&patterns)
            .ok()?;
        Some(Self {
            cache: dfa.create_cache(),
            dfa,
            alphabet: alphabet(atoms),
        })
    }

    /// The atoms that an id matches; `None` if it is too long, or the automaton grows too large.
    pub(super) fn matches(&mut self, id: &str) -> Option<Matches> {
        if id.len() > MAX_ID {
            return None;
        }
        let mut state = self.start()?;
        for byte in id.bytes() {
            state = self.dfa.next_state(&mut self.cache, state, byte).ok()?;
        }
        self.matches_at(state).ok()
    }

    /// The shortest id for each combination that is wanted.
    pub(super) fn examples(&mut self, is_wanted: impl Fn(&Matches) -> bool) -> Examples {
        let mut examples = Examples::default();
        examples.is_cut = self.visit(&mut examples, is_wanted).is_none();
        examples
    }

    /// Visits the states, the nearest one first; `None` if there are too many.
    fn visit(
        &mut self,
        examples: &mut Examples,
        is_wanted: impl Fn(&Matches) -> bool,
    ) -> Option<()> {
        let start = self.start()?;
        let mut came_from: HashMap<LazyStateID, Option<(LazyStateID, u8)>> =
            HashMap::from([(start, None)]);
        let mut waiting = VecDeque::from([(start, 0)]);
        while let Some((state, length)) = waiting.pop_front() {
            let matches = self.matches_at(state).ok()?;
            if length > 0 && is_wanted(&matches) && !examples.ids.contains_key(&matches) {
                if examples.ids.len() >= MAX_EXAMPLES {
                    return None;
                }
                examples.ids.insert(matches, spelled(&came_from, state));
            }
            if length == MAX_ID {
                continue;
            }
            for at in 0..self.alphabet.len() {
                let byte = *self.alphabet.get(at)?;
                let next = self.dfa.next_state(&mut self.cache, state, byte).ok()?;
                if !next.is_dead() && !came_from.contains_key(&next) {
                    came_from.insert(next, Some((state, byte)));
                    waiting.push_back((next, length + 1));
                }
            }
        }
        Some(())
    }

    fn start(&mut self) -> Option<LazyStateID> {
        let anchored = Start::new().anchored(Anchored::Yes);
        self.dfa.start_state(&mut self.cache, &anchored).ok()
    }

    /// The atoms that an id matches if it ends in this state.
    fn matches_at(&mut self, state: LazyStateID) -> Result<Matches, CacheError> {
        let end = self.dfa.next_eoi_state(&mut self.cache, state)?;
        if !end.is_match() {
            return Ok(Matches::new());
        }
        let count = self.dfa.match_len(&self.cache, end);
        let atoms = (0..count).map(|at| self.dfa.match_pattern(&self.cache, end, at).as_usize());
        let mut matches: Matches = atoms.collect();
        matches.sort_unstable();
        Ok(matches)
    }
}

/// The characters that matter: those of the atoms, and two others that stand for the rest.
fn alphabet(atoms: &[&Atom]) -> Vec<u8> {
    let mut named = Vec::new();
    for atom in atoms {
        match &atom.texts {
            Some(texts) => named.extend(texts.iter().flat_map(|text| text.bytes())),
            None => return ALPHABET.bytes().collect(),
        }
    }
    let mut others = 0;
    let is_needed = |byte: &u8| {
        let is_named = named.contains(byte);
        others += usize::from(!is_named);
        is_named || others <= 2
    };
    ALPHABET.bytes().filter(is_needed).collect()
}

fn spelled(
    came_from: &HashMap<LazyStateID, Option<(LazyStateID, u8)>>,
    mut state: LazyStateID,
) -> String {
    let mut id = Vec::new();
    while let Some(Some((before, byte))) = came_from.get(&state) {
        id.push(char::from(*byte));
        state = *before;
    }
    id.iter().rev().collect()
}
