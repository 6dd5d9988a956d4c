//! What replicas send to each other, and what they write down first.

use borsh::BorshSerialize;
use std::sync::Arc;
use theriac_conformance::fixtures::*;
use theriac_conformance::{Golden, GoldenError, Vector};
use theriac_consensus::{CommitProof, Message, NewView, Proposal, Record, SignedViewChange, SlotKnowledge, ViewChange};
use theriac_crypto::{Share, ShareSigner, Statement, names};
use theriac_types::{BlockBody, BodyHash, Epoch, List, ReplicaId, SeqNum, StableCheckpoint, StateDigest, View, encode};

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

const NEXT: View = View(VIEW.0 + 1);

fn checkpoint_statement() -> Statement {
    let (digest, _) = state();
    Statement::Checkpoint { seq: SEQ, digest }
}

fn checkpoint() -> StableCheckpoint {
    let (digest, _) = state();
    StableCheckpoint { seq: SEQ, digest, certificate: certificate(&checkpoint_statement(), THREE) }
}

/// With a report of every kind.
fn view_change() -> Arc<SignedViewChange> {
    let proof = CommitProof::Slow { view: VIEW, certificate: certificate(&commit(), THREE) };
    let slot = SlotKnowledge {
        seq: SEQ.next(),
        accepted: Some((VIEW, body())),
        prepared: Some((VIEW, body(), certificate(&prepare(), THREE))),
        committed: Some((body(), proof)),
    };
    let message = ViewChange {
        sender: ReplicaId(1),
        view: NEXT,
        stable: Some(checkpoint()),
        slots: List::new(vec![slot]).expect("one"),
    };
    let share = replica_secrets()[1].signer(context()).sign(&message.statement());
    Arc::new(SignedViewChange { message, share })
}

fn new_view() -> Arc<NewView> {
    let members = List::new(vec![(ReplicaId(1), view_change().message.digest())]).expect("one");
    let unsigned = NewView { view: NEXT, members, share: Share::default() };
    let share = replica_secrets()[1].signer(context()).sign(&unsigned.statement());
    Arc::new(NewView { share, ..unsigned })
}

/// One message of every kind.
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
        Message::Status { view, active: true, stable: SeqNum(0), executed: SeqNum(5), certified: SeqNum(4) },
        Message::Fetch { first: SeqNum(2), last: SeqNum(5) },
        Message::Decided { seq, proposal: proposal.clone(), proof: fast(), executed: None },
        Message::Decided {
            seq,
            proposal: proposal.clone(),
            proof: slow(),
            executed: Some((digest, certificate(&state, &[1, 3]))),
        },
        Message::FetchBody { seq, body },
        Message::Body { seq, proposal },
        Message::Checkpoint { seq, digest, share: share(&checkpoint_statement()) },
        Message::Stable(checkpoint()),
        Message::Complain { view },
        Message::ViewChange(view_change()),
        Message::NewView(new_view()),
        Message::FetchViewChanges { view: NEXT, wanted: new_view().members.clone() },
    ]
}

fn name_of<P>(message: &Message<P>) -> String {
    match message {
        Message::Decided { executed: Some(_), .. } => "decided and executed".to_owned(),
        other => other.kind().to_owned(),
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
        golden.add(&name_of(&message), Vector::default().encoded("message", &message));
        assert_eq!(encode(&with_proposal(message.clone())), encode(&message), "{}", name_of(&message));
    }
    golden.finish()
}

fn records() -> [(&'static str, Record<BlockBody>); 8] {
    // What belongs to no slot is kept until the next checkpoint.
    let (view, seq, stable) = (VIEW, SEQ, SeqNum(SEQ.0 - 1));
    let fast = CommitProof::Fast { view, certificate: certificate(&prepare(), ALL) };
    let slow = CommitProof::Slow { view, certificate: certificate(&commit(), THREE) };
    [
        ("accepted", Record::Accepted { view, seq, proposal: block_body() }),
        ("prepared", Record::Prepared { view, seq, body: body(), certificate: certificate(&prepare(), THREE) }),
        ("committed fast", Record::Committed { seq, body: body(), proof: fast }),
        ("committed slow", Record::Committed { seq, body: body(), proof: slow }),
        ("accepted again", Record::AcceptedAgain { view: NEXT, seq, body: body() }),
        ("promised", Record::Promised { stable, message: view_change() }),
        ("entered", Record::Entered { stable, new_view: new_view(), view_changes: vec![view_change()] }),
        ("stable", Record::Stable(StableCheckpoint { seq: stable, ..checkpoint() })),
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
