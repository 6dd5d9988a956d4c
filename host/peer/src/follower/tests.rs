#![allow(clippy::unwrap_used)]

use super::*;
use crate::testing::{consensus_key, genesis};
use theriac_crypto::{ShareSigner, VoteContext};
use theriac_types::{BlockBody, Digest, Epoch, List};

/// What a follower sent and handed over.
#[derive(Debug, Default)]
struct Outlet {
    sent: Vec<(Destination, Message<Arc<Proposal>>)>,
    executed: Vec<SeqNum>,
    certified: Vec<SeqNum>,
    blamed: Vec<ReplicaId>,
    over: Option<SeqNum>,
    transfers: Vec<SeqNum>,
}

impl Transport for &mut Outlet {
    fn send(&mut self, to: Destination, message: Message<Arc<Proposal>>) {
        self.sent.push((to, message));
    }
}

impl Executor for Outlet {
    fn execute(&mut self, seq: SeqNum, _: Arc<Proposal>, _: CommitProof) {
        self.executed.push(seq);
    }

    fn certified(&mut self, seq: SeqNum, _: StateDigest, _: Certificate) {
        self.certified.push(seq);
    }

    fn serve(&mut self, _: ReplicaId, _: SeqNum, _: SeqNum) {}

    fn stable(&mut self, _: StableCheckpoint) {}

    fn transfer(&mut self, checkpoint: StableCheckpoint) {
        self.transfers.push(checkpoint.seq);
    }

    fn epoch_over(&mut self, checkpoint: StableCheckpoint) {
        self.over = Some(checkpoint.seq);
    }

    fn evidence(&mut self, replica: ReplicaId, _: Fault) {
        self.blamed.push(replica);
    }

    fn halt(&mut self, _: &str) {}
}

fn scheme() -> BlsScheme {
    BlsScheme::new(genesis().channel, &genesis().configuration()).unwrap()
}

fn cluster() -> Cluster {
    Cluster::new(1, 0).unwrap()
}

/// A certificate of the first so many replicas.
fn certificate(statement: &Statement, signers: u8) -> Certificate {
    let context = VoteContext { channel: genesis().channel, epoch: Epoch(0) };
    let share = |id: u8| (ReplicaId(u16::from(id)), consensus_key(id).signer(context.clone()).sign(statement));
    scheme().combine(statement, &(0..signers).map(share).collect()).unwrap()
}

fn state(seq: u64) -> StateDigest {
    StateDigest(Digest([seq as u8; 32]))
}

/// A decided slot with its execution certificate; `signers` of its commit proof.
fn decided(seq: u64, signers: u8) -> Message<Arc<Proposal>> {
    let (seq, view) = (SeqNum(seq), View(0));
    let body = BlockBody { proposed_time_ms: seq.0, transactions: List::default() };
    let proposal = Arc::new(Proposal::assemble(body.proposed_time_ms, []).unwrap());
    let proof = Statement::Commit { view, seq, body: proposal.hash() };
    let proof = CommitProof::Slow { view, certificate: certificate(&proof, signers) };
    let digest = state(seq.0);
    let executed = Some((digest, certificate(&Statement::State { seq, digest }, 2)));
    Message::Decided { seq, proposal, proof, executed }
}

fn stable(seq: u64) -> StableCheckpoint {
    let (seq, digest) = (SeqNum(seq), state(seq));
    StableCheckpoint { seq, digest, certificate: certificate(&Statement::Checkpoint { seq, digest }, 3) }
}

fn status(executed: u64, stable: u64) -> Message<Arc<Proposal>> {
    let (executed, stable) = (SeqNum(executed), SeqNum(stable));
    Message::Status { view: View(0), active: true, stable, executed, certified: executed }
}

fn from(replica: u16, message: Message<Arc<Proposal>>) -> Input {
    Input::Message { from: ReplicaId(replica), message }
}

fn executed(seq: u64, epoch_ends: Option<u64>) -> Input {
    Input::Executed { seq: SeqNum(seq), digest: state(seq), epoch_ends: epoch_ends.map(SeqNum) }
}

/// Runs turns at these times over a follower of an empty store; the sinks come back with the last result.
fn follow(turns: Vec<(u64, Vec<Input>)>) -> (Outlet, Outlet, Result<Verdict, Diverged>) {
    let mut links = Outlet::default();
    let mut follower = Follower::new(cluster(), scheme(), &mut links, Outlet::default(), Found::default());
    let mut result = Ok(());
    for (now_ms, inputs) in turns {
        result = result.and_then(|()| follower.turn(now_ms, inputs));
    }
    let verdict = follower.verdict();
    let executor = std::mem::take(&mut follower.executor);
    drop(follower);
    (links, executor, result.map(|()| verdict))
}

/// Whom it asked for slots, and from which to which.
fn fetches(links: &Outlet) -> Vec<(u16, u64, u64)> {
    let fetch = |(to, message): &(Destination, Message<Arc<Proposal>>)| match (to, message) {
        (Destination::One(to), Message::Fetch { first, last }) => Some((to.0, first.0, last.0)),
        _ => None,
    };
    links.sent.iter().filter_map(fetch).collect()
}

