//! Checkpoints: when they become stable, what they let a replica forget, and what it must not.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper};
use common::values::{context, proposal, transaction};
use common::views::{apart, pre_prepare};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use theriac_consensus::{Cluster, Effect, Fault, Message, Record, Spacing, Tuning, execution_collectors};
use theriac_crypto::{CertificateScheme, Share, ShareSigner, Statement};
use theriac_types::{Digest, ReplicaId, SeqNum, StableCheckpoint, StateDigest, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

fn with(f: u16, c: u16, tamper: Tamper) -> Network {
    Network::with(f, c, Tuning::default(), tamper)
}

fn is_about_checkpoints<P>(message: &Message<P>) -> bool {
    matches!(message, Message::Checkpoint { .. } | Message::Stable(_))
}

fn checkpoint(network: &Network, signers: &[u16], seq: u64, digest: StateDigest) -> StableCheckpoint {
    let statement = Statement::Checkpoint { seq: SeqNum(seq), digest };
    let shares = signers.iter().map(|id| (ReplicaId(*id), network.signer(*id).sign(&statement))).collect();
    StableCheckpoint { seq: SeqNum(seq), digest, certificate: network.scheme().combine(&statement, &shares).unwrap() }
}

#[test]
fn every_128_slots_a_checkpoint_becomes_stable_and_the_log_goes() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        network.fill_slots(0, 127);
        assert!(network.nodes.iter().all(|node| node.stable.is_none() && node.log.len() >= 2 * 127));
        network.fill_slots(127, 10);
        let cluster = network.cluster;
        for (id, node) in network.nodes.iter().enumerate() {
            let stable = node.stable.as_ref().unwrap();
            let statement = Statement::Checkpoint { seq: SeqNum(128), digest: stable.digest };
            network.scheme().verify(&statement, &stable.certificate, cluster.checkpoint()).unwrap();
            assert_eq!((stable.seq, stable.digest), (SeqNum(128), node.store[&SeqNum(128)].digest));
            assert!(node.log.contains(&Record::Stable(stable.clone())), "durable at replica {id} of f={f} c={c}");
            assert!(node.log.iter().all(|record| record.slot() > SeqNum(128)));
        }
        network.fill_slots(137, 130);
        assert!((0..network.nodes.len()).all(|id| network.stable(id) == 256));
        assert_eq!(
            network.sent["checkpoint"],
            2 * (cluster.replicas() * cluster.collectors() - cluster.collectors()) as u64
        );
        assert_eq!(network.sent["stable"], 2 * (cluster.replicas() as u64 - 1), "one collector works");
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn the_collectors_of_a_checkpoint_may_be_silent() {
    for (f, c) in SIZES {
        let cluster = Cluster::new(f, c).unwrap();
        let collectors = execution_collectors(cluster, &context(), SeqNum(128));
        let lose: Tamper =
            Box::new(
                move |from, _, message| {
                    if is_about_checkpoints(&message) && collectors.contains(&from) { vec![] } else { vec![message] }
                },
            );
        let mut network = with(f, c, lose);
        network.fill_slots(0, 128);
        network.run(2_000);
        assert!((0..network.nodes.len()).all(|id| network.stable(id) == 128), "by votes that were sent again");
    }
}

#[test]
fn without_a_stable_checkpoint_the_window_ends_and_with_one_it_moves_on() {
    for (f, c) in SIZES {
        let lost = Rc::new(Cell::new(true));
        let is_lost = Rc::clone(&lost);
        let mut network = with(
            f,
            c,
            Box::new(
                move |_, _, message| {
                    if is_lost.get() && is_about_checkpoints(&message) { vec![] } else { vec![message] }
                },
            ),
        );
        network.fill_slots(0, 300);
        assert!(network.nodes.iter().all(|node| node.store.len() == 256), "one window and no more");
        lost.set(false);
        network.run(3_000);
        assert!(network.nodes.iter().all(|node| node.stable.as_ref().unwrap().seq == SeqNum(256)));
        assert!((0..network.nodes.len()).all(|id| network.executed(id).len() == 300), "f={f} c={c}");
    }
}

#[test]
fn a_pre_prepare_that_comes_before_the_checkpoint_waits_for_it() {
    let held = Rc::new(Cell::new(true));
    let is_held = Rc::clone(&held);
    // Replica 3 hears of no checkpoint, so that its window ends before the others'.
    let mut network = with(
        1,
        0,
        Box::new(move |_, to, message| {
            if is_held.get() && to == ReplicaId(3) && is_about_checkpoints(&message) { vec![] } else { vec![message] }
        }),
    );
    network.fill_slots(0, 256);
    network.run(1_000);
    assert_eq!((network.stable(0), network.stable(3)), (256, 0));
    network.submit(0, vec![transaction(256)]);
    network.run(20);
    assert!(!network.nodes[0].store.contains_key(&SeqNum(257)), "the fast path needs everybody");
    let stable = network.nodes[0].stable.clone().unwrap();
    held.set(false);
    network.deliver(0, 3, Message::Stable(stable));
    network.run(5);
    assert!(network.is_fast(3, 257), "its vote went out as soon as the checkpoint came");
}

#[test]
fn a_proof_that_comes_after_the_checkpoint_finds_the_body_still_there() {
    for (f, c) in SIZES {
        let proofs = Rc::new(RefCell::new(Vec::new()));
        let late = Rc::clone(&proofs);
        let last = Cluster::new(f, c).unwrap().replicas() - 1;
        let far = ReplicaId(last as u16);
        let tamper: Tamper = Box::new(move |_, to, message| match &message {
            Message::FullCommitProof { seq: SeqNum(8), .. } if to == far => {
                late.borrow_mut().push(message);
                vec![]
            }
            _ => vec![message],
        });
        let cluster = Cluster::new(f, c).unwrap().with_spacing(Spacing::new(8, 64));
        let mut network = Network::of(cluster, Tuning::default(), tamper);
        network.fill_slots(0, 8);
        assert_eq!((network.stable(last), network.nodes[last].store.len()), (8, 7), "f={f} c={c}");
        let proof = proofs.borrow_mut().remove(0);
        network.deliver(0, last, proof);
        network.run(1);
        assert_eq!(network.nodes[last].store.len(), 8, "f={f} c={c}");
        assert!(!network.sent.contains_key("fetch"), "nothing was asked for");
    }
}

#[test]
fn a_replica_behind_a_checkpoint_keeps_quiet_until_it_has_caught_up() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        let last = network.nodes.len() - 1;
        network.fill_slots(0, 120);
        network.crash(last);
        network.fill_slots(120, 20);
        network.run(2_000);
        let stable = network.nodes[0].stable.clone().unwrap();
        network.start(last);
        network.deliver(0, last, Message::Stable(stable));
        assert_eq!(network.stable(last), 128, "known before it is reached");
        assert!(network.nodes[last].log.iter().all(|record| record.slot() > SeqNum(128)));
        network.submit(0, vec![transaction(500)]);
        network.run(3_000);
        assert_eq!(network.executed(last), network.executed(0));
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn a_restart_finds_the_checkpoint_in_log_or_store() {
    for (in_store, in_log) in [(true, true), (true, false), (false, true)] {
        let mut network = Network::new(1, 0);
        network.fill_slots(0, 140);
        for id in 0..4 {
            network.crash(id);
            let node = &mut network.nodes[id];
            node.stable = node.stable.take().filter(|_| in_store);
            node.log.retain(|record| in_log || !matches!(record, Record::Stable(_)));
        }
        (0..4).for_each(|id| network.start(id));
        assert!((0..4).all(|id| network.stable(id) == 128));
        assert!(network.nodes.iter().all(|node| node.stable.is_some()), "the store has it again");
        network.fill_slots(140, 300);
        network.run(1_000);
        assert!((0..4).all(|id| network.executed(id).len() == 440 && network.stable(id) == 384));
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn votes_for_a_checkpoint_outlive_a_crash_of_everybody() {
    for (f, c) in SIZES {
        let lost = Rc::new(Cell::new(true));
        let is_lost = Rc::clone(&lost);
        let mut network = with(
            f,
            c,
            Box::new(
                move |_, _, message| {
                    if is_lost.get() && is_about_checkpoints(&message) { vec![] } else { vec![message] }
                },
            ),
        );
        network.fill_slots(0, 130);
        (0..network.nodes.len()).for_each(|id| network.crash(id));
        lost.set(false);
        (0..network.nodes.len()).for_each(|id| network.start(id));
        network.run(100);
        assert!((0..network.nodes.len()).all(|id| network.stable(id) == 128));
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn a_replica_whose_state_contradicts_a_checkpoint_halts_however_late_it_learns() {
    for late in [false, true] {
        let told = Rc::new(Cell::new(!late));
        let is_told = Rc::clone(&told);
        let mut network = with(
            1,
            0,
            Box::new(move |_, to, message| {
                let about_states = matches!(message, Message::FullExecuteProof { .. } | Message::SignState { .. });
                let hidden = about_states || (is_about_checkpoints(&message) && !is_told.get());
                if to == ReplicaId(2) && hidden { vec![] } else { vec![message] }
            }),
        );
        network.nodes[2].wrong_from = Some(SeqNum(100));
        network.fill_slots(0, 200);
        network.run(1_000);
        assert_eq!(network.nodes[2].halted.is_some(), !late);
        told.set(true);
        network.run(2_000);
        let reason = network.nodes[2].halted.clone().unwrap();
        assert!(reason.starts_with("after block 128 this peer's state digest is"), "{reason}");
        network.start(2);
        network.run(2_000);
        assert!(network.nodes[2].replica.as_ref().unwrap().is_halted(), "and again after a restart");
        let named: Vec<_> = network.nodes.iter().flat_map(|node| &node.evidence).collect();
        assert!(named.iter().all(|(id, fault)| *id == ReplicaId(2) && matches!(fault, Fault::DivergentState { .. })));
        assert_eq!(network.executed(0).len(), 200);
    }
}

#[test]
fn a_checkpoint_below_the_last_one_still_shows_a_wrong_state() {
    let mut network = Network::new(1, 0);
    network.fill_slots(0, 300);
    let wrong = StateDigest(Digest([9; 32]));
    let forged = checkpoint(&network, &[0, 1], 128, wrong);
    network.deliver(3, 1, Message::Stable(forged));
    assert!(network.nodes[1].halted.is_none(), "two votes are too few");
    assert_eq!(network.nodes[1].evidence, [(ReplicaId(3), Fault::BadCertificate { seq: SeqNum(128) })]);
    let older = checkpoint(&network, &[0, 2, 3], 128, wrong);
    network.deliver(3, 1, Message::Stable(older));
    assert!(network.nodes[1].halted.as_ref().unwrap().starts_with("after block 128"));
}

#[test]
fn forged_checkpoints_and_votes_move_nothing() {
    let mut network = Network::new(1, 0);
    network.fill_slots(0, 20);
    let digest = StateDigest(Digest([3; 32]));
    let too_few = checkpoint(&network, &[0, 1], 128, digest);
    let elsewhere = StableCheckpoint { seq: SeqNum(256), ..checkpoint(&network, &[0, 1, 3], 128, digest) };
    let between = checkpoint(&network, &[0, 1, 3], 100, digest);
    for forged in [too_few, elsewhere, between] {
        network.deliver(3, 1, Message::Stable(forged));
        assert_eq!(network.stable(1), 0);
    }
    for from in [0, 2, 3] {
        for seq in [0, 1, 128, 640, 1 << 40, u64::MAX] {
            network.deliver(from, 1, Message::Checkpoint { seq: SeqNum(seq), digest, share: Share::default() });
        }
    }
    assert_eq!(network.stable(1), 0);
    let bad = |id: u16| (ReplicaId(id), Fault::BadShare { seq: SeqNum(128) });
    assert!([0, 2, 3].iter().all(|id| network.nodes[1].evidence.contains(&bad(*id))));
    network.fill_slots(20, 120);
    network.run(2_000);
    assert_eq!(network.stable(1), 128, "others make the certificate");
}

#[test]
fn effects_of_a_stable_checkpoint_come_in_the_order_of_their_safety() {
    let mut network = Network::new(1, 0);
    network.fill_slots(0, 100);
    let stable = checkpoint(&network, &[0, 1, 3], 128, StateDigest(Digest([4; 32])));
    let mut effects = Vec::new();
    let now = theriac_consensus::Now { monotonic_ms: network.now_ms, unix_ms: network.now_ms };
    let input = theriac_consensus::Input::Message { from: ReplicaId(0), message: Message::Stable(stable.clone()) };
    network.nodes[2].replica.as_mut().unwrap().step(now, input, &mut effects);
    let place = |wanted: fn(&Effect) -> bool| effects.iter().position(wanted).unwrap();
    let record = place(|effect| matches!(effect, Effect::Persist(Record::Stable(_))));
    let told = place(|effect| matches!(effect, Effect::Stable(_)));
    let pruned = place(|effect| matches!(effect, Effect::Prune(SeqNum(128))));
    assert!(record < told && told < pruned);
}

/// Found by the simulator with twelve replicas, seed 61: the primary proposed in a slot that the view had bound.
#[test]
fn a_new_primary_that_learns_of_a_checkpoint_with_its_view_proposes_above_what_the_view_binds() {
    for (f, c) in SIZES {
        let undecided = Rc::new(Cell::new(false));
        let is_undecided = Rc::clone(&undecided);
        let lose: Tamper = Box::new(move |_, to, message| {
            let about_checkpoint = is_about_checkpoints(&message) && to == ReplicaId(1);
            let vote = matches!(message, Message::SignShare { view: View(0), .. }) && is_undecided.get();
            if about_checkpoint || vote { vec![] } else { vec![message] }
        });
        let cluster = Cluster::new(f, c).unwrap().with_spacing(Spacing::new(8, 64));
        let mut network = Network::of(cluster, Tuning::default(), lose);
        network.fill_slots(0, 8);
        network.run(2_000);
        assert_eq!((network.stable(0), network.stable(1)), (8, 0));
        undecided.set(true);
        network.fill_slots(8, 3);
        network.run(50);
        network.crash(0);
        network.submit(1, (20..25).map(transaction).collect());
        network.run(20_000);
        let executed = network.executed(1);
        assert!((0..11).chain(20..25).all(|number| executed.contains(&transaction(number).id())), "f={f} c={c}");
        assert_eq!(executed.len(), 16);
        assert!(network.stable(1) >= 8);
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn nobody_votes_before_it_has_executed_the_stable_checkpoint() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let signers: Vec<u16> = network.cluster.ids().map(|id| id.0).take(network.cluster.checkpoint()).collect();
        let stable = checkpoint(&network, &signers, 128, StateDigest(Digest([4; 32])));
        network.deliver(0, 3, Message::Stable(stable));
        let message = pre_prepare(&network, View(0), SeqNum(129), &proposal(1));
        network.deliver(0, 3, message);
        assert!(!sent.borrow().iter().any(|(_, message)| matches!(message, Message::SignShare { .. })));
        assert!(!network.nodes[3].log.iter().any(|record| matches!(record, Record::Accepted { .. })), "f={f} c={c}");
    }
}

#[test]
fn a_replica_that_reaches_a_certified_slot_with_another_state_halts() {
    let cluster = Cluster::new(1, 0).unwrap().with_spacing(Spacing::new(8, 64));
    let mut network = Network::of(cluster, Tuning::default(), Box::new(|_, _, message| vec![message]));
    network.fill_slots(0, 7);
    let certified = checkpoint(&network, &[0, 1, 2], 8, StateDigest(Digest([9; 32])));
    network.deliver(0, 3, Message::Stable(certified));
    assert!(network.nodes[3].halted.is_none(), "it is not there yet");
    network.fill_slots(7, 1);
    network.run(2_000);
    assert!(network.nodes[3].halted.as_ref().unwrap().starts_with("after block 8"));
}
