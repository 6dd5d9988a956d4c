//! Primaries that crash, lie or stall: another takes over, and what was decided stays decided.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper, Wire};
use common::values::transaction;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use theriac_consensus::{Cluster, Message, Spacing, Tuning};
use theriac_types::{ReplicaId, SeqNum, View};

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

type Rule = Rc<RefCell<Box<dyn Fn(u16, u16, &Wire) -> bool>>>;

/// A network whose links pass only what a rule allows. The rule may be changed at any time.
fn ruled(f: u16, c: u16, tuning: Tuning) -> (Network, Rule) {
    let rule: Rule = Rc::new(RefCell::new(Box::new(|_, _, _| true)));
    let current = Rc::clone(&rule);
    let tamper: Tamper = Box::new(move |from, to, message| {
        let passes = current.borrow()(from.0, to.0, &message);
        if passes { vec![message] } else { vec![] }
    });
    (Network::with(f, c, tuning, tamper), rule)
}

fn set(rule: &Rule, passes: impl Fn(u16, u16, &Wire) -> bool + 'static) {
    *rule.borrow_mut() = Box::new(passes);
}

fn slow_only() -> Tuning {
    Tuning { fast_path: false, ..Tuning::default() }
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

#[test]
fn a_fast_commit_that_one_replica_saw_before_it_crashed_stays() {
    for (f, c) in SIZES {
        let (mut network, rule) = ruled(f, c, Tuning::default());
        let proves = |message: &Wire| {
            matches!(message, Message::FullCommitProof { .. } | Message::Prepare { .. } | Message::Decided { .. })
        };
        set(&rule, move |_, _, message| !proves(message));
        network.submit(0, vec![transaction(1)]);
        network.run(5);
        let saw: Vec<usize> = (0..replicas(f, c)).filter(|id| !network.nodes[*id].store.is_empty()).collect();
        assert_eq!(saw.len(), 1, "one collector committed: f={f} c={c}");
        assert!(network.is_fast(saw[0], 1));
        network.crash(saw[0]);
        while network.nodes.iter().flatten_views().all(|view| view == View(0)) {
            network.run(10);
        }
        set(&rule, |_, _, _| true);
        network.run(20_000);
        let label = format!("f={f} c={c}, {} saw it", saw[0]);
        check_agreement(&network, (0..replicas(f, c)).filter(|id| *id != saw[0]), &[1], &label);
        network.start(saw[0]);
        network.run(5_000);
        check_agreement(&network, 0..replicas(f, c), &[1], &label);
    }
}

#[test]
fn a_slow_commit_that_the_primary_saw_before_it_crashed_stays() {
    for (f, c) in SIZES {
        let (mut network, rule) = ruled(f, c, slow_only());
        set(&rule, |_, _, message| !matches!(message, Message::FullCommitProofSlow { .. } | Message::SignState { .. }));
        network.submit(0, vec![transaction(1)]);
        network.run(6);
        let saw: Vec<usize> = (0..replicas(f, c)).filter(|id| !network.nodes[*id].store.is_empty()).collect();
        assert_eq!(saw.len(), 1, "f={f} c={c}");
        saw.iter().for_each(|id| network.crash(*id));
        if saw != [0] {
            // Its place as primary is enough to keep things going: cut it off.
            set(&rule, |from, _, _| from != 0);
        }
        set_after_leaving(&mut network, &rule);
        network.run(20_000);
        let label = format!("f={f} c={c}, {saw:?} saw it");
        check_agreement(&network, (0..replicas(f, c)).filter(|id| !saw.contains(id)), &[1], &label);
        saw.iter().for_each(|id| network.start(*id));
        network.run(5_000);
        check_agreement(&network, 0..replicas(f, c), &[1], &label);
    }
}

/// Lets everything pass once somebody left view 0.
fn set_after_leaving(network: &mut Network, rule: &Rule) {
    while network.nodes.iter().flatten_views().all(|view| view == View(0)) {
        network.run(10);
    }
    set(rule, |_, _, _| true);
}

trait Views {
    fn flatten_views(self) -> impl Iterator<Item = View>;
}

impl<'a, T: Iterator<Item = &'a common::network::Node>> Views for T {
    fn flatten_views(self) -> impl Iterator<Item = View> {
        self.filter_map(|node| node.replica.as_ref().map(|replica| replica.view()))
    }
}

#[test]
fn primaries_that_crash_one_after_another_are_passed_over() {
    let mut network = Network::new(2, 0);
    network.crash(0);
    network.crash(1);
    network.submit(4, vec![transaction(1)]);
    network.run(20_000);
    check_agreement(&network, 2..7, &[1], "views 0 and 1 have no primary");
    assert!((2..7).all(|id| view(&network, id) == (View(2), true)));
    network.start(0);
    network.start(1);
    network.run(5_000);
    check_agreement(&network, 0..7, &[1], "both are back");
    assert!((0..7).all(|id| view(&network, id) == (View(2), true)));
}

#[test]
fn replicas_that_missed_a_view_go_on_with_the_next() {
    for (f, c, away) in [(1, 0, None), (1, 1, None), (2, 0, Some(6))] {
        let (mut network, rule) = ruled(f, c, Tuning::default());
        // The old primary is silent, and of the next one nobody hears that its view began.
        set(&rule, move |from, to, message| {
            let lost = from == 0 || (from == 1 && matches!(message, Message::NewView(_)));
            !lost && Some(from) != away && Some(to) != away
        });
        network.submit(2, vec![transaction(1)]);
        network.run(9_000);
        let label = format!("f={f} c={c}");
        assert_eq!(view(&network, 3), (View(2), true), "{label}");
        assert!(away.is_none_or(|id| view(&network, usize::from(id)) == (View(0), true)), "{label}");
        set(&rule, |_, _, _| true);
        network.submit(3, vec![transaction(2)]);
        network.run(3_000);
        check_agreement(&network, 0..replicas(f, c), &[1, 2], &label);
        assert!((0..replicas(f, c)).all(|id| view(&network, id) == (View(2), true)), "{label}");
    }
}

#[test]
fn a_primary_without_the_body_gets_it_from_the_one_who_has_it() {
    for (f, c) in [(1, 0), (1, 1), (2, 0)] {
        let holders: Vec<u16> = (2..=2 + f + c).collect();
        let (mut network, rule) = ruled(f, c, Tuning::default());
        let told = holders.clone();
        // Just enough replicas to show that it may be decided, the next primary not among them.
        set(&rule, move |from, to, message| {
            from != 0 || (told.contains(&to) && matches!(message, Message::PrePrepare { .. }))
        });
        network.submit(0, vec![transaction(1)]);
        network.run(2);
        network.crash(0);
        // All but one of them are slow to answer.
        let slow = holders[1..].to_vec();
        set(&rule, move |from, _, message| !(slow.contains(&from) && matches!(message, Message::Body { .. })));
        network.submit(1, vec![transaction(2)]);
        network.run(20_000);
        check_agreement(&network, 1..replicas(f, c), &[1, 2], &format!("f={f} c={c}"));
        assert_eq!(network.executed(1)[0], transaction(1).id(), "f={f} c={c}");
    }
}

#[test]
fn a_network_that_stops_anywhere_in_a_view_change_keeps_its_promises() {
    for (f, c) in SIZES {
        for stop_after_ms in (1_998..2_016).chain([3_000, 5_000]) {
            for stopped in [vec![1], (1..replicas(f, c)).collect::<Vec<_>>()] {
                let sent: Rc<RefCell<BTreeMap<(ReplicaId, View), Wire>>> = Rc::default();
                let seen = Rc::clone(&sent);
                let tamper: Tamper = Box::new(move |_, _, message| {
                    if let Message::ViewChange(signed) = &message {
                        let place = (signed.message.sender, signed.message.view);
                        let first = seen.borrow_mut().entry(place).or_insert_with(|| message.clone()).clone();
                        assert_eq!(first, message, "a promise is sent again unchanged");
                    }
                    vec![message]
                });
                let mut network = Network::with(f, c, Tuning::default(), tamper);
                network.submit(0, vec![transaction(1)]);
                network.submit(2, vec![transaction(2)]);
                network.run(2);
                network.crash(0);
                network.run(stop_after_ms);
                stopped.iter().for_each(|id| network.crash(*id));
                stopped.iter().for_each(|id| network.start(*id));
                network.submit(2, vec![transaction(3)]);
                network.run(30_000);
                let label = format!("f={f} c={c}, {stopped:?} after {stop_after_ms} ms");
                check_agreement(&network, 1..replicas(f, c), &[3], &label);
                assert!(!sent.borrow().is_empty(), "{label}");
            }
        }
    }
}

#[test]
fn a_primary_that_passes_one_client_over_is_replaced() {
    for (f, c) in SIZES {
        let (mut network, rule) = ruled(f, c, Tuning::default());
        let censored = transaction(100).id();
        set(&rule, move |_, to, message| match message {
            Message::Request(proposal) => to != 0 || !proposal.ids().contains(&censored),
            _ => true,
        });
        network.submit(2, vec![transaction(100)]);
        for number in 0..120 {
            network.submit(3, vec![transaction(number % 100)]);
            network.submit(3, vec![transaction(1_000 + number)]);
            network.run(100);
        }
        network.run(5_000);
        check_agreement(&network, 0..replicas(f, c), &[100], &format!("f={f} c={c}"));
        assert_eq!(view(&network, 2), (View(1), true), "f={f} c={c}");
    }
}

#[test]
fn nobody_leaves_a_view_for_nothing() {
    let mut network = Network::new(1, 1);
    network.submit(1, vec![transaction(1)]);
    network.run(1_000_000);
    for number in 2..40 {
        network.submit(usize::try_from(number).unwrap() % 6, vec![transaction(number)]);
        network.run(10_000);
    }
    assert_eq!(network.sent.get("complain"), None);
    assert_eq!(network.executed(3).len(), 39);
}

#[test]
fn waits_grow_until_a_slow_network_keeps_up() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        network.delay = Box::new(|_, _| 1_100);
        network.submit(1, vec![transaction(1)]);
        network.run(300_000);
        check_agreement(&network, 0..replicas(f, c), &[1], &format!("f={f} c={c}"));
        assert!(view(&network, 0).0 > View(0), "two seconds are too short at first");
        let before = view(&network, 0).0;
        network.delay = Box::new(|_, _| 1);
        network.run(10_000);
        network.submit(2, vec![transaction(2)]);
        network.run(10_000);
        check_agreement(&network, 0..replicas(f, c), &[1, 2], &format!("f={f} c={c}"));
        assert_eq!(view(&network, 0), (before, true));
        assert_eq!(network.nodes[0].replica.as_ref().unwrap().failed_views(), 0, "a view that decides is no failure");
    }
}

