//! A command that failed: what to print, and with which exit code.

use crate::exit::Exit;
use crate::explain;
use crate::output::Format;
use serde_json::{Map, Value, json};
use theriac_client::sealed::SealedError;
use theriac_client::{
    Cause, CommitError, Committed, ContextError, EvaluateError, GatewayError, IdentityFileError, JsonError,
    MemoryError, ProposalError, ReadError, Rejected, ReplicaFileError, StreamError, SubmitError,
};
use theriac_network::NetworkError;
use theriac_peer::PeerError;
use theriac_trace_client::TraceError;
use theriac_types::{Outcome, TxId};

/// A command that failed.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    reason: String,
    message: String,
    retryable: bool,
    transaction: Option<TxId>,
    details: Box<Map<String, Value>>,
}

impl Failure {
    /// A failure with its stable reason and a sentence.
    pub fn new(exit: Exit, reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            exit,
            reason: reason.into(),
            message: message.into(),
            retryable: exit == Exit::Unavailable,
            transaction: None,
            details: Box::default(),
        }
    }

    /// The command cannot be meant like this.
    pub fn usage(reason: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, reason, message)
    }

    /// A proven answer that this program cannot read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Exit::Internal, "MALFORMED", message)
    }

    /// Something that is not there.
    pub fn not_found(reason: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::NotFound, reason, message)
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Adds a fact for programs.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// Some of it was done.
    pub fn partial(mut self) -> Self {
        self.exit = Exit::Partial;
        self
    }

    /// Names the transaction that it is about.
    pub fn of_transaction(mut self, id: TxId) -> Self {
        self.transaction = Some(id);
        self
    }

    /// Prints it to the standard error.
    pub fn print(&self, format: Format) {
        let help = format!("theriac explain {}", self.reason);
        if format == Format::Table {
            eprintln!("error: {}", self.message);
            if let Some(id) = self.transaction.filter(|id| !self.message.contains(&id.to_string())) {
                eprintln!("  transaction {id}");
            }
            for (name, value) in self.details.iter() {
                eprintln!("  {name} {}", value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
            }
            if explain::find(&self.reason).is_some() {
                eprintln!("  {}: {help}", self.reason);
            } else {
                eprintln!("  {}", self.reason);
            }
            return;
        }
        let object = json!({
            "code": self.exit.code(),
            "reason": self.reason,
            "message": self.message,
            "retryable": self.retryable,
            "transaction_id": self.transaction.map(|id| id.to_string()),
            "details": self.details,
            "help": help,
        });
        eprintln!("{object}");
    }

    fn of_cause(transaction: Option<TxId>, stage: &str, cause: &Cause) -> Self {
        let mut failure = Self::new(exit_of_cause(cause), cause.reason(), cause.to_string());
        failure.retryable = cause.retryable();
        failure.transaction = transaction;
        failure = failure.with("stage", stage);
        if let Some(peer) = cause.peer() {
            failure = failure.with("peer", peer);
        }
        if let Cause::Refused { refusal, .. } = cause {
            for (name, value) in &refusal.details {
                failure = failure.with(name, value.as_str());
            }
        }
        failure
    }

    /// A transaction that was ordered and refused.
    pub fn rejected(committed: &Committed) -> Self {
        let receipt = committed.receipt();
        let reason = committed.reason();
        let mut failure = Self::new(exit_of_outcome(receipt.outcome), reason, receipt.message.to_string())
            .with("outcome", receipt.outcome.code())
            .with("height", receipt.height.0);
        failure.transaction = Some(receipt.tx_id);
        failure
    }
}

fn exit_of_cause(cause: &Cause) -> Exit {
    match cause {
        Cause::Unreachable { .. } | Cause::Deadline { .. } | Cause::OutcomeUnknown(_) | Cause::Behind { .. } => {
            Exit::Unavailable
        }
        Cause::Unverified { .. } => Exit::Unverified,
        Cause::Signer(_) => Exit::Permission,
        Cause::Json(_) | Cause::Request { .. } => Exit::Usage,
        Cause::NotFound { .. } => Exit::NotFound,
        Cause::Refused { refusal, .. } => exit_of_refusal(refusal.code as i32, &refusal.reason),
    }
}

