//! How organisations and members come and go.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op, creator, genesis, key};
use theriac_ledger::system::identity::*;
use theriac_ledger::system::membership::ConfigurationError;
use theriac_ledger::{GenesisError, MemoryState, genesis_outcome};
use theriac_types::*;

fn roles<const N: usize>(roles: [Role; N]) -> List<Role, 8> {
    List::new(roles.to_vec()).unwrap()
}

fn register_delta() -> RegisterOrganisation {
    RegisterOrganisation {
        id: "delta".parse().unwrap(),
        roles: roles([Role::Pharmacy]),
        administrator: "admin".parse().unwrap(),
        key: key("delta/admin"),
    }
}

fn new_member(id: &str) -> RegisterMember {
    RegisterMember { id: id.parse().unwrap(), key: key(id), roles: List::default(), attributes: List::default() }
}

fn organisation(chain: &Chain<MemoryState>, id: &str) -> Option<Organisation> {
    let answer = chain.ask("_identity", "organisation", &LookUpOrganisation { id: id.parse().unwrap() }, None);
    decode(&answer.result, 4096).unwrap()
}

#[test]
fn an_organisation_comes_in_by_one_and_is_approved_by_another() {
    let mut chain = Chain::start();
    let mut call = |by: &str, function: &str, args: &dyn Fn() -> Vec<u8>| {
        let mut transaction = chain.transaction(by, "_identity", function, &());
        transaction.body.args = Bytes::new(args()).unwrap();
        chain.block(vec![transaction]).remove(0)
    };
    let register = || encode(&register_delta());
    let approve = || encode(&ApproveOrganisation { id: "delta".parse().unwrap() });
    let member = || encode(&new_member("delta/user"));
    let rows: [(&str, &str, &dyn Fn() -> Vec<u8>, Outcome, &str); 10] = [
        ("alpha/admin", "approve_organisation", &approve, Outcome::PreconditionFailed, "register it first"),
        ("alpha/user", "register_organisation", &register, Outcome::PolicyUnsatisfied, "only an administrator"),
        ("alpha/admin", "register_organisation", &register, Outcome::Valid, ""),
        ("beta/admin", "register_organisation", &register, Outcome::PreconditionFailed, "registered already"),
        ("delta/admin", "register_member", &member, Outcome::NotAMember, "active organisation"),
        ("alpha/admin", "approve_organisation", &approve, Outcome::PolicyUnsatisfied, "another organisation"),
        ("beta/admin", "approve_organisation", &approve, Outcome::Valid, ""),
        ("gamma/admin", "approve_organisation", &approve, Outcome::PreconditionFailed, "nothing is left"),
        ("alpha/admin", "register_member", &member, Outcome::PolicyUnsatisfied, "administrator of delta"),
        ("delta/admin", "register_member", &member, Outcome::Valid, ""),
    ];
    for (by, function, args, outcome, sentence) in rows {
        let receipt = call(by, function, args);
        assert_eq!(receipt.outcome, outcome, "{by} {function}: {}", receipt.message);
        assert!(receipt.message.contains(sentence), "{}", receipt.message);
    }
    assert_eq!(organisation(&chain, "delta").unwrap().status, MemberStatus::Active);
    assert_eq!(organisation(&chain, "nobody"), None);
    let list = ListOrganisations { after: Some("alpha".parse().unwrap()), limit: 2 };
    let names: Vec<Organisation> = decode(&chain.ask("_identity", "organisations", &list, None).result, 4096).unwrap();
    assert_eq!(names.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["beta", "delta"]);
}

#[test]
fn a_member_is_registered_and_approved_in_its_own_organisation() {
    let mut chain = Chain::start();
    let approve = |id: &str| ApproveMember { id: id.parse().unwrap() };
    let second = RegisterMember { roles: roles([Role::Administrator]), ..new_member("alpha/second") };
    assert_eq!(chain.one("alpha/admin", "_identity", "register_member", &second).outcome, Outcome::Valid);
    assert_eq!(chain.member("alpha/second").unwrap().status, MemberStatus::Pending);
    assert_eq!(chain.one("alpha/second", "_identity", "rotate_key", &()).outcome, Outcome::NotAMember);
    let foreign = chain.one("beta/admin", "_identity", "approve_member", &approve("alpha/second"));
    assert_eq!(foreign.outcome, Outcome::PolicyUnsatisfied);
    // The only administrator may approve what it registered; with a second one, four eyes are needed.
    let alone = chain.one("alpha/admin", "_identity", "approve_member", &approve("alpha/second"));
    assert_eq!(alone.outcome, Outcome::Valid, "{}", alone.message);
    chain.one("alpha/admin", "_identity", "register_member", &new_member("alpha/third"));
    let own = chain.one("alpha/admin", "_identity", "approve_member", &approve("alpha/third"));
    assert_eq!(own.outcome, Outcome::PolicyUnsatisfied);
    let other = chain.one("alpha/second", "_identity", "approve_member", &approve("alpha/third"));
    assert_eq!(other.outcome, Outcome::Valid, "{}", other.message);
    let list = ListMembers { org: "alpha".parse().unwrap(), after: Some("admin".parse().unwrap()), limit: 9 };
    let answer = chain.ask("_identity", "members", &list, None);
    let members: Vec<(MemberId, MemberRecord)> = decode(&answer.result, 4096).unwrap();
    let names: Vec<_> = members.iter().map(|(id, _)| id.to_string()).collect();
    assert_eq!(names, ["alpha/second", "alpha/third", "alpha/user"]);
}