#[test]
fn a_replica_that_left_alone_is_followed_after_a_while() {
    for (f, c) in SIZES {
        let mut network = Network::new(f, c);
        for liar in 1..=f + 1 {
            network.deliver(liar, replicas(f, c) - 1, Message::Complain { view: View(0) });
        }
        network.submit(1, vec![transaction(1)]);
        network.run(3_000);
        let label = format!("f={f} c={c}");
        assert_eq!(view(&network, replicas(f, c) - 1), (View(1), false), "{label}");
        check_agreement(&network, 0..replicas(f, c), &[1], &format!("it still executes: {label}"));
        network.submit(replicas(f, c) - 1, vec![transaction(2)]);
        network.run(3_000);
        check_agreement(&network, 0..replicas(f, c), &[1, 2], &format!("its clients are served: {label}"));
        network.run(40_000);
        assert!((0..replicas(f, c)).all(|id| view(&network, id) == (View(1), true)), "{label}");
        network.submit(1, vec![transaction(3)]);
        network.run(1_000);
        assert!(network.is_fast(0, network.nodes[0].store.len() as u64), "{label}");
        assert_eq!(network.sent["new-view"] as usize, replicas(f, c) - 1, "once is enough: {label}");
    }
}

#[test]
fn the_views_of_a_long_life_survive_pruning_and_restarts() {
    for (f, c) in SIZES {
        let cluster = Cluster::new(f, c).unwrap().with_spacing(Spacing::new(8, 4_096));
        let mut network = Network::of(cluster, Tuning::default(), Box::new(|_, _, message| vec![message]));
        network.crash(0);
        network.submit(1, vec![transaction(0)]);
        network.run(5_000);
        network.start(0);
        for number in 1..70 {
            network.submit(2, vec![transaction(number)]);
            network.run(20);
        }
        network.run(3_000);
        let label = format!("f={f} c={c}");
        assert!(network.nodes[3].stable.as_ref().unwrap().seq >= SeqNum(56), "{label}");
        (0..replicas(f, c)).for_each(|id| network.crash(id));
        (0..replicas(f, c)).for_each(|id| network.start(id));
        assert!((0..replicas(f, c)).all(|id| view(&network, id) == (View(1), true)), "{label}");
        network.crash(1);
        network.submit(3, vec![transaction(70)]);
        network.run(10_000);
        check_agreement(&network, (0..replicas(f, c)).filter(|id| *id != 1), &[0, 1, 69, 70], &label);
        assert_eq!(view(&network, 3), (View(2), true), "{label}");
    }
}
