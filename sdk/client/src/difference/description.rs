//! Two descriptions, part by part.

use super::schema::{self, Shift};
use super::{Breaks, Change, Side};
use std::collections::BTreeMap;
use theriac_types::{Description, FunctionDescription, FunctionKind, IndexDescription, TableDescription};

/// The kinds of things that a description is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What callers call.
    Function,
    /// What chaincode announces.
    Event,
    /// What it refuses with.
    Error,
    /// What it keeps.
    Table,
    /// The form of what it keeps, and the ways between forms.
    State,
    /// What it may read of others.
    Read,
    /// Which interfaces of the host it uses.
    Capability,
}

impl Part {
    /// In lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Event => "event",
            Self::Error => "error",
            Self::Table => "table",
            Self::State => "state",
            Self::Read => "read",
            Self::Capability => "capability",
        }
    }
}

/// Everything that differs, by part and name.
pub fn compare(old: Side<'_>, new: Side<'_>) -> Vec<Change> {
    let mut found = Found::default();
    functions(&mut found, old.description, new.description);
    events(&mut found, old.description, new.description);
    errors(&mut found, old.description, new.description);
    tables(&mut found, old.description, new.description);
    state(&mut found, old.description, new.description);
    let reads = |description: &Description| -> BTreeMap<String, ()> {
        let name = |read: &theriac_types::ForeignRead| format!("{} {}", read.chaincode, read.prefix.escape_ascii());
        description.reads.iter().map(|read| (name(read), ())).collect()
    };
    let told = ("it reads these entries of another chaincode now", "it no longer reads these entries");
    sets(&mut found, Part::Read, &reads(old.description), &reads(new.description), told);
    if let (Some(old), Some(new)) = (old.capabilities, new.capabilities) {
        let names = |all: &[String]| all.iter().map(|name| (name.clone(), ())).collect::<BTreeMap<_, _>>();
        let told = ("it uses this interface of the host now", "it no longer uses this interface of the host");
        sets(&mut found, Part::Capability, &names(old), &names(new), told);
    }
    found.0.sort_by(|one, other| (one.part, &one.name).cmp(&(other.part, &other.name)));
    found.0
}

#[derive(Default)]
struct Found(Vec<Change>);

impl Found {
    fn note(&mut self, part: Part, name: &str, breaks: Option<Breaks>, sentence: impl Into<String>) {
        self.0.push(Change { part, name: name.to_owned(), sentence: sentence.into(), breaks });
    }

    /// Differences of two schemas; `hurts` says whom a shift of the values hurts.
    fn schemas(
        &mut self,
        (part, name): (Part, &str),
        what: &str,
        (old, new): (&[u8], &[u8]),
        hurts: impl Fn(Shift) -> Option<Breaks>,
    ) {
        for change in schema::compare(old, new) {
            let sentence = format!("{what}, {}: {}", change.path, change.sentence);
            self.note(part, name, hurts(change.shift), sentence);
        }
    }
}

/// What the new version reads may be more than what was written before.
fn read_by_new(breaks: Breaks) -> impl Fn(Shift) -> Option<Breaks> {
    move |shift| (shift != Shift::Wider).then_some(breaks)
}

/// What the new version writes may be less than what was read before.
fn written_by_new(breaks: Breaks) -> impl Fn(Shift) -> Option<Breaks> {
    move |shift| (shift != Shift::Narrower).then_some(breaks)
}

/// What is on one side only.
fn sets<T>(found: &mut Found, part: Part, old: &BTreeMap<String, T>, new: &BTreeMap<String, T>, told: (&str, &str)) {
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        found.note(part, name, None, told.0);
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        found.note(part, name, None, told.1);
    }
}