#[test]
fn a_revoked_member_acts_no_more_and_its_key_never_returns() {
    let mut chain = Chain::start();
    let revoke = |id: &str| RevokeMember { id: id.parse().unwrap(), reason: Text::default() };
    let last = chain.one("alpha/admin", "_identity", "revoke_member", &revoke("alpha/admin"));
    assert_eq!(last.outcome, Outcome::PreconditionFailed);
    assert!(last.message.contains("last administrator"), "{}", last.message);
    // Within one block: what the user does after the revocation is refused.
    let before = chain.transaction("alpha/user", "_identity", "organisation", &"beta");
    let revocation = chain.transaction("alpha/admin", "_identity", "revoke_member", &revoke("alpha/user"));
    let after = chain.transaction("alpha/user", "_identity", "organisation", &"beta");
    let outcomes: Vec<_> = chain.block(vec![before, revocation, after]).iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [Outcome::Valid, Outcome::Valid, Outcome::NotAMember]);
    let again = chain.one("alpha/admin", "_identity", "register_member", &new_member("alpha/user"));
    assert_eq!(again.outcome, Outcome::PreconditionFailed);
    let stolen = RegisterMember { key: key("alpha/user"), ..new_member("beta/user") };
    let stolen = chain.one("beta/admin", "_identity", "register_member", &stolen);
    assert_eq!(stolen.outcome, Outcome::PreconditionFailed);
    assert!(stolen.message.contains("make a new key"), "{}", stolen.message);
}

#[test]
fn an_administrator_says_what_is_to_be_known_of_a_member() {
    let mut chain = Chain::start();
    let attributes = |texts: &[&str]| List::new(texts.iter().map(|text| text.parse().unwrap()).collect()).unwrap();
    let clerk = RegisterMember { attributes: attributes(&["licence=QP-77", "site=4"]), ..new_member("alpha/clerk") };
    assert_eq!(chain.one("alpha/admin", "_identity", "register_member", &clerk).outcome, Outcome::Valid);
    assert_eq!(chain.member("alpha/clerk").unwrap().attributes, clerk.attributes);
    let set = |id: &str, texts: &[&str]| SetAttributes { id: id.parse().unwrap(), attributes: attributes(texts) };
    for (by, set, outcome, sentence) in [
        ("alpha/user", set("alpha/user", &["level=9"]), Outcome::PolicyUnsatisfied, "only an administrator"),
        ("beta/admin", set("alpha/user", &["level=9"]), Outcome::PolicyUnsatisfied, "administrator of alpha"),
        ("alpha/admin", set("alpha/user", &["b=1", "a=1"]), Outcome::InvalidArgument, "sort them"),
        ("alpha/admin", set("alpha/user", &["a=1", "a=2"]), Outcome::InvalidArgument, "each named once"),
        ("alpha/admin", set("alpha/nobody", &["a=1"]), Outcome::PreconditionFailed, "register it first"),
        ("alpha/admin", set("alpha/clerk", &["site=5"]), Outcome::Valid, ""),
    ] {
        let receipt = chain.one(by, "_identity", "set_attributes", &set);
        assert_eq!(receipt.outcome, outcome, "{by}: {}", receipt.message);
        assert!(receipt.message.contains(sentence), "{}", receipt.message);
    }
    assert_eq!(chain.member("alpha/clerk").unwrap().attributes, attributes(&["site=5"]));
    assert_eq!(chain.member("alpha/user").unwrap().attributes, List::default());
    // The next call of the member knows.
    chain.deploy();
    let user = set("alpha/user", &["licence=QP-1"]);
    assert_eq!(chain.one("alpha/admin", "_identity", "set_attributes", &user).outcome, Outcome::Valid);
    let known = chain.run("alpha/user", &[Op::Attributes]);
    assert_eq!(*known.result, encode(&user.attributes.into_vec()));
}

