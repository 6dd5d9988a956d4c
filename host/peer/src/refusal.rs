//! Why a call is refused, and how gRPC says so: the only place that makes a `tonic::Status` for clients.
//!
//! Every refusal carries a google.rpc ErrorInfo with domain "theriac" and a stable reason, and where they help
//! RetryInfo, BadRequest, PreconditionFailure, QuotaFailure or ResourceInfo.

use crate::documents::fetch::FetchError;
use crate::waiting::TooManyPending;
use std::collections::HashMap;
use std::time::Duration;
use theriac_crypto::TransactionError;
use theriac_documents::DocumentError;
use theriac_ledger::replay::ReplayError;
use theriac_ledger::{Answer, ExecuteError, ReadError};
use theriac_types::{ChannelId, DecodeError, Epoch, Height, Outcome, TxId};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Domain of every reason.
pub const DOMAIN: &str = "theriac";

/// A call that gets no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A field does not decode.
    #[error("{field} is not usable: {reason}")]
    Malformed {
        /// The field of the request.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A signature does not verify.
    #[error("{0}; sign the transaction with the key that it names")]
    BadSignature(#[from] TransactionError),
    /// Signed for another channel.
    #[error("transaction {id} is signed for channel {found}, this is {expected}: sign it for {expected}")]
    OtherChannel {
        /// The transaction.
        id: TxId,
        /// Its channel.
        found: ChannelId,
        /// This peer's.
        expected: ChannelId,
    },
    /// The signer is no active member, or signs with another key than the member's.
    #[error("{message}")]
    NotAMember {
        /// A sentence.
        message: String,
    },
    /// Out of its time.
    #[error(
        "transaction {id} is valid up to height {valid_until}, the next height is {next} and none above {latest} is allowed: sign it again"
    )]
    Expired {
        /// The transaction.
        id: TxId,
        /// What it says.
        valid_until: Height,
        /// Where it could be executed at the earliest.
        next: Height,
        /// The latest height that it may name.
        latest: Height,
    },
    /// Executed before, or its nonce was.
    #[error("transaction {id} was submitted before: its nonce was used at height {height}, index {index}{}", outcome.map(|o| format!(", with outcome {o}")).unwrap_or_default())]
    Duplicate {
        /// The transaction.
        id: TxId,
        /// Where the nonce was used.
        height: Height,
        /// Its place there.
        index: u32,
        /// How the very same transaction ended; none when it was another one with the same nonce.
        outcome: Option<Outcome>,
    },
    /// No such chaincode.
    #[error("there is no chaincode {name}: check the name, or deploy it")]
    UnknownChaincode {
        /// The name.
        name: String,
    },
    /// A query that chaincode or ledger refused.
    #[error("{message}")]
    Query {
        /// How it ended.
        outcome: Outcome,
        /// The chaincode's own code.
        code: String,
        /// A sentence.
        message: String,
    },
    /// Nothing of this kind and name here.
    #[error("there is no {kind} {name} at this peer")]
    Unknown {
        /// The stable code.
        reason: &'static str,
        /// The kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A height that is not certified here yet.
    #[error("height {height} is not certified at this peer yet; the newest is {certified}")]
    NotYet {
        /// The height.
        height: Height,
        /// The newest one.
        certified: Height,
    },
    /// The tree of that height is gone.
    #[error("{0}; ask for a newer height")]
    Pruned(ReadError),
    /// Too many of the member's transactions wait.
    #[error(transparent)]
    TooManyPending(#[from] TooManyPending),
    /// The answer is larger than one message may be.
    #[error("the answer takes {bytes} bytes, more than {max}: ask for less at once")]
    AnswerTooLarge {
        /// Its size.
        bytes: usize,
        /// The maximum.
        max: usize,
    },
    /// Too few replicas can be reached to order anything.
    #[error("this peer reaches {reached} of the {needed} replicas that a commit needs{}", pending.map(|id| format!("; transaction {id} may still be executed: ask for its commit status")).unwrap_or_default())]
    NoQuorum {
        /// Replicas reached, itself included.
        reached: usize,
        /// Replicas needed.
        needed: usize,
        /// The transaction, when it was taken before.
        pending: Option<TxId>,
    },
    /// This peer does not vote in this epoch.
    #[error(
        "this peer only observes epoch {epoch}: it answers what is asked, but takes no transactions; hand them in at another"
    )]
    Observing {
        /// The epoch.
        epoch: Epoch,
    },
    /// The client's time is over.
    #[error("transaction {id} has no outcome yet: ask for its commit status")]
    Pending {
        /// The transaction.
        id: TxId,
    },
    /// Something about a document or the store of documents.
    #[error("{message}")]
    Document {
        /// The stable code.
        reason: &'static str,
        /// A sentence.
        message: String,
    },
    /// A member that may not have a document.
    #[error("chaincode {guard} does not let you have document {cid}: have its owner name you as a reader")]
    NotAReader {
        /// The document.
        cid: String,
        /// The chaincode that decides.
        guard: String,
    },
    /// A list of readers that another one replaced, or that was erased with its document.
    #[error("{cid} is a list of readers whose time is over, and nobody keeps it: look up the readers again")]
    Outdated {
        /// The list.
        cid: String,
    },
    /// Too many ask about the past.
    #[error("{reason}: ask again in a while, or ask another peer")]
    AuditBusy {
        /// What there is too much of.
        reason: String,
    },
    /// A package that no peer takes.
    #[error("{0}")]
    Package(theriac_ledger::PackageError),
    /// A package that cannot judge what was.
    #[error("{message}")]
    NeedsMigration {
        /// A sentence.
        message: String,
    },
    /// A package whose migration does not come through.
    #[error("{message}")]
    MigrationFailed {
        /// A sentence.
        message: String,
    },
    /// The peer stops.
    #[error("this peer is stopping: ask another one, or this one when it is back")]
    Stopping,
    /// The peer cannot do its part.
    #[error("this peer cannot answer: {reason}; ask another one, and have its operator look at its log")]
    Failed {
        /// What happened.
        reason: String,
    },
}

