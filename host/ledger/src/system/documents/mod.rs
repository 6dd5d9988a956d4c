//! `_documents`: names of documents by their content, who holds them, and who confirmed to have received them.
//!
//! A member anchors a document under its CID, with what anyone needs to check a copy, and with storage receipts of `f + 1`
//! replicas: what the ledger names can be had. Organisations then confirm, each once, that they received it. An anchor is
//! never changed or removed. The documents themselves are not on the ledger.

mod calls;
mod name;
mod records;

pub(crate) use calls::call;
pub(crate) use records::{document, receipts};

pub use calls::{Anchor, ListReceipts, LookUpDocument, NewDocument, Receive};
pub use records::{DocumentReceipt, DocumentRecord, Held, document_at, document_key, documents_at};
