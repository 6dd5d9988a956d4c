//! What is stored under which key.

use crate::number::Named;
use crate::policy::PolicyEntry;
use crate::record::{Outcome, Record};
use theriac_chaincode::{Table, TableIndex};

/// Records by number. Every index ends with the number, so every list is in the order in which records came.
pub(crate) const RECORDS: Table<u64, Record> = Table::new("record").with_indexes(&[
    TableIndex::new("document", &["document.cid"]),
    TableIndex::new("identifier", &["identifier"]),
    TableIndex::new("organisation", &["organisation"]),
    TableIndex::new("kind", &["kind"]),
    TableIndex::new("time", &["attached_ms"]),
]);

/// Which records are about a subject, by its path and the record's number; the value is the block.
pub(crate) const SUBJECT_RECORDS: Table<(String, u64), u64> = Table::new("subject");

/// What valid records say of goods, by the subject's path, the outcome's gravity, the inspection's time and the record's
/// number, both counted down from the top: what decides comes first. Outcomes that decide nothing are not in it.
pub(crate) const OUTCOMES: Table<(String, u8, u64, u64), Outcome> = Table::new("outcome");

/// How many records let a reader read a document, by CID and reader: `organisation/NAME`, `role/NAME` or `everyone`.
pub(crate) const GRANTS: Table<(String, String), u32> = Table::new("grant");

/// Which document an identifier of a document names, by the identifier; only as long as a valid record bears it.
pub(crate) const IDENTIFIERS: Table<String, Named> = Table::new("identifier");

/// The last number that was given out, by what is numbered.
pub(crate) const NUMBERS: Table<String, u64> = Table::new("number");

/// The policy that a regulator set, by `current`.
pub(crate) const POLICY: Table<String, PolicyEntry> = Table::new("policy");
