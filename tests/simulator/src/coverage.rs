//! What runs have seen of the code: a run in which nothing rare happens proves little.

use std::collections::BTreeMap;

/// How often what was seen, by the kind of thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    seen: BTreeMap<(&'static str, &'static str), u64>,
}

impl Coverage {
    /// Something was seen.
    pub fn note(&mut self, kind: &'static str, what: &'static str) {
        *self.seen.entry((kind, what)).or_default() += 1;
    }

    /// Adds what another run has seen.
    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.seen {
            *self.seen.entry(*what).or_default() += count;
        }
    }

    /// How often this was seen.
    pub fn count(&self, kind: &'static str, what: &'static str) -> u64 {
        self.seen.get(&(kind, what)).copied().unwrap_or_default()
    }

    /// Everything seen.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        self.seen.iter().map(|((kind, what), count)| (*kind, *what, *count))
    }
}