/// By the number of the gRPC code, which is part of that protocol.
fn exit_of_refusal(code: i32, reason: &str) -> Exit {
    if let Some(outcome) = Outcome::ALL.iter().find(|outcome| outcome.code() == reason) {
        return exit_of_outcome(*outcome);
    }
    match code {
        3 | 11 => Exit::Usage,
        5 => Exit::NotFound,
        7 | 16 => Exit::Permission,
        6 => Exit::Precondition,
        // Beside the ledger's own reasons, a state that forbids a query is the chaincode's to tell.
        9 if reason == "STATE_PRUNED" => Exit::Precondition,
        9 => Exit::Rejected,
        4 | 8 | 10 | 14 => Exit::Unavailable,
        _ => Exit::Internal,
    }
}

fn exit_of_outcome(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Valid => Exit::Internal,
        Outcome::ChaincodeRejected | Outcome::OutOfGas | Outcome::Trapped | Outcome::LimitExceeded => Exit::Rejected,
        Outcome::PreconditionFailed | Outcome::Duplicate | Outcome::Expired | Outcome::Frozen => Exit::Precondition,
        Outcome::PolicyUnsatisfied | Outcome::BadSignature | Outcome::NotAMember => Exit::Permission,
        Outcome::UnknownChaincode | Outcome::VersionNotActive => Exit::NotFound,
        Outcome::InvalidArgument => Exit::Usage,
    }
}

macro_rules! from_stage {
    ($($error:ident),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::of_cause(error.transaction, $error::STAGE, &error.cause)
            }
        }
    )+};
}

from_stage!(EvaluateError, ProposalError, SubmitError, CommitError, ReadError, StreamError);

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self::of_cause(None, "request", &cause)
    }
}

impl From<JsonError> for Failure {
    fn from(error: JsonError) -> Self {
        Self::usage("INVALID_ARGUMENT", error.to_string())
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Self {
        Self::rejected(&rejected.committed)
    }
}

impl From<ContextError> for Failure {
    fn from(error: ContextError) -> Self {
        match error {
            ContextError::Identity(error) => error.into(),
            other => Self::usage("CONTEXT_INVALID", format!("{other}. Choose a network with --dir or --context.")),
        }
    }
}

impl From<GatewayError> for Failure {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::Memory(error @ MemoryError::Unverified { .. }) => {
                Self::new(Exit::Unverified, "VERIFICATION_FAILED", error.to_string())
            }
            other => Self::usage("CONTEXT_INVALID", other.to_string()),
        }
    }
}

impl From<IdentityFileError> for Failure {
    fn from(error: IdentityFileError) -> Self {
        let exit = if matches!(error, IdentityFileError::File { .. }) { Exit::NotFound } else { Exit::Permission };
        Self::new(exit, "IDENTITY_INVALID", error.to_string())
    }
}

impl From<ReplicaFileError> for Failure {
    fn from(error: ReplicaFileError) -> Self {
        match error {
            ReplicaFileError::File { .. } => Self::not_found("FILE_FAILED", error.to_string()),
            ReplicaFileError::Content { .. } => Self::usage("FILE_INVALID", error.to_string()),
        }
    }
}

impl From<PeerError> for Failure {
    fn from(error: PeerError) -> Self {
        Self::new(Exit::Internal, error.code(), error.to_string())
    }
}

impl From<theriac_epcis::Problems> for Failure {
    fn from(problems: theriac_epcis::Problems) -> Self {
        let first = problems.as_slice().first().map_or("EPCIS_VALIDATION", |problem| problem.code);
        let list = problems
            .as_slice()
            .iter()
            .map(|problem| json!({ "path": problem.path, "code": problem.code, "message": problem.message }));
        Self::usage(first, problems.to_string()).with("problems", list.collect::<Vec<_>>())
    }
}

