//! What can go wrong, per stage, always with the peer, a stable reason, and whether trying again may help.

use crate::epochs::EpochLinkError;
use crate::json::JsonError;
use crate::signer::SignerError;
use std::collections::BTreeMap;
use std::time::Duration;
use theriac_crypto::CertificateError;
use theriac_types::{ChannelId, Epoch, Height, StateDigest, TxId};
use tonic_types::StatusExt;

/// An answer that does not prove what it claims. The peer that sent it misbehaved, or speaks for another network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerificationError {
    /// About another channel.
    #[error("the answer is about channel {found}, not {expected}")]
    Channel {
        /// The answer's channel.
        found: ChannelId,
        /// Ours.
        expected: ChannelId,
    },
    /// Another set of replicas than the chain of epochs names for this height.
    #[error("the commitment of height {height} is of another configuration than the chain of epochs has there")]
    Configuration {
        /// The height.
        height: Height,
    },
    /// Of an epoch that the chain from the genesis does not lead to.
    #[error(
        "the commitment of height {height} needs the replicas of epoch {epoch}; the chain of epochs ends with {known}"
    )]
    UnknownEpoch {
        /// The height.
        height: Height,
        /// The epoch that would be needed.
        epoch: Epoch,
        /// The newest epoch known here.
        known: Epoch,
    },
    /// The step to an epoch is forged, left out or in the wrong place.
    #[error("the link to epoch {epoch} is broken: {cause}")]
    EpochLink {
        /// The epoch.
        epoch: Epoch,
        /// What is wrong with it.
        cause: EpochLinkError,
    },
    /// Not signed by f+1 replicas.
    #[error("the execution certificate of height {height} proves nothing: {cause}")]
    Certificate {
        /// The height.
        height: Height,
        /// What is wrong with it.
        cause: CertificateError,
    },
    /// Two certified states at one height: more than f replicas are faulty. Keep both answers; they are evidence.
    #[error("height {height} has two certified states, {known} and {found}: more than f replicas are faulty")]
    Fork {
        /// The height.
        height: Height,
        /// The state digest of this answer.
        found: StateDigest,
        /// The state digest of an earlier answer.
        known: StateDigest,
    },
    /// About another height than asked for, or than its own certificate.
    #[error("the {what} is of height {found}, not {expected}")]
    Height {
        /// What was answered.
        what: &'static str,
        /// The answer's height.
        found: Height,
        /// The height wanted.
        expected: Height,
    },
    /// About another transaction than asked for.
    #[error("the answer is about transaction {found}, not {expected}")]
    Transaction {
        /// The answer's.
        found: TxId,
        /// Ours.
        expected: TxId,
    },
    /// Not under the root that the certificate vouches for.
    #[error("the {what} of height {height} is not proven by its certificate")]
    NotProven {
        /// What was answered.
        what: &'static str,
        /// The height.
        height: Height,
    },
    /// No canonical encoding.
    #[error("the {what} in the answer does not decode: {reason}")]
    Malformed {
        /// What was answered.
        what: &'static str,
        /// What the decoder met.
        reason: String,
    },
    /// Something that must come with the answer is not there, or something else than asked for is.
    #[error("the answer does not fit the question: {what}")]
    Unfit {
        /// What is wrong.
        what: &'static str,
    },
}

/// A refusal in a peer's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The gRPC code.
    pub code: tonic::Code,
    /// The stable reason; the gRPC code's name when the peer gave none.
    pub reason: String,
    /// A sentence.
    pub message: String,
    /// Further facts.
    pub details: BTreeMap<String, String>,
    /// When to try again, if the peer says so.
    pub retry_after: Option<Duration>,
}

impl Refusal {
    fn from_status(status: &tonic::Status) -> Self {
        let info = status.get_details_error_info();
        let reason = info.as_ref().map(|info| info.reason.clone()).filter(|reason| !reason.is_empty());
        let details: BTreeMap<_, _> = info.map(|info| info.metadata.into_iter().collect()).unwrap_or_default();
        // What the chaincode itself refused with says more than that it refused.
        let reason = details.get("chaincode_code").cloned().or(reason);
        Self {
            code: status.code(),
            reason: reason.unwrap_or_else(|| code_name(status.code()).to_owned()),
            message: status.message().to_owned(),
            details,
            retry_after: status.get_details_retry_info().and_then(|info| info.retry_delay),
        }
    }
}

