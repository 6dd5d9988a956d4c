//! The maxima that a peer holds chaincode to. Beyond them a call ends with LIMIT_EXCEEDED.

/// Longest key of the world state, in bytes.
pub const STATE_KEY_BYTES_MAX: usize = 256;
/// Largest value of the world state, in bytes.
pub const STATE_VALUE_BYTES_MAX: usize = 256 * 1024;
/// Most entries of one page of a scan, and most versions of one history.
pub const PAGE_ENTRIES_MAX: u32 = 1000;
/// Most events of one transaction.
pub const EVENTS_MAX: usize = 256;
/// Longest topic of an event, in bytes.
pub const TOPIC_BYTES_MAX: usize = 128;
/// Largest payload of an event, in bytes.
pub const EVENT_BYTES_MAX: usize = 16 * 1024;
/// Largest result of a function, in bytes.
pub const RESULT_BYTES_MAX: usize = 256 * 1024;
/// Longest code of a refusal, in bytes.
pub const CODE_BYTES_MAX: usize = 64;
/// Longest message of a refusal, in bytes. Longer ones are cut.
pub const MESSAGE_BYTES_MAX: usize = 1024;
