//! What trading partners in the United States tell each other about a delivery, from what the ledger knows and back.
//!
//! **Exceptions**, in the JSON shapes of the Partnership for DSCSA Governance (github.com/dscsagovernance/ExceptionsSchemas):
//! [`CaseFile::report`] makes a report of a case, [`open`] a case of a partner's report, and [`answer`] says what the
//! ledger does about a message that belongs to a case. A report that is read and written again says the same; fields
//! outside of its shape are left out, and remarked upon.
//!
//! **Transaction information and statement**, as JSON: [`TransactionInformation::of`]. It names what it lacks.
//!
//! Pure: whoever calls asks the ledger, and does with the answer what it says. No input makes it panic. Every error has
//! a stable code; those of documents have the JSON path too.

mod answering;
mod case_file;
mod contents;
mod error;
mod findings;
mod limits;
mod master_data;
mod message;
mod node;
mod opening;
mod report;
mod response;
mod statement;
mod transaction;
mod uuid;
mod words;

pub use answering::{Answer, answer};
pub use case_file::{CaseFile, Sending};
pub use contents::{Contents, Goods, Unit, shipped_items};
pub use error::{DscsaError, Problem};
pub use limits::DOCUMENT_BYTES_MAX;
pub use master_data::{MasterData, PartyData, ProductData, ndc_of};
pub use message::{Message, Read};
pub use opening::open;
pub use report::{
    Amount, Contact, Exceptions, GlnError, GtinError, MasterDataErrors, Misalignment, MissingData, MissingProduct,
    Report,
};
pub use response::{Alternative, Answered, Response};
pub use statement::{Assertion, Statement};
pub use transaction::{Business, Lacking, Line, Sale, TransactionInformation};
pub use words::{Decision, FollowUp, ObservationSource, Resolution, UnknownWord};
