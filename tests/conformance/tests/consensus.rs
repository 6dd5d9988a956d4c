//! What replicas send to each other, and what they write down first.

use borsh::BorshSerialize;
use theriac_conformance::fixtures::*;
use theriac_conformance::{Golden, GoldenError, Vector};
use theriac_consensus::{CommitProof, Message, Proposal, Record};
use theriac_crypto::{ShareSigner, Statement, names};
use theriac_types::{BlockBody, BodyHash, Epoch, SeqNum, StateDigest, View, encode};

const VIEW: View = View(0);
const SEQ: SeqNum = SeqNum(5);
const ALL: &[u16] = &[0, 1, 2, 3];
const THREE: &[u16] = &[0, 1, 2];

fn body() -> BodyHash {
    names::body_hash(&block_body())
}

fn prepare() -> Statement {
    Statement::Prepare { view: VIEW, seq: SEQ, body: body() }
}

fn commit() -> Statement {
    Statement::Commit { view: VIEW, seq: SEQ, body: body() }
}

fn state() -> (StateDigest, Statement) {
    let digest = names::state_digest(&commitment());
    (digest, Statement::State { seq: SEQ, digest })
}

/// One message of every kind; adding a kind without a vector does not compile in [`name_of`].
fn messages() -> Vec<Message<BlockBody>> {
    let share = |statement: &Statement| replica_secrets()[1].signer(context()).sign(statement);
    let (view, seq, body, proposal) = (VIEW, SEQ, body(), block_body());
    let (digest, state) = state();
    let fast = || CommitProof::Fast { view, certificate: certificate(&prepare(), ALL) };
    let slow = || CommitProof::Slow { view, certificate: certificate(&commit(), THREE) };
    vec![
        Message::Request(proposal.clone()),
        Message::PrePrepare { view, seq, proposal: proposal.clone(), share: share(&prepare()) },
        Message::SignShare { view, seq, body, share: share(&prepare()) },
        Message::FullCommitProof { view, seq, body, certificate: certificate(&prepare(), ALL) },
        Message::Prepare { view, seq, body, certificate: certificate(&prepare(), THREE) },
        Message::Commit { view, seq, body, share: share(&commit()) },
        Message::FullCommitProofSlow { view, seq, body, certificate: certificate(&commit(), THREE) },
        Message::SignState { seq, digest, share: share(&state) },
        Message::FullExecuteProof { seq, digest, certificate: certificate(&state, &[1, 3]) },
        Message::Status { view, executed: SeqNum(5), certified: SeqNum(4) },
        Message::Fetch { first: SeqNum(2), last: SeqNum(5) },
        Message::Decided { seq, proposal: proposal.clone(), proof: fast(), executed: None },
        Message::Decided { seq, proposal, proof: slow(), executed: Some((digest, certificate(&state, &[1, 3]))) },
    ]
}

fn name_of<P>(message: &Message<P>) -> &'static str {
    match message {
        Message::Request(_) => "request",
        Message::PrePrepare { .. } => "pre-prepare",
        Message::SignShare { .. } => "sign-share",
        Message::FullCommitProof { .. } => "full-commit-proof",
        Message::Prepare { .. } => "prepare",
        Message::Commit { .. } => "commit",
        Message::FullCommitProofSlow { .. } => "full-commit-proof-slow",
        Message::SignState { .. } => "sign-state",
        Message::FullExecuteProof { .. } => "full-execute-proof",
        Message::Status { .. } => "status",
        Message::Fetch { .. } => "fetch",
        Message::Decided { executed: None, .. } => "decided",
        Message::Decided { .. } => "decided and executed",
    }
}

/// What the edge sends in place of the checked body is the body's own bytes.
fn with_proposal(message: Message<BlockBody>) -> impl BorshSerialize {
    message.admit(|body| Proposal::check(body).map(std::sync::Arc::new)).expect("the fixtures are signed")
}

#[test]
fn messages_of_every_kind() -> Result<(), GoldenError> {
    let mut golden = Golden::new("message");
    for message in messages() {
        golden.add(name_of(&message), Vector::default().encoded("message", &message));
        assert_eq!(encode(&with_proposal(message.clone())), encode(&message), "{}", name_of(&message));
    }
    golden.finish()
}

fn records() -> [(&'static str, Record<BlockBody>); 4] {
    let (view, seq) = (VIEW, SEQ);
    let fast = CommitProof::Fast { view, certificate: certificate(&prepare(), ALL) };
    let slow = CommitProof::Slow { view, certificate: certificate(&commit(), THREE) };
    [
        ("accepted", Record::Accepted { view, seq, proposal: block_body() }),
        ("prepared", Record::Prepared { view, seq, body: body(), certificate: certificate(&prepare(), THREE) }),
        ("committed fast", Record::Committed { seq, body: body(), proof: fast }),
        ("committed slow", Record::Committed { seq, body: body(), proof: slow }),
    ]
}

#[test]
fn log_records_and_their_frames() -> Result<(), GoldenError> {
    let mut golden = Golden::new("log");
    golden
        .add("segment from 4711", Vector::default().bytes("header", &theriac_ordering::segment::segment_header(4711)));
    for (lsn, (name, record)) in (100..).zip(records()) {
        let mut frame = Vec::new();
        theriac_ordering::frame::write_frame(&record, lsn, 99, Epoch(0), &mut frame).expect("small records fit");
        let (header, payload) = theriac_ordering::frame::read_frame(&frame).expect("reads back");
        assert_eq!((header.lsn, header.durable, header.slot), (lsn, 99, SEQ));
        assert_eq!(payload, encode(&record));
        golden.add(name, Vector::default().encoded("record", &record).bytes("frame", &frame));
    }
    golden.finish()
}
