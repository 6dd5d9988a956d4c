//! How organisations decide what runs.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ADMINISTRATORS, Chain, definition, proposal, put, tally};
use theriac_crypto::names::{definition_digest, package_id};
use theriac_ledger::system::lifecycle::*;
use theriac_ledger::{MemoryState, StateReader};
use theriac_types::limits::{ACTIVATION_BLOCKS_MAX, TRANSACTION_BUDGET};
use theriac_types::*;

fn freeze(chain: &mut Chain<MemoryState>, by: &str) -> Receipt {
    chain.one(by, "_lifecycle", "freeze", &Freeze { name: "scripts".parse().unwrap(), reason: Text::default() })
}

fn thaw(chain: &mut Chain<MemoryState>, by: &str) -> Receipt {
    chain.one(by, "_lifecycle", "thaw", &Thaw { name: "scripts".parse().unwrap(), reason: Text::default() })
}

fn rollback(chain: &mut Chain<MemoryState>, by: &str, sequence: u64) -> Receipt {
    let name = "scripts".parse().unwrap();
    chain.one(by, "_lifecycle", "rollback", &Rollback { name, sequence, reason: Text::default() })
}

fn change_policy(chain: &mut Chain<MemoryState>, by: &str, policy: &str) -> Receipt {
    let change = ChangePolicy { policy: policy.parse().unwrap(), reason: Text::new("we agreed").unwrap() };
    chain.one(by, "_lifecycle", "change_policy", &change)
}

fn judges(receipt: &Receipt) -> Vec<(u64, PackageId)> {
    receipt.judges.iter().map(|judge| (judge.sequence, judge.package)).collect()
}

#[test]
fn a_package_is_uploaded_once_and_its_record_tells_who_was_first() {
    let mut chain = Chain::start();
    let upload = Upload { module: Bytes::new(&b"good state:3"[..]).unwrap() };
    let first = chain.one("beta/admin", "_lifecycle", "upload", &upload);
    let record: PackageRecord = decode(&first.result, 4096).unwrap();
    let package = package_id(b"good state:3");
    assert_eq!((record.package, record.bytes, record.state_version, record.height), (package, 12, 3, chain.height()));
    assert_eq!((record.uploader.to_string(), record.tx_id), ("beta/admin".to_owned(), first.tx_id));
    let root = chain.store.head().unwrap().state_root;
    let second = chain.one("alpha/admin", "_lifecycle", "upload", &upload);
    assert_eq!((second.outcome, second.result), (Outcome::Valid, first.result));
    assert_eq!(chain.store.head().unwrap().state_root, root, "it changes nothing");
    let found = chain.ask("_lifecycle", "package", &LookUpPackage { package }, None).result;
    assert_eq!(found, encode(&Some(record)));
    assert_eq!(chain.one("alpha/user", "_lifecycle", "upload", &upload).outcome, Outcome::PolicyUnsatisfied);
    let bad = chain.one("alpha/admin", "_lifecycle", "upload", &Upload { module: Bytes::new(&b"bad"[..]).unwrap() });
    assert_eq!((bad.outcome, &*bad.code), (Outcome::PreconditionFailed, "NOT_A_SCRIPT"));
    assert!(bad.message.contains("start it with good"), "{}", bad.message);
}

