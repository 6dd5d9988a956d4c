//! Every mutant. The places of rules of consensus are sections of the protocol's specification.

mod authority;
mod books;
mod checkpoints;
mod hand_over;
mod lifetime;
mod log;
mod packing;
mod quorums;
mod safe_value;
mod stops;
mod view_change;
mod write_ahead;

use crate::{Edit, Mutant, Test};

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    let of_rules = [safe_value::TABLE, quorums::TABLE, view_change::TABLE, checkpoints::TABLE];
    let of_goods = [hand_over::TABLE, packing::TABLE, lifetime::TABLE, stops::TABLE, authority::TABLE, books::TABLE];
    of_rules.into_iter().chain([write_ahead::TABLE, log::TABLE]).chain(of_goods).flatten()
}

/// Those whose names, or whose test's place, contain some words; all when there are none.
pub fn find(words: &str) -> impl Iterator<Item = &'static Mutant> {
    all().filter(move |mutant| mutant.name.contains(words) || mutant.killed_by.place().contains(words))
}

const fn mutant(name: &'static str, rule: &'static str, edits: &'static [Edit], killed_by: Test) -> Mutant {
    Mutant { name, rule, edits, killed_by }
}

const fn edit(file: &'static str, before: &'static str, after: &'static str) -> Edit {
    Edit { file, before, after }
}
