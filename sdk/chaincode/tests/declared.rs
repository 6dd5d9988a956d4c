//! What a chaincode declares, and what the mock host makes of it: tables with indexes, events, codes, migrations.

#![allow(clippy::unwrap_used)]

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{
    ChaincodeError, ChaincodeEvent, Contract, ErrorCodes, Event, MockHost, Refusal, Table, TableIndex, chaincode,
};

#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize, BorshSchema)]
enum Kind {
    Pack,
    Case,
}

#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize, BorshSchema)]
struct Item {
    kind: Kind,
    holder: String,
    lot: Option<u32>,
}

const ITEMS: Table<(String, u32), Item> = Table::new("item")
    .with_indexes(&[TableIndex::new("lot", &["lot"]), TableIndex::new("holder", &["holder", "kind"])])
    .guarded();
const NOTES: Table<u64, String> = Table::new("a-note");

/// Something changed hands.
#[derive(Debug, PartialEq, BorshSerialize, BorshDeserialize, BorshSchema, ChaincodeEvent)]
#[topic("item.moved")]
struct Moved {
    to: String,
}

/// Something was noted.
#[derive(BorshSerialize, BorshSchema, ChaincodeEvent)]
#[topic("a.note")]
struct Noted;

/// Why it refuses.
#[derive(ChaincodeError)]
enum Fault {
    /// Nobody holds it. Register {it}.
    NotHeld,
    /// It is too heavy.
    /// Take two.
    #[code("WEIGHT")]
    #[message("{grams} g is more than {max} g.")]
    TooHeavy { grams: u32, max: u32 },
}

#[chaincode(
    name = "items",
    state_version = 2,
    tables(ITEMS, NOTES),
    events(Moved, Noted),
    errors(Fault),
    reads(("trace", b"unit"))
)]
mod items {
    use super::*;
    use theriac_chaincode::{QueryContext, TransactionContext};

    #[transaction]
    fn weigh(ctx: &mut TransactionContext, grams: u32) -> Result<(), Refusal> {
        ctx.announce(&Moved { to: "scale".to_owned() })?;
        if grams > 9 { Err(Fault::TooHeavy { grams, max: 9 }.into()) } else { Ok(()) }
    }

    #[transaction]
    fn stray(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        ctx.put(b"elsewhere", b"");
        Ok(())
    }

    #[query]
    fn foreign(ctx: &QueryContext, key: Vec<u8>) -> Result<Option<Vec<u8>>, Refusal> {
        Ok(ctx.foreign("trace", &key))
    }

    #[migrate(from = 1, to = 2)]
    fn add_notes(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        NOTES.put(ctx, &1, &"moved".to_owned())
    }

    #[migrate(from = 2, to = 1)]
    fn drop_notes(ctx: &mut TransactionContext) -> Result<(), Refusal> {
        NOTES.delete(ctx, &1);
        Err(Fault::NotHeld.into())
    }
}

use items::Chaincode;

fn item(kind: Kind, holder: &str, lot: Option<u32>) -> Item {
    Item { kind, holder: holder.to_owned(), lot }
}

fn key(serial: u32) -> (String, u32) {
    ("s".to_owned(), serial)
}

/// Five items: four of anna's, of which one is a case.
fn filled() -> MockHost {
    let host = MockHost::of::<Chaincode>();
    let mut ctx = host.transaction_context();
    for (serial, item) in [
        (3, item(Kind::Pack, "anna", Some(7))),
        (1, item(Kind::Pack, "anna", None)),
        (2, item(Kind::Case, "anna", Some(256))),
        (5, item(Kind::Pack, "anna", Some(1))),
        (4, item(Kind::Pack, "ann", Some(7))),
    ] {
        ITEMS.put(&mut ctx, &key(serial), &item).unwrap();
    }
    host
}

/// Serial numbers that an index leads to.
fn found<P: theriac_chaincode::StateKey>(host: &MockHost, index: &str, fields: &P) -> Vec<u32> {
    let page = ITEMS.lookup(&host.query_context(), index, fields, None, 100).unwrap();
    page.entries.into_iter().map(|((_, serial), _)| serial).collect()
}

