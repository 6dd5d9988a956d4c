//! How replicas come and go.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ADMINISTRATORS, Chain, newcomer, replica};
use theriac_crypto::names::{configuration_digest, proposed_configuration_digest};
use theriac_ledger::system::membership::*;
use theriac_ledger::{BlockStore, MemoryState, StateReader, audit};
use theriac_types::limits::{CHECKPOINT_SLOTS, REPLICAS_MAX, WINDOW_SLOTS};
use theriac_types::*;

fn running(chain: &Chain<MemoryState>) -> Configuration {
    governing(&chain.store, chain.height()).unwrap()
}

fn with(running: &Configuration, change: impl FnOnce(&mut Vec<ReplicaRecord>)) -> ProposedConfiguration {
    let mut replicas = running.replicas.to_vec();
    change(&mut replicas);
    ProposedConfiguration { replicas: List::new(replicas).unwrap(), ..running.proposed() }
}

fn propose(chain: &mut Chain<MemoryState>, by: &str, configuration: &ProposedConfiguration) -> Receipt {
    let propose = Propose { configuration: configuration.clone(), reason: Text::new("a disk is gone").unwrap() };
    chain.one(by, "_membership", "propose", &propose)
}

fn approve(chain: &mut Chain<MemoryState>, by: &str, number: u64, configuration: &ProposedConfiguration) -> Receipt {
    let digest = proposed_configuration_digest(configuration);
    chain.one(by, "_membership", "approve", &Approve { number, digest })
}

fn tally(receipt: &Receipt) -> Tally {
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    decode(&receipt.result, 1 << 16).unwrap()
}

fn refused(receipt: &Receipt, outcome: Outcome, says: &str) {
    assert_eq!(receipt.outcome, outcome, "{}", receipt.message);
    assert!(receipt.message.contains(says), "{}", receipt.message);
}

fn advance(chain: &mut Chain<MemoryState>, to: Height) {
    while chain.height() < to {
        chain.block(vec![]);
    }
}

/// Decides a change with the approvals of two organisations and waits until it is in force.
fn change(chain: &mut Chain<MemoryState>, configuration: &ProposedConfiguration) -> EpochMark {
    let number = tally(&propose(chain, ADMINISTRATORS[0], configuration)).number;
    let mark = tally(&approve(chain, ADMINISTRATORS[1], number, configuration)).decided.unwrap();
    advance(chain, mark.first);
    mark
}

#[test]
fn a_decided_change_begins_after_the_first_checkpoint_a_window_later() {
    let mut chain = Chain::start();
    let before = running(&chain);
    assert_eq!(before, common::genesis().configuration());
    let proposed = with(&before, |replicas| replicas[3] = newcomer("beta", 9));
    let first = tally(&propose(&mut chain, "alpha/admin", &proposed));
    assert_eq!((first.number, first.needed, first.decided), (1, 2, None));
    assert_eq!((first.approvals.len(), first.missing.len()), (1, 2));
    assert_eq!(chain.execute(vec![]).epoch_ends, None);
    let approval = chain.transaction(
        "beta/admin",
        "_membership",
        "approve",
        &Approve { number: 1, digest: proposed_configuration_digest(&proposed) },
    );
    let outcome = chain.execute(vec![approval]);
    let decided_at = outcome.height();
    let last = last_height(decided_at);
    assert_eq!(last, Height(3 * CHECKPOINT_SLOTS));
    assert_eq!(outcome.epoch_ends, Some(last), "the deciding block itself tells");
    chain.store.apply(&outcome, b"").unwrap();
    let after = proposed.clone().starting(Epoch(1), last.next());
    let (old, new) = (configuration_digest(&before), configuration_digest(&after));
    let mark = EpochMark { epoch: Epoch(1), first: last.next(), digest: new };
    assert_eq!(tally(&outcome.receipts[0]).decided, Some(mark));
    while chain.height() < last.saturating_add(3) {
        let outcome = chain.execute(vec![]);
        let height = outcome.height();
        let below = chain.store.head().unwrap();
        assert_eq!(audit(&outcome.block, &outcome.receipts, &outcome.commitment, &below), Ok(()), "{height}");
        chain.store.apply(&outcome, b"").unwrap();
        assert_eq!(outcome.epoch_ends, (height <= last).then_some(last), "{height}");
        let epoch = if height <= last { Epoch(0) } else { Epoch(1) };
        let governed = if height < last { old } else { new };
        assert_eq!((outcome.commitment.epoch, outcome.commitment.config_digest), (epoch, governed), "{height}");
        assert_eq!(configuration_digest(&running(&chain)), governed, "{height}");
    }
    assert_eq!(running(&chain), after);
    let head = chain.height();
    assert_eq!(configuration_at(&chain.store, head, Epoch(0)).unwrap(), Some(before), "former ones stay");
    assert_eq!(configuration_at(&chain.store, head, Epoch(2)).unwrap(), None);
}

