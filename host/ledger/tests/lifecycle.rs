//! How organisations decide what runs.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ADMINISTRATORS, Chain, proposal, put, tally};
use theriac_crypto::names::package_id;
use theriac_ledger::system::lifecycle::*;
use theriac_ledger::{MemoryState, StateReader};
use theriac_types::*;

fn freeze(chain: &mut Chain<MemoryState>, by: &str) -> Receipt {
    chain.one(by, "_lifecycle", "freeze", &Freeze { name: "scripts".parse().unwrap(), reason: Text::default() })
}

fn unfreeze(chain: &mut Chain<MemoryState>, by: &str) -> Receipt {
    chain.one(by, "_lifecycle", "unfreeze", &Unfreeze { name: "scripts".parse().unwrap(), reason: Text::default() })
}

fn rollback(chain: &mut Chain<MemoryState>, by: &str, sequence: u64) -> Receipt {
    let name = "scripts".parse().unwrap();
    chain.one(by, "_lifecycle", "rollback", &Rollback { name, sequence, reason: Text::default() })
}

/// The package of the version that was called.
fn judged_by(judges: &[Judge]) -> Option<PackageId> {
    judges.first().map(|judge| judge.package)
}

#[test]
fn a_version_judges_from_the_block_after_its_majority() {
    let mut chain = Chain::start();
    let proposed = chain.propose("alpha/admin", b"good");
    let Tally { sequence, package, votes, missing, needed, decided, activation } = tally(&proposed);
    assert_eq!((sequence, package, needed, decided, activation), (1, package_id(b"good"), 2, false, None));
    assert_eq!((votes.len(), missing.len()), (1, 2));
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::VersionNotActive);
    let user = chain.approve("alpha/user", 1, b"good");
    assert_eq!(user.outcome, Outcome::PolicyUnsatisfied);
    let again = chain.approve("alpha/admin", 1, b"good");
    assert_eq!(again.outcome, Outcome::PreconditionFailed);
    assert!(again.message.contains("other organisations"), "{}", again.message);
    let other = chain.approve("beta/admin", 1, b"good but another");
    assert!(other.message.contains("look at that package"), "{}", other.message);
    // A call in the same block, behind the deciding approval, still finds no active version.
    let name = "scripts".parse().unwrap();
    let approve = Approve { name, sequence: 1, package, reason: Text::default() };
    let approval = chain.transaction("beta/admin", "_lifecycle", "approve", &approve);
    let too_early = chain.script("alpha/user", &[]);
    let receipts = chain.block(vec![approval, too_early]);
    assert_eq!(receipts[1].outcome, Outcome::VersionNotActive);
    let from = chain.height().next();
    assert_eq!(tally(&receipts[0]).activation, Some(Activation { sequence: 1, package, from }));
    assert_eq!(chain.ask("scripts", "run", &Vec::<common::Op>::new(), None).outcome, Outcome::Valid);
    let receipt = chain.run("alpha/user", &[]);
    assert_eq!((receipt.outcome, judged_by(&receipt.judges)), (Outcome::Valid, Some(package)));
    let late = chain.approve("gamma/admin", 1, b"good");
    assert!(late.message.contains("approved already"), "{}", late.message);
    let bytes = chain.store.get(&module_key(&package), chain.height()).unwrap();
    assert_eq!(bytes.as_deref(), Some(&b"good"[..]));
    let about = chain.ask("_lifecycle", "description", &LookUpPackage { package }, None).result;
    assert_eq!(about, encode(&Some(encode(&common::description(false)))));
}

#[test]
fn a_bad_package_and_bad_proposals_are_refused() {
    let mut chain = Chain::start();
    let bad = chain.propose("alpha/admin", b"bad");
    assert_eq!((bad.outcome, &*bad.code), (Outcome::PreconditionFailed, "NOT_A_SCRIPT"));
    assert!(bad.message.contains("start it with good"), "{}", bad.message);
    let system = Propose { name: "_mine".parse().unwrap(), ..proposal(b"good") };
    assert_eq!(chain.one("alpha/admin", "_lifecycle", "propose", &system).outcome, Outcome::PreconditionFailed);
    assert_eq!(chain.propose("alpha/user", b"good").outcome, Outcome::PolicyUnsatisfied);
    assert_eq!(chain.propose("alpha/admin", b"good").outcome, Outcome::Valid);
    let twice = chain.propose("beta/admin", b"good");
    assert!(twice.message.contains("approve that"), "{}", twice.message);
    assert_eq!(chain.approve("beta/admin", 7, b"good").outcome, Outcome::PreconditionFailed);
}