#[test]
fn a_version_judges_from_the_block_after_its_majority() {
    let mut chain = Chain::start();
    let proposed = chain.propose("alpha/admin", b"good");
    let Tally { sequence, votes, may_vote, missing, activation } = tally(&proposed);
    assert_eq!((sequence, votes.len(), may_vote.len(), activation), (Some(1), 1, 2, None));
    assert_eq!(missing.as_deref(), Some("needs 1 more of beta, gamma"));
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::VersionNotActive);
    let user = chain.approve("alpha/user", 1, b"good");
    assert_eq!(user.outcome, Outcome::PolicyUnsatisfied);
    let again = chain.approve("alpha/admin", 1, b"good");
    assert_eq!(again.outcome, Outcome::PreconditionFailed);
    assert!(again.message.contains("other organisations"), "{}", again.message);
    let other = chain.approve("beta/admin", 1, b"good but another");
    assert_eq!((other.outcome, &*other.code), (Outcome::PreconditionFailed, "OTHER_DEFINITION"));
    // A call in the same block, behind the deciding approval, still finds no active version.
    let digest = definition_digest(&definition(b"good"));
    let name = "scripts".parse().unwrap();
    let approve = Approve { name, sequence: 1, definition: digest, reason: Text::new("read").unwrap() };
    let approval = chain.transaction("beta/admin", "_lifecycle", "approve", &approve);
    let too_early = chain.script("alpha/user", &[]);
    let receipts = chain.block(vec![approval, too_early]);
    assert_eq!(receipts[1].outcome, Outcome::VersionNotActive);
    let (package, from) = (package_id(b"good"), chain.height().next());
    let activation = Activation { sequence: 1, package, from };
    assert_eq!(tally(&receipts[0]).activation, Some(activation));
    // What the block left behind follows the new version already.
    assert_eq!(chain.ask("scripts", "run", &Vec::<common::Op>::new(), None).outcome, Outcome::Valid);
    assert_eq!((chain.status().active, chain.status().pending), (Some(activation), None));
    let receipt = chain.run("alpha/user", &[]);
    assert_eq!((receipt.outcome, judges(&receipt)), (Outcome::Valid, vec![(1, package)]));
    let late = chain.approve("gamma/admin", 1, b"good");
    assert!(late.message.contains("approved already"), "{}", late.message);
    let bytes = chain.store.get(&module_key(&package), chain.height()).unwrap();
    assert_eq!(bytes.as_deref(), Some(&b"good"[..]));
    let about = chain.ask("_lifecycle", "description", &LookUpPackage { package }, None).result;
    assert_eq!(about, encode(&Some(encode(&common::description(b"good")))));
    let version = LookUpVersion { name: "scripts".parse().unwrap(), sequence: 1 };
    let version = chain.ask("_lifecycle", "version", &version, None).result;
    let version = decode::<Option<VersionRecord>>(&version, 4096).unwrap().unwrap();
    let approvals: Vec<_> =
        version.approvals.values().map(|approval| (approval.member.to_string(), approval.tx_id)).collect();
    let expected = [("alpha/admin", proposed.tx_id), ("beta/admin", receipts[0].tx_id)];
    assert_eq!(approvals, expected.map(|(member, id)| (member.to_owned(), id)), "who approved, and by what");
}

#[test]
fn a_definition_without_enough_approvals_never_judges() {
    let mut chain = Chain::with_scripts();
    assert!(!tally(&chain.propose("alpha/admin", b"good 2")).decided());
    for _ in 0..20 {
        assert_eq!(judges(&chain.run("alpha/user", &[])), [(1, package_id(b"good"))]);
    }
    assert_eq!(chain.status().pending, None);
    assert!(
        !chain
            .steps()
            .iter()
            .any(|step| matches!(step.action, Action::Activated { activation, .. } if activation.sequence == 2))
    );
}

#[test]
fn definitions_that_cannot_be_are_refused() {
    let mut chain = Chain::start();
    chain.propose("alpha/admin", b"good asks");
    let with = |change: fn(&mut Definition)| {
        let mut propose = proposal(b"good asks");
        change(&mut propose.definition);
        propose
    };
    let function = |name: &str| FunctionPolicy { function: name.parse().unwrap(), policy: Policy::majority() };
    let functions = |names: &[&str]| {
        let mut propose = proposal(b"good asks");
        propose.definition.endorsement.functions =
            List::new(names.iter().map(|name| function(name)).collect()).unwrap();
        propose
    };
    let rows = [
        (
            Propose { name: "_mine".parse().unwrap(), ..proposal(b"good asks") },
            Outcome::PreconditionFailed,
            "start with _",
        ),
        (proposal(b"good nowhere"), Outcome::PreconditionFailed, "upload it first"),
        (proposal(b"good asks"), Outcome::PreconditionFailed, "approve that"),
        (with(|d| d.budget.gas = 0), Outcome::InvalidArgument, "1 to 100000000 gas"),
        (with(|d| d.budget.host_gas = TRANSACTION_BUDGET.host_gas + 1), Outcome::InvalidArgument, "choose within"),
        (with(|d| d.not_before = Height(u64::MAX)), Outcome::InvalidArgument, "too far away"),
        (
            with(|d| d.endorsement.chaincode = "delta or alpha".parse().unwrap()),
            Outcome::PreconditionFailed,
            "organisation delta",
        ),
        (functions(&["run", "run"]), Outcome::InvalidArgument, "each named once"),
        (functions(&["ran"]), Outcome::PreconditionFailed, "no transaction ran"),
        (functions(&["ask"]), Outcome::PreconditionFailed, "no transaction ask"),
        (functions(&["run"]), Outcome::Valid, ""),
    ];
    for (propose, outcome, sentence) in rows {
        let receipt = chain.one("beta/admin", "_lifecycle", "propose", &propose);
        assert_eq!(receipt.outcome, outcome, "{propose:?}: {}", receipt.message);
        assert!(receipt.message.contains(sentence), "{}", receipt.message);
    }
    let farthest = Height(chain.height().next().0 + ACTIVATION_BLOCKS_MAX);
    let mut far = proposal(b"good asks");
    far.definition.not_before = farthest;
    assert_eq!(chain.one("alpha/admin", "_lifecycle", "propose", &far).outcome, Outcome::Valid);
    assert_eq!(chain.propose("alpha/user", b"good").outcome, Outcome::PolicyUnsatisfied);
    assert_eq!(chain.approve("beta/admin", 7, b"good").outcome, Outcome::PreconditionFailed);
}

