//! What is stored under which key.

use crate::party::Party;
use crate::record::{
    Alias, Case, CaseId, Device, DocumentRecord, EventRecord, Journey, LotRecord, Product, Recall, Shipment, StockRow,
};
use theriac_chaincode::{ReadContext, StateKey, Table, TableIndex};
use theriac_domain::Item;
use theriac_domain::document::DocumentId;
use theriac_domain::item::EventId;

/// Most bytes of a name that is a part of a key.
const NAME_BYTES_MAX: usize = 120;
/// Of a longer name, so many bytes stand in the key before its hash.
const NAME_BYTES_KEPT: usize = 40;

/// A name as a part of a key: itself, or of a long one its beginning and its hash.
pub(crate) fn key_of(ctx: &ReadContext<'_>, name: &str) -> String {
    if name.len() <= NAME_BYTES_MAX {
        return name.to_owned();
    }
    let kept: String = name.char_indices().take_while(|(at, _)| *at < NAME_BYTES_KEPT).map(|(_, c)| c).collect();
    format!("{kept}…{}", crate::scene::hex(&ctx.sha2_256(name.as_bytes())))
}

/// Where a page of an index goes on behind an entry, given the entry's fields in the index and its key.
pub(crate) fn behind(fields: &impl StateKey, key: &impl StateKey) -> Vec<u8> {
    let mut cursor = Vec::new();
    fields.encode(&mut cursor);
    key.encode(&mut cursor);
    cursor.push(0);
    cursor
}

/// Units and logistic units by canonical path.
pub(crate) const ITEMS: Table<String, Item> =
    Table::new("unit").with_indexes(&[TableIndex::new("parent", &["parent"]), TableIndex::new("lot", &["birth.lot"])]);

/// Events by the SHA-256 of their canonical bytes.
pub(crate) const EVENTS: Table<EventId, EventRecord> = Table::new("event").with_indexes(&[
    TableIndex::new("time", &["time_ms"]),
    TableIndex::new("step", &["step", "time_ms"]),
    TableIndex::new("location", &["location", "time_ms"]),
    TableIndex::new("read_point", &["read_point", "time_ms"]),
    TableIndex::new("party", &["party", "time_ms"]),
    TableIndex::new("name", &["event_id"]),
]);

/// The next number to give out, by what is numbered.
pub(crate) const NUMBERS: Table<String, u64> = Table::new("number");

/// Which events concern a lot, or name a thing and are only kept as they were stated, by lot or thing, time and event.
/// Those that were judged stand in the thing's own life.
pub(crate) const SUBJECT_EVENTS: Table<(String, u64, EventId), u64> = Table::new("subject_event");

/// Which events belong to a business document, by its identifier, time and event.
pub(crate) const DOCUMENT_EVENTS: Table<(String, u64, EventId), u64> = Table::new("document_event");

/// EPCIS documents by the SHA-256 of their canonical bytes.
pub(crate) const DOCUMENTS: Table<DocumentId, DocumentRecord> = Table::new("document")
    .with_indexes(&[TableIndex::new("time", &["recorded_ms"]), TableIndex::new("party", &["party", "recorded_ms"])]);

/// Which EPCIS documents hold an event, by its name in hexadecimal, the time at which they were kept, and document.
/// Keys have the form of those above: a package holds the code for it once.
pub(crate) const EVENT_DOCUMENTS: Table<(String, u64, DocumentId), u64> = Table::new("event_document");

/// Lots by canonical path.
pub(crate) const LOTS: Table<String, LotRecord> = Table::new("lot");

/// How much of which goods is where, by goods, holder and site.
pub(crate) const STOCK: Table<(String, String, String), StockRow> =
    Table::new("stock").with_indexes(&[TableIndex::new("holder", &["holder"]), TableIndex::new("site", &["site"])]);

/// Shipments by the event that shipped them.
pub(crate) const SHIPMENTS: Table<EventId, Shipment> = Table::new("shipment").with_indexes(&[
    TableIndex::new("to", &["to", "state", "shipped_ms"]),
    TableIndex::new("from", &["from", "state", "shipped_ms"]),
    TableIndex::new("state", &["state", "shipped_ms"]),
]);

/// Recalls by number.
pub(crate) const RECALLS: Table<String, Recall> = Table::new("recall");

/// The numbers of the recalls that single items were recalled by, by canonical path.
pub(crate) const RECALLED: Table<String, String> = Table::new("recalled");

/// Cases by number.
pub(crate) const CASES: Table<CaseId, Case> =
    Table::new("case").with_indexes(&[TableIndex::new("state", &["state", "opened_ms"])]);

/// Products by GTIN.
pub(crate) const PRODUCTS: Table<String, Product> = Table::new("product");

/// Sensors by their identifier.
pub(crate) const DEVICES: Table<String, Device> = Table::new("device");

/// What sensors said of an item on one journey, by its path and the sensor.
pub(crate) const JOURNEYS: Table<(String, String), Journey> = Table::new("journey");

/// Other codes of units: canonical paths by the code.
pub(crate) const ALIASES: Table<String, Alias> = Table::new("alias");

/// Parties by organisation.
pub(crate) const PARTIES: Table<String, Party> = Table::new("party");
/// Organisations by the GLNs bound to them.
pub(crate) const GLNS: Table<String, String> = Table::new("gln");
/// Organisations by the company prefixes bound to them.
pub(crate) const PREFIXES: Table<String, String> = Table::new("prefix");
/// Organisations by the Chinese product codes bound to them.
pub(crate) const CHINA_PRODUCTS: Table<String, String> = Table::new("china_product");
