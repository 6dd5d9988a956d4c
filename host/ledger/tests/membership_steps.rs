//! Whatever administrators send, epochs follow each other by the rules.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ADMINISTRATORS, Chain, newcomer};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use theriac_crypto::names::{configuration_digest, proposed_configuration_digest};
use theriac_ledger::system::membership::*;
use theriac_ledger::{BlockStore, MemoryState, StateReader};
use theriac_types::configuration::replicas_needed;
use theriac_types::limits::{CHECKPOINT_SLOTS, WINDOW_SLOTS};
use theriac_types::*;

#[derive(Debug, Clone)]
enum Step {
    /// By whom, which replicas go, which of the pool come, and with which f and c.
    Propose(usize, BTreeSet<usize>, BTreeSet<u8>, u16, u16),
    /// By whom, how many proposals back.
    Approve(usize, u64),
    Withdraw(usize, u64),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let goes = prop::collection::btree_set(0_usize..6, 0..3);
    let comes = prop::collection::btree_set(0_u8..10, 0..4);
    prop_oneof![
        4 => (0_usize..3, goes, comes, 1_u16..3, 0_u16..2).prop_map(|(by, g, n, f, c)| Step::Propose(by, g, n, f, c)),
        8 => (0_usize..3, 0_u64..2).prop_map(|(by, back)| Step::Approve(by, back)),
        1 => (0_usize..3, 0_u64..2).prop_map(|(by, back)| Step::Withdraw(by, back)),
        2 => prop_oneof![1_u64..9, 300_u64..500].prop_map(Step::Wait),
    ]
}

thread_local! {
    static POOL: RefCell<BTreeMap<u8, ReplicaRecord>> = const { RefCell::new(BTreeMap::new()) };
}

/// A replica that may come; the same each time, so that some come twice.
fn pooled(id: u8) -> ReplicaRecord {
    let make = || newcomer(["alpha", "beta", "gamma"][usize::from(id) % 3], 100 + id);
    POOL.with_borrow_mut(|pool| pool.entry(id).or_insert_with(make).clone())
}

fn send(chain: &mut Chain<MemoryState>, step: &Step) {
    let height = chain.height();
    let epochs = epochs_at(&chain.store, height).unwrap();
    let running = configuration_at(&chain.store, height, epochs.at(height.next()).epoch).unwrap().unwrap();
    let number = |back: u64| epochs.last_proposal.saturating_sub(back);
    match step {
        Step::Propose(by, goes, comes, f, c) => {
            let stays = running.replicas.iter().enumerate().filter(|(index, _)| !goes.contains(index));
            let mut replicas: Vec<_> = stays.map(|(_, record)| record.clone()).collect();
            replicas.extend(comes.iter().map(|id| pooled(*id)));
            // Mostly the numbers that fit, so that something is decided now and then.
            let (f, c) = match replicas.len() {
                4 => (1, 0),
                6 => (1, 1),
                7 => (2, 0),
                _ => (*f, *c),
            };
            let configuration = ProposedConfiguration { f, c, replicas: List::new(replicas).unwrap() };
            let propose = Propose { configuration, reason: Text::default() };
            chain.one(ADMINISTRATORS[*by], "_membership", "propose", &propose);
        }
        Step::Approve(by, back) => {
            let answer = chain.ask("_membership", "proposal", &LookUpProposal { number: number(*back) }, None);
            let details: Option<ProposalDetails> = decode(&answer.result, 1 << 18).unwrap();
            let digest = details.map_or(Digest::ZERO, |details| proposed_configuration_digest(&details.configuration));
            chain.one(ADMINISTRATORS[*by], "_membership", "approve", &Approve { number: number(*back), digest });
        }
        Step::Withdraw(by, back) => {
            chain.one(ADMINISTRATORS[*by], "_membership", "withdraw", &Withdraw { number: number(*back) });
        }
        Step::Wait(blocks) => (0..*blocks).for_each(|_| drop(chain.block(vec![]))),
    }
}

/// Checks every epoch that is decided at the head, and every commitment up to it; returns how many epochs there are.
fn check(chain: &Chain<MemoryState>) -> u64 {
    let head = chain.height();
    let mut epochs: Vec<Configuration> = Vec::new();
    while let Some(next) = configuration_at(&chain.store, head, Epoch(epochs.len() as u64)).unwrap() {
        epochs.push(next);
    }
    let keys =
        |of: &Configuration| of.replicas.iter().map(|record| record.consensus_key.clone()).collect::<BTreeSet<_>>();
    let mut left_behind = BTreeSet::new();
    for pair in epochs.windows(2) {
        let [before, after] = pair else { continue };
        assert_eq!((after.epoch, after.replicas.len()), (before.epoch.next(), replicas_needed(after.f, after.c)));
        assert!((after.first.0 - 1).is_multiple_of(CHECKPOINT_SLOTS) && after.first.0 > before.first.0 + WINDOW_SLOTS);
        let (old, new) = (keys(before), keys(after));
        assert_eq!(new.len(), after.replicas.len());
        assert!(old.difference(&new).count() <= usize::from(before.f + before.c));
        left_behind.extend(old.difference(&new).cloned());
        assert!(new.is_disjoint(&left_behind), "a key came back");
    }
    for height in (1..=head.0).map(Height) {
        let commitment = chain.store.commitment(height).unwrap().unwrap();
        let at = |height: Height| epochs.iter().rev().find(|epoch| epoch.first <= height).unwrap();
        assert_eq!(commitment.epoch, at(height).epoch);
        assert_eq!(commitment.config_digest, configuration_digest(at(height.next())));
    }
    assert!(chain.store.head().unwrap().epoch.0 + 2 >= epochs.len() as u64, "at most one is pending");
    epochs.len() as u64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn epochs_follow_each_other_by_the_rules(steps in prop::collection::vec(step(), 1..60)) {
        let mut chain = Chain::start();
        steps.iter().for_each(|step| send(&mut chain, step));
        check(&chain);
    }
}

/// The search above is worth something only if it decides changes.
#[test]
fn such_steps_do_change_epochs() {
    let mut chain = Chain::start();
    for round in 0..3_u8 {
        send(&mut chain, &Step::Propose(0, [usize::from(round)].into(), [round].into(), 1, 0));
        send(&mut chain, &Step::Approve(1, 0));
        send(&mut chain, &Step::Wait(400));
    }
    assert_eq!(check(&chain), 4);
}
