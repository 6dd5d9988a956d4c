//! Crashed, silent and lying replicas, and lossy links: no fault the network is built for stops or splits it.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper, Wire};
use common::values::{context, proposal, transaction};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::cell::Cell;
use std::rc::Rc;
use theriac_consensus::limits::{LATE_SLOTS_MAX, PACING_PERIOD_SLOTS};
use theriac_consensus::{Cluster, Collectors, Fault, Message, Tuning};
use theriac_crypto::{Share, ShareSigner, Statement};
use theriac_types::{ReplicaId, SeqNum, View};

fn network(f: u16, c: u16, tamper: Tamper) -> Network {
    Network::with(f, c, Tuning::default(), tamper)
}

/// Drops everything a replica sends.
fn silent(id: u16) -> Tamper {
    Box::new(move |from, _, message| if from == ReplicaId(id) { vec![] } else { vec![message] })
}

fn collectors(f: u16, c: u16, seq: u64) -> Collectors {
    Collectors::draw(Cluster::new(f, c).unwrap(), &context(), View(0), SeqNum(seq))
}

#[test]
fn a_crashed_backup_costs_the_fast_path_only_without_slack() {
    for (f, c, fast) in [(1, 0, false), (1, 1, true), (2, 0, false), (2, 1, true)] {
        let mut network = Network::new(f, c);
        // Not the first collector: that would be about patience, not about votes.
        let first = collectors(f, c, 1).fast().next().unwrap();
        let crashed = if first == ReplicaId(1) { 2 } else { 1 };
        network.crash(crashed);
        network.submit(0, vec![transaction(1)]);
        network.run(1_000);
        for id in (0..network.nodes.len()).filter(|id| *id != crashed) {
            assert_eq!(network.executed(id), [transaction(1).id()]);
            assert_eq!(network.is_fast(id, 1), fast, "replica {id} of f={f} c={c}");
            assert_eq!(network.certified(id), 1);
        }
    }
}

#[test]
fn f_silent_and_c_crashed_backups_leave_the_slow_path() {
    for (f, c) in [(1_u16, 1_u16), (2, 0), (2, 1)] {
        let gone = f + c;
        let tamper: Tamper =
            Box::new(move |from, _, message| if (1..=gone).contains(&from.0) { vec![] } else { vec![message] });
        let mut network = network(f, c, tamper);
        for number in 0..5 {
            network.submit(0, vec![transaction(number)]);
            network.run(2_000);
        }
        assert_eq!(network.executed(0).len(), 5, "f={f} c={c}");
        assert_eq!(network.certified(network.nodes.len() - 1), 5);
    }
}

#[test]
fn silent_collectors_delay_a_slot_and_no_more() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        for seq in 1..=6 {
            let first = collectors(f, c, seq).fast().next().unwrap();
            let mut network = network(f, c, silent(first.0));
            for number in 1..=seq {
                network.submit(0, vec![transaction(number)]);
                network.run(2_000);
            }
            assert_eq!(network.executed(0).len() as u64, seq, "f={f} c={c} without {first}");
        }
    }
}

#[test]
fn after_a_period_without_fast_slots_nobody_waits_for_the_fast_path() {
    let mut network = Network::new(1, 0);
    network.crash(3);
    let slot = |network: &mut Network, number| {
        let before = network.now_ms;
        network.submit(0, vec![transaction(number)]);
        while network.executed(0).len() as u64 <= number {
            network.run(1);
        }
        let took = network.now_ms - before;
        network.run(5);
        took
    };
    assert!(slot(&mut network, 0) >= 150, "the first collector waits");
    // The last slots' votes may still come, and are waited for.
    let noticed = PACING_PERIOD_SLOTS + LATE_SLOTS_MAX as u64;
    (1..noticed).for_each(|number| {
        slot(&mut network, number);
    });
    assert!(slot(&mut network, noticed) <= 6, "prepare goes out with the last vote");
    network.start(3);
    (noticed + 1..300).for_each(|number| {
        slot(&mut network, number);
    });
    assert!(network.is_fast(0, 300), "the fast path is back");
    assert!(network.nodes[0].replica.as_ref().unwrap().fast_wait_ms() > 0);
}

