//! When a replica gives up catching up slot by slot, and when it does not.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper};
use common::values::transaction;
use std::cell::Cell;
use std::rc::Rc;
use theriac_consensus::{Cluster, Message, Spacing, Tuning};
use theriac_types::ReplicaId;

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

fn network(f: u16, c: u16, tamper: Tamper) -> Network {
    Network::of(Cluster::new(f, c).unwrap().with_spacing(Spacing::new(8, 64)), Tuning::default(), tamper)
}

/// Loses every decided slot on its way to the last replica while the switch is on.
fn unserved(last: usize, lost: &Rc<Cell<bool>>) -> Tamper {
    let (is_lost, last) = (Rc::clone(lost), ReplicaId(u16::try_from(last).unwrap()));
    Box::new(move |_, to, message| {
        if is_lost.get() && to == last && matches!(message, Message::Decided { .. }) { vec![] } else { vec![message] }
    })
}

/// A network whose last replica crashed at the start and misses so many slots.
fn with_laggard(f: u16, c: u16, slots: u64, tamper: Tamper) -> (Network, usize) {
    let mut network = network(f, c, tamper);
    let last = network.nodes.len() - 1;
    network.crash(last);
    (0..slots).for_each(|number| {
        network.submit(0, vec![transaction(number)]);
        network.run(170);
    });
    (network, last)
}

#[test]
fn a_replica_far_below_a_checkpoint_asks_for_its_state_at_once_and_once() {
    for (f, c) in SIZES {
        for (slots, far) in [(60, false), (80, true)] {
            let (mut network, last) = with_laggard(f, c, slots, Box::new(|_, _, message| vec![message]));
            let stable = network.nodes[0].stable.clone().unwrap();
            network.start(last);
            network.run(20);
            network.deliver(0, last, Message::Stable(stable.clone()));
            let wanted = if far { vec![stable] } else { vec![] };
            assert_eq!(network.nodes[last].transfers, wanted, "{slots} slots behind, f={f} c={c}");
            // Slots that come by themselves are taken all the same.
            network.run(5_000);
            assert_eq!(network.executed(last), network.executed(0));
            assert_eq!(network.nodes[last].transfers, wanted);
            assert_eq!(network.nodes[last].replica.as_ref().unwrap().transfers(), None, "it got there by itself");
        }
    }
}

#[test]
fn a_replica_that_nobody_serves_asks_for_a_state_after_a_while_and_for_later_ones() {
    for (f, c) in SIZES {
        let lost = Rc::new(Cell::new(true));
        let last = usize::from(3 * f + 2 * c);
        let (mut network, last) = with_laggard(f, c, 20, unserved(last, &lost));
        network.start(last);
        network.run(9_000);
        assert_eq!(network.stable(last), 16, "it knows what it is below of");
        assert_eq!(network.nodes[last].transfers, [], "others may yet serve it");
        network.run(2_000);
        let asked =
            |network: &Network| network.nodes[last].transfers.iter().map(|stable| stable.seq.0).collect::<Vec<_>>();
        assert_eq!(asked(&network), [16]);
        network.run(30_000);
        assert_eq!(asked(&network), [16], "nothing newer to ask for");
        for number in 20..60 {
            network.submit(0, vec![transaction(number)]);
            network.run(500);
        }
        let later = asked(&network);
        assert!((2..=3).contains(&later.len()), "every ten seconds at most: {later:?}");
        assert!(later.windows(2).all(|pair| pair[0] < pair[1]));
        let voted = network.votes.signatures().into_iter().any(|(statement, signers)| {
            let votes = matches!(statement, theriac_crypto::Statement::Prepare { .. });
            votes && signers.contains(&ReplicaId(u16::try_from(last).unwrap()))
        });
        assert!(!voted, "below a stable checkpoint it votes for no body");
        lost.set(false);
        network.run(5_000);
        assert_eq!(network.executed(last).len(), 60);
        network.submit(last, vec![transaction(60)]);
        network.run(2_000);
        assert!(network.is_fast(last, 61), "it votes again");
        assert!(network.double_signers().is_empty());
    }
}

#[test]
fn a_replica_that_was_cut_off_tries_slot_by_slot_first() {
    let cut = Rc::new(Cell::new(false));
    let is_cut = Rc::clone(&cut);
    let mut network = network(
        1,
        0,
        Box::new(
            move |from, to, message| {
                if is_cut.get() && (to == ReplicaId(3) || from == ReplicaId(3)) { vec![] } else { vec![message] }
            },
        ),
    );
    network.fill_slots(0, 3);
    cut.set(true);
    network.run(60_000);
    network.fill_slots(3, 20);
    network.run(10_000);
    cut.set(false);
    network.run(3_000);
    assert_eq!(network.executed(3), network.executed(0));
    assert_eq!(network.nodes[3].transfers, []);
    assert!(network.stable(3) >= 8, "it was below a checkpoint");
}
