//! What a backup asks of a proposal: a believable time, and room to keep its body.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper};
use common::values::{START_MS, proposal_at, transaction};
use std::sync::Arc;
use theriac_consensus::limits::UNDECIDED_BYTES_MAX;
use theriac_consensus::{Cluster, Fault, Message, Proposal, Record, Tuning};
use theriac_crypto::{MemberKey, ShareSigner, Statement, Verified, names};
use theriac_types::{Bytes, List, Nonce, ReplicaId, SeqNum, Transaction, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

fn as_sent() -> Tamper {
    Box::new(|_, _, message| vec![message])
}

/// Plays primary 0 towards replica 1.
fn propose(network: &mut Network, seq: u64, proposal: &Arc<Proposal>) {
    let (view, seq) = (View(0), SeqNum(seq));
    let share = network.signer(0).sign(&Statement::Prepare { view, seq, body: proposal.hash() });
    network.deliver(0, 1, Message::PrePrepare { view, seq, proposal: Arc::clone(proposal), share });
}

fn accepted(network: &Network, id: usize) -> Vec<SeqNum> {
    let accepted = network.nodes[id].log.iter().filter_map(|record| match record {
        Record::Accepted { seq, .. } => Some(*seq),
        _ => None,
    });
    accepted.collect()
}

#[test]
fn a_proposal_from_another_time_is_neither_kept_nor_voted_for() {
    let now = START_MS + 40_000;
    for (proposed_ms, believed) in [
        (now, true),
        (now + 3_000, true),
        (now + 3_001, false),
        (now - 30_000, true),
        (now - 30_001, false),
        (0, false),
        (u64::MAX, false),
    ] {
        let mut network = Network::new(1, 0);
        network.crash(0);
        network.run(40_000);
        propose(&mut network, 1, &proposal_at(proposed_ms, 1));
        let (seq, view) = (SeqNum(1), View(0));
        let (kept, evidence) = if believed {
            (vec![seq], vec![])
        } else {
            (vec![], vec![(ReplicaId(0), Fault::BadTime { view, seq, proposed_ms })])
        };
        assert_eq!(accepted(&network, 1), kept, "{proposed_ms}");
        assert_eq!(network.nodes[1].evidence, evidence);
        // Repeating it changes nothing and is reported once; a believable one may still come.
        propose(&mut network, 1, &proposal_at(proposed_ms, 1));
        assert_eq!(network.nodes[1].evidence, evidence);
        if !believed {
            propose(&mut network, 1, &proposal_at(now, 2));
            assert_eq!(accepted(&network, 1), [seq]);
        }
    }
}

#[test]
fn a_null_block_has_no_time_to_doubt() {
    let mut network = Network::new(1, 0);
    network.crash(0);
    propose(&mut network, 1, &Arc::new(Proposal::null()));
    assert_eq!((accepted(&network, 1), &network.nodes[1].evidence[..]), (vec![SeqNum(1)], &[][..]));
}

#[test]
fn a_primary_with_a_wrong_clock_is_replaced_and_time_goes_on() {
    for (f, c) in SIZES {
        for clock_ahead_ms in [3_600_000, -3_600_000] {
            let mut network = Network::new(f, c);
            network.fill_slots(0, 3);
            network.nodes[0].clock_ahead_ms = clock_ahead_ms;
            network.submit(0, vec![transaction(3)]);
            network.submit(2, vec![transaction(4)]);
            network.run(20_000);
            let label = format!("f={f} c={c}, {clock_ahead_ms} ms ahead");
            for id in 0..network.nodes.len() {
                assert_eq!(network.executed(id).len(), 5, "replica {id}: {label}");
            }
            let times = network.nodes[1].store.values().map(|stored| stored.proposal.body().proposed_time_ms);
            assert!(times.filter(|time| *time > 0).all(|time| time < START_MS + 30_000), "{label}");
            let accused = network.nodes[1].evidence.iter().filter(|(_, fault)| matches!(fault, Fault::BadTime { .. }));
            assert!(accused.clone().count() > 0 && accused.clone().all(|(id, _)| *id == ReplicaId(0)), "{label}");
        }
    }
}

#[test]
fn a_primary_never_proposes_the_same_time_twice_nor_goes_back() {
    let mut network = Network::new(1, 0);
    network.submit(0, vec![transaction(0)]);
    network.nodes[0].clock_ahead_ms = -700;
    network.run(20);
    network.fill_slots(1, 5);
    let times: Vec<_> = network.nodes[1].store.values().map(|stored| stored.proposal.body().proposed_time_ms).collect();
    assert!(times.len() > 3 && times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    assert_eq!(times[0] + 1, times[1], "its clock went back a little");
    assert_eq!(network.nodes[1].evidence, []);
}

/// A transaction of about a megabyte.
fn large(number: u64) -> Verified<Transaction> {
    let key = MemberKey::from_bytes(&[7; 32]).unwrap();
    let mut body = transaction(0).into_inner().body;
    body.nonce = Nonce(1_000_000 + number);
    body.args = Bytes::new(vec![7; 900_000]).unwrap();
    let signature = key.sign(names::tx_id(&body));
    Verified::check(Transaction { body, signature, cosignatures: List::default() }).unwrap()
}

#[test]
fn bodies_of_undecided_slots_are_bounded_in_bytes() {
    let mut network = Network::new(1, 0);
    network.crash(0);
    let bodies: Vec<_> =
        (0..100).map(|n| Arc::new(Proposal::assemble(START_MS, [large(n), large(1_000 + n)]).unwrap())).collect();
    for (seq, body) in (1..).zip(&bodies) {
        propose(&mut network, seq, body);
    }
    let kept = accepted(&network, 1).len();
    assert_eq!(kept, UNDECIDED_BYTES_MAX / bodies[0].bytes());
    assert!((30..40).contains(&kept));
    // A slot that is decided makes room for another.
    let (view, seq, body) = (View(0), SeqNum(1), bodies[0].hash());
    let statement = Statement::Commit { view, seq, body };
    let shares = [0, 2, 3].map(|id| (ReplicaId(id), network.signer(id).sign(&statement))).into();
    let certificate = theriac_crypto::CertificateScheme::combine(&network.scheme(), &statement, &shares).unwrap();
    network.deliver(2, 1, Message::FullCommitProofSlow { view, seq, body, certificate });
    network.run(1);
    propose(&mut network, 99, &bodies[98]);
    assert_eq!(accepted(&network, 1).len(), kept + 1);
}

#[test]
fn a_primary_keeps_within_the_bound_it_would_hold_others_to() {
    let tuning = Tuning { slots_in_flight: 100, batch_bytes: 3 * 1024 * 1024, ..Tuning::default() };
    let cluster = Cluster::new(1, 0).unwrap();
    let mute: Tamper = Box::new(|_, _, message| match message {
        Message::SignShare { .. } => vec![],
        other => vec![other],
    });
    let mut network = Network::of(cluster, Tuning { requests_waiting_bytes: 1 << 30, ..tuning }, mute);
    network.submit(0, (0..90).map(large).collect());
    network.run(100);
    let (proposed, kept) = (accepted(&network, 0), accepted(&network, 1));
    assert!((20..25).contains(&proposed.len()), "{proposed:?}");
    assert_eq!(kept, proposed, "backups have room for all of them");
    network.tamper = as_sent();
    network.run(10_000);
    assert_eq!(network.executed(3).len(), 90);
}

#[test]
fn one_replica_cannot_fill_the_primarys_queue() {
    for (f, c) in SIZES {
        let tuning = Tuning { requests_waiting: 60, slots_in_flight: 1, ..Tuning::default() };
        let cluster = Cluster::new(f, c).unwrap();
        // Nothing is decided for now, so that requests pile up.
        let mute: Tamper = Box::new(|_, _, message| match message {
            Message::SignShare { .. } => vec![],
            other => vec![other],
        });
        let mut network = Network::of(cluster, tuning, mute);
        network.submit(0, vec![transaction(0)]);
        for number in 1..=500 {
            let request = Arc::new(Proposal::assemble(0, [transaction(number)]).unwrap());
            network.deliver(1, 0, Message::Request(request));
        }
        let waiting = |network: &Network| network.nodes[0].replica.as_ref().unwrap().requests_waiting();
        let share = 60 / (usize::from(f) + 1);
        assert_eq!(waiting(&network), share, "f={f} c={c}");
        network.submit(2, vec![transaction(1_000)]);
        network.run(5);
        assert_eq!(waiting(&network), share + 1, "another replica's clients have room");
    }
}
