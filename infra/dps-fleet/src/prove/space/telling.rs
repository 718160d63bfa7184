//! Which of several questions are true for an id, and an id for each way to answer them all.

use std::collections::{BTreeMap, HashMap, VecDeque};

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::hybrid::{CacheError, LazyStateID};
use regex_automata::util::start::Config as Start;
use regex_automata::{Anchored, MatchKind};

use crate::prove::atoms::Atom;

/// The numbers of the atoms that are true.
pub(super) type Told = Vec<usize>;

/// Most ways to answer all atoms.
const MAX_WAYS: usize = 512;

/// What the automaton may take: about 100,000 states.
const MAX_BYTES: usize = 32 << 20;

/// Longest id, in characters.
const MAX_ID: usize = 128;

/// All characters of ids in lower case; the first ones make the better examples.
const ALPHABET: &str = "d0abcefghijklmnopqrstuvwxyz123456789-._:";

/// An automaton that answers all atoms at once.
#[derive(Debug)]
pub(super) struct Telling {
    dfa: DFA,
    cache: Cache,
    alphabet: Vec<u8>,
}

/// An id for each way to answer all atoms.
#[derive(Debug, Default)]
pub(super) struct Ways {
    pub(super) all: BTreeMap<Told, String>,
    /// Whether there are ways without an id here.
    pub(super) is_cut: bool,
}

impl Telling {
    /// None where the atoms are too large together.
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

    /// The atoms that are true for an id; none where that takes too much.
    pub(super) fn told(&mut self, id: &str) -> Option<Told> {
        let mut state = self.start()?;
        for byte in id.bytes() {
            state = self.dfa.next_state(&mut self.cache, state, byte).ok()?;
        }
        self.answers(state).ok()
    }

    /// The shortest id for each way to answer the atoms, of those ways that are wanted.
    pub(super) fn ways(&mut self, is_wanted: impl Fn(&Told) -> bool) -> Ways {
        let mut ways = Ways::default();
        if self.visit(&mut ways, is_wanted).is_none() {
            ways.is_cut = true;
        }
        ways
    }

    /// Goes through the states from the nearest one on; none where there are too many.
    fn visit(&mut self, ways: &mut Ways, is_wanted: impl Fn(&Told) -> bool) -> Option<()> {
        let start = self.start()?;
        let mut came_from: HashMap<LazyStateID, Option<(LazyStateID, u8)>> =
            HashMap::from([(start, None)]);
        let mut waiting = VecDeque::from([(start, 0)]);
        while let Some((state, length)) = waiting.pop_front() {
            let told = self.answers(state).ok()?;
            if length > 0 && is_wanted(&told) && !ways.all.contains_key(&told) {
                if ways.all.len() >= MAX_WAYS {
                    return None;
                }
                ways.all.insert(told, spelled(&came_from, state));
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

    /// The atoms that are true if the id ends here.
    fn answers(&mut self, state: LazyStateID) -> Result<Told, CacheError> {
        let end = self.dfa.next_eoi_state(&mut self.cache, state)?;
        if !end.is_match() {
            return Ok(Told::new());
        }
        let count = self.dfa.match_len(&self.cache, end);
        let atoms = (0..count).map(|at| self.dfa.match_pattern(&self.cache, end, at).as_usize());
        let mut told: Told = atoms.collect();
        told.sort_unstable();
        Ok(told)
    }
}

/// Characters that tell all apart: those of the atoms, and two others that stand for the rest.
fn alphabet(atoms: &[&Atom]) -> Vec<u8> {
    let mut named = Vec::new();
    for atom in atoms {
        match &atom.texts {
            Some(texts) => named.extend(texts.iter().flat_map(|text| text.bytes())),
            None => return ALPHABET.bytes().collect(),
        }
    }
    let mut others = 0;
    let tells = |byte: &u8| {
        let is_named = named.contains(byte);
        others += usize::from(!is_named);
        is_named || others <= 2
    };
    ALPHABET.bytes().filter(tells).collect()
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
