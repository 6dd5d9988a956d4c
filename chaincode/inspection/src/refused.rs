//! What this chaincode refuses.

use theriac_chaincode::{Caller, ChaincodeError, ErrorCodes, Refusal};
use theriac_domain::IdentifierError;

/// Why something is refused. Nothing has changed.
#[derive(Debug, ChaincodeError)]
pub enum Fault {
    /// The ledger names no such document. Check its CID, or anchor it.
    #[code("DOCUMENT_UNKNOWN")]
    #[message("No document {cid:?} is anchored. Check its CID, or anchor it.")]
    DocumentUnknown {
        /// The CID, shortened.
        cid: String,
    },
    /// Another organisation anchored the document, and no record shares it with yours. Ask that organisation.
    #[code("DOCUMENT_NOT_SHARED")]
    #[message("{by} anchored {cid}, and no record shares it with {organisation}. Ask {by} to attach or to share it.")]
    DocumentNotShared {
        /// The CID.
        cid: String,
        /// Who anchored it.
        by: String,
        /// The caller's organisation.
        organisation: String,
    },
    /// Your organisation has nothing to do with the subject that would let it attach such a record. Name what you make,
    /// own, hold or ship, or have it attached by somebody who may.
    #[code("NOT_CONCERNED")]
    #[message(
        "{organisation} may not attach such a record to {subject}: this needs to be {needed}. Leave it out, or \
               ask somebody who is."
    )]
    NotConcerned {
        /// The caller's organisation.
        organisation: String,
        /// The subject.
        subject: String,
        /// Which standings would do.
        needed: String,
    },
    /// Your organisation may inform about the goods, but not decide whether they may be used. Attach it with the outcome
    /// INFORMATION, or ask somebody who decides.
    #[code("DECISION_DENIED")]
    #[message(
        "{organisation} may not decide about {subject}: this needs to be {needed}. Attach it for information, or \
               ask somebody who is."
    )]
    DecisionDenied {
        /// The caller's organisation.
        organisation: String,
        /// The subject.
        subject: String,
        /// Which standings would do.
        needed: String,
    },
    /// The laboratory has no licence in force. A regulator calls license_party of trace.
    #[code("LICENCE_INACTIVE")]
    #[message("Laboratory {organisation} has no licence in force ({state}). A regulator calls license_party of trace.")]
    LicenceInactive {
        /// The laboratory.
        organisation: String,
        /// What became of its licence.
        state: String,
    },
    /// Your organisation may not do this. Ask somebody who may.
    #[code("ROLE_DENIED")]
    #[message("This needs the role {needed}; {who} has not got it. Ask somebody who has it.")]
    RoleDenied {
        /// Which role would do.
        needed: &'static str,
        /// Who asked.
        who: String,
    },
    /// No record has this number. Check the number.
    #[code("RECORD_UNKNOWN")]
    #[message("Record {number} is not on this ledger. Check the number.")]
    RecordUnknown {
        /// The number.
        number: u64,
    },
    /// Another organisation attached the record. Ask it, or a regulator.
    #[code("NOT_OWNER")]
    #[message("Record {number} was attached by {owner}. Ask them, or a regulator.")]
    NotOwner {
        /// The record.
        number: u64,
        /// Whose it is.
        owner: String,
    },
    /// The record was superseded or withdrawn already. Look at its history.
    #[code("RECORD_CLOSED")]
    #[message("Record {number} {state}. Look at its history; act on the record that holds.")]
    RecordClosed {
        /// The record.
        number: u64,
        /// What became of it.
        state: String,
    },
    /// You are not among the record's readers. Ask the organisation that attached it.
    #[code("READ_DENIED")]
    #[message("Record {number} is not for {organisation} to read. Ask {owner}, who attached it.")]
    ReadDenied {
        /// The record.
        number: u64,
        /// The caller's organisation.
        organisation: String,
        /// Whose it is.
        owner: String,
    },
    /// A part of the record is missing or out of its form. Correct what the message names.
    #[code("RECORD_INVALID")]
    #[message("{what} {problem}. Correct it.")]
    RecordInvalid {
        /// Which part.
        what: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The record, or the question, holds more than it may. Shorten what the message names.
    #[code("RECORD_LIMIT")]
    #[message("{what}: {found}, and at most {max} are taken. Shorten it, or make two of it.")]
    RecordLimit {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        max: usize,
    },
    /// The outcome and the tests contradict each other. Correct one of them.
    #[code("OUTCOME_CONTRADICTED")]
    #[message("The outcome is RELEASED, and test {test:?} has failed. Correct one of them.")]
    OutcomeContradicted {
        /// The test.
        test: String,
    },
    /// The inspection's time lies ahead of the ledger's. Correct it.
    #[code("TIME_IN_FUTURE")]
    #[message("The inspection's time lies ahead of the ledger's by {seconds} seconds. Correct it.")]
    TimeInFuture {
        /// By how much.
        seconds: u64,
    },
    /// The company prefix of the document's identifier is not your organisation's. Use your own numbers, or leave it out.
    #[code("ID_PREFIX_NOT_LICENSED")]
    #[message(
        "{identifier} is of no company prefix that {organisation} registered. Use your own numbers, or leave it \
               out."
    )]
    PrefixNotLicensed {
        /// The identifier.
        identifier: String,
        /// The caller's organisation.
        organisation: String,
    },
    /// The identifier names another document already. Take another one, or supersede the record that has it.
    #[code("IDENTIFIER_TAKEN")]
    #[message("{identifier} names document {cid} already. Take another one, or supersede the record that has it.")]
    IdentifierTaken {
        /// The identifier.
        identifier: String,
        /// The document that it names.
        cid: String,
    },
    /// The policy contradicts itself. Correct it.
    #[code("RULE_INVALID")]
    #[message("{problem} Correct it.")]
    RuleInvalid {
        /// What is wrong.
        problem: &'static str,
    },
    /// The goods may be released only on a valid report, and there is none. Have one attached to the unit, its lot or its
    /// container.
    #[code("REPORT_MISSING")]
    #[message(
        "{subject}: no valid report says that it may be released. Have one attached to it, its lot or its container."
    )]
    ReportMissing {
        /// The goods.
        subject: String,
    },
    /// A valid report rejects the goods, or sets a condition. Look at the record, and have it superseded when the reason
    /// is gone.
    #[code("REPORT_REJECTS")]
    #[message(
        "{subject}: record {number} about {about} says {outcome}. Look at it; have it superseded when the reason \
               is gone."
    )]
    ReportRejects {
        /// The goods.
        subject: String,
        /// The record.
        number: u64,
        /// What the record is about.
        about: String,
        /// What it says.
        outcome: &'static str,
    },
}

/// A refusal of an identifier.
pub(crate) fn identifier(error: IdentifierError) -> Refusal {
    Refusal::new(error.code(), error.to_string())
}

/// What identifiers are refused with, and what trace answers about goods and parties that it does not know.
pub(crate) struct OfOthers;

impl ErrorCodes for OfOthers {
    fn codes() -> Vec<(&'static str, &'static str)> {
        let of_trace = |code: &str| matches!(code, "PARTY_UNKNOWN" | "UNIT_UNKNOWN");
        let known = theriac_domain::Refusal::CODES.iter().filter(|(code, _)| of_trace(code));
        IdentifierError::CODES.iter().chain(known).copied().collect()
    }
}

/// A member as people name it.
pub(crate) fn who(caller: &Caller) -> String {
    format!("{}/{}", caller.organisation, caller.member)
}