#[test]
fn an_epochs_last_height_is_a_checkpoint_a_window_away() {
    for height in (1..3 * WINDOW_SLOTS).map(Height) {
        let last = last_height(height);
        assert!(last.0.is_multiple_of(CHECKPOINT_SLOTS));
        assert!((WINDOW_SLOTS..WINDOW_SLOTS + CHECKPOINT_SLOTS).contains(&(last.0 - height.0)), "{height}");
    }
}

#[test]
fn one_change_at_a_time() {
    let mut chain = Chain::start();
    let first = with(&running(&chain), |replicas| replicas[0] = newcomer("alpha", 20));
    let second = with(&running(&chain), |replicas| replicas[1] = newcomer("beta", 21));
    assert_eq!(tally(&propose(&mut chain, "alpha/admin", &first)).number, 1);
    refused(&propose(&mut chain, "alpha/admin", &second), Outcome::PreconditionFailed, "withdraw it first");
    assert_eq!(tally(&propose(&mut chain, "beta/admin", &second)).number, 2);
    let mark = tally(&approve(&mut chain, "gamma/admin", 1, &first)).decided.unwrap();
    // Nothing else is decided, proposed or taken back until the new epoch runs.
    let waiting = "wait for it";
    refused(&approve(&mut chain, "gamma/admin", 2, &second), Outcome::PreconditionFailed, waiting);
    refused(&propose(&mut chain, "gamma/admin", &second), Outcome::PreconditionFailed, waiting);
    let withdraw = chain.one("alpha/admin", "_membership", "withdraw", &Withdraw { number: 1 });
    refused(&withdraw, Outcome::PreconditionFailed, "is decided");
    advance(&mut chain, Height(mark.first.0 - 2));
    refused(&approve(&mut chain, "gamma/admin", 2, &second), Outcome::PreconditionFailed, waiting);
    // Now the new epoch runs, and what was meant for the old one is void.
    refused(&approve(&mut chain, "gamma/admin", 2, &second), Outcome::PreconditionFailed, "propose it anew");
    let again = with(&running(&chain), |replicas| replicas[1] = newcomer("beta", 21));
    assert_eq!(tally(&propose(&mut chain, "beta/admin", &again)).number, 3);
    let list: Vec<ProposalRecord> = {
        let answer = chain.ask("_membership", "proposals", &ListProposals { after: 1, limit: 9 }, None);
        decode(&answer.result, 1 << 16).unwrap()
    };
    assert_eq!(
        list.iter().map(|record| (record.number, record.base)).collect::<Vec<_>>(),
        [(2, Epoch(0)), (3, Epoch(1))]
    );
}

#[test]
fn only_administrators_act_and_only_for_what_they_looked_at() {
    let mut chain = Chain::start();
    let proposed = with(&running(&chain), |replicas| replicas[0] = newcomer("alpha", 20));
    refused(&propose(&mut chain, "alpha/user", &proposed), Outcome::PolicyUnsatisfied, "administrator");
    refused(&approve(&mut chain, "beta/admin", 1, &proposed), Outcome::PreconditionFailed, "no proposal 1");
    propose(&mut chain, "alpha/admin", &proposed);
    let other = with(&running(&chain), |replicas| replicas[0] = newcomer("alpha", 21));
    refused(&approve(&mut chain, "beta/admin", 1, &other), Outcome::PreconditionFailed, "look at it");
    refused(&approve(&mut chain, "alpha/admin", 1, &proposed), Outcome::PreconditionFailed, "other organisations");
    let foreign = chain.one("beta/admin", "_membership", "withdraw", &Withdraw { number: 1 });
    refused(&foreign, Outcome::PolicyUnsatisfied, "administrators");
    let own = chain.one("alpha/admin", "_membership", "withdraw", &Withdraw { number: 1 });
    assert_eq!(own.outcome, Outcome::Valid);
    refused(&approve(&mut chain, "beta/admin", 1, &proposed), Outcome::PreconditionFailed, "was withdrawn");
    assert_eq!(tally(&propose(&mut chain, "alpha/admin", &other)).number, 2, "a withdrawn one makes room");
}

#[test]
fn a_key_that_was_left_behind_never_comes_back() {
    let mut chain = Chain::start();
    let genesis = running(&chain);
    let replaced = with(&genesis, |replicas| replicas[3] = newcomer("alpha", 30));
    change(&mut chain, &replaced);
    let old = with(&running(&chain), |replicas| replicas[3] = genesis.replicas[3].clone());
    refused(&propose(&mut chain, "alpha/admin", &old), Outcome::PreconditionFailed, "make a new one");
    let moved = with(&running(&chain), |replicas| replicas[3].org = "beta".parse().unwrap());
    refused(&propose(&mut chain, "alpha/admin", &moved), Outcome::PreconditionFailed, "changes hands");
    // Certificate, address and place may change under the same key.
    let renewed = with(&running(&chain), |replicas| {
        replicas[3].link_certificate = Bytes::new([77; 200]).unwrap();
        replicas[3].address = Text::new("elsewhere:7001").unwrap();
        replicas.swap(0, 3);
    });
    assert_eq!(change(&mut chain, &renewed).epoch, Epoch(2));
    assert_eq!(running(&chain).proposed(), renewed);
}