#[test]
fn a_bad_share_is_left_out_and_its_sender_named() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        let liar = ReplicaId(1);
        let spoil: Tamper = Box::new(move |from, _, message| {
            vec![match message {
                Message::SignShare { view, seq, body, .. } if from == liar => {
                    Message::SignShare { view, seq, body, share: Share::default() }
                }
                Message::Commit { view, seq, body, .. } if from == liar => {
                    Message::Commit { view, seq, body, share: Share::default() }
                }
                Message::SignState { seq, digest, .. } if from == liar => {
                    Message::SignState { seq, digest, share: Share::default() }
                }
                other => other,
            }]
        });
        let mut network = network(f, c, spoil);
        for number in 0..8 {
            network.submit(0, vec![transaction(number)]);
            network.run(1_000);
        }
        assert_eq!(network.executed(0).len(), 8);
        assert_eq!(network.certified(0), 8);
        let named: Vec<_> = network.nodes.iter().flat_map(|node| &node.evidence).collect();
        assert!(!named.is_empty(), "f={f} c={c}");
        assert!(named.iter().all(|(id, fault)| *id == liar && matches!(fault, Fault::BadShare { .. })));
    }
}

/// Plays primary 0: proposes one body to some replicas and another to the rest.
fn equivocate(network: &mut Network, first: &[usize], second: &[usize]) {
    network.crash(0);
    let signer = network.signer(0);
    for (bodies, to) in [(proposal(1), first), (proposal(2), second)] {
        let (view, seq, body) = (View(0), SeqNum(1), bodies.hash());
        let share = signer.sign(&Statement::Prepare { view, seq, body });
        for id in to {
            let proposal = bodies.clone();
            network.deliver(0, *id, Message::PrePrepare { view, seq, proposal, share: share.clone() });
        }
    }
}

#[test]
fn an_equivocating_primary_commits_nothing_twice() {
    // Every way to split the backups of the small networks.
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        let backups = 3 * usize::from(f) + 2 * usize::from(c);
        for split in 0..1_u32 << backups {
            let (first, second): (Vec<_>, Vec<_>) = (1..=backups).partition(|id| split & (1 << (id - 1)) != 0);
            let mut network = Network::new(f, c);
            equivocate(&mut network, &first, &second);
            network.run(2_000);
            let honest_doubles: Vec<_> = network.double_signers().into_iter().filter(|id| id.0 != 0).collect();
            assert!(honest_doubles.is_empty(), "{honest_doubles:?} signed twice");
        }
    }
}

#[test]
fn both_bodies_in_one_place_are_evidence() {
    let mut network = Network::new(1, 0);
    equivocate(&mut network, &[1, 2], &[2, 3]);
    let bodies = [proposal(1).hash(), proposal(2).hash()];
    let fault = Fault::Equivocation { view: View(0), seq: SeqNum(1), bodies };
    assert_eq!(network.nodes[2].evidence, [(ReplicaId(0), fault)]);
    // A second body that the primary never signed accuses nobody.
    let mut network = Network::new(1, 0);
    equivocate(&mut network, &[1], &[]);
    let proposal = proposal(2);
    network.deliver(0, 1, Message::PrePrepare { view: View(0), seq: SeqNum(1), proposal, share: Share::default() });
    assert_eq!(network.nodes[1].evidence, []);
}