fn functions(found: &mut Found, old: &Description, new: &Description) {
    let by_name = |description: &Description| -> BTreeMap<String, FunctionDescription> {
        description.functions.iter().map(|function| (function.name.to_string(), function.clone())).collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    for (name, before) in &old {
        let Some(now) = new.get(name) else {
            found.note(Part::Function, name, Some(Breaks::Callers), "it is gone");
            continue;
        };
        if before.kind != now.kind {
            let kind = if now.kind == FunctionKind::Query {
                "a transaction and is a query"
            } else {
                "a query and is a transaction"
            };
            found.note(Part::Function, name, Some(Breaks::Callers), format!("it was {kind} now"));
        }
        let arguments = (&*before.argument_schema, &*now.argument_schema);
        found.schemas((Part::Function, name), "argument", arguments, read_by_new(Breaks::Callers));
        let results = (&*before.result_schema, &*now.result_schema);
        found.schemas((Part::Function, name), "result", results, written_by_new(Breaks::Readers));
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        found.note(Part::Function, name, None, "it is new");
    }
}

fn events(found: &mut Found, old: &Description, new: &Description) {
    let by_topic = |description: &Description| -> BTreeMap<String, Vec<u8>> {
        description.events.iter().map(|event| (event.topic.to_string(), event.schema.to_vec())).collect()
    };
    let (old, new) = (by_topic(old), by_topic(new));
    for (topic, before) in &old {
        match new.get(topic) {
            None => found.note(Part::Event, topic, Some(Breaks::Readers), "it is no longer announced"),
            Some(now) => {
                let schemas = (&before[..], &now[..]);
                found.schemas((Part::Event, topic), "payload", schemas, written_by_new(Breaks::Readers));
            }
        }
    }
    for topic in new.keys().filter(|topic| !old.contains_key(*topic)) {
        found.note(Part::Event, topic, None, "it is new");
    }
}

fn errors(found: &mut Found, old: &Description, new: &Description) {
    let by_code = |description: &Description| -> BTreeMap<String, String> {
        description.errors.iter().map(|error| (error.code.to_string(), error.meaning.to_string())).collect()
    };
    let (old, new) = (by_code(old), by_code(new));
    sets(found, Part::Error, &old, &new, ("it is a new reason to refuse", "nothing is refused with it any more"));
    for (code, before) in &old {
        if let Some(now) = new.get(code).filter(|now| *now != before) {
            found.note(Part::Error, code, None, format!("it meant {before:?} and means {now:?}"));
        }
    }
}

fn tables(found: &mut Found, old: &Description, new: &Description) {
    // Who reads the tables of another chaincode, and what is stored already, know them by their prefixes.
    let by_prefix = |description: &Description| -> BTreeMap<Vec<u8>, TableDescription> {
        description.tables.iter().map(|table| (table.prefix.to_vec(), table.clone())).collect()
    };
    let same_form = old.state_version == new.state_version;
    let stored = same_form.then_some(Breaks::StoredValues);
    let (old, new) = (by_prefix(old), by_prefix(new));
    for (prefix, before) in &old {
        let name = shown(before);
        let Some(now) = new.get(prefix) else {
            let sentence = "it is gone: what it holds can no longer be written, and readers no longer know it";
            found.note(Part::Table, &name, Some(Breaks::Readers), sentence);
            continue;
        };
        for (what, schemas) in
            [("keys", (&*before.key_schema, &*now.key_schema)), ("values", (&*before.value_schema, &*now.value_schema))]
        {
            let hurts = |shift| match shift {
                Shift::Wider => Some(Breaks::Readers),
                Shift::Narrower => stored,
                Shift::Other => stored.or(Some(Breaks::Readers)),
            };
            found.schemas((Part::Table, &name), what, schemas, hurts);
        }
        indexes(found, &name, before, now);
        if before.guarded != now.guarded {
            let sentence = if now.guarded {
                "its entries may carry endorsement policies of their own now"
            } else {
                "its entries no longer carry endorsement policies of their own"
            };
            found.note(Part::Table, &name, None, sentence);
        }
    }
    for table in new.iter().filter(|(prefix, _)| !old.contains_key(*prefix)).map(|(_, table)| table) {
        found.note(Part::Table, &shown(table), None, "it is new");
    }
}

fn indexes(found: &mut Found, table: &str, old: &TableDescription, new: &TableDescription) {
    let by_name = |table: &TableDescription| -> BTreeMap<String, IndexDescription> {
        table.indexes.iter().map(|index| (index.name.to_string(), index.clone())).collect()
    };
    let (old, new) = (by_name(old), by_name(new));
    for (name, before) in &old {
        match new.get(name) {
            None => found.note(Part::Table, table, None, format!("its index {name} is gone")),
            Some(now) if now.fields != before.fields => {
                found.note(Part::Table, table, None, format!("its index {name} sorts by other fields"));
            }
            Some(_) => {}
        }
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        found.note(Part::Table, table, None, format!("its index {name} is new"));
    }
}

fn shown(table: &TableDescription) -> String {
    if table.name.is_empty() { format!("\"{}\"", table.prefix.escape_ascii()) } else { table.name.to_string() }
}

fn state(found: &mut Found, old: &Description, new: &Description) {
    if old.name != new.name {
        found.note(Part::State, "name", None, format!("it called itself {} and calls itself {}", old.name, new.name));
    }
    let (from, to) = (old.state_version, new.state_version);
    if from != to {
        let offers = |description: &Description, from, to| {
            description.migrations.iter().any(|way| way.from == from && way.to == to)
        };
        let forward = offers(new, from, to);
        let sentence = match forward {
            true => format!("its data is of version {to}; it migrates that of version {from}"),
            false => format!("its data is of version {to}, and it does not migrate that of version {from}"),
        };
        found.note(Part::State, "version", (!forward).then_some(Breaks::StoredValues), sentence);
        let back = if offers(new, to, from) { "back" } else { "no way back" };
        found.note(Part::State, "rollback", None, format!("from version {to} to {from} it offers {back}"));
    }
    let ways = |description: &Description| -> BTreeMap<String, ()> {
        description.migrations.iter().map(|way| (format!("{} to {}", way.from, way.to), ())).collect()
    };
    sets(
        found,
        Part::State,
        &ways(old),
        &ways(new),
        ("it offers this migration now", "it no longer offers this migration"),
    );
}

#[cfg(test)]
mod tests;