#[test]
fn a_version_waits_for_its_height_and_the_old_one_judges_until_then() {
    let mut chain = Chain::with_scripts();
    let from = Height(chain.height().0 + 4);
    let mut later = proposal(b"good 2");
    later.definition.not_before = from;
    assert_eq!(chain.propose_as("alpha/admin", b"good 2", later.clone()).outcome, Outcome::Valid);
    let decided = tally(&chain.approve_as("gamma/admin", 2, &later));
    assert_eq!(decided.activation.map(|activation| activation.from), Some(from));
    while chain.height() < from {
        let height = chain.height().next();
        let expected = if height < from { (1, package_id(b"good")) } else { (2, package_id(b"good 2")) };
        assert_eq!(judges(&chain.run("alpha/user", &[])), [expected], "at {height}");
    }
    // What was asked at an earlier height is answered by the version of that time: the rules of the block above it.
    for (at, sequence) in [(from.0 - 2, 1), (from.0 - 1, 2)] {
        let early = chain.ask("scripts", "run", &Vec::<common::Op>::new(), Some(Height(at)));
        assert_eq!(early.judges[0].sequence, sequence, "at {at}");
    }
}

#[test]
fn a_later_decision_replaces_one_that_has_not_begun() {
    let mut chain = Chain::with_scripts();
    let from = Height(chain.height().0 + 6);
    let mut later = proposal(b"good 2");
    later.definition.not_before = from;
    chain.propose_as("alpha/admin", b"good 2", later.clone());
    chain.approve_as("beta/admin", 2, &later);
    assert_eq!(chain.status().pending.map(|pending| pending.activation.sequence), Some(2));
    // Going back to the version in force takes the decision back.
    rollback(&mut chain, "alpha/admin", 1);
    assert!(tally(&rollback(&mut chain, "beta/admin", 1)).decided());
    while chain.height() <= from {
        assert_eq!(judges(&chain.run("alpha/user", &[])), [(1, package_id(b"good"))]);
    }
    let replaced = chain.steps().into_iter().find(|step| matches!(step.action, Action::Replaced(_))).unwrap();
    assert_eq!(replaced.member.to_string(), "beta/admin");
    assert_eq!(chain.status().pending, None);
}

#[test]
fn freezing_stops_transactions_and_leaves_questions() {
    let mut chain = Chain::with_scripts();
    chain.run("alpha/user", &[put(b"a", b"1")]);
    assert!(!tally(&freeze(&mut chain, "alpha/admin")).decided());
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Valid);
    assert_eq!(freeze(&mut chain, "alpha/admin").outcome, Outcome::PreconditionFailed, "one vote each");
    assert!(tally(&freeze(&mut chain, "beta/admin")).decided());
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Frozen);
    assert_eq!(freeze(&mut chain, "gamma/admin").outcome, Outcome::PreconditionFailed);
    let get = vec![common::Op::Get(b"a".to_vec())];
    assert_eq!(chain.ask("scripts", "run", &get, None).outcome, Outcome::Valid);
    let alone = tally(&thaw(&mut chain, "gamma/admin"));
    assert!(!alone.decided(), "a regulator alone freezes, and thaws with others");
    assert!(tally(&thaw(&mut chain, "alpha/admin")).decided());
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Valid);
    assert!(tally(&freeze(&mut chain, "gamma/admin")).decided(), "a regulator alone");
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Frozen);
    // What is frozen can be mended: the new version is in force, and judges once it is thawed.
    chain.propose("alpha/admin", b"good 2");
    chain.approve("beta/admin", 2, b"good 2");
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Frozen);
    thaw(&mut chain, "alpha/admin");
    thaw(&mut chain, "beta/admin");
    assert_eq!(judges(&chain.run("alpha/user", &[])), [(2, package_id(b"good 2"))]);
}