#[test]
fn a_change_keeps_names_keys_and_enough_of_the_old() {
    let mut chain = Chain::start();
    let running = running(&chain);
    let forged =
        ReplicaRecord { proof_of_possession: newcomer("alpha", 41).proof_of_possession, ..newcomer("alpha", 40) };
    let no_key = ReplicaRecord { consensus_key: Bytes::new([7; 96]).unwrap(), ..newcomer("alpha", 40) };
    let smaller = ProposedConfiguration { c: 1, ..running.proposed() };
    let rows: [(ProposedConfiguration, &str); 10] = [
        (running.proposed(), "running configuration already"),
        (smaller, "there must be 6 replicas"),
        (with(&running, |replicas| replicas[1] = replicas[0].clone()), "same consensus key"),
        (with(&running, |replicas| replicas[1].link_certificate = Bytes::new([2; 300]).unwrap()), "link certificate"),
        (with(&running, |replicas| replicas[1].address = Text::new("nowhere").unwrap()), "no host:port"),
        (with(&running, |replicas| replicas[1] = newcomer("zeta", 40)), "zeta is not active"),
        (with(&running, |replicas| replicas[1] = forged.clone()), "does not prove"),
        (with(&running, |replicas| replicas[1] = no_key.clone()), "no valid BLS12-381 key"),
        (
            with(&running, |replicas| replicas[1].proof_of_possession = Bytes::new([1; 48]).unwrap()),
            "leave it as it is",
        ),
        (
            with(&running, |replicas| {
                replicas[1] = newcomer("alpha", 40);
                replicas[2] = newcomer("alpha", 41);
            }),
            "2 of the running replicas would leave",
        ),
    ];
    for (proposed, says) in rows {
        refused(&propose(&mut chain, "alpha/admin", &proposed), Outcome::PreconditionFailed, says);
    }
    let answer = chain.ask("_membership", "status", &LookUpStatus {}, None);
    let status: Status = decode(&answer.result, 1 << 16).unwrap();
    assert_eq!((status.running, status.pending), (running, None));
}

#[test]
fn a_network_grows_and_shrinks_step_by_step() {
    let mut chain = Chain::start();
    let grown = with(&running(&chain), |replicas| replicas.extend([50, 51].map(|id| newcomer("beta", id))));
    change(&mut chain, &ProposedConfiguration { f: 1, c: 1, ..grown });
    assert_eq!(running(&chain).replicas.len(), 6);
    let shrunk = with(&running(&chain), |replicas| drop(replicas.drain(..2)));
    change(&mut chain, &ProposedConfiguration { f: 1, c: 0, ..shrunk });
    assert_eq!((running(&chain).replicas.len(), running(&chain).epoch), (4, Epoch(2)));
    let faulty = (NEWCOMERS_MAX + 4).div_ceil(3) as u16;
    let count = 3 * usize::from(faulty) + 1 - 4;
    assert!(count > NEWCOMERS_MAX && count + 4 <= REPLICAS_MAX);
    let record = |id: usize| ReplicaRecord {
        consensus_key: Bytes::new((id + 1000).to_be_bytes()).unwrap(),
        link_certificate: Bytes::new((id + 1000).to_be_bytes()).unwrap(),
        ..replica("beta", 0)
    };
    let huge = with(&running(&chain), |replicas| replicas.extend((0..count).map(record)));
    let huge = ProposedConfiguration { f: faulty, ..huge };
    refused(&propose(&mut chain, "alpha/admin", &huge), Outcome::PreconditionFailed, "64 may be in one step");
}

#[test]
fn an_organisation_that_no_longer_counts_does_not_decide() {
    let mut chain = Chain::start();
    let proposed = with(&running(&chain), |replicas| replicas[0] = newcomer("alpha", 20));
    propose(&mut chain, "alpha/admin", &proposed);
    let register = theriac_ledger::system::identity::RegisterOrganisation {
        id: "delta".parse().unwrap(),
        roles: List::default(),
        administrator: "admin".parse().unwrap(),
        key: common::key("delta/admin"),
    };
    assert_eq!(chain.one("alpha/admin", "_identity", "register_organisation", &register).outcome, Outcome::Valid);
    let pending = approve(&mut chain, "delta/admin", 1, &proposed);
    assert_eq!(pending.outcome, Outcome::NotAMember);
    let approve_delta = theriac_ledger::system::identity::ApproveOrganisation { id: "delta".parse().unwrap() };
    assert_eq!(chain.one("beta/admin", "_identity", "approve_organisation", &approve_delta).outcome, Outcome::Valid);
    // With a fourth organisation two are no majority any more.
    let second = tally(&approve(&mut chain, "delta/admin", 1, &proposed));
    assert_eq!((second.needed, second.decided), (3, None));
    assert!(tally(&approve(&mut chain, "gamma/admin", 1, &proposed)).decided.is_some());
}
