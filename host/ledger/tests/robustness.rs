//! Whatever a member sends, a block is executed: a receipt for everything, and never a panic.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, key, proposal, put};
use proptest::prelude::*;
use theriac_ledger::system::identity::*;
use theriac_ledger::system::lifecycle::*;
use theriac_ledger::system::membership;
use theriac_ledger::{BlockStore, StateReader, audit};
use theriac_types::*;

/// Every function of the system chaincodes, with an argument that decodes.
fn calls() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (org, name): (OrgId, ChaincodeName) = ("delta".parse().unwrap(), "scripts".parse().unwrap());
    let id: MemberId = "alpha/user".parse().unwrap();
    let reason = Text::new("why").unwrap();
    let register = RegisterOrganisation {
        id: org.clone(),
        roles: List::new(vec![Role::Carrier]).unwrap(),
        administrator: "admin".parse().unwrap(),
        key: key("delta/admin"),
    };
    let member = RegisterMember {
        id: "alpha/new".parse().unwrap(),
        key: key("alpha/new"),
        roles: List::default(),
        attributes: List::default(),
    };
    let mut replicas = common::genesis().replicas.into_vec();
    replicas[0] = common::newcomer("alpha", 9);
    let change = ProposedConfiguration { f: 1, c: 0, replicas: List::new(replicas).unwrap() };
    let digest = theriac_crypto::names::proposed_configuration_digest(&change);
    let definition = theriac_crypto::names::definition_digest(&common::definition(b"good"));
    let mut odd = proposal(b"good");
    odd.definition.not_before = Height(u64::MAX);
    vec![
        ("_identity", "register_organisation", encode(&register)),
        ("_identity", "approve_organisation", encode(&ApproveOrganisation { id: org })),
        ("_identity", "register_member", encode(&member)),
        ("_identity", "approve_member", encode(&ApproveMember { id: member.id })),
        ("_identity", "revoke_member", encode(&RevokeMember { id: id.clone(), reason: reason.clone() })),
        ("_identity", "rotate_key", encode(&RotateKey { id, key: key("alpha/user's next") })),
        ("_identity", "organisations", encode(&ListOrganisations { after: None, limit: u32::MAX })),
        ("_identity", "members", encode(&ListMembers { org: "alpha".parse().unwrap(), after: None, limit: 9 })),
        (
            "_identity",
            "set_attributes",
            encode(&SetAttributes { id: "alpha/user".parse().unwrap(), attributes: List::default() }),
        ),
        ("_lifecycle", "upload", encode(&Upload { module: Bytes::new(&b"good too"[..]).unwrap() })),
        ("_lifecycle", "propose", encode(&proposal(b"good too"))),
        ("_lifecycle", "propose", encode(&odd)),
        (
            "_lifecycle",
            "change_policy",
            encode(&ChangePolicy {
                policy: "2 of (alpha, beta, role:regulator)".parse().unwrap(),
                reason: reason.clone(),
            }),
        ),
        ("_lifecycle", "policy", encode(&LookUpPolicy {})),
        (
            "_lifecycle",
            "approve",
            encode(&Approve { name: name.clone(), sequence: 1, definition, reason: reason.clone() }),
        ),
        ("_lifecycle", "freeze", encode(&Freeze { name: name.clone(), reason: reason.clone() })),
        ("_lifecycle", "thaw", encode(&Thaw { name: name.clone(), reason: reason.clone() })),
        ("_lifecycle", "rollback", encode(&Rollback { name: name.clone(), sequence: 1, reason })),
        ("_lifecycle", "history", encode(&ListSteps { name: name.clone(), after: u64::MAX, limit: u32::MAX })),
        ("_lifecycle", "version", encode(&LookUpVersion { name, sequence: u64::MAX })),
        ("_lifecycle", "list", encode(&ListChaincodes { after: None, limit: 0 })),
        ("_membership", "propose", encode(&membership::Propose { configuration: change, reason: Text::default() })),
        ("_membership", "approve", encode(&membership::Approve { number: 1, digest })),
        ("_membership", "withdraw", encode(&membership::Withdraw { number: 1 })),
        ("_membership", "status", encode(&membership::LookUpStatus {})),
        ("_membership", "configuration", encode(&membership::LookUpConfiguration { epoch: Epoch(u64::MAX) })),
        ("_membership", "proposal", encode(&membership::LookUpProposal { number: u64::MAX })),
        ("_membership", "proposals", encode(&membership::ListProposals { after: u64::MAX, limit: u32::MAX })),
        ("scripts", "run", encode(&vec![put(b"a", b"1"), Op::Scan(vec![], vec![0xff], 9), Op::Delete(b"a".to_vec())])),
    ]
}

#[derive(Debug, Clone)]
enum Damage {
    None,
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Other(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        3 => Just(Damage::None),
        4 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, with)| Damage::Flip(at, with)),
        1 => any::<prop::sample::Index>().prop_map(Damage::Cut),
        1 => prop::collection::vec(any::<u8>(), 0..100).prop_map(Damage::Other),
    ]
}

fn damaged(mut args: Vec<u8>, damage: Damage) -> Vec<u8> {
    match damage {
        Damage::None => {}
        Damage::Flip(..) | Damage::Cut(_) if args.is_empty() => {}
        Damage::Flip(at, with) => {
            let at = at.index(args.len());
            args[at] ^= with;
        }
        Damage::Cut(at) => args.truncate(at.index(args.len())),
        Damage::Other(bytes) => args = bytes,
    }
    args
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_call_however_damaged_leaves_a_receipt(
        sent in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, damage(), any::<u64>()), 1..60)
    ) {
        let mut chain = Chain::with_scripts();
        let calls = calls();
        for block in sent.chunks(5) {
            let below = chain.store.head().unwrap();
            let transactions = block.iter().map(|(call, by, damage, time)| {
                let (chaincode, function, args) = call.get(&calls).clone();
                let by = ["alpha/admin", "beta/admin", "gamma/admin", "alpha/user"][*by];
                let mut transaction = chain.transaction(by, chaincode, function, &());
                transaction.body.args = Bytes::new(damaged(args, damage.clone())).unwrap();
                if time % 7 == 0 {
                    transaction.body.valid_until = Height(*time);
                }
                transaction
            });
            let transactions = transactions.collect();
            let receipts = chain.block(transactions);
            prop_assert_eq!(receipts.len(), block.len());
            for receipt in &receipts {
                prop_assert_eq!(receipt.outcome == Outcome::Valid, receipt.message.is_empty(), "{:?}", receipt);
            }
            let head = chain.store.head().unwrap();
            let stored = chain.store.block(head.height).unwrap().unwrap();
            prop_assert_eq!(audit(&stored, &receipts, &head, &below), Ok(()));
        }
    }
}

#[test]
fn the_end_of_time_stops_no_block() {
    let mut chain = Chain::with_scripts();
    for proposed_time_ms in [u64::MAX, 0, 5, u64::MAX] {
        let below = chain.store.head().unwrap();
        let transactions = List::new(vec![chain.script("alpha/user", &[put(b"a", b"1")])]).unwrap();
        let body = BlockBody { proposed_time_ms, transactions };
        let decided = theriac_ledger::Decided::new(chain.height().next(), &body);
        let outcome = theriac_ledger::execute_block(&chain.store, &common::Scripts, &decided).unwrap();
        assert_eq!((outcome.block.time_ms, outcome.receipts[0].outcome), (u64::MAX, Outcome::Valid));
        assert_eq!(audit(&outcome.block, &outcome.receipts, &outcome.commitment, &below), Ok(()));
        chain.store.apply(&outcome, b"proof").unwrap();
    }
}
