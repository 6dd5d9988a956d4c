//! The end of an epoch, and what comes after: nothing beyond the last slot, nothing missing before it.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper};
use common::values::{context, proposal, transaction};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Cluster, Config, Effect, Input, Message, Now, Record, Recovered, Replica, Spacing, Tuning};
use theriac_crypto::{ShareSigner, Statement};
use theriac_types::{ReplicaId, SeqNum, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];
/// The slot whose block sets the end, and the end: two windows of 16 slots later.
const SET: SeqNum = SeqNum(5);
const LAST: SeqNum = SeqNum(24);

fn cluster(f: u16, c: u16) -> Cluster {
    Cluster::new(f, c).unwrap().with_spacing(Spacing::new(8, 64))
}

fn ending(f: u16, c: u16, tamper: Tamper) -> Network {
    let mut network = Network::of(cluster(f, c), Tuning::default(), tamper);
    network.ends = Some((SET, LAST));
    network
}

fn as_sent() -> Tamper {
    Box::new(|_, _, message| vec![message])
}

fn is_over(network: &Network, id: usize) -> bool {
    network.nodes[id].replica.as_ref().unwrap().is_epoch_over()
}

#[test]
fn null_blocks_fill_what_is_left_of_an_epoch() {
    for (f, c) in SIZES {
        let mut network = ending(f, c, as_sent());
        network.fill_slots(0, 4);
        network.run(1_000);
        assert_eq!(network.nodes[0].store.len(), 4, "no end is set yet");
        network.fill_slots(4, 1);
        network.run(300);
        for (id, node) in network.nodes.iter().enumerate() {
            assert_eq!(node.store.last_key_value().unwrap().0, &LAST, "replica {id} of f={f} c={c}");
            assert!(node.store.range(SET.next()..).all(|(_, stored)| stored.proposal.ids().is_empty()));
            let over: Vec<_> = node.over.iter().map(|checkpoint| checkpoint.seq).collect();
            assert_eq!(over, [LAST], "said once");
            assert!(is_over(&network, id));
        }
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn requests_go_before_null_blocks_and_none_goes_beyond_the_end() {
    for (f, c) in SIZES {
        let tuning = Tuning { batch_transactions: 1, ..Tuning::default() };
        let mut network = Network::of(cluster(f, c), tuning, as_sent());
        network.ends = Some((SET, LAST));
        network.submit(0, (0..100).map(transaction).collect());
        network.run(3_000);
        for (id, node) in network.nodes.iter().enumerate() {
            assert_eq!(network.executed(id), (0..24).map(|n| transaction(n).id()).collect::<Vec<_>>());
            assert_eq!(node.over.len(), 1);
        }
        network.run(60_000);
        assert!(network.nodes.iter().all(|node| node.store.len() == 24));
        assert!(!network.sent.contains_key("complain"), "an ended epoch has no primary to complain of");
        assert_eq!(network.nodes[0].replica.as_ref().unwrap().requests_waiting(), 76, "for the next epoch");
    }
}

#[test]
fn an_end_is_reached_across_restarts_at_any_moment() {
    for (f, c) in SIZES {
        for stop_after_ms in (0..60).step_by(3) {
            let mut network = ending(f, c, as_sent());
            network.fill_slots(0, 4);
            network.submit(0, vec![transaction(4)]);
            network.run(stop_after_ms);
            (0..network.nodes.len()).for_each(|id| network.crash(id));
            (0..network.nodes.len()).for_each(|id| network.start(id));
            network.run(10_000);
            for id in 0..network.nodes.len() {
                assert_eq!(network.nodes[id].store.len() as u64, LAST.0, "after {stop_after_ms} ms, f={f} c={c}");
                assert!(is_over(&network, id));
            }
            // Whoever starts again after the end says so again: what was to follow may not have happened.
            let said = network.nodes[1].over.len();
            network.crash(1);
            network.start(1);
            assert_eq!(network.nodes[1].over.len(), said + 1);
            assert!(network.double_signers().is_empty());
        }
    }
}

#[test]
fn a_replica_that_missed_the_end_gets_there_with_the_help_of_those_who_are_past_it() {
    for (f, c) in SIZES {
        for alive in [1, 3, 6, 12] {
            let mut network = ending(f, c, as_sent());
            let last = network.nodes.len() - 1;
            network.fill_slots(0, alive);
            network.crash(last);
            network.fill_slots(alive, 6);
            network.run(60_000);
            assert!((0..last).all(|id| is_over(&network, id)));
            let quiet = network.sent["status"];
            network.run(10_000);
            assert_eq!(network.sent["status"], quiet, "those at the end want nothing more");
            network.start(last);
            network.run(10_000);
            assert!(is_over(&network, last), "alone with {alive} slots, f={f} c={c}");
            assert_eq!(network.executed(last), network.executed(0));
            assert_eq!(network.certified(last), network.nodes[last].store.len());
        }
    }
}

#[test]
fn a_primary_that_leaves_the_end_open_is_replaced() {
    for (f, c) in SIZES {
        let open: Tamper = Box::new(|from, _, message| match message {
            Message::PrePrepare { seq, .. } if from == ReplicaId(0) && seq > SET => vec![],
            other => vec![other],
        });
        let mut network = ending(f, c, open);
        network.fill_slots(0, 5);
        network.run(1_000);
        assert!(network.nodes.iter().all(|node| node.store.len() == 5));
        network.run(20_000);
        assert!((0..network.nodes.len()).all(|id| is_over(&network, id)), "f={f} c={c}");
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn nothing_beyond_the_end_is_accepted_voted_for_or_decided() {
    let mut network = ending(1, 0, as_sent());
    // Replica 0 is played by hand once the end is known, and stands still before it.
    network.fill_slots(0, 4);
    let held: Tamper = Box::new(|from, _, message| match message {
        Message::PrePrepare { seq, .. } if from == ReplicaId(0) && seq > SET => vec![],
        other => vec![other],
    });
    network.tamper = held;
    network.submit(0, vec![transaction(4)]);
    network.run(20);
    let view = View(0);
    for seq in [LAST, LAST.next(), LAST.saturating_add(8)] {
        let body = proposal(9).hash();
        let share = network.signer(0).sign(&Statement::Prepare { view, seq, body });
        network.deliver(0, 1, Message::PrePrepare { view, seq, proposal: proposal(9), share });
    }
    network.run(20);
    let voted = network.votes.signatures().into_iter().filter_map(|(statement, signers)| match statement {
        Statement::Prepare { seq, .. } if signers.contains(&ReplicaId(1)) => Some(seq),
        _ => None,
    });
    let voted: Vec<_> = voted.collect();
    // The last slot itself is in reach only when the window gets there.
    assert!(voted.into_iter().all(|seq| seq <= LAST));
    let replica = format!("{:?}", network.nodes[1].replica.as_ref().unwrap());
    assert!(!replica.contains("SeqNum(25)") && !replica.contains("SeqNum(32)"), "{replica}");
}

#[test]
fn the_next_epoch_begins_with_the_checkpoint_of_the_last_and_the_requests_that_waited() {
    let tuning = Tuning { batch_transactions: 1, ..Tuning::default() };
    let mut network = Network::of(cluster(1, 0), tuning.clone(), as_sent());
    network.ends = Some((SET, LAST));
    network.submit(0, (0..30).map(transaction).collect());
    network.run(3_000);
    let stable = network.nodes[0].over[0].clone();
    let recovered = Recovered { executed: LAST, stable: Some(stable.clone()), ..Recovered::default() };
    let config = Config {
        replica: ReplicaId(0),
        cluster: cluster(1, 0).with_base(LAST),
        context: theriac_crypto::VoteContext { epoch: theriac_types::Epoch(1), ..context() },
        tuning,
    };
    let mut signer = network.signer(0);
    signer.context = config.context.clone();
    let mut scheme = network.scheme();
    scheme.context = config.context.clone();
    let mut next = Replica::recover(config, Box::new(signer), Arc::new(scheme), recovered);
    next.inherit_requests(network.nodes[0].replica.as_mut().unwrap());
    assert_eq!((next.requests_waiting(), next.stable_slot(), next.view()), (6, LAST, View(0)));
    let (now, mut effects) = (Now { monotonic_ms: network.now_ms, unix_ms: 1 }, Vec::new());
    next.start(now, &mut effects);
    let first = effects.iter().find_map(|effect| match effect {
        Effect::Send { message: Message::PrePrepare { seq, proposal, .. }, .. } => {
            Some((*seq, proposal.ids().to_vec()))
        }
        _ => None,
    });
    assert_eq!(first, Some((LAST.next(), vec![transaction(24).id()])), "in the order they came");
    // The checkpoint it begins with is beyond doubt, and proves nothing against it either.
    let mut lie = stable;
    lie.digest = theriac_types::StateDigest(theriac_types::Digest([1; 32]));
    next.step(now, Input::Message { from: ReplicaId(1), message: Message::Stable(lie) }, &mut effects);
    assert!(!next.is_halted());
}

#[test]
fn an_epoch_is_not_over_before_its_last_checkpoint_is_stable() {
    for (f, c) in SIZES {
        let hidden = Rc::new(Cell::new(true));
        let is_hidden = Rc::clone(&hidden);
        let hide: Tamper = Box::new(move |_, _, message| {
            let last = match &message {
                Message::Checkpoint { seq, .. } => *seq == LAST,
                Message::Stable(checkpoint) => checkpoint.seq == LAST,
                _ => false,
            };
            if last && is_hidden.get() { vec![] } else { vec![message] }
        });
        let mut network = ending(f, c, hide);
        network.fill_slots(0, 5);
        network.run(1_000);
        for (id, node) in network.nodes.iter().enumerate() {
            assert_eq!(node.store.last_key_value().unwrap().0, &LAST, "f={f} c={c}");
            assert!(!is_over(&network, id) && node.over.is_empty(), "f={f} c={c}");
        }
        hidden.set(false);
        network.run(2_000);
        assert!((0..network.nodes.len()).all(|id| is_over(&network, id)), "f={f} c={c}");
    }
}

#[test]
fn nobody_votes_beyond_the_end_when_the_window_reaches_there() {
    for (f, c) in SIZES {
        // Far enough for a window that ends beyond the last slot, which is not decided.
        let stop = SeqNum(20);
        let held: Tamper = Box::new(move |_, _, message| match message {
            Message::PrePrepare { seq, .. } if seq > stop => vec![],
            other => vec![other],
        });
        let mut network = ending(f, c, held);
        network.fill_slots(0, 5);
        network.run(500);
        assert_eq!((network.stable(1), network.nodes[1].store.len()), (16, 20), "f={f} c={c}");
        let view = View(0);
        for seq in [LAST, LAST.next(), LAST.saturating_add(8)] {
            let body = proposal(9).hash();
            let share = network.signer(0).sign(&Statement::Prepare { view, seq, body });
            network.deliver(0, 1, Message::PrePrepare { view, seq, proposal: proposal(9), share });
        }
        let last = network.nodes[1].log.iter().filter_map(|record| match record {
            Record::Accepted { seq, .. } => Some(*seq),
            _ => None,
        });
        assert_eq!(last.max(), Some(LAST), "f={f} c={c}");
    }
}
