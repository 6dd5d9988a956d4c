//! Primaries that crash, lie or stall: another takes over, and what was decided stays decided.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::Network;
use common::values::transaction;
use theriac_consensus::Tuning;
use theriac_types::View;

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

fn replicas(f: u16, c: u16) -> usize {
    usize::from(3 * f + 2 * c + 1)
}

/// Checks that these replicas executed the same, with the transactions wanted among it, and hold every certificate.
fn check_agreement(network: &Network, ids: impl IntoIterator<Item = usize>, wanted: &[u64], label: &str) {
    let ids: Vec<usize> = ids.into_iter().collect();
    for id in &ids {
        let executed = network.executed(*id);
        assert_eq!(executed, network.executed(ids[0]), "replica {id}: {label}");
        for number in wanted {
            let found = executed.iter().filter(|executed| **executed == transaction(*number).id()).count();
            assert_eq!(found, 1, "replica {id}, transaction {number}: {label}");
        }
        assert_eq!(network.certified(*id), network.nodes[*id].store.len(), "replica {id}: {label}");
    }
    assert!(network.double_signers().is_empty(), "{label}");
}

fn view(network: &Network, id: usize) -> (View, bool) {
    let replica = network.nodes[id].replica.as_ref().unwrap();
    (replica.view(), replica.is_active())
}

#[test]
fn a_primary_that_crashes_before_it_proposes_is_replaced() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        network.crash(0);
        network.submit(2, vec![transaction(1)]);
        network.run(10_000);
        let label = format!("f={f} c={c}");
        check_agreement(&network, 1..replicas(f, c), &[1], &label);
        for id in 1..replicas(f, c) {
            assert_eq!(view(&network, id), (View(1), true), "{label}");
        }
        network.start(0);
        network.submit(0, vec![transaction(2)]);
        network.run(5_000);
        check_agreement(&network, 0..replicas(f, c), &[1, 2], &label);
        assert_eq!(view(&network, 0), (View(1), true), "the old primary follows: {label}");
        network.submit(3, vec![transaction(3)]);
        network.run(5_000);
        let last = network.nodes[0].store.len() as u64;
        assert!(network.is_fast(2, last), "the fast path is back: {label}");
    }
}

#[test]
fn a_primary_that_crashes_at_any_moment_leaves_one_history() {
    for (f, c) in SIZES {
        for stop_after_ms in 0..12 {
            for slow in [false, true] {
                let tuning = Tuning { fast_path: !slow, ..Tuning::default() };
                let mut network = Network::with(f, c, tuning, Box::new(|_, _, message| vec![message]));
                (0..3).for_each(|number| network.submit(0, vec![transaction(number)]));
                network.submit(2, vec![transaction(10)]);
                network.run(stop_after_ms);
                network.crash(0);
                network.run(20_000);
                let label = format!("f={f} c={c} after {stop_after_ms} ms, slow: {slow}");
                check_agreement(&network, 1..replicas(f, c), &[10], &label);
                network.start(0);
                network.submit(0, vec![transaction(11)]);
                network.run(20_000);
                check_agreement(&network, 0..replicas(f, c), &[10, 11], &label);
            }
        }
    }
}