/// A transaction that was handed in, and of which nobody told in time what came of it. Not a failure of the
/// transaction: it may have been executed, or may still be, until its last valid height.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the outcome of transaction {transaction} is unknown: asked at {tried}, no proof of one came within {} s (last: \
     {last}). If it was handed in, it is executed once at most, and may have been already. Settle it: theriac tx wait \
     {transaction}", waited.as_secs()
)]
pub struct OutcomeUnknown {
    /// The transaction.
    pub transaction: TxId,
    /// The peers that may have taken it.
    pub tried: String,
    /// How long this client waited.
    pub waited: Duration,
    /// What the last peer met.
    pub last: String,
}

/// Why a stage failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The peer refused.
    #[error("{peer} refused ({reason}): {message}", reason = refusal.reason, message = refusal.message)]
    Refused {
        /// The peer.
        peer: String,
        /// Its words.
        refusal: Box<Refusal>,
    },
    /// No peer could be reached.
    #[error("no peer answers; tried {tried}: {message}")]
    Unreachable {
        /// The peers tried.
        tried: String,
        /// What the last of them met.
        message: String,
    },
    /// The deadline passed. What was submitted may still be executed: ask for its status.
    #[error("no answer from {peer} within {} ms", waited.as_millis())]
    Deadline {
        /// The last peer asked.
        peer: String,
        /// The deadline.
        waited: Duration,
    },
    /// A transaction was handed in, and nobody told in time what came of it.
    #[error(transparent)]
    OutcomeUnknown(Box<OutcomeUnknown>),
    /// The answer does not prove what it claims.
    #[error("the answer of {peer} fails verification: {error}")]
    Unverified {
        /// The peer.
        peer: String,
        /// What is wrong.
        error: Box<VerificationError>,
    },
    /// No peer is as far as this client has seen the ledger already.
    #[error("the newest state that a peer shows is of height {newest}; this client has seen height {floor}")]
    Behind {
        /// The newest height offered.
        newest: Height,
        /// The height seen before.
        floor: Height,
    },
    /// The signer did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// The argument does not follow the chaincode's schema.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// What is asked for is proven not to be there.
    #[error("{sentence}")]
    NotFound {
        /// A stable reason.
        reason: &'static str,
        /// What is missing, and where to look.
        sentence: String,
    },
    /// The request cannot be made like this.
    #[error("{sentence}")]
    Request {
        /// What is wrong, and what to do.
        sentence: String,
    },
}

impl Cause {
    /// From a status that a peer, or the connection to it, ended a call with.
    pub(crate) fn from_status(peer: &str, waited: Duration, status: &tonic::Status) -> Self {
        let peer = peer.to_owned();
        let own = status.get_details_error_info().is_some();
        match status.code() {
            tonic::Code::DeadlineExceeded if !own => Self::Deadline { peer, waited },
            tonic::Code::Cancelled if !own => Self::Deadline { peer, waited },
            // A connection that breaks off shows as one of these; refusals of a peer's say why.
            tonic::Code::Unavailable | tonic::Code::Unknown | tonic::Code::Internal if !own => {
                Self::Unreachable { tried: peer, message: status.message().to_owned() }
            }
            _ => Self::Refused { peer, refusal: Box::new(Refusal::from_status(status)) },
        }
    }

    pub(crate) fn request(sentence: impl Into<String>) -> Self {
        Self::Request { sentence: sentence.into() }
    }

    pub(crate) fn not_found(reason: &'static str, sentence: impl Into<String>) -> Self {
        Self::NotFound { reason, sentence: sentence.into() }
    }

    /// The peer concerned, if any.
    pub fn peer(&self) -> Option<&str> {
        match self {
            Self::Refused { peer, .. } | Self::Deadline { peer, .. } | Self::Unverified { peer, .. } => Some(peer),
            Self::Unreachable { tried, .. } => Some(tried),
            Self::OutcomeUnknown(unknown) => Some(&unknown.tried),
            Self::Behind { .. } | Self::Signer(_) | Self::Json(_) | Self::NotFound { .. } | Self::Request { .. } => {
                None
            }
        }
    }

