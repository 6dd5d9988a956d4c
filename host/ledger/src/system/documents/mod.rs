//! `_documents`: names of documents by their content, and who confirmed to hold them.
//!
//! A member anchors a document under its CID, with what anyone needs to check a copy; organisations then confirm, each
//! once, that they received it. An anchor is never changed or removed. The documents themselves are not on the ledger.

mod calls;
mod name;
mod records;

pub(crate) use calls::call;
pub(crate) use records::{document, receipts};

pub use calls::{Anchor, ListReceipts, LookUpDocument, Receive};
pub use records::{DocumentReceipt, DocumentRecord, document_key};