#[test]
fn a_rotated_key_takes_over_at_once() {
    let mut chain = Chain::start();
    let rotate = RotateKey { id: "alpha/user".parse().unwrap(), key: key("alpha/user's second") };
    let foreign = chain.one("beta/admin", "_identity", "rotate_key", &rotate);
    assert_eq!(foreign.outcome, Outcome::PolicyUnsatisfied);
    assert_eq!(chain.one("alpha/user", "_identity", "rotate_key", &rotate).outcome, Outcome::Valid);
    let old = chain.transaction("alpha/user", "_identity", "organisation", &"beta");
    let mut new = chain.transaction("alpha/user", "_identity", "organisation", &"beta");
    new.body.creator.key = rotate.key;
    let outcomes: Vec<_> = chain.block(vec![old, new]).iter().map(|r| r.outcome).collect();
    assert_eq!(outcomes, [Outcome::NotAMember, Outcome::Valid]);
    let broken = RotateKey { key: PublicKey([1; 34]), ..rotate };
    assert_eq!(chain.one("alpha/admin", "_identity", "rotate_key", &broken).outcome, Outcome::InvalidArgument);
}

#[test]
fn a_genesis_that_contradicts_itself_is_refused() {
    type Change = fn(&mut Genesis);
    fn organisations(genesis: &mut Genesis, change: fn(&mut Vec<GenesisOrganisation>)) {
        let mut list = genesis.organisations.to_vec();
        change(&mut list);
        genesis.organisations = List::new(list).unwrap();
    }
    fn members(genesis: &mut Genesis, change: fn(&mut Vec<GenesisMember>)) {
        let mut list = genesis.members.to_vec();
        change(&mut list);
        genesis.members = List::new(list).unwrap();
    }
    fn replicas(genesis: &mut Genesis, change: fn(&mut Vec<ReplicaRecord>)) {
        let mut list = genesis.replicas.to_vec();
        change(&mut list);
        genesis.replicas = List::new(list).unwrap();
    }
    let member = |id: &str| id.parse::<MemberId>().unwrap();
    let rows: [(Change, GenesisError); 13] = [
        (|g| g.c = 1, ConfigurationError::Replicas { f: 1, c: 1, needed: 6, found: 4 }.into()),
        (|g| g.f = 0, ConfigurationError::NoFaults.into()),
        (
            |g| replicas(g, |list| list[3].consensus_key = list[1].consensus_key.clone()),
            ConfigurationError::RepeatedKey { replica: ReplicaId(3) }.into(),
        ),
        (
            |g| replicas(g, |list| list[2].link_certificate = list[0].link_certificate.clone()),
            ConfigurationError::RepeatedCertificate { replica: ReplicaId(2) }.into(),
        ),
        (
            |g| replicas(g, |list| list[2].link_certificate = Bytes::default()),
            ConfigurationError::NoCertificate { replica: ReplicaId(2) }.into(),
        ),
        (
            |g| replicas(g, |list| list[0].address = Text::default()),
            ConfigurationError::Address { replica: ReplicaId(0), found: String::new() }.into(),
        ),
        (
            |g| organisations(g, |list| list.swap(0, 1)),
            GenesisError::OrganisationOrder { org: "alpha".parse().unwrap() },
        ),
        (
            |g| organisations(g, |list| drop(list.remove(0))),
            GenesisError::UnknownOrganisation { name: "replica 0".to_owned(), org: "alpha".parse().unwrap() },
        ),
        (
            |g| organisations(g, |list| list[1].roles = roles([Role::Regulator, Role::Carrier])),
            GenesisError::RoleOrder { name: "beta".to_owned() },
        ),
        (|g| members(g, |list| list[1] = list[0].clone()), GenesisError::MemberOrder { member: member("alpha/admin") }),
        (|g| members(g, |list| list[1].key = list[0].key), GenesisError::RepeatedKey { member: member("alpha/user") }),
        (
            |g| members(g, |list| list[3].id.org = "zeta".parse().unwrap()),
            GenesisError::UnknownOrganisation { name: "member zeta/admin".to_owned(), org: "zeta".parse().unwrap() },
        ),
        (
            |g| members(g, |list| list.iter_mut().for_each(|member| member.roles = List::default())),
            GenesisError::NoAdministrator,
        ),
    ];
    for (change, error) in rows {
        let mut broken = genesis();
        change(&mut broken);
        assert_eq!(genesis_outcome(&broken).err(), Some(error));
    }
    let mut broken = genesis();
    members(&mut broken, |list| list[1].key = PublicKey([9; 34]));
    assert!(matches!(genesis_outcome(&broken), Err(GenesisError::Key { .. })));
    assert_eq!(creator("alpha/user").key, genesis().members[1].key);
}
