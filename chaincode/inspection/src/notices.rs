//! What is announced.

use crate::record::{Kind, Outcome, RecordView, WithdrawalReason};
use crate::subject::Subject;
use borsh::{BorshSchema, BorshSerialize};
use theriac_chaincode::ChaincodeEvent;

/// A record was attached.
#[derive(Debug, BorshSerialize, BorshSchema, ChaincodeEvent)]
#[topic("inspection.attach")]
pub(crate) struct Attached {
    /// Its number.
    pub record: u64,
    /// What kind of document it is.
    pub kind: Kind,
    /// The document's CID.
    pub cid: String,
    /// The organisation that attached it.
    pub organisation: String,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// What it came to.
    pub outcome: Option<Outcome>,
    /// The record whose place it takes.
    pub supersedes: Option<u64>,
}

impl Attached {
    /// About a new record.
    pub fn new(RecordView { number, record }: &RecordView) -> Self {
        Self {
            record: *number,
            kind: record.kind,
            cid: record.document.cid.clone(),
            organisation: record.organisation.clone(),
            subjects: record.subjects.clone(),
            outcome: record.finding.as_ref().map(|finding| finding.outcome),
            supersedes: record.supersedes,
        }
    }
}

/// A record was withdrawn.
#[derive(Debug, BorshSerialize, BorshSchema, ChaincodeEvent)]
#[topic("inspection.withdraw")]
pub(crate) struct Withdrawn {
    /// Its number.
    pub record: u64,
    /// Who withdrew it, as `organisation/member`.
    pub changed_by: String,
    /// Why.
    pub reason: WithdrawalReason,
    /// What it is about.
    pub subjects: Vec<Subject>,
}

/// It was said anew who may read a record.
#[derive(Debug, BorshSerialize, BorshSchema, ChaincodeEvent)]
#[topic("inspection.share")]
pub(crate) struct Shared {
    /// Its number.
    pub record: u64,
    /// Who said so, as `organisation/member`.
    pub changed_by: String,
}

/// A regulator set another policy.
#[derive(Debug, BorshSerialize, BorshSchema, ChaincodeEvent)]
#[topic("inspection.policy")]
pub(crate) struct PolicySet {
    /// Its version.
    pub version: u32,
    /// Who set it, as `organisation/member`.
    pub set_by: String,
}