impl From<theriac_dscsa::DscsaError> for Failure {
    fn from(error: theriac_dscsa::DscsaError) -> Self {
        let failure = Self::usage(error.code(), error.to_string());
        match error {
            theriac_dscsa::DscsaError::Document(problem) => failure.with("path", problem.path),
            _ => failure,
        }
    }
}

impl From<theriac_dscsa::Problem> for Failure {
    fn from(problem: theriac_dscsa::Problem) -> Self {
        theriac_dscsa::DscsaError::from(problem).into()
    }
}

impl From<SealedError> for Failure {
    fn from(error: SealedError) -> Self {
        let exit = match &error {
            SealedError::ReaderUnknown { .. } | SealedError::ReaderKeyReplaced { .. } => Exit::Permission,
            SealedError::NotSealed
            | SealedError::KeyWrong
            | SealedError::Damaged { .. }
            | SealedError::WrappedKeyWrong
            | SealedError::ReadersFormat { .. }
            | SealedError::ReadersOfOther { .. } => Exit::Unverified,
            SealedError::Sink(_) | SealedError::Random { .. } => Exit::Internal,
            _ => Exit::Usage,
        };
        Self::new(exit, error.code(), error.to_string())
    }
}

impl From<TraceError> for Failure {
    fn from(error: TraceError) -> Self {
        match error {
            TraceError::Evaluate(error) => error.into(),
            TraceError::Read(error) => error.into(),
            TraceError::Proposal(error) => error.into(),
            TraceError::History(error) => error.into(),
            TraceError::Commit(error) => error.into(),
            TraceError::Rejected(rejected) => rejected.into(),
            TraceError::NoSigner { .. } => Self::new(Exit::Permission, error.reason(), error.to_string()),
            TraceError::TooMuchAtOnce { .. } | TraceError::SerialsTooShort { .. } => {
                Self::usage(error.reason(), error.to_string())
            }
            TraceError::Form { .. } | TraceError::Randomness(_) => {
                Self::new(Exit::Internal, error.reason(), error.to_string())
            }
        }
    }
}

impl From<NetworkError> for Failure {
    fn from(error: NetworkError) -> Self {
        match error {
            NetworkError::Commit(error) => error.into(),
            NetworkError::Rejected(rejected) => rejected.into(),
            NetworkError::Evaluate(error) => error.into(),
            NetworkError::Read(error) => error.into(),
            NetworkError::Context(error) => error.into(),
            NetworkError::Identity(error) => error.into(),
            NetworkError::Gateway(error) => error.into(),
            NetworkError::Document(problems) => problems.into(),
            other => {
                let exit = match &other {
                    NetworkError::Missing { .. } | NetworkError::NoSuchPeer { .. } => Exit::NotFound,
                    NetworkError::Exists { .. } | NetworkError::PeerState { .. } => Exit::Precondition,
                    NetworkError::Foreign { .. } | NetworkError::FolderTaken { .. } | NetworkError::Peers { .. } => {
                        Exit::Usage
                    }
                    NetworkError::Busy { .. } | NetworkError::TooSlow { .. } => Exit::Unavailable,
                    NetworkError::Interrupted => Exit::Interrupted,
                    _ => Exit::Internal,
                };
                Self::new(exit, other.code(), other.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_exit_code_by_receipt_and_by_refusal() {
        for outcome in Outcome::ALL.iter().filter(|outcome| **outcome != Outcome::Valid) {
            assert_eq!(exit_of_refusal(2, outcome.code()), exit_of_outcome(*outcome), "{outcome}");
            assert_ne!(exit_of_outcome(*outcome), Exit::Internal, "{outcome}");
        }
        assert_eq!(exit_of_refusal(14, "NO_QUORUM"), Exit::Unavailable);
        assert_eq!(exit_of_refusal(9, "UNIT_UNKNOWN"), Exit::Rejected);
        assert_eq!(exit_of_refusal(5, "BLOCK_UNKNOWN"), Exit::NotFound);
    }
}