#[test]
fn an_index_finds_by_its_first_fields_in_their_order() {
    let host = filled();
    let anna = "anna".to_owned();
    assert_eq!(found(&host, "holder", &(anna.clone(),)), [1, 3, 5, 2], "packs before the case, each by key");
    assert_eq!(found(&host, "holder", &("ann".to_owned(),)), [4], "a name that begins another");
    assert_eq!(found(&host, "holder", &("nobody".to_owned(),)), Vec::<u32>::new());
    assert_eq!(found(&host, "lot", &()), [5, 3, 4, 2], "by number, and without the one that has none");
    assert_eq!(found(&host, "lot", &(7_u32,)), [3, 4]);
}

#[test]
fn an_index_follows_every_change() {
    let host = filled();
    let mut ctx = host.transaction_context();
    ITEMS.put(&mut ctx, &key(3), &item(Kind::Pack, "ann", None)).unwrap();
    ITEMS.delete(&mut ctx, &key(5));
    assert_eq!(found(&host, "holder", &("anna".to_owned(),)), [1, 2]);
    assert_eq!(found(&host, "holder", &("ann".to_owned(),)), [3, 4]);
    assert_eq!(found(&host, "lot", &()), [4, 2]);
}

#[test]
fn pages_of_an_index_join_without_gap_or_repetition() {
    let host = filled();
    let ctx = host.query_context();
    for limit in 1..=5 {
        let (mut serials, mut from) = (Vec::new(), None);
        loop {
            let page = ITEMS.lookup(&ctx, "holder", &("anna".to_owned(),), from, limit).unwrap();
            assert!(page.entries.len() <= limit as usize);
            serials.extend(page.entries.into_iter().map(|((_, serial), _)| serial));
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        assert_eq!(serials, [1, 3, 5, 2], "in pages of {limit}");
    }
}

#[test]
fn pages_of_a_table_join_too() {
    let host = filled();
    let ctx = host.query_context();
    for limit in 1..=6 {
        let (mut serials, mut last) = (Vec::new(), None);
        loop {
            let page = ITEMS.scan(&ctx, &("s".to_owned(),), last.as_ref(), limit).unwrap();
            serials.extend(page.entries.iter().map(|((_, serial), _)| *serial));
            last = page.entries.last().map(|(key, _)| key.clone());
            if !page.more {
                break;
            }
        }
        assert_eq!(serials, [1, 2, 3, 4, 5], "in pages of {limit}");
    }
}

#[test]
fn many_values_come_in_the_order_of_their_keys() {
    let host = filled();
    let ctx = host.query_context();
    let many = ITEMS.values(&ctx, &[key(4), key(9), key(2), key(4)]).unwrap();
    let holders: Vec<_> = many.iter().map(|item| item.as_ref().map(|item| item.holder.as_str())).collect();
    assert_eq!(holders, [Some("ann"), None, Some("anna"), Some("ann")]);
    assert_eq!(ITEMS.values(&ctx, &[]).unwrap(), []);
    assert!(ITEMS.contains(&ctx, &key(4)) == Ok(true) && ITEMS.contains(&ctx, &key(9)) == Ok(false));
}

#[test]
fn an_entry_keeps_its_policy_until_it_is_removed() {
    let host = filled();
    let mut ctx = host.transaction_context();
    ITEMS.guard(&mut ctx, &key(1), Some("regulator"));
    assert_eq!(host.guards().into_iter().collect::<Vec<_>>(), [(ITEMS.key(&key(1)), "regulator".to_owned())]);
    ITEMS.guard(&mut ctx, &key(1), None);
    assert!(host.guards().is_empty());
}

#[test]
fn events_and_codes_are_those_of_their_types() {
    assert_eq!((Moved::TOPIC, Noted::TOPIC), ("item.moved", "a.note"));
    let meanings = [("NOT_HELD", "Nobody holds it. Register {it}."), ("WEIGHT", "It is too heavy. Take two.")];
    assert_eq!(Fault::codes(), meanings);
    assert_eq!(Refusal::from(Fault::NotHeld), Refusal::new("NOT_HELD", "Nobody holds it. Register {it}."));
    let heavy = Refusal::from(Fault::TooHeavy { grams: 10, max: 9 });
    assert_eq!(heavy.to_string(), "WEIGHT: 10 g is more than 9 g.");
    let host = MockHost::of::<Chaincode>();
    assert_eq!(host.submit::<Chaincode, _, ()>("weigh", &10_u32).unwrap_err().code(), "WEIGHT");
    assert!(host.events().is_empty(), "refused, it announces nothing");
    host.submit::<Chaincode, _, ()>("weigh", &9_u32).unwrap();
    assert_eq!(host.events(), [("item.moved".to_owned(), borsh::to_vec(&Moved { to: "scale".to_owned() }).unwrap())]);
}

#[test]
fn a_description_is_in_the_ledgers_order_however_it_was_declared() {
    let description = Chaincode::describe();
    let tables: Vec<_> = description.tables.iter().map(|table| (table.name.as_str(), table.guarded)).collect();
    assert_eq!(tables, [("a-note", false), ("item", true)]);
    let indexes: Vec<_> = description.tables[1].indexes.iter().map(|index| (&*index.name, &index.fields[..])).collect();
    let (holder, lot) = (["holder".to_owned(), "kind".to_owned()], ["lot".to_owned()]);
    assert_eq!(indexes, [("holder", &holder[..]), ("lot", &lot[..])]);
    let topics: Vec<_> = description.events.iter().map(|event| event.topic.as_str()).collect();
    assert_eq!(topics, ["a.note", "item.moved"]);
    let codes: Vec<_> = description.errors.iter().map(|error| error.code.as_str()).collect();
    assert_eq!(codes, ["NOT_HELD", "WEIGHT"]);
    assert_eq!(description.migrations, [(1, 2), (2, 1)]);
    assert_eq!(description.reads, [("trace".to_owned(), b"unit".to_vec())]);
}

#[test]
fn a_migration_takes_effect_as_a_whole_or_not_at_all() {
    let host = MockHost::of::<Chaincode>();
    host.migrate::<Chaincode>(1, 2).unwrap();
    assert_eq!(NOTES.get(&host.query_context(), &1), Ok(Some("moved".to_owned())));
    assert_eq!(host.migrate::<Chaincode>(2, 1).unwrap_err().code(), "NOT_HELD");
    assert_eq!(NOTES.get(&host.query_context(), &1), Ok(Some("moved".to_owned())), "it refused after it deleted");
    let none = host.migrate::<Chaincode>(1, 3).unwrap_err();
    assert_eq!(none.to_string(), "No migration of the state from version 1 to 3.");
}

#[test]
#[should_panic(expected = "\"elsewhere\" is in no table that the chaincode declares")]
fn what_is_written_beside_the_tables_is_found_in_a_native_test() {
    drop(MockHost::of::<Chaincode>().submit::<Chaincode, _, ()>("stray", &()));
}

#[test]
fn another_chaincodes_entries_are_read_under_the_declared_prefix() {
    let host = MockHost::of::<Chaincode>();
    host.set_foreign("trace", b"unit/1", b"value");
    let read = |key: &[u8]| host.evaluate::<Chaincode, _, Option<Vec<u8>>>("foreign", key);
    assert_eq!((read(b"unit/1"), read(b"unit/2")), (Ok(Some(b"value".to_vec())), Ok(None)));
}

#[test]
#[should_panic(expected = "does not declare to read this key of trace")]
fn what_is_read_beside_it_is_found_in_a_native_test() {
    drop(MockHost::of::<Chaincode>().evaluate::<Chaincode, _, Option<Vec<u8>>>("foreign", &b"party/1"[..]));
}