impl Refusal {
    /// A field that does not decode.
    pub fn malformed(field: &'static str, reason: impl ToString) -> Self {
        Self::Malformed { field, reason: reason.to_string() }
    }

    /// Bytes that do not decode.
    pub fn undecodable(field: &'static str) -> impl FnOnce(DecodeError) -> Self {
        move |error| Self::malformed(field, error)
    }

    /// A query that ended other than `Valid`.
    pub fn query(answer: Answer) -> Self {
        let Answer { outcome, code, message, .. } = answer;
        match outcome {
            Outcome::NotAMember => Self::NotAMember { message },
            _ => Self::Query { outcome, code, message },
        }
    }

    /// The stable code.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "MALFORMED",
            Self::BadSignature(_) | Self::OtherChannel { .. } => Outcome::BadSignature.code(),
            Self::NotAMember { .. } => Outcome::NotAMember.code(),
            Self::Expired { .. } => Outcome::Expired.code(),
            Self::Duplicate { .. } => Outcome::Duplicate.code(),
            Self::UnknownChaincode { .. } => Outcome::UnknownChaincode.code(),
            Self::Query { outcome, .. } => outcome.code(),
            Self::Unknown { reason, .. } => reason,
            Self::NotYet { .. } => "BLOCK_UNKNOWN",
            Self::Pruned(_) => "STATE_PRUNED",
            Self::TooManyPending(_) => "QUOTA_EXCEEDED",
            Self::AnswerTooLarge { .. } => "ANSWER_TOO_LARGE",
            Self::NoQuorum { .. } => "NO_QUORUM",
            Self::Observing { .. } => "PEER_OBSERVES",
            Self::Pending { .. } => "PENDING",
            Self::Document { reason, .. } => reason,
            Self::NotAReader { .. } => "DOCUMENT_READER_REFUSED",
            Self::Outdated { .. } => "READERS_CHANGED",
            Self::AuditBusy { .. } => "AUDIT_BUSY",
            Self::Package(_) => "PACKAGE_REFUSED",
            Self::NeedsMigration { .. } => "MIGRATION_NEEDED",
            Self::MigrationFailed { .. } => "MIGRATION_FAILED",
            Self::Stopping => "PEER_STOPPING",
            Self::Failed { .. } => "PEER_FAILED",
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::Malformed { .. } | Self::Package(_) => Code::InvalidArgument,
            Self::BadSignature(_) | Self::OtherChannel { .. } => Code::Unauthenticated,
            Self::NotAMember { .. } | Self::NotAReader { .. } => Code::PermissionDenied,
            Self::Document { reason, .. } => document_code(reason),
            Self::Outdated { .. }
            | Self::Expired { .. }
            | Self::Pruned(_)
            | Self::NeedsMigration { .. }
            | Self::MigrationFailed { .. } => Code::FailedPrecondition,
            Self::Duplicate { .. } => Code::AlreadyExists,
            Self::UnknownChaincode { .. } | Self::Unknown { .. } | Self::NotYet { .. } => Code::NotFound,
            Self::Query { outcome, .. } => query_code(*outcome),
            Self::TooManyPending(_) | Self::AnswerTooLarge { .. } | Self::AuditBusy { .. } => Code::ResourceExhausted,
            Self::NoQuorum { .. } | Self::Observing { .. } | Self::Stopping => Code::Unavailable,
            Self::Pending { .. } => Code::DeadlineExceeded,
            Self::Failed { .. } => Code::Internal,
        }
    }

    fn metadata(&self) -> HashMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Self::BadSignature(error) => vec![("tx_id", error.id.to_string())],
            Self::OtherChannel { id, .. } | Self::Pending { id } => vec![("tx_id", id.to_string())],
            Self::Expired { id, next, latest, .. } => {
                vec![("tx_id", id.to_string()), ("next", next.to_string()), ("latest", latest.to_string())]
            }
            Self::Duplicate { id, height, index, outcome } => {
                let mut pairs = vec![("tx_id", id.to_string())];
                pairs.extend([("height", height.to_string()), ("index", index.to_string())]);
                pairs.extend(outcome.map(|outcome| ("outcome", outcome.to_string())));
                pairs
            }
            Self::UnknownChaincode { name } => vec![("chaincode", name.clone())],
            Self::Package(error) => vec![("package_code", error.code.to_owned())],
            Self::Query { code, .. } if !code.is_empty() => vec![("chaincode_code", code.clone())],
            Self::NotYet { certified, .. } => vec![("certified_height", certified.to_string())],
            Self::NoQuorum { pending: Some(id), .. } => vec![("tx_id", id.to_string())],
            _ => Vec::new(),
        };
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// When to try again, where that helps.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NoQuorum { .. } | Self::Stopping | Self::AuditBusy { .. } => Some(Duration::from_secs(1)),
            Self::TooManyPending(_) | Self::NotYet { .. } => Some(Duration::from_millis(200)),
            _ => None,
        }
    }
}

