//! Documents about medicines as chaincode: inspection reports, certificates, records of production, distribution and
//! destruction, and what they say of units, lots, sites, parties and shipments.
//!
//! **Records.** A record names one anchored document by its CID, says what kind of document it is, what it is about, what
//! was found, and who may read it. Hash, size and name of the file are those that the ledger keeps of the document. What
//! a record is about is kept under the canonical spelling of its identifier ([`Subject`]).
//!
//! **Who attaches.** An organisation has to be concerned by every subject, in a way that the [`Policy`] names for the kind
//! of document: as a regulator, as a laboratory with a licence, as the maker of the product, as who owns, has or ships
//! the goods; to its own sites and to itself it may attach everything. Trace knows parties, licences and goods, and is
//! asked. Whether goods may be used, only some of these decide. A regulator may set another policy. A document that
//! somebody else anchored can be attached by those with whom it was shared.
//!
//! **Who reads.** The organisation that attached a record, the organisations and roles that it names, and the roles that
//! the policy names. A record shows its names to everybody who keeps the ledger; `record` and `records` answer, and
//! `may_read` tells of anybody whether it may have the document. A document that was put with `inspection` as its guard is
//! given out by peers to those alone: they ask `may_have`.
//!
//! **What holds.** Nothing is overwritten: `supersede` puts another record of the same kind in the place of one,
//! `withdraw` takes one back for a reason, and both stay, with their history.
//!
//! **Releases.** Among the valid outcomes about a unit, its lot and its container a rejection decides before a condition,
//! a condition before a release, and of equal ones the newest by the time of the inspection: whoever inspects again puts
//! the new record in the place of the old one, and nobody outvotes a rejection of somebody else. `expect_released` is
//! what trace asks before it gives goods free, where the rules say so. It answers without asking trace, which waits for
//! it.

mod access;
mod attach;
mod close;
mod find;
pub mod limits;
mod notices;
mod number;
mod policy;
mod record;
mod refused;
mod release;
mod standing;
mod subject;
mod tables;
mod trace;

pub use access::{MayRead, Permission, Reader, SetAccess};
pub use attach::Attach;
pub use close::{Supersede, Withdraw};
pub use find::{RecordPage, RecordQuery, RecordStep, RecordsQuery};
pub use policy::{Policy, PolicyEntry, Right, Standing, default_policy};
pub use record::{
    Access, DocumentName, Finding, Kind, Measured, Outcome, Record, RecordState, RecordView, TestResult, Verdict,
    WithdrawalReason,
};
pub use release::{Release, ReleaseQuery};
pub use subject::Subject;

use theriac_chaincode::chaincode;

/// The functions that can be called.
#[chaincode(
    name = "inspection",
    state_version = 1,
    tables(RECORDS, SUBJECT_RECORDS, OUTCOMES, GRANTS, IDENTIFIERS, NUMBERS, POLICY),
    events(Attached, Withdrawn, Shared, PolicySet),
    errors(Fault, OfOthers)
)]
pub mod inspection {
    use super::*;
    use crate::notices::{Attached, PolicySet, Shared, Withdrawn};
    use crate::refused::{Fault, OfOthers};
    use crate::tables::*;
    use theriac_chaincode::{QueryContext, Refusal, TransactionContext};

    /// Attaches a document to what it is about.
    #[transaction]
    fn attach(ctx: &mut TransactionContext, wanted: Attach) -> Result<RecordView, Refusal> {
        attach::attach(ctx, wanted, None)
    }

    /// Puts a new record in the place of one. For the organisation that attached it, and for regulators.
    #[transaction]
    fn supersede(ctx: &mut TransactionContext, wanted: Supersede) -> Result<RecordView, Refusal> {
        close::supersede(ctx, wanted)
    }

    /// Takes a record back. For the organisation that attached it, and for regulators.
    #[transaction]
    fn withdraw(ctx: &mut TransactionContext, wanted: Withdraw) -> Result<RecordView, Refusal> {
        close::withdraw(ctx, wanted)
    }

    /// Says anew who may read a record. For the organisation that attached it.
    #[transaction]
    fn set_access(ctx: &mut TransactionContext, wanted: SetAccess) -> Result<RecordView, Refusal> {
        access::set(ctx, wanted)
    }

    /// Sets who may attach what, who decides, and who reads everything. For regulators.
    #[transaction]
    fn set_policy(ctx: &mut TransactionContext, policy: Policy) -> Result<PolicyEntry, Refusal> {
        policy::set(ctx, policy)
    }

    /// The policy in force.
    #[query]
    fn policy(ctx: &QueryContext) -> Result<PolicyEntry, Refusal> {
        policy::current(ctx)
    }

    /// A record, for its readers.
    #[query]
    fn record(ctx: &QueryContext, query: RecordQuery) -> Result<RecordView, Refusal> {
        find::record(ctx, &query)
    }

    /// Records that the caller may read, by what they are about, their document, who attached them, kind and time.
    #[query]
    fn records(ctx: &QueryContext, query: RecordsQuery) -> Result<RecordPage, Refusal> {
        find::records(ctx, &query)
    }

    /// What became of a record, the newest first, for its readers.
    #[query]
    fn history(ctx: &QueryContext, query: RecordQuery) -> Result<Vec<RecordStep>, Refusal> {
        find::history(ctx, &query)
    }

    /// Whether somebody may read a document.
    #[query]
    fn may_read(ctx: &QueryContext, query: MayRead) -> Result<Permission, Refusal> {
        access::may_read(ctx, &query)
    }

    /// Whether the caller may have a document from a peer: what peers ask when it is the document's guard.
    #[query]
    fn may_have(ctx: &QueryContext, cid: String) -> Result<bool, Refusal> {
        Ok(access::may_read(ctx, &MayRead { cid, reader: None })?.allowed)
    }

    /// What decides now whether goods may be released; none when nothing does.
    #[query]
    fn release_for(ctx: &QueryContext, query: ReleaseQuery) -> Result<Option<Release>, Refusal> {
        release::release_for(ctx, &query)
    }

    /// Refuses unless reports release all of the goods. Each entry is one of them: itself, then its lot and containers.
    #[query]
    fn expect_released(ctx: &QueryContext, goods: Vec<Vec<String>>) -> Result<(), Refusal> {
        release::expect_released(ctx, &goods)
    }
}
