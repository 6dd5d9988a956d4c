//! Slots without faults: which path, how many hops, how batches form.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::Network;
use common::values::transaction;
use theriac_consensus::Tuning;

const SIZES: [(u16, u16); 4] = [(1, 0), (1, 1), (2, 0), (2, 2)];

#[test]
fn an_idle_network_certifies_a_request_after_five_hops() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        network.submit(0, vec![transaction(1)]);
        network.run(5);
        for id in 0..network.nodes.len() {
            assert_eq!(network.executed(id), [transaction(1).id()], "replica {id} of f={f} c={c}");
            assert!(network.is_fast(id, 1));
            assert_eq!(network.certified(id), 1);
        }
        assert_eq!(network.sent.get("prepare"), None, "the slow path did not start");
    }
}

#[test]
fn without_the_fast_path_a_request_is_certified_after_seven_hops() {
    for (f, c) in SIZES {
        let tuning = Tuning { fast_path: false, ..Tuning::default() };
        let mut network = Network::with(f, c, tuning, Box::new(|_, _, message| vec![message]));
        network.submit(0, vec![transaction(1)]);
        network.run(7);
        for id in 0..network.nodes.len() {
            assert!(!network.is_fast(id, 1), "replica {id} of f={f} c={c}");
            assert_eq!(network.certified(id), 1);
        }
        network.run(400);
        assert_eq!(network.sent.get("full-commit-proof"), None, "late votes change nothing");
    }
}

#[test]
fn one_collector_of_each_kind_works_and_the_others_stay_silent() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        network.submit(0, vec![transaction(1)]);
        network.run(400);
        let others = network.nodes.len() as u64 - 1;
        assert_eq!(network.sent["full-commit-proof"], others);
        assert_eq!(network.sent["full-execute-proof"], others);
        assert!(!network.sent.contains_key("fetch") && !network.sent.contains_key("decided"));
    }
}

#[test]
fn a_backup_forwards_what_its_clients_hand_in() {
    let mut network = Network::new(1, 0);
    network.submit(2, vec![transaction(1), transaction(2)]);
    network.run(6);
    assert_eq!(network.executed(3), [transaction(1).id(), transaction(2).id()]);
    assert_eq!(network.nodes[2].replica.as_ref().unwrap().requests_waiting(), 0);
}

#[test]
fn a_request_handed_in_everywhere_is_proposed_once() {
    let mut network = Network::new(1, 0);
    (0..4).for_each(|id| network.submit(id, vec![transaction(1)]));
    network.run(3_000);
    (0..4).for_each(|id| network.submit(id, vec![transaction(1), transaction(2)]));
    network.run(3_000);
    assert_eq!(network.executed(1), [transaction(1).id(), transaction(2).id()]);
}

#[test]
fn batches_grow_under_load_and_slots_in_flight_stay_few() {
    let tuning = Tuning { slots_in_flight: 2, batch_transactions: 50, ..Tuning::default() };
    let mut network = Network::with(1, 0, tuning, Box::new(|_, _, message| vec![message]));
    for number in 0..200 {
        network.submit(0, vec![transaction(number)]);
    }
    network.run(200);
    assert_eq!(network.executed(0).len(), 200);
    let sizes: Vec<_> = network.nodes[0].store.values().map(|s| s.proposal.ids().len()).collect();
    assert_eq!(sizes, [1, 1, 50, 50, 50, 48]);
}

#[test]
fn a_full_queue_drops_requests_and_no_more() {
    let tuning = Tuning { requests_waiting: 3, slots_in_flight: 1, ..Tuning::default() };
    let mut network = Network::with(1, 0, tuning, Box::new(|_, _, message| vec![message]));
    network.submit(0, (0..10).map(transaction).collect());
    network.run(100);
    assert_eq!(network.executed(1), [0, 1, 2].map(|n| transaction(n).id()));
    network.submit(0, vec![transaction(9)]);
    network.run(100);
    assert_eq!(network.executed(1).len(), 4);
}