#[test]
fn proven_slots_are_executed_in_order_and_their_certificates_kept() {
    let turns = vec![
        (0, vec![from(1, status(3, 0))]),
        (1, vec![from(1, decided(2, 3)), from(1, decided(1, 3)), from(1, decided(3, 3))]),
        (2, vec![executed(1, None), executed(2, None), executed(3, None)]),
    ];
    let (links, executor, result) = follow(turns);
    assert_eq!(fetches(&links), [(1, 1, 3)]);
    assert_eq!(executor.executed, [1, 2, 3].map(SeqNum));
    assert_eq!(executor.certified, [1, 2, 3].map(SeqNum));
    assert!(executor.blamed.is_empty() && result.is_ok());
    let votes = |message: &Message<Arc<Proposal>>| !matches!(message, Message::Status { .. } | Message::Fetch { .. });
    assert!(!links.sent.iter().any(|(_, message)| votes(message)), "it asks, and does nothing else");
}

#[test]
fn what_is_not_proven_is_not_executed_and_its_source_is_left_alone() {
    let turns = vec![
        (0, vec![from(1, status(1, 0)), from(2, status(1, 0))]),
        (1, vec![from(1, decided(1, 2))]),
        (2, vec![from(2, decided(1, 3))]),
    ];
    let (links, executor, result) = follow(turns);
    assert_eq!(executor.blamed, [ReplicaId(1)], "two votes commit nothing");
    assert_eq!(fetches(&links), [(1, 1, 1), (2, 1, 1)]);
    assert_eq!(executor.executed, [SeqNum(1)]);
    assert!(result.is_ok());
}

#[test]
fn a_source_that_sends_nothing_is_left_for_another() {
    let turns = vec![
        (0, vec![from(1, status(9, 0)), from(3, status(9, 0))]),
        (FOLLOW_FETCH_MS, vec![]),
        (FOLLOW_FETCH_MS + 1, vec![]),
    ];
    let (links, ..) = follow(turns);
    assert_eq!(fetches(&links), [(1, 1, 9), (3, 1, 9)]);
}

#[test]
fn certificates_that_a_crash_lost_are_asked_for_again() {
    let slot = |seq: u64| ExecutedSlot { seq: SeqNum(seq), digest: state(seq), certificate: None };
    let found =
        Found { executed: SeqNum(3), recent: (2..=3).map(slot).collect(), certified: SeqNum(1), ..Found::default() };
    let (mut links, polls) = (Outlet::default(), [0, FOLLOW_POLL_MS, 2 * FOLLOW_POLL_MS].map(|ms| ms + 1));
    let mut follower = Follower::new(cluster(), scheme(), &mut links, Outlet::default(), found);
    follower.turn(polls[0], [from(1, status(3, 0)), from(2, status(1, 0))]).unwrap();
    follower.turn(polls[1], []).unwrap();
    follower.turn(polls[1] + 1, [from(1, decided(2, 3)), from(1, decided(3, 3))]).unwrap();
    follower.turn(polls[2], []).unwrap();
    let executor = std::mem::take(&mut follower.executor);
    drop(follower);
    assert_eq!(executor.certified, [2, 3].map(SeqNum));
    assert!(executor.executed.is_empty(), "what is executed is not executed again");
    let asked = fetches(&links);
    assert!(!asked.is_empty() && asked.iter().all(|fetch| *fetch == (1, 2, 3)), "{asked:?}");
}

#[test]
fn a_state_that_contradicts_a_certificate_stops_this_peer() {
    let wrong = Input::Executed { seq: SeqNum(1), digest: state(9), epoch_ends: None };
    let (_, executor, result) = follow(vec![(0, vec![from(1, decided(1, 3)), wrong])]);
    assert_eq!(result.unwrap_err(), Diverged { seq: SeqNum(1), own: state(9), certified: state(1) });
    assert!(executor.certified.is_empty());
}

#[test]
fn the_epoch_is_over_with_its_last_slot_executed_and_stable() {
    let mut turns: Vec<_> =
        (1..=128).map(|seq| (seq, vec![from(1, decided(seq, 3)), executed(seq, Some(128))])).collect();
    let (_, executor, _) = follow(turns.clone());
    assert_eq!(executor.over, None, "no checkpoint yet");
    turns.push((200, vec![from(2, Message::Stable(stable(128)))]));
    let (_, executor, result) = follow(turns);
    assert_eq!(executor.over, Some(SeqNum(128)));
    assert_eq!(result, Ok(Verdict::Lost), "whoever forgot its votes learns that they may have counted");
}

#[test]
fn a_state_is_fetched_when_the_slots_are_too_many() {
    let far = cluster().spacing().transfer() + 128;
    let (_, executor, _) = follow(vec![(0, vec![from(1, Message::Stable(stable(far)))])]);
    assert_eq!(executor.transfers, [SeqNum(far)]);
    let near = follow(vec![(0, vec![from(1, Message::Stable(stable(256)))])]).1;
    assert!(near.transfers.is_empty());
}

#[test]
fn a_new_network_is_told_from_a_lost_disk_by_a_quorum_or_a_proof() {
    let verdict = |messages: Vec<(u16, Message<Arc<Proposal>>)>| {
        let inputs = messages.into_iter().map(|(replica, message)| from(replica, message)).collect();
        follow(vec![(0, inputs)]).2.unwrap()
    };
    assert_eq!(verdict(vec![(1, status(0, 0))]), Verdict::Unknown, "one may lie");
    assert_eq!(verdict(vec![(1, status(5, 0)), (1, status(6, 0))]), Verdict::Unknown);
    assert_eq!(verdict(vec![(1, status(5, 0)), (2, status(0, 0))]), Verdict::Known);
    assert_eq!(verdict(vec![(1, status(500, 384)), (2, status(500, 384))]), Verdict::Unknown, "claims bar nobody");
    assert_eq!(verdict(vec![(1, status(0, 0)), (2, status(0, 0)), (3, Message::Stable(stable(128)))]), Verdict::Lost);
}