#[test]
fn forged_proofs_are_refused_and_their_sender_named() {
    let mut network = Network::new(1, 0);
    let signers = [0, 1, 2].map(|id| network.signer(id));
    let (view, seq, body) = (View(0), SeqNum(1), proposal(1).hash());
    let sign = |statement: Statement| {
        let shares = signers.iter().map(|signer| (signer.replica, signer.sign(&statement))).collect();
        theriac_crypto::CertificateScheme::combine(&network.scheme(), &statement, &shares).unwrap()
    };
    let prepared = sign(Statement::Prepare { view, seq, body });
    let elsewhere = sign(Statement::Commit { view: View(1), seq, body });
    let forged: [Wire; 3] = [
        // Three votes where the fast path needs four.
        Message::FullCommitProof { view, seq, body, certificate: prepared.clone() },
        // Prepare votes in place of commit votes.
        Message::FullCommitProofSlow { view, seq, body, certificate: prepared },
        // Commit votes of another view.
        Message::FullCommitProofSlow { view, seq, body, certificate: elsewhere },
    ];
    for message in forged {
        network.deliver(3, 1, message);
    }
    network.run(2_000);
    assert_eq!(network.executed(1), []);
    let fault = Fault::BadCertificate { seq };
    assert_eq!(network.nodes[1].evidence, vec![(ReplicaId(3), fault); 3]);
}

#[test]
fn a_replica_with_another_state_halts_and_is_named() {
    let mut network = Network::new(1, 0);
    network.nodes[2].wrong_from = Some(SeqNum(2));
    for number in 0..6 {
        network.submit(0, vec![transaction(number)]);
        network.run(1_000);
    }
    let reason = network.nodes[2].halted.as_ref().unwrap();
    assert!(reason.starts_with("after block 2 this peer's state digest is"), "{reason}");
    assert!(network.nodes[2].replica.as_ref().unwrap().is_halted());
    let named: Vec<_> = network.nodes.iter().flat_map(|node| &node.evidence).collect();
    assert!(named.iter().all(|(id, fault)| *id == ReplicaId(2) && matches!(fault, Fault::DivergentState { .. })));
    assert_eq!(network.executed(0).len(), 6, "the others go on");
    assert_eq!(network.certified(0), 6);
}

#[test]
fn lossy_links_delay_and_lose_nothing() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        for (seed, loss_percent) in [(1, 5), (2, 20), (3, 40), (4, 60)] {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let lose: Tamper = Box::new(
                move |_, _, message| if random.next_u32() % 100 < loss_percent { vec![] } else { vec![message] },
            );
            let mut network = network(f, c, lose);
            let replicas = network.nodes.len();
            for number in 0..40 {
                network.submit(usize::try_from(number).unwrap() % replicas, vec![transaction(number)]);
                network.run(20);
            }
            network.run(400_000);
            for id in 0..replicas {
                let label = format!("replica {id} of f={f} c={c}, seed {seed}, {loss_percent} % lost");
                assert_eq!(network.executed(id).len(), 40, "{label}");
                assert_eq!(network.certified(id), network.nodes[id].store.len(), "{label}");
            }
            assert!(network.double_signers().is_empty());
        }
    }
}

#[test]
fn execution_certificates_missed_for_long_are_fetched() {
    let deaf = Rc::new(Cell::new(true));
    let is_deaf = Rc::clone(&deaf);
    let lose: Tamper = Box::new(move |_, to, message| {
        let about_states = matches!(message, Message::FullExecuteProof { .. } | Message::SignState { .. });
        let lost = is_deaf.get() && to == ReplicaId(3) && (about_states || matches!(message, Message::Decided { .. }));
        if lost { vec![] } else { vec![message] }
    });
    let mut network = network(1, 0, lose);
    for number in 0..300 {
        network.submit(0, vec![transaction(number)]);
        network.run(10);
    }
    assert_eq!(network.executed(3).len(), 300);
    assert!(network.certified(3) < 100, "only those it collected itself");
    deaf.set(false);
    network.run(10_000);
    assert_eq!(network.certified(3), 300);
    assert_eq!(network.nodes[3].replica.as_ref().unwrap().certified(), SeqNum(300));
}

#[test]
fn duplicated_and_reflected_messages_change_nothing() {
    let mut network = network(1, 1, Box::new(|_, _, message| vec![message.clone(), message]));
    for number in 0..10 {
        network.submit(1, vec![transaction(number)]);
        network.run(20);
    }
    assert_eq!(network.executed(4).len(), 10);
    assert!(network.nodes.iter().all(|node| node.evidence.is_empty()));
}