fn document_code(reason: &str) -> Code {
    match reason {
        "DOCUMENT_NAME_INVALID" | "DOCUMENT_RANGE" | "DOCUMENT_MISMATCH" | "DOCUMENT_TOO_LONG" => Code::InvalidArgument,
        "DOCUMENT_NOT_HELD" => Code::NotFound,
        "DOCUMENT_QUOTA" | "DOCUMENT_DISK_FULL" => Code::ResourceExhausted,
        "DOCUMENT_NO_SOURCE" | "DOCUMENT_BEGUN" | "DOCUMENT_NOT_WHOLE" => Code::Unavailable,
        "DOCUMENT_SOURCE" => Code::Aborted,
        _ => Code::Internal,
    }
}

fn query_code(outcome: Outcome) -> Code {
    match outcome {
        Outcome::InvalidArgument => Code::InvalidArgument,
        Outcome::UnknownChaincode => Code::NotFound,
        Outcome::PolicyUnsatisfied => Code::PermissionDenied,
        Outcome::OutOfGas | Outcome::LimitExceeded => Code::ResourceExhausted,
        _ => Code::FailedPrecondition,
    }
}

impl From<ReadError> for Refusal {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotYet { height, head } => Self::NotYet { height, certified: head },
            ReadError::Pruned { .. } | ReadError::Before { .. } => Self::Pruned(error),
            ReadError::Corrupt { .. } | ReadError::Unreadable { .. } => Self::Failed { reason: error.to_string() },
        }
    }
}

