//! Every maximum of this chaincode.

/// Most things that one record is about.
pub const SUBJECTS_MAX: usize = 32;
/// Most organisations, and most roles, that one record names as its readers.
pub const READERS_MAX: usize = 64;
/// Longest name of an organisation or role, in bytes.
pub const READER_BYTES_MAX: usize = 64;
/// Most test results of one record.
pub const RESULTS_MAX: usize = 100;
/// Longest name of a subtype, an inspector, a test, a method or a unit of measure, in bytes.
pub const NAME_BYTES_MAX: usize = 120;
/// Longest specification, condition, note or reason, in bytes.
pub const TEXT_BYTES_MAX: usize = 2_000;
/// Longest record in its canonical bytes.
pub const RECORD_BYTES_MAX: usize = 64 * 1024;
/// Most records of one page.
pub const PAGE_MAX: u32 = 100;
/// Most bytes of records in one page, but for the first: the rest is the next one's.
pub const PAGE_BYTES_MAX: usize = 128 * 1024;
/// Most records that are looked at for one page.
pub const LOOKED_AT_MAX: usize = 300;
/// Records that are read from the ledger at once.
pub const BATCH: u32 = 20;
/// Most versions that one history tells of.
pub const HISTORY_MAX: u32 = 100;
/// Most things that one question about a release names.
pub const RELEASE_SUBJECTS_MAX: usize = 4_000;
/// How far an inspection's time may lie ahead of the block's, in milliseconds: clocks differ.
pub const CLOCK_SKEW_MS: u64 = 15 * 60 * 1000;

const _: () = assert!(
    RECORD_BYTES_MAX * 2 + PAGE_BYTES_MAX <= theriac_chaincode::limits::RESULT_BYTES_MAX,
    "a page that ends with the largest record is an answer that a peer gives"
);
const _: () = assert!(
    SUBJECTS_MAX * 200 < theriac_chaincode::limits::EVENT_BYTES_MAX,
    "an event names every subject of its record"
);
