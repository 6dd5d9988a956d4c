//! Every maximum of the event model. The parser at the edge and the chaincode both enforce them.

/// Longest identifier or word in its canonical text, in bytes.
pub use theriac_gs1::TEXT_BYTES_MAX;

/// Most identifiers in one list of one event.
pub const EVENT_ITEMS_MAX: usize = 1_000;
/// Longest event in its canonical bytes: what one entry of the ledger holds, with room for what is kept beside it.
pub const EVENT_BYTES_MAX: usize = 192 * 1024;
/// Most events one transaction captures.
pub const CAPTURE_EVENTS_MAX: usize = 100;
/// Most events of a document that is kept whole.
pub const ENVELOPE_EVENTS_MAX: usize = 2_000;
/// Longest document without its events in its canonical bytes, their names included.
pub const ENVELOPE_BYTES_MAX: usize = EVENT_BYTES_MAX;
/// Most entries of a list that is neither items nor events: business transactions, sources, destinations, marks.
pub const EVENT_LIST_MAX: usize = 64;
/// Most items directly inside one container.
pub const CHILDREN_MAX: usize = 10_000;
/// Most lots that one container holds, at any level.
pub const CONTAINER_LOTS_MAX: usize = 1_000;
/// Most parties that an item remembers to have held it.
pub const EARLIER_HOLDERS_MAX: usize = 16;
/// Levels of packing: a unit in a bundle in a case on a pallet takes four.
pub const LEVELS_MAX: u8 = 8;
/// Longest URI kept verbatim, in bytes.
pub const URI_BYTES_MAX: usize = 512;
/// Most sensor elements and reports of one event.
pub const SENSOR_REPORTS_MAX: usize = 1_000;
/// Most bytes of extensions of one event.
pub const OPAQUE_BYTES_MAX: usize = 64 * 1024;

const _: () = assert!(URI_BYTES_MAX <= TEXT_BYTES_MAX, "a URI is one of the texts");
const _: () = assert!(CHILDREN_MAX >= EVENT_ITEMS_MAX, "what one event may pack, one container holds");
const _: () =
    assert!(ENVELOPE_EVENTS_MAX * 64 <= ENVELOPE_BYTES_MAX, "most events leave room for what is said besides");
