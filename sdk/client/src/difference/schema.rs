//! Two schemas of one thing, compared value by value that they can express.

use borsh::BorshDeserialize;
use borsh::schema::{BorshSchemaContainer, Definition, Fields};
use std::collections::BTreeSet;
use theriac_types::limits::SCHEMA_BYTES_MAX;

/// How the values that a schema knows relate to those of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shift {
    /// All of them, and more.
    Wider,
    /// Only some of them.
    Narrower,
    /// Others, or the same under other names.
    Other,
}

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaChange {
    /// Where, from the root `$`.
    pub path: String,
    /// What changed.
    pub sentence: String,
    /// What that does to the values.
    pub shift: Shift,
}

/// Most differences that are told of one pair of schemas.
const CHANGES_MAX: usize = 100;
/// Levels that types may nest.
const DEPTH_MAX: usize = 64;
/// Most pairs of types that are compared.
const PAIRS_MAX: usize = 10_000;

/// What differs between two schemas in borsh's own form. An empty one stands for plain bytes.
pub(super) fn compare(old: &[u8], new: &[u8]) -> Vec<SchemaChange> {
    if old == new {
        return Vec::new();
    }
    let root = |sentence: &str| {
        vec![SchemaChange { path: "$".to_owned(), sentence: sentence.to_owned(), shift: Shift::Other }]
    };
    match (old.is_empty(), new.is_empty()) {
        (true, _) => return root("was plain bytes and has a type now"),
        (_, true) => return root("had a type and is plain bytes now"),
        _ => {}
    }
    let (Some(old), Some(new)) = (parse(old), parse(new)) else {
        return root("one of its schemas cannot be read");
    };
    let mut comparison = Comparison { old: &old, new: &new, seen: BTreeSet::new(), changes: Vec::new(), depth: 0 };
    comparison.types("$", old.declaration(), new.declaration());
    comparison.changes
}

fn parse(bytes: &[u8]) -> Option<BorshSchemaContainer> {
    let short = bytes.len() <= SCHEMA_BYTES_MAX;
    BorshSchemaContainer::try_from_slice(bytes).ok().filter(|container| short && container.validate().is_ok())
}

struct Comparison<'a> {
    old: &'a BorshSchemaContainer,
    new: &'a BorshSchemaContainer,
    /// Pairs of types that were compared or are being compared: types may contain themselves.
    seen: BTreeSet<(String, String)>,
    changes: Vec<SchemaChange>,
    depth: usize,
}

impl Comparison<'_> {
    fn note(&mut self, path: &str, shift: Shift, sentence: String) {
        if self.changes.len() < CHANGES_MAX {
            self.changes.push(SchemaChange { path: path.to_owned(), sentence, shift });
        }
    }

    fn types(&mut self, path: &str, old: &str, new: &str) {
        if !self.seen.insert((old.to_owned(), new.to_owned())) {
            return;
        }
        if self.depth == DEPTH_MAX || self.seen.len() > PAIRS_MAX {
            return self.note(path, Shift::Other, "is not compared further: its types nest too deep".to_owned());
        }
        self.depth += 1;
        self.definitions(path, old, new);
        self.depth -= 1;
    }

    fn definitions(&mut self, path: &str, old: &str, new: &str) {
        let other = format!("was {old}, is {new}");
        let (Some(from), Some(to)) = (self.old.get_definition(old), self.new.get_definition(new)) else {
            return self.note(path, Shift::Other, other);
        };
        match (from.clone(), to.clone()) {
            // What a primitive means is in its name.
            (Definition::Primitive(_), Definition::Primitive(_)) if old == new => {}
            (
                Definition::Sequence { length_width: from_width, length_range: from, elements: old_element },
                Definition::Sequence { length_width: to_width, length_range: to, elements: new_element },
            ) if from_width == to_width && (old == "String") == (new == "String") => {
                if from != to {
                    self.lengths(path, &from, &to);
                }
                self.types(&format!("{path}[]"), &old_element, &new_element);
            }
            (Definition::Tuple { elements: from }, Definition::Tuple { elements: to }) if from.len() == to.len() => {
                for (index, (old, new)) in from.iter().zip(&to).enumerate() {
                    self.types(&format!("{path}.{index}"), old, new);
                }
            }
            (
                Definition::Enum { tag_width: from_width, variants: from },
                Definition::Enum { tag_width: to_width, variants: to },
            ) if from_width == to_width => self.variants(path, &from, &to),
            (Definition::Struct { fields: from }, Definition::Struct { fields: to }) => {
                self.fields(path, &named(&from), &named(&to));
            }
            _ => self.note(path, Shift::Other, other),
        }
    }

    fn lengths(&mut self, path: &str, old: &std::ops::RangeInclusive<u64>, new: &std::ops::RangeInclusive<u64>) {
        let within = |inner: &std::ops::RangeInclusive<u64>, outer: &std::ops::RangeInclusive<u64>| {
            outer.start() <= inner.start() && inner.end() <= outer.end()
        };
        let shift = match (within(old, new), within(new, old)) {
            (true, _) => Shift::Wider,
            (_, true) => Shift::Narrower,
            _ => Shift::Other,
        };
        self.note(path, shift, format!("held {old:?} elements, holds {new:?}"));
    }

    fn fields(&mut self, path: &str, old: &[(String, String)], new: &[(String, String)]) {
        for (index, (name, kind)) in old.iter().enumerate() {
            match new.get(index) {
                Some((now, type_now)) if now == name => self.types(&format!("{path}.{name}"), kind, type_now),
                _ if new.iter().any(|(now, _)| now == name) => {
                    self.note(path, Shift::Other, format!("the field {name} stands at another place"));
                }
                Some((now, _)) if !old.iter().any(|(before, _)| before == now) && old.len() == new.len() => {
                    self.note(path, Shift::Other, format!("the field {name} is {now} now"));
                }
                _ => self.note(path, Shift::Other, format!("the field {name} is gone")),
            }
        }
        let renamed = |index: usize, name: &String| {
            old.len() == new.len() && !new.iter().any(|(now, _)| *now == old[index].0) && *name != old[index].0
        };
        for (index, (name, kind)) in new.iter().enumerate() {
            if !old.iter().any(|(before, _)| before == name) && !renamed(index, name) {
                self.note(path, Shift::Other, format!("the field {name} ({kind}) is new"));
            }
        }
    }

    fn variants(&mut self, path: &str, old: &[Variant], new: &[Variant]) {
        for (tag, name, content) in old {
            match new.iter().find(|(now, ..)| now == tag) {
                None => self.note(path, Shift::Narrower, format!("the variant {name} is gone")),
                Some((_, now, _)) if now != name => {
                    self.note(path, Shift::Other, format!("what was the variant {name} is {now} now"));
                }
                Some((_, _, content_now)) => self.types(&format!("{path}.{name}"), content, content_now),
            }
        }
        for (_, name, _) in new.iter().filter(|(tag, ..)| !old.iter().any(|(before, ..)| before == tag)) {
            self.note(path, Shift::Wider, format!("the variant {name} is new"));
        }
    }
}

type Variant = (i64, String, String);

/// Fields by name; those without one are called by their number.
fn named(fields: &Fields) -> Vec<(String, String)> {
    match fields {
        Fields::NamedFields(fields) => fields.clone(),
        Fields::UnnamedFields(fields) => {
            fields.iter().enumerate().map(|(index, kind)| (index.to_string(), kind.clone())).collect()
        }
        Fields::Empty => Vec::new(),
    }
}
