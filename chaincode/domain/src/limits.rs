//! Every maximum of the event model. The parser at the edge and the chaincode both enforce them.

/// Most identifiers in one list of one event.
pub const EVENT_ITEMS_MAX: usize = 1_000;
/// Most events one transaction captures.
pub const CAPTURE_EVENTS_MAX: usize = 100;
/// Most entries of a list that is neither items nor events: business transactions, sources, destinations, marks.
pub const EVENT_LIST_MAX: usize = 64;
/// Most items directly inside one container.
pub const CHILDREN_MAX: usize = 1_000;
/// Levels of packing: a unit in a bundle in a case on a pallet takes four.
pub const LEVELS_MAX: u8 = 8;
/// Longest URI kept verbatim, in bytes.
pub const URI_BYTES_MAX: usize = 512;
/// Longest identifier or word in its canonical text, in bytes.
pub const TEXT_BYTES_MAX: usize = 1024;
/// Longest JSON text kept verbatim (sensor readings, extensions), in bytes.
pub const OPAQUE_BYTES_MAX: usize = 256 * 1024;
/// Longest serial number and lot, in characters (GS1 General Specifications, AI 21 and AI 10).
pub const SERIAL_CHARS_MAX: usize = 20;
/// How far an event's time may lie ahead of the block's time before it counts as the future.
pub const CLOCK_SKEW_MS_MAX: i64 = 15 * 60 * 1000;

const _: () = assert!(URI_BYTES_MAX <= TEXT_BYTES_MAX, "a URI is one of the texts");
const _: () = assert!(CHILDREN_MAX >= EVENT_ITEMS_MAX, "what one event may pack, one container holds");