#[test]
fn a_version_waits_for_its_height_and_the_old_one_judges_until_then() {
    let mut chain = Chain::with_scripts();
    let from = Height(chain.height().0 + 4);
    let later = Propose { not_before: from, ..proposal(b"good 2") };
    assert_eq!(chain.one("alpha/admin", "_lifecycle", "propose", &later).outcome, Outcome::Valid);
    let decided = tally(&chain.approve("gamma/admin", 2, b"good 2"));
    assert_eq!(decided.activation.map(|activation| activation.from), Some(from));
    while chain.height() < from {
        let height = chain.height().next();
        let expected = if height < from { package_id(b"good") } else { package_id(b"good 2") };
        assert_eq!(judged_by(&chain.run("alpha/user", &[]).judges), Some(expected), "at {height}");
    }
    // What was asked at an earlier height is answered by the version of that time.
    let early = chain.ask("scripts", "run", &Vec::<common::Op>::new(), Some(Height(from.0 - 2)));
    assert_eq!(judged_by(&early.judges), Some(package_id(b"good")));
}

#[test]
fn freezing_stops_transactions_and_leaves_questions() {
    let mut chain = Chain::with_scripts();
    chain.run("alpha/user", &[put(b"a", b"1")]);
    assert!(!tally(&freeze(&mut chain, "alpha/admin")).decided);
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Valid);
    assert_eq!(freeze(&mut chain, "alpha/admin").outcome, Outcome::PreconditionFailed, "one vote each");
    assert!(tally(&freeze(&mut chain, "beta/admin")).decided);
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Frozen);
    assert_eq!(freeze(&mut chain, "gamma/admin").outcome, Outcome::PreconditionFailed);
    let get = vec![common::Op::Get(b"a".to_vec())];
    assert_eq!(chain.ask("scripts", "run", &get, None).outcome, Outcome::Valid);
    assert!(
        !tally(&unfreeze(&mut chain, "gamma/admin")).decided,
        "a regulator alone freezes, and unfreezes with others"
    );
    assert!(tally(&unfreeze(&mut chain, "alpha/admin")).decided);
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Valid);
    assert!(tally(&freeze(&mut chain, "gamma/admin")).decided, "a regulator alone");
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Frozen);
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
    assert_eq!(judged_by(&chain.run("alpha/user", &[]).judges), Some(package_id(b"good 3")));
    assert!(!tally(&rollback(&mut chain, "alpha/admin", 1)).decided);
    assert!(tally(&rollback(&mut chain, "gamma/admin", 1)).decided);
    assert_eq!(judged_by(&chain.run("alpha/user", &[]).judges), Some(package_id(b"good")));
    // Forward again to the version that was left: votes start anew.
    assert!(!tally(&rollback(&mut chain, "beta/admin", 3)).decided);
    let list = ListSteps { name: "scripts".parse().unwrap(), after: 0, limit: 100 };
    let steps: Vec<Step> = decode(&chain.ask("_lifecycle", "history", &list, None).result, 65536).unwrap();
    assert_eq!(steps.len() as u64, chain.status().last_step);
    assert!(steps.is_sorted_by_key(|step| step.height));
    let activated = steps.iter().filter_map(|step| match step.action {
        Action::Activated(activation) => Some(activation.sequence),
        _ => None,
    });
    assert_eq!(activated.collect::<Vec<_>>(), [1, 3, 1]);
    assert_eq!(&*steps[0].reason, "tests need it");
    let rest = ListSteps { after: 2, ..list };
    let later: Vec<Step> = decode(&chain.ask("_lifecycle", "history", &rest, None).result, 65536).unwrap();
    assert_eq!(later[..], steps[2..]);
}

#[test]
fn every_administrator_may_start_and_any_two_of_three_decide() {
    for first in ADMINISTRATORS {
        for second in ADMINISTRATORS.into_iter().filter(|second| *second != first) {
            let mut chain = Chain::start();
            assert!(!tally(&chain.propose(first, b"good")).decided);
            assert!(tally(&chain.approve(second, 1, b"good")).decided);
        }
    }
}