    /// The stable reason.
    pub fn reason(&self) -> &str {
        match self {
            Self::Refused { refusal, .. } => &refusal.reason,
            Self::Unreachable { .. } => "PEER_UNREACHABLE",
            Self::Deadline { .. } => "DEADLINE_EXCEEDED",
            Self::OutcomeUnknown(_) => "OUTCOME_UNKNOWN",
            Self::Unverified { .. } => "VERIFICATION_FAILED",
            Self::Behind { .. } => "PEERS_BEHIND",
            Self::Signer(_) => "SIGNER_FAILED",
            Self::Json(_) => "INVALID_ARGUMENT",
            Self::NotFound { reason, .. } => reason,
            Self::Request { .. } => "INVALID_REQUEST",
        }
    }

    /// Whether the same request may succeed later or at another peer.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Refused { refusal, .. } => {
                let passing = [tonic::Code::Unavailable, tonic::Code::Aborted, tonic::Code::DeadlineExceeded]
                    .contains(&refusal.code);
                passing || refusal.retry_after.is_some()
            }
            Self::Unreachable { .. } | Self::Deadline { .. } | Self::OutcomeUnknown(_) | Self::Behind { .. } => true,
            Self::Unverified { .. }
            | Self::Signer(_)
            | Self::Json(_)
            | Self::NotFound { .. }
            | Self::Request { .. } => false,
        }
    }
}

/// Whether the request surely did not reach the peer.
pub(crate) fn never_arrived(status: &tonic::Status) -> bool {
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// Whether a peer that ended a call like this may have passed the transaction on.
pub(crate) fn may_be_taken(status: &tonic::Status) -> bool {
    match status.get_details_error_info() {
        // Said before the transaction is taken, unless it names it.
        Some(info) if ["NO_QUORUM", "PEER_OBSERVES"].contains(&&*info.reason) => info.metadata.contains_key("tx_id"),
        Some(_) => {
            [tonic::Code::Unavailable, tonic::Code::DeadlineExceeded, tonic::Code::Internal].contains(&status.code())
        }
        None => !never_arrived(status),
    }
}

macro_rules! stages {
    ($($(#[$doc:meta])* $name:ident: $stage:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[error("{}: {cause}", $stage)]
        pub struct $name {
            /// The transaction, once it has an id.
            pub transaction: Option<TxId>,
            /// Why.
            pub cause: Cause,
        }

        impl $name {
            /// The stage's name.
            pub const STAGE: &str = $stage;

            /// The peer concerned, if any.
            pub fn peer(&self) -> Option<&str> {
                self.cause.peer()
            }

            /// The stable reason.
            pub fn reason(&self) -> &str {
                self.cause.reason()
            }

            /// Whether the same request may succeed later or at another peer.
            pub fn retryable(&self) -> bool {
                self.cause.retryable()
            }
        }

        impl<C: Into<Cause>> From<C> for $name {
            fn from(cause: C) -> Self {
                Self { transaction: None, cause: cause.into() }
            }
        }
    )+};
}

stages! {
    /// A query was not answered.
    EvaluateError: "evaluate",
    /// A transaction could not be made and signed.
    ProposalError: "propose",
    /// A transaction was not taken.
    SubmitError: "submit",
    /// The outcome of a transaction could not be learnt.
    CommitError: "commit status",
    /// The ledger could not be read.
    ReadError: "read",
    /// A stream ended and could not be resumed.
    StreamError: "stream",
}

fn code_name(code: tonic::Code) -> &'static str {
    match code {
        tonic::Code::Ok => "OK",
        tonic::Code::Cancelled => "CANCELLED",
        tonic::Code::Unknown => "UNKNOWN",
        tonic::Code::InvalidArgument => "INVALID_ARGUMENT",
        tonic::Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        tonic::Code::NotFound => "NOT_FOUND",
        tonic::Code::AlreadyExists => "ALREADY_EXISTS",
        tonic::Code::PermissionDenied => "PERMISSION_DENIED",
        tonic::Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        tonic::Code::FailedPrecondition => "FAILED_PRECONDITION",
        tonic::Code::Aborted => "ABORTED",
        tonic::Code::OutOfRange => "OUT_OF_RANGE",
        tonic::Code::Unimplemented => "UNIMPLEMENTED",
        tonic::Code::Internal => "INTERNAL",
        tonic::Code::Unavailable => "UNAVAILABLE",
        tonic::Code::DataLoss => "DATA_LOSS",
        tonic::Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
