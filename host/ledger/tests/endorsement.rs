//! Whose signatures a transaction needs is part of the version that judges it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, creator, proposal, put, tally};
use theriac_ledger::MemoryState;
use theriac_ledger::system::identity::RevokeMember;
use theriac_ledger::system::lifecycle::Propose;
use theriac_types::*;

/// The scripts with a policy for everything and one for `run`.
fn guarded(chaincode: &str, run: Option<&str>) -> Propose {
    let mut propose = proposal(b"good asks");
    let policy = |text: &str| text.parse::<Policy>().unwrap();
    let own = run.map(|text| FunctionPolicy { function: "run".parse().unwrap(), policy: policy(text) });
    let functions = List::new(own.into_iter().collect()).unwrap();
    propose.definition.endorsement = Endorsement { chaincode: policy(chaincode), functions };
    propose
}

fn chain(propose: &Propose) -> Chain<MemoryState> {
    let mut chain = Chain::start();
    let proposed = chain.propose_as("alpha/admin", b"good asks", propose.clone());
    assert_eq!(proposed.outcome, Outcome::Valid, "{}", proposed.message);
    assert!(tally(&chain.approve_as("beta/admin", 1, propose)).decided());
    chain
}

fn signed(mut transaction: Transaction, by: &[&str]) -> Transaction {
    let cosignature = |member: &&str| Cosignature { signer: creator(member), signature: Signature([1; 65]) };
    transaction.cosignatures = List::new(by.iter().map(cosignature).collect()).unwrap();
    transaction
}

#[test]
fn creator_and_cosigners_satisfy_a_policy_together_and_who_is_missing_is_named() {
    let mut chain = chain(&guarded("any", Some("alpha and 2 of (beta:administrator, role:regulator, alpha/user)")));
    for (cosigners, outcome, sentence) in [
        (
            &[][..],
            Outcome::PolicyUnsatisfied,
            "needs 1 more of a signer of beta with role administrator, an organisation",
        ),
        (&["alpha/admin"], Outcome::PolicyUnsatisfied, "have them sign this transaction too"),
        (&["beta/admin"], Outcome::Valid, ""),
        (&["gamma/admin", "alpha/admin"], Outcome::Valid, ""),
    ] {
        let transaction = signed(chain.script("alpha/user", &[put(b"a", b"1")]), cosigners);
        let receipt = chain.block(vec![transaction]).remove(0);
        assert_eq!(receipt.outcome, outcome, "{cosigners:?}: {}", receipt.message);
        assert!(receipt.message.contains(sentence), "{}", receipt.message);
        assert_eq!(receipt.judges[0].sequence, 1, "the version whose policy it is judged");
        assert!(outcome == Outcome::Valid || receipt.used == Budget::ZERO, "nothing ran");
    }
    let other = signed(chain.script("beta/admin", &[]), &["gamma/admin"]);
    let receipt = chain.block(vec![other]).remove(0);
    assert!(receipt.message.starts_with("scripts run needs alpha:"), "{}", receipt.message);
}

#[test]
fn a_chaincodes_policy_holds_where_a_function_has_none_and_questions_need_none() {
    let mut strict = chain(&guarded("majority", None));
    let alone = strict.run("alpha/user", &[put(b"a", b"1")]);
    assert_eq!(alone.outcome, Outcome::PolicyUnsatisfied);
    assert!(alone.message.contains("needs 1 more of beta, gamma"), "{}", alone.message);
    let two = signed(strict.script("alpha/user", &[put(b"a", b"1")]), &["beta/admin"]);
    assert_eq!(strict.block(vec![two]).remove(0).outcome, Outcome::Valid);
    let get = vec![Op::Get(b"a".to_vec())];
    assert_eq!(strict.ask("scripts", "ask", &get, None).outcome, Outcome::Valid);
    let ordered = strict.one("alpha/user", "scripts", "ask", &get);
    assert_eq!((ordered.outcome, &ordered.result[5..]), (Outcome::Valid, &b"1"[..]));
    let writes = strict.one("alpha/user", "scripts", "ask", &vec![put(b"a", b"2")]);
    assert_eq!(writes.outcome, Outcome::Trapped, "what is called as a query may not write");
    let mut open = chain(&guarded("majority", Some("any")));
    assert_eq!(open.run("alpha/user", &[]).outcome, Outcome::Valid);
}

#[test]
fn a_signature_counts_only_while_its_signer_is_a_member() {
    let mut chain = chain(&guarded("alpha/user and alpha:administrator", None));
    let signed_by_both = signed(chain.script("alpha/user", &[]), &["alpha/admin"]);
    assert_eq!(chain.block(vec![signed_by_both]).remove(0).outcome, Outcome::Valid);
    let late = signed(chain.script("alpha/admin", &[]), &["alpha/user"]);
    let revoke = RevokeMember { id: "alpha/user".parse().unwrap(), reason: Text::default() };
    let revoke = chain.transaction("alpha/admin", "_identity", "revoke_member", &revoke);
    let outcomes: Vec<_> = chain.block(vec![revoke, late]).iter().map(|receipt| receipt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Valid, Outcome::NotAMember]);
}

#[test]
fn a_new_version_brings_its_own_policy_and_budget() {
    let mut chain = chain(&guarded("any", None));
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::Valid);
    let mut second = guarded("gamma", None);
    second.definition.budget = Budget { gas: 7, host_gas: 9 };
    chain.one("alpha/admin", "_lifecycle", "propose", &second);
    chain.approve_as("gamma/admin", 2, &second);
    assert_eq!(chain.run("alpha/user", &[]).outcome, Outcome::PolicyUnsatisfied);
    let limits = chain.run("gamma/admin", &[Op::Limits]);
    assert_eq!(*limits.result, encode(&second.definition.budget));
}
