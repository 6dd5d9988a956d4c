#![allow(clippy::unwrap_used)]

use super::*;
use borsh::{BorshSchema, schema_container_of};
use std::collections::BTreeSet;
use theriac_types::{Bytes, ErrorDescription, EventDescription, ForeignRead, List, Migration, Text, encode};

#[derive(BorshSchema)]
#[allow(dead_code)]
enum Color {
    Red,
    Green,
}

mod more {
    use borsh::BorshSchema;
    #[derive(BorshSchema)]
    #[allow(dead_code)]
    pub enum Color {
        Red,
        Green,
        Blue(u32),
    }
    #[derive(BorshSchema)]
    #[allow(dead_code)]
    pub struct Pack {
        pub id: String,
        pub colors: Vec<Color>,
        pub parts: Vec<Pack>,
    }
    #[derive(BorshSchema)]
    #[allow(dead_code)]
    pub struct Named {
        pub code: String,
        pub weight: u64,
    }
}

#[derive(BorshSchema)]
#[allow(dead_code)]
struct Pack {
    id: String,
    colors: Vec<Color>,
    parts: Vec<Pack>,
}

#[derive(BorshSchema)]
#[allow(dead_code)]
struct Named {
    name: String,
    weight: u32,
}

fn schema<T: BorshSchema, const N: usize>() -> Bytes<N> {
    Bytes::new(encode(&schema_container_of::<T>())).unwrap()
}

fn function<A: BorshSchema, R: BorshSchema>(name: &str, kind: FunctionKind) -> FunctionDescription {
    FunctionDescription {
        name: name.parse().unwrap(),
        kind,
        argument_schema: schema::<A, _>(),
        result_schema: schema::<R, _>(),
    }
}

fn table<V: BorshSchema>(prefix: &str, guarded: bool) -> TableDescription {
    TableDescription {
        name: Text::new(prefix).unwrap(),
        prefix: Bytes::new(prefix).unwrap(),
        key_schema: Bytes::default(),
        value_schema: schema::<V, _>(),
        indexes: List::default(),
        guarded,
    }
}

fn described(functions: Vec<FunctionDescription>, tables: Vec<TableDescription>) -> Description {
    let untyped = Description::untyped("trace".parse().unwrap());
    Description { functions: List::new(functions).unwrap(), tables: List::new(tables).unwrap(), ..untyped }
}

fn changes(old: &Description, new: &Description) -> Vec<(Part, String, Option<Breaks>, String)> {
    let side = |description| Side { description, capabilities: None };
    let found = compare(side(old), side(new));
    found.into_iter().map(|change| (change.part, change.name, change.breaks, change.sentence)).collect()
}

fn only(old: &Description, new: &Description) -> (Option<Breaks>, String) {
    let found = changes(old, new);
    let [(_, _, breaks, sentence)] = &found[..] else { unreachable!("one change: {found:?}") };
    (*breaks, sentence.clone())
}

#[test]
fn nothing_differs_from_itself() {
    let functions = vec![function::<Pack, Named>("ship", FunctionKind::Transaction)];
    let one = described(functions, vec![table::<Pack>("u/", true)]);
    assert_eq!(changes(&one, &one.clone()), []);
}

#[test]
fn a_variant_more_is_welcome_in_an_argument_and_hurts_who_reads_a_result() {
    let ship = |function| described(vec![function], vec![]);
    let transaction = FunctionKind::Transaction;
    let old = ship(function::<Pack, ()>("ship", transaction));
    let new = ship(function::<more::Pack, ()>("ship", transaction));
    let added = (None, "argument, $.colors[]: the variant Blue is new".to_owned());
    assert_eq!(only(&old, &new), added);
    let gone = (Some(Breaks::Callers), "argument, $.colors[]: the variant Blue is gone".to_owned());
    assert_eq!(only(&new, &old), gone);
    let old = ship(function::<(), Pack>("ship", transaction));
    let new = ship(function::<(), more::Pack>("ship", transaction));
    assert_eq!(only(&old, &new).0, Some(Breaks::Readers));
    assert_eq!(only(&new, &old).0, None, "who reads meets fewer kinds of values");
}

