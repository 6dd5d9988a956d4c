//! What a record holds.

use crate::subject::Subject;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_domain::{Decimal, Gln};

/// What one document says of some goods, sites, parties or shipments. A record is never changed in what it says: another
/// one supersedes it, or it is withdrawn, and it stays.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Record {
    /// What kind of document it is.
    pub kind: Kind,
    /// The attacher's own word for a finer kind.
    pub subtype: Option<String>,
    /// The document, as the ledger names it.
    pub document: DocumentName,
    /// The document's number of its own, the canonical path of a GDTI, `253/…`.
    pub identifier: Option<String>,
    /// What it is about, ascending.
    pub subjects: Vec<Subject>,
    /// What was found.
    pub finding: Option<Finding>,
    /// What the attacher says besides.
    pub note: Option<String>,
    /// Who may read it, besides the organisation that attached it and the roles that the policy names.
    pub access: Access,
    /// The organisation that attached it.
    pub organisation: String,
    /// Which member of it did.
    pub member: String,
    /// The transaction that attached it.
    pub transaction: [u8; 32],
    /// In which block.
    pub height: u64,
    /// That block's time, in milliseconds since 1970.
    pub attached_ms: u64,
    /// The version of the policy that allowed it.
    pub policy: u32,
    /// The number of the record whose place it takes.
    pub supersedes: Option<u64>,
    /// Whether it holds.
    pub state: RecordState,
    /// Who changed it last, as `organisation/member`.
    pub changed_by: String,
}

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Kind {
    /// What an inspection or a test found.
    InspectionReport,
    /// A certificate: of analysis, of good practice, of a batch.
    Certificate,
    /// How goods were made.
    ProductionRecord,
    /// How goods were stored and moved.
    DistributionRecord,
    /// That goods were destroyed.
    DestructionCertificate,
}

/// A document as the ledger names it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct DocumentName {
    /// Its CID.
    pub cid: String,
    /// SHA-256 of the file.
    pub sha2_256: [u8; 32],
    /// Its length in bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// What it is called.
    pub file_name: String,
}

/// What an inspection came to.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Finding {
    /// Whether the goods may be released.
    pub outcome: Outcome,
    /// What has to be done first; with a conditional outcome, and only there.
    pub conditions: Option<String>,
    /// Who inspected, in words.
    pub inspector: String,
    /// The laboratory's GLN.
    pub laboratory: Option<Gln>,
    /// When, in milliseconds since 1970.
    pub inspected_ms: u64,
    /// Every test with its result.
    pub results: Vec<TestResult>,
}

/// What an inspection means for the goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Outcome {
    /// They may be used.
    Released,
    /// They may not be used.
    Rejected,
    /// They may be used when the conditions are met and a record that supersedes this one says so.
    Conditional,
    /// Nothing: it only informs.
    Information,
}

impl Outcome {
    /// Whether it says if goods may be used.
    pub fn decides(self) -> bool {
        self.gravity().is_some()
    }

    /// Which of several outcomes decides: the least. None for one that decides nothing.
    pub(crate) fn gravity(self) -> Option<u8> {
        match self {
            Self::Rejected => Some(0),
            Self::Conditional => Some(1),
            Self::Released => Some(2),
            Self::Information => None,
        }
    }
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct TestResult {
    /// What was tested, such as `Assay`.
    pub name: String,
    /// How, such as `Ph. Eur. 2.2.29`.
    pub method: Option<String>,
    /// What it has to be, in words, such as `95.0 to 105.0 %`.
    pub specification: Option<String>,
    /// What was measured.
    pub measured: Option<Measured>,
    /// Whether that is what it has to be.
    pub verdict: Verdict,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Measured {
    /// The number, as a decimal without trailing zeros.
    pub value: Decimal,
    /// Its unit of measure, such as `%` or `mg`.
    pub unit: String,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum Verdict {
    /// As specified.
    Pass,
    /// Not as specified.
    Fail,
    /// Neither.
    Inconclusive,
}

/// Who may read a record and its document.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Access {
    /// Every member of the network.
    pub everyone: bool,
    /// Members of these organisations; ascending once it is stored.
    pub organisations: Vec<String>,
    /// Members, and organisations, with one of these roles; ascending once it is stored.
    pub roles: Vec<String>,
}

/// Whether a record holds.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum RecordState {
    /// It does.
    Valid,
    /// Another one took its place.
    Superseded {
        /// That one's number.
        by: u64,
        /// In which block.
        height: u64,
    },
    /// It was taken back.
    Withdrawn {
        /// Why.
        reason: WithdrawalReason,
        /// Why, in words.
        text: String,
        /// In which block.
        height: u64,
    },
}

/// Why a record is withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum WithdrawalReason {
    /// It was attached by mistake, or to the wrong things.
    Mistaken,
    /// What it says was found to be wrong.
    Unreliable,
    /// The document is not what it seems to be.
    Falsified,
    /// The certificate was revoked, or its time is over.
    Revoked,
    /// Another reason, which the text says.
    Other,
}

/// A record with its number.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct RecordView {
    /// Its number: later records have higher ones.
    pub number: u64,
    /// The record.
    pub record: Record,
}