#[test]
fn a_majority_goes_back_to_an_approved_version() {
    let mut chain = Chain::with_scripts();
    chain.propose("alpha/admin", b"good 2");
    assert_eq!(rollback(&mut chain, "alpha/admin", 2).outcome, Outcome::PreconditionFailed, "2 is not approved");
    assert_eq!(rollback(&mut chain, "alpha/admin", 1).outcome, Outcome::PreconditionFailed, "1 is in force");
    chain.propose("beta/admin", b"good 3");
    chain.approve("alpha/admin", 3, b"good 3");
    let stale = chain.approve("gamma/admin", 2, b"good 2");
    assert!(stale.message.contains("newer version"), "{}", stale.message);
    assert_eq!(judges(&chain.run("alpha/user", &[])), [(3, package_id(b"good 3"))]);
    assert!(!tally(&rollback(&mut chain, "alpha/admin", 1)).decided());
    assert!(tally(&rollback(&mut chain, "gamma/admin", 1)).decided());
    assert_eq!(judges(&chain.run("alpha/user", &[])), [(1, package_id(b"good"))]);
    // Forward again to the version that was left: votes start anew.
    assert!(!tally(&rollback(&mut chain, "beta/admin", 3)).decided());
    let steps = chain.steps();
    assert_eq!(steps.len() as u64, chain.status().last_step);
    assert!(steps.is_sorted_by_key(|step| step.height));
    let activated = steps.iter().filter_map(|step| match step.action {
        Action::Activated { activation, .. } => Some(activation.sequence),
        _ => None,
    });
    assert_eq!(activated.collect::<Vec<_>>(), [1, 3, 1]);
    assert_eq!(&*steps[0].reason, "tests need it");
    let rest = ListSteps { name: "scripts".parse().unwrap(), after: 2, limit: 100 };
    let later: Vec<Step> = decode(&chain.ask("_lifecycle", "history", &rest, None).result, 65536).unwrap();
    assert_eq!(later[..], steps[2..]);
}

#[test]
fn every_administrator_may_start_and_any_two_of_three_decide() {
    for first in ADMINISTRATORS {
        for second in ADMINISTRATORS.into_iter().filter(|second| *second != first) {
            let mut chain = Chain::start();
            assert!(!tally(&chain.propose(first, b"good")).decided());
            assert!(tally(&chain.approve(second, 1, b"good")).decided());
        }
    }
}

#[test]
fn organisations_change_the_policy_by_which_they_decide() {
    let mut chain = Chain::start();
    let wanted = "gamma and any:administrator and 2 of any";
    for (policy, sentence) in [
        ("majority", "nothing is left"),
        ("delta", "organisation delta"),
        ("alpha and 4 of any", "would not satisfy"),
        ("role:hospital", "would not satisfy"),
        ("alpha:carrier or beta:carrier", "would not satisfy"),
    ] {
        let refused = change_policy(&mut chain, "alpha/admin", policy);
        assert_eq!(refused.outcome, Outcome::PreconditionFailed, "{policy}");
        assert!(refused.message.contains(sentence), "{}", refused.message);
    }
    assert!(!tally(&change_policy(&mut chain, "alpha/admin", wanted)).decided());
    let again = change_policy(&mut chain, "alpha/admin", wanted);
    assert!(again.message.contains("other organisations"), "{}", again.message);
    // Votes for something else do not count, and an organisation may change its mind.
    assert!(!tally(&change_policy(&mut chain, "beta/admin", "alpha")).decided());
    assert!(tally(&change_policy(&mut chain, "beta/admin", wanted)).decided());
    let record: PolicyRecord = decode(&chain.ask("_lifecycle", "policy", &LookUpPolicy {}, None).result, 4096).unwrap();
    assert_eq!((record.policy.to_string(), record.since, record.last_step), (wanted.to_owned(), chain.height(), 4));
    // A majority is not enough any more.
    chain.propose("alpha/admin", b"good");
    let two = tally(&chain.approve("beta/admin", 1, b"good"));
    assert_eq!(two.missing.as_deref(), Some("needs gamma"));
    assert!(tally(&chain.approve("gamma/admin", 1, b"good")).decided());
    let list = ListSteps { name: "_lifecycle".parse().unwrap(), after: 0, limit: 100 };
    let steps: Vec<Step> = decode(&chain.ask("_lifecycle", "history", &list, None).result, 65536).unwrap();
    assert_eq!(steps.last().map(|step| step.action.clone()), Some(Action::PolicyChanged(wanted.parse().unwrap())));
    assert_eq!(&*steps[0].reason, "we agreed");
    let left = chain.store.get(&StateKeyOf::vote("alpha"), chain.height()).unwrap();
    assert_eq!(left, None, "votes do not outlive the decision");
}

/// Keys that no function gives away.
struct StateKeyOf;

impl StateKeyOf {
    fn vote(org: &str) -> theriac_ledger::StateKey {
        let prefix = policy_votes_prefix();
        let key = [&prefix.key[..], org.as_bytes()].concat();
        theriac_ledger::StateKey::new(prefix.namespace, key).unwrap()
    }
}
