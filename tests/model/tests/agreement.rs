//! Explores the states of four replicas, one of them faulty, as far as the budget goes.

use stateright::{Checker, Model};
use theriac_consensus::Cluster;
use theriac_model::World;
use theriac_model::walk::Walker;
use theriac_types::{ReplicaId, View};

/// States to look at, per test; a deep run sets more.
fn budget() -> usize {
    std::env::var("THERIAC_STATES").ok().and_then(|text| text.parse().ok()).unwrap_or(30_000)
}

/// Steps of one walk: enough for a view, a view change and a second view.
const WALK: usize = 120;

fn world(faulty: u16, last_view: u64) -> World {
    World::new(Cluster::new(1, 0).expect("four replicas"), ReplicaId(faulty), View(last_view))
}

fn report(kind: &str, checker: &impl Checker<World>) {
    let (states, different, depth) = (checker.state_count(), checker.unique_state_count(), checker.max_depth());
    println!("{kind}: {states} states, {different} different, depth {depth}");
    checker.assert_no_discovery("one body is decided");
    checker.assert_no_discovery("one body can be proven committed");
}

/// Every state that few steps lead to.
fn search(faulty: u16, last_view: u64) {
    let checker = world(faulty, last_view).checker().threads(2).target_state_count(budget());
    report(&format!("search, replica {faulty} faulty, views to {last_view}"), &checker.spawn_bfs().join());
}

/// Some of the states that many steps lead to.
fn walk(faulty: u16, last_view: u64) {
    let world = world(faulty, last_view);
    let checker = world.clone().checker().threads(2).target_state_count(budget()).target_max_depth(WALK);
    let checker = checker.spawn_simulation(u64::from(faulty), Walker(world)).join();
    report(&format!("walks, replica {faulty} faulty, views to {last_view}"), &checker);
    checker.assert_any_discovery("decides in the first view");
    checker.assert_any_discovery("decides in the last view");
}

#[test]
fn a_faulty_primary_within_its_view() {
    search(0, 0);
    walk(0, 0);
}

#[test]
fn a_faulty_first_primary_and_its_successor() {
    search(0, 1);
    walk(0, 1);
}

#[test]
fn a_faulty_second_primary() {
    walk(1, 1);
    walk(1, 2);
}
