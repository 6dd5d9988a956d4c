//! What the world asks of a protocol, so that all of them run on the same machines and links.

use crate::all_to_all;
use borsh::BorshSerialize;
use std::sync::Arc;
use theriac_consensus::{Destination, Message, Proposal, Timer};
use theriac_crypto::Verified;
use theriac_types::{Certificate, Digest, ReplicaId, SeqNum, Signature, StateDigest, Transaction};

/// Something on a link.
#[derive(Debug)]
pub enum Wire {
    /// Between replicas of the real protocol.
    Sbft(Message<Arc<Proposal>>),
    /// Between replicas of the baseline.
    AllToAll(all_to_all::Message),
    /// Client to primary: the request with this number.
    Request(u64, Box<Verified<Transaction>>),
    /// Client to all replicas: an acknowledgement is overdue; what became of the request?
    Ask(u64),
    /// Replica to client: one of the f + 1 answers that a client compares.
    Reply(u64, Box<Reply>),
    /// Collector to client: the one answer that proves itself.
    Acknowledgement(u64, Box<Acknowledgement>),
}

/// One replica's word for a result: it signs the results of a block once, and shows each client its place among them.
#[derive(Debug, BorshSerialize)]
pub struct Reply {
    /// The block.
    pub seq: SeqNum,
    /// The result.
    pub result: Digest,
    /// From the result up to the root of the block's results.
    pub path: Vec<Digest>,
    /// Over that root.
    pub signature: Signature,
}

/// A result that f + 1 replicas signed for, proven without asking any of them.
#[derive(Debug, BorshSerialize)]
pub struct Acknowledgement {
    /// The block.
    pub seq: SeqNum,
    /// The result.
    pub result: Digest,
    /// From the result up to the root of the block's results.
    pub path: Vec<Digest>,
    /// What is certified.
    pub state: StateDigest,
    /// The execution certificate.
    pub certificate: Certificate,
}

impl Wire {
    /// Its encoding's length in bytes.
    pub fn bytes(&self) -> u64 {
        let length = match self {
            Self::Sbft(message) => borsh::object_length(message),
            Self::AllToAll(message) => borsh::object_length(message),
            Self::Request(_, transaction) => borsh::object_length::<Transaction>(transaction),
            Self::Ask(number) => borsh::object_length(number),
            Self::Reply(number, reply) => borsh::object_length(&(number, reply)),
            Self::Acknowledgement(number, acknowledgement) => borsh::object_length(&(number, acknowledgement)),
        };
        length.expect("counting bytes does not fail") as u64
    }

    /// What it is called in figures.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sbft(message) => match message {
                Message::PrePrepare { .. } => "pre-prepare",
                Message::SignShare { .. } => "sign-share",
                Message::FullCommitProof { .. } => "full-commit-proof",
                Message::Prepare { .. } => "prepare",
                Message::Commit { .. } => "commit",
                Message::FullCommitProofSlow { .. } => "full-commit-proof-slow",
                Message::SignState { .. } => "sign-state",
                Message::FullExecuteProof { .. } => "full-execute-proof",
                Message::Status { .. } => "status",
                _ => "other",
            },
            Self::AllToAll(message) => message.kind(),
            Self::Request(..) => "request",
            Self::Ask(_) => "ask",
            Self::Reply(..) => "reply",
            Self::Acknowledgement(..) => "acknowledgement",
        }
    }
}

/// What a replica reacts to.
#[derive(Debug)]
pub enum Input {
    /// A message whose signatures the worker cores checked.
    Message {
        /// Who sent it.
        from: ReplicaId,
        /// What it says.
        wire: Arc<Wire>,
    },
    /// Clients' requests, checked.
    Requests(Vec<Verified<Transaction>>),
    /// A timer fired.
    Timer(Timer),
    /// A block is executed and durable.
    Executed {
        /// Its slot.
        seq: SeqNum,
        /// The state after it.
        digest: StateDigest,
    },
}

/// What a replica wants done, in order.
#[derive(Debug)]
pub enum Action {
    /// Write to the log, durably before anything of this turn leaves.
    Persist,
    /// Send.
    Send {
        /// To whom.
        to: Destination,
        /// What.
        wire: Box<Wire>,
    },
    /// Call back after so many milliseconds, replacing an earlier setting.
    SetTimer {
        /// Which.
        timer: Timer,
        /// From now, in milliseconds.
        after_ms: u64,
    },
    /// Forget a timer.
    CancelTimer(Timer),
    /// Execute the next block.
    Execute {
        /// Its slot.
        seq: SeqNum,
        /// Its body.
        proposal: Arc<Proposal>,
        /// Whether one round of votes decided it.
        fast: bool,
    },
    /// Answer the clients of a block with one acknowledgement each, once it is executed here.
    Acknowledge {
        /// The block.
        seq: SeqNum,
        /// The execution certificate.
        certificate: Certificate,
    },
}

/// What a message costs the worker cores before the protocol sees it, besides being received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Admission {
    /// Decoding and hashing a body, in nanoseconds.
    pub body_ns: u64,
    /// Members' signatures to check; they are checked in parallel.
    pub signatures: usize,
}

/// One replica of a protocol.
pub trait Protocol {
    /// Begins.
    fn start(&mut self, now_ns: u64, actions: &mut Vec<Action>);

    /// What a message costs before it is let in; nothing when it is dropped unread, because it comes too late to matter.
    fn admit(&mut self, wire: &Wire) -> Option<Admission>;

    /// Reacts to an input, and says how many nanoseconds of the consensus core that took.
    fn step(&mut self, now_ns: u64, input: Input, actions: &mut Vec<Action>) -> u64;
}
