//! Crashes and restarts from log and store.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper, Wire};
use common::values::{proposal, transaction};
use common::views::{Sent, apart, pre_prepare, sends};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use theriac_consensus::{Message, Tuning};
use theriac_types::{ReplicaId, SeqNum, View};

#[test]
fn a_restarted_backup_catches_up() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        let mut network = Network::new(f, c);
        network.crash(1);
        for number in 0..100 {
            network.submit(0, vec![transaction(number)]);
            network.run(300);
        }
        network.start(1);
        network.run(1_500);
        assert_eq!(network.executed(1), network.executed(0), "f={f} c={c}");
        assert_eq!(network.certified(1), 100);
        network.submit(1, vec![transaction(100)]);
        network.run(1_000);
        assert_eq!(network.executed(1).len(), 101);
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn a_replica_far_behind_catches_up_without_waiting_for_timers() {
    let mut network = Network::new(1, 0);
    network.crash(3);
    for number in 0..700 {
        network.submit(0, vec![transaction(number)]);
        network.run(200);
    }
    network.start(3);
    network.run(1_000);
    assert_eq!(network.executed(3).len(), 700);
    assert_eq!(network.certified(3), 700);
    assert!(network.sent["decided"] < 800, "hardly a slot is sent twice");
}

#[test]
fn one_that_claims_to_be_ahead_and_serves_nothing_does_not_stop_a_catch_up() {
    for mute in 0..3 {
        let silent: Tamper = Box::new(move |from, _, message| match message {
            Message::Decided { .. } if from.0 == mute => vec![],
            other => vec![other],
        });
        let mut network = Network::with(1, 0, Tuning::default(), silent);
        network.crash(3);
        for number in 0..100 {
            network.submit(0, vec![transaction(number)]);
            network.run(200);
        }
        network.start(3);
        network.run(3_000);
        assert_eq!(network.executed(3).len(), 100, "without replica {mute}");
    }
}

#[test]
fn a_network_that_stops_at_any_moment_goes_on_where_it_was() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        for stop_after_ms in 0..12 {
            for slow in [false, true] {
                let lost = if slow { 1 } else { u16::MAX };
                let tamper: Tamper =
                    Box::new(move |from, _, message| if from.0 == lost { vec![] } else { vec![message] });
                let mut network = Network::with(f, c, Tuning { fast_wait_ms: 20, ..Tuning::default() }, tamper);
                network.submit(0, vec![transaction(1)]);
                network.submit(2, vec![transaction(2)]);
                network.run(stop_after_ms + if slow { 18 } else { 0 });
                (0..network.nodes.len()).for_each(|id| network.crash(id));
                (0..network.nodes.len()).for_each(|id| network.start(id));
                network.submit(2, vec![transaction(2), transaction(3)]);
                network.run(5_000);
                let label = format!("f={f} c={c} after {stop_after_ms} ms, slow: {slow}");
                let executed = network.executed(0);
                assert!(executed.contains(&transaction(2).id()) && executed.contains(&transaction(3).id()), "{label}");
                // A silent replica cannot say what it lacks.
                for id in (0..network.nodes.len()).filter(|id| *id != usize::from(lost)) {
                    assert_eq!(network.executed(id), executed, "{label}");
                    assert_eq!(network.certified(id), network.nodes[id].store.len(), "{label}");
                }
                assert!(network.double_signers().is_empty(), "{label}");
            }
        }
    }
}

#[test]
fn a_primary_that_restarts_repeats_its_proposals_and_goes_on_above_them() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        let (mut network, sent) = apart(f, c);
        let proposed = |sent: &Sent| {
            let mut proposed = Vec::new();
            for (_, message) in sent.borrow_mut().drain(..) {
                if let Message::PrePrepare { seq, proposal, .. } = message {
                    proposed.push((seq.0, proposal.ids().to_vec()));
                }
            }
            proposed.dedup();
            proposed
        };
        network.submit(0, vec![transaction(1)]);
        let first = (1, vec![transaction(1).id()]);
        assert_eq!(proposed(&sent), std::slice::from_ref(&first), "f={f} c={c}");
        network.crash(0);
        network.start(0);
        network.submit(0, vec![transaction(2)]);
        network.run(1_000);
        let mut again = proposed(&sent);
        again.sort();
        again.dedup();
        assert_eq!(again, [first, (2, vec![transaction(2).id()])], "f={f} c={c}");
    }
}

#[test]
fn a_restarted_replica_votes_for_no_other_body_in_the_same_slot_and_view() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        let (mut network, sent) = apart(f, c);
        let first = pre_prepare(&network, View(0), SeqNum(1), &proposal(1));
        network.deliver(0, 3, first);
        network.crash(3);
        network.start(3);
        sent.borrow_mut().clear();
        let second = pre_prepare(&network, View(0), SeqNum(1), &proposal(2));
        network.deliver(0, 3, second);
        let for_it = |message: &Wire| matches!(message, Message::SignShare { body, .. } if *body == proposal(2).hash());
        assert_eq!(sends(&sent, 3, for_it), 0, "f={f} c={c}");
        // The primary is played, and signs both.
        assert!(!network.double_signers().contains(&ReplicaId(3)), "f={f} c={c}");
    }
}

#[test]
fn replicas_that_blink_under_load_stay_in_agreement() {
    for seed in 0..30 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut network = Network::new(1, u16::from(seed % 2 == 0));
        let replicas = network.nodes.len();
        for number in 0..60 {
            network.submit(usize::try_from(random.next_u64()).unwrap() % replicas, vec![transaction(number)]);
            let id = usize::try_from(random.next_u64()).unwrap() % replicas;
            network.crash(id);
            network.run(u64::from(random.next_u32() % 40));
            network.start(id);
        }
        network.run(60_000);
        for id in 0..replicas {
            assert_eq!(network.executed(id), network.executed(0), "seed {seed}, replica {id}");
            assert_eq!(network.certified(id), network.nodes[id].store.len(), "seed {seed}, replica {id}");
        }
        assert!(network.double_signers().is_empty(), "seed {seed}");
    }
}