#[test]
fn names_and_types_of_fields_are_part_of_what_callers_rely_on() {
    let old = described(vec![function::<Named, ()>("weigh", FunctionKind::Transaction)], vec![]);
    let new = described(vec![function::<more::Named, ()>("weigh", FunctionKind::Transaction)], vec![]);
    let found = changes(&old, &new);
    let sentences: Vec<&str> = found.iter().map(|(.., sentence)| sentence.as_str()).collect();
    assert_eq!(sentences, ["argument, $: the field name is code now", "argument, $.weight: was u32, is u64"]);
    assert!(found.iter().all(|(_, _, breaks, _)| *breaks == Some(Breaks::Callers)));
    let fewer = described(vec![function::<(String,), ()>("weigh", FunctionKind::Transaction)], vec![]);
    assert_eq!(only(&old, &fewer).0, Some(Breaks::Callers), "a structure is no tuple");
}

#[test]
fn functions_come_go_and_change_their_kind() {
    let (query, transaction) = (FunctionKind::Query, FunctionKind::Transaction);
    let old = described(vec![function::<(), ()>("gone", query), function::<(), ()>("kept", query)], vec![]);
    let new = described(vec![function::<(), ()>("kept", transaction), function::<(), ()>("new", query)], vec![]);
    let rows: Vec<_> = changes(&old, &new).into_iter().map(|(_, name, breaks, _)| (name, breaks)).collect();
    let callers = Some(Breaks::Callers);
    assert_eq!(rows, [("gone".to_owned(), callers), ("kept".to_owned(), callers), ("new".to_owned(), None)]);
}

#[test]
fn stored_values_must_stay_readable_unless_they_are_migrated() {
    let old = described(vec![], vec![table::<Named>("u/", false)]);
    let mut new = described(vec![], vec![table::<more::Named>("u/", false)]);
    assert!(changes(&old, &new).iter().all(|(_, _, breaks, _)| *breaks == Some(Breaks::StoredValues)));
    new.state_version = 2;
    let found = changes(&old, &new);
    let version = found.iter().find(|(_, name, ..)| name == "version").unwrap();
    assert_eq!(version.2, Some(Breaks::StoredValues), "no migration is offered");
    new.migrations = List::new(vec![Migration { from: 1, to: 2 }]).unwrap();
    let found = changes(&old, &new);
    assert!(found.iter().all(|(_, _, breaks, _)| *breaks != Some(Breaks::StoredValues)), "{found:?}");
    assert!(found.iter().any(|(_, name, _, sentence)| name == "rollback" && sentence.ends_with("no way back")));
}

#[test]
fn events_codes_reads_and_capabilities_are_compared_by_name() {
    let (mut old, mut new) = (described(vec![], vec![]), described(vec![], vec![]));
    let event = |topic: &str, schema| EventDescription { topic: Text::new(topic).unwrap(), schema };
    old.events = List::new(vec![event("moved", schema::<Pack, _>()), event("made", schema::<(), _>())]).unwrap();
    new.events = List::new(vec![event("moved", schema::<more::Pack, _>())]).unwrap();
    let error = |code: &str, meaning: &str| ErrorDescription {
        code: Text::new(code).unwrap(),
        meaning: Text::new(meaning).unwrap(),
    };
    old.errors = List::new(vec![error("NO", "no"), error("NOT_HOLDER", "who?")]).unwrap();
    new.errors = List::new(vec![error("NO", "never"), error("RECALLED", "it is recalled")]).unwrap();
    let read = ForeignRead { chaincode: "stock".parse().unwrap(), prefix: Bytes::new("s/").unwrap() };
    new.reads = List::new(vec![read]).unwrap();
    let (before, now) = (["state".to_owned()], ["crypto".to_owned(), "state".to_owned()]);
    let found = compare(
        Side { description: &old, capabilities: Some(&before) },
        Side { description: &new, capabilities: Some(&now) },
    );
    let rows: BTreeSet<_> = found.iter().map(|one| (one.part, one.name.as_str(), one.breaks)).collect();
    let wanted = [
        (Part::Event, "made", Some(Breaks::Readers)),
        (Part::Event, "moved", Some(Breaks::Readers)),
        (Part::Error, "NO", None),
        (Part::Error, "NOT_HOLDER", None),
        (Part::Error, "RECALLED", None),
        (Part::Read, "stock s/", None),
        (Part::Capability, "crypto", None),
    ];
    assert_eq!(rows, wanted.into());
}

#[test]
fn schemas_that_are_none_are_told_apart_and_compared_no_further() {
    let mut old = described(vec![function::<Pack, ()>("ship", FunctionKind::Transaction)], vec![]);
    let new = old.clone();
    let mut functions = old.functions.to_vec();
    functions[0].argument_schema = Bytes::new([0xff; 40]).unwrap();
    old.functions = List::new(functions).unwrap();
    assert_eq!(only(&old, &new), (Some(Breaks::Callers), "argument, $: one of its schemas cannot be read".to_owned()));
}
