//! `_documents`: names of documents by their content, who holds them, and who confirmed to have received them.
//!
//! A member anchors a document under its CID, with what anyone needs to check a copy, and with storage receipts of `f + 1`
//! replicas: what the ledger names can be had. Organisations then confirm, each once, that they received it. An anchor is
//! never changed or removed. The documents themselves are not on the ledger.
//!
//! A document may be sealed for named readers. Its list of readers is a file of its own that peers keep, replaced when
//! readers come or go, and destroyed to erase the document.

mod calls;
mod copies;
mod kept;
mod name;
mod readers;
mod records;

pub(crate) use calls::call;
pub(crate) use records::{document, receipts};

pub use calls::{Anchor, Holding, ListReceipts, LookUpDocument, NewDocument, Receive};
pub use copies::{Keep, copies_at, copies_key};
pub use kept::{Kept, NamedFile, kept_at};
pub use readers::{Erase, LookUpReaders, ReadersList, ReadersRecord, Share, all_readers_at, readers_at, readers_key};
pub use records::{DocumentReceipt, DocumentRecord, Held, document_at, document_key, documents_at};