impl From<DocumentError> for Refusal {
    fn from(error: DocumentError) -> Self {
        Self::Document { reason: error.code(), message: error.to_string() }
    }
}

impl From<FetchError> for Refusal {
    fn from(error: FetchError) -> Self {
        let message = error.to_string();
        match error {
            FetchError::Document(error) => error.into(),
            FetchError::NoSource { .. } => Self::Document { reason: "DOCUMENT_NO_SOURCE", message },
            FetchError::Begun { .. } => Self::Document { reason: "DOCUMENT_BEGUN", message },
        }
    }
}

impl From<ExecuteError> for Refusal {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Read(error) => error.into(),
            ExecuteError::NotNext { .. } | ExecuteError::Unavailable { .. } => {
                Self::Failed { reason: error.to_string() }
            }
        }
    }
}

impl From<ReplayError> for Refusal {
    fn from(error: ReplayError) -> Self {
        let message = error.to_string();
        match error {
            ReplayError::UnknownTransaction { id } => {
                Self::Unknown { reason: "TRANSACTION_UNKNOWN", kind: "transaction", name: id.to_string() }
            }
            ReplayError::UnknownBlock { height } => {
                Self::Unknown { reason: "BLOCK_UNKNOWN", kind: "block", name: height.to_string() }
            }
            ReplayError::UnknownChaincode { name } => Self::UnknownChaincode { name: name.to_string() },
            ReplayError::UnknownPackage { package } => {
                Self::Unknown { reason: "PACKAGE_UNKNOWN", kind: "package", name: package.to_string() }
            }
            ReplayError::Package(error) => Self::Package(error),
            ReplayError::NeedsMigration { .. } => Self::NeedsMigration { message },
            ReplayError::MigrationFailed { .. } => Self::MigrationFailed { message },
            ReplayError::Stopped => Self::Stopping,
            ReplayError::Execute(error) => error.into(),
        }
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        let mut details = ErrorDetails::with_error_info(refusal.reason(), DOMAIN, refusal.metadata());
        if let Some(delay) = refusal.retry_after() {
            details.set_retry_info(Some(delay));
        }
        match &refusal {
            Refusal::Malformed { field, .. } => {
                details.add_bad_request_violation(*field, message.as_str());
            }
            Refusal::Expired { id, .. } | Refusal::OtherChannel { id, .. } => {
                details.add_precondition_failure_violation(refusal.reason(), id.to_string(), message.as_str());
            }
            Refusal::Query { outcome, code, .. } if query_code(*outcome) == Code::FailedPrecondition => {
                details.add_precondition_failure_violation(outcome.code(), code.as_str(), message.as_str());
            }
            Refusal::Duplicate { id, .. } => {
                details.set_resource_info("transaction", id.to_string(), "", message.as_str());
            }
            Refusal::UnknownChaincode { name } => {
                details.set_resource_info("chaincode", name.as_str(), "", message.as_str());
            }
            Refusal::Unknown { kind, name, .. } => {
                details.set_resource_info(*kind, name.as_str(), "", message.as_str());
            }
            Refusal::TooManyPending(quota) => {
                details.add_quota_failure_violation(quota.member.to_string(), message.as_str());
            }
            _ => {}
        }
        Status::with_error_details(refusal.code(), message, details)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use theriac_types::Digest;

    #[test]
    fn a_duplicate_names_its_first_outcome() {
        let id = TxId(Digest([7; 32]));
        let refusal = Refusal::Duplicate { id, height: Height(3), index: 1, outcome: Some(Outcome::Valid) };
        let status = Status::from(refusal);
        assert_eq!(status.code(), Code::AlreadyExists);
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("DUPLICATE", "theriac"));
        assert_eq!(info.metadata["outcome"], "VALID");
        assert_eq!(details.resource_info().unwrap().resource_name, id.to_string());
    }

    #[test]
    fn without_a_quorum_the_client_is_told_when_to_retry() {
        let status = Status::from(Refusal::NoQuorum { reached: 2, needed: 3, pending: None });
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.get_error_details().retry_info().unwrap().retry_delay.is_some());
    }
}
