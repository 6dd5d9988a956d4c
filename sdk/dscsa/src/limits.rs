//! The maxima of what is read.

/// Largest document, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// Deepest nesting of arrays and objects; a report's is 5.
pub const DEPTH_MAX: usize = 16;
/// Most entries of one list.
pub const ITEMS_MAX: usize = 1_000;
/// Longest text, in bytes, but for credentials.
pub const TEXT_BYTES_MAX: usize = 1_600;
/// Longest credential (`vp`), in bytes.
pub const CREDENTIAL_BYTES_MAX: usize = 64 * 1024;
/// Most findings of a case, by the ledger's own rule.
pub const FINDINGS_MAX: usize = 100;
/// Most notes of a case, by the ledger's own rule.
pub const NOTES_MAX: usize = 100;
/// Longest finding or note, in bytes, by the ledger's own rule.
pub const FINDING_BYTES_MAX: usize = 2_000;

const _: () =
    assert!(TEXT_BYTES_MAX < FINDING_BYTES_MAX, "what is read of one text fits a finding, unless it is escaped");
const _: () = assert!(DOCUMENT_BYTES_MAX > CREDENTIAL_BYTES_MAX, "a document holds its sender's credential");
