//! How a network finds its pace: the fast path after a replica's return, and batches under load.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::Network;
use common::values::transaction;
use theriac_consensus::Tuning;
use theriac_consensus::limits::PACING_PERIOD_SLOTS;

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

/// Hands in one transaction and waits until it is executed. Returns the milliseconds it took.
fn slot(network: &mut Network, number: u64) -> u64 {
    let (began, before) = (network.now_ms, network.nodes[0].store.len());
    network.submit(0, vec![transaction(number)]);
    while network.nodes[0].store.len() == before {
        network.run(1);
    }
    let took = network.now_ms - began;
    // What is still on its way when a slot is executed arrives before the next begins.
    network.run(5);
    took
}

#[test]
fn the_fast_path_is_back_two_periods_after_a_lost_replica_returned() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        let last = network.nodes.len() - 1;
        let mut numbers = 0..;
        let mut slots = |network: &mut Network, count: u64| {
            let count = usize::try_from(count).unwrap();
            numbers.by_ref().take(count).map(|number| slot(network, number)).collect::<Vec<_>>()
        };
        slots(&mut network, 10);
        network.crash(last);
        let lost = slots(&mut network, 300);
        let label = format!("f={f} c={c}");
        // With slack nothing changes but for slots whose collector is the missing one. Without, waiting ends.
        let late = lost[150..].iter().filter(|ms| **ms > 40).count();
        assert!(late <= 40, "{late} of 150 slots waited for nobody: {label}");
        network.start(last);
        network.run(1_000);
        slots(&mut network, 2 * PACING_PERIOD_SLOTS);
        let first = network.nodes[0].store.len() as u64 + 1;
        slots(&mut network, 100);
        let fast = (first..first + 100).filter(|seq| network.is_fast(0, *seq)).count();
        assert!(fast >= 95, "{fast} of 100 slots are fast: {label}");
        assert_eq!(network.executed(last), network.executed(0));
    }
}

/// Transactions in each slot that a replica executed.
fn batches(network: &Network) -> Vec<usize> {
    network.nodes[0].store.values().map(|stored| stored.proposal.ids().len()).collect()
}

#[test]
fn a_lone_transaction_waits_for_no_company() {
    let tuning = Tuning { batch_wait_ms: 1_000, ..Tuning::default() };
    let mut network = Network::with(1, 1, tuning, Box::new(|_, _, message| vec![message]));
    for number in 0..3 {
        network.submit(0, vec![transaction(number)]);
        network.run(1);
    }
    network.run(9);
    assert_eq!(batches(&network), [1, 1, 1], "although the slot before was in flight each time");
}

#[test]
fn batches_grow_with_what_is_pending_and_shrink_again() {
    for (f, c) in SIZES {
        // Far longer than a slot takes: whatever is proposed sooner is proposed because it is enough.
        let tuning = Tuning { batch_wait_ms: 1_000, ..Tuning::default() };
        let mut network = Network::with(f, c, tuning, Box::new(|_, _, message| vec![message]));
        let mut numbers = 0..;
        let mut per_slot = |network: &mut Network, per_ms: usize| {
            let before = network.nodes[0].store.len();
            for _ in 0..60 {
                network.submit(0, numbers.by_ref().take(per_ms).map(transaction).collect());
                network.run(1);
            }
            network.run(2_000);
            let batches = batches(network).split_off(before);
            batches.iter().sum::<usize>() / batches.len()
        };
        let (few, many, few_again) = (per_slot(&mut network, 1), per_slot(&mut network, 30), per_slot(&mut network, 1));
        let label = format!("f={f} c={c}: {few}, {many}, {few_again} per slot");
        assert!(few <= 3 && few_again <= 3, "{label}");
        assert!(many >= 15, "{label}");
        assert_eq!(network.executed(0).len(), 60 * 32, "{label}");
    }
}
