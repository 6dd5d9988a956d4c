//! What members and replicas sign, and how everything is named.

use theriac_conformance::fixtures::*;
use theriac_conformance::{Golden, GoldenError, Vector};
use theriac_crypto::{CertificateScheme, Domain, ShareSigner, Statement, Verified, hash, merkle, names};
use theriac_types::{
    BlockBody, BlockHash, BlockHeader, BodyHash, CertifiedCommitment, Epoch, Height, List, MemberRecord, MemberStatus,
    Organisation, Outcome, ReceiptsRoot, ReplicaId, Role, SeqNum, StateDigest, Transaction, View, encode,
};

#[test]
fn every_domain_has_its_own_hash() -> Result<(), GoldenError> {
    let mut golden = Golden::new("domains");
    for domain in Domain::ALL {
        let vector = Vector::default().bytes("of_nothing", &hash(*domain, &[]).0);
        golden.add(domain.tag(), vector.bytes("of_abc", &hash(*domain, &[b"a", b"bc"]).0));
    }
    golden.finish()
}

#[test]
fn transactions_their_ids_and_signatures() -> Result<(), GoldenError> {
    let mut golden = Golden::new("transaction");
    let rows: [(&str, Transaction); 3] = [
        ("plain", transaction()),
        ("every optional part", signed(full_transaction_body(), &member_key(1), &[])),
        (
            "two co-signers",
            signed(
                transaction_body(),
                &member_key(1),
                &[("store/bert", &member_key(2)), ("maker/line", &member_key(3))],
            ),
        ),
    ];
    for (name, transaction) in rows {
        let verified = Verified::<Transaction>::check(transaction.clone()).expect("signed by its own keys");
        let vector = Vector::default()
            .encoded("body", &transaction.body)
            .bytes("public_key", &transaction.body.creator.key.0)
            .bytes("id", &verified.id().0.0)
            .bytes("signature", &transaction.signature.0)
            .encoded("transaction", &transaction);
        golden.add(name, vector);
    }
    golden.finish()
}

#[test]
fn blocks_and_their_hashes() -> Result<(), GoldenError> {
    let mut golden = Golden::new("block");
    for (name, body) in [("null", BlockBody::null()), ("two transactions", block_body())] {
        let body_hash = names::body_hash(&body);
        let header = BlockHeader {
            epoch: Epoch(0),
            height: Height(5),
            previous: BlockHash(digest(0x09)),
            body_hash,
            receipts_root: ReceiptsRoot(digest(0x0a)),
            time_ms: 1_700_000_000_001,
        };
        let vector = Vector::default().encoded("body", &body).bytes("body_hash", &body_hash.0.0);
        let vector = vector.encoded("header_at_5", &header);
        golden.add(name, vector.bytes("block_hash_at_5", &names::block_hash(&channel(), &header).0.0));
    }
    golden.finish()
}

#[test]
fn genesis_and_its_digest() -> Result<(), GoldenError> {
    let genesis = genesis();
    let mut golden = Golden::new("genesis");
    let vector = Vector::default()
        .encoded("genesis", &genesis)
        .bytes("block_hash_at_0", &names::genesis_hash(&genesis).0.0)
        .encoded("configuration", &genesis.configuration())
        .bytes("configuration_digest", &names::configuration_digest(&genesis.configuration()).0)
        .encoded("proposed_configuration", &genesis.configuration().proposed())
        .bytes(
            "proposed_configuration_digest",
            &names::proposed_configuration_digest(&genesis.configuration().proposed()).0,
        );
    golden.add("four replicas", vector);
    for (index, secret) in replica_secrets().iter().enumerate() {
        let vector = Vector::default()
            .bytes("secret", &secret.to_bytes())
            .bytes("public_key", &secret.public_key())
            .bytes("proof_of_possession", &secret.proof_of_possession());
        golden.add(&format!("replica {index}"), vector);
    }
    golden.finish()
}

#[test]
fn receipts_leaves_roots_and_proofs() -> Result<(), GoldenError> {
    let mut golden = Golden::new("receipt");
    for (name, receipt) in [("valid", receipt(0)), ("refused", refused_receipt())] {
        let vector = Vector::default().encoded("receipt", &receipt);
        golden.add(name, vector.bytes("leaf", &merkle::receipt_leaf(&receipt).0));
    }
    for count in [0_u32, 1, 2, 3, 5, 8] {
        let leaves: Vec<_> = (0..count).map(|index| merkle::receipt_leaf(&receipt(index))).collect();
        let root = merkle::receipts_root(&leaves);
        let mut vector = Vector::default().bytes("root", &root.0.0);
        for index in 0..count {
            let proof = merkle::prove(&leaves, index as usize).expect("there is such a leaf");
            merkle::verify(&proof, &receipt(index), root).expect("the proof leads to the root");
            merkle::verify(&proof, &receipt(index), ReceiptsRoot(digest(0))).expect_err("to no other");
            vector = vector.encoded(&format!("proof_of_{index}"), &proof);
        }
        golden.add(&format!("tree of {count}"), vector);
    }
    golden.finish()
}

#[test]
fn outcomes_roles_and_members() -> Result<(), GoldenError> {
    let mut golden = Golden::new("identity");
    for outcome in Outcome::ALL {
        golden.add(outcome.code(), Vector::default().bytes("outcome", &encode(outcome)));
    }
    let roles = [
        Role::Administrator,
        Role::Manufacturer,
        Role::Distributor,
        Role::Carrier,
        Role::Pharmacy,
        Role::Hospital,
        Role::Regulator,
    ];
    for role in roles {
        golden.add(role.as_str(), Vector::default().bytes("role", &encode(&role)));
    }
    for (name, status) in
        [("pending", MemberStatus::Pending), ("active", MemberStatus::Active), ("revoked", MemberStatus::Revoked)]
    {
        let genesis = genesis();
        let (organisation, member) = (&genesis.organisations[1], &genesis.members[0]);
        let organisation =
            Organisation { id: organisation.id.clone(), roles: organisation.roles.clone(), status, since: Height(3) };
        let attribute = "site=plant 4".parse().expect("an attribute");
        let attributes = List::new(vec![attribute]).expect("one");
        let member =
            MemberRecord { key: member.key, roles: member.roles.clone(), attributes, status, since: Height(4) };
        golden.add(name, Vector::default().encoded("organisation", &organisation).encoded("member", &member));
    }
    golden.finish()
}

/// One statement of every purpose, about view 3, slot 5.
fn statements() -> [(&'static str, Statement); 6] {
    let (view, seq, body) = (View(3), SeqNum(5), BodyHash(digest(0x11)));
    let (state, message) = (StateDigest(digest(0x22)), digest(0x33));
    [
        ("prepare", Statement::Prepare { view, seq, body }),
        ("commit", Statement::Commit { view, seq, body }),
        ("state", Statement::State { seq, digest: state }),
        ("checkpoint", Statement::Checkpoint { seq, digest: state }),
        ("view-change", Statement::ViewChange { view, message }),
        ("new-view", Statement::NewView { view, message }),
    ]
}

#[test]
fn votes_and_certificates() -> Result<(), GoldenError> {
    let mut golden = Golden::new("vote");
    let secret = replica_secrets().remove(2);
    for (name, statement) in statements() {
        let share = secret.signer(context()).sign(&statement);
        assert!(scheme().verify_share(ReplicaId(2), &statement, &share), "{name}");
        let certificate = certificate(&statement, &[0, 2, 3]);
        scheme().verify(&statement, &certificate, 3).expect("three of four signed");
        scheme().verify(&statement, &certificate, 4).expect_err("and not four");
        let vector = Vector::default()
            .encoded("statement", &statement)
            .bytes("signed_bytes", &statement.signed_bytes(&context()))
            .bytes("share_of_2", &share)
            .encoded("certificate_of_0_2_3", &certificate);
        golden.add(name, vector);
    }
    golden.finish()
}

#[test]
fn no_two_purposes_sign_the_same_bytes() {
    let signed = statements().map(|(_, statement)| statement.signed_bytes(&context()));
    let mut elsewhere = context();
    elsewhere.epoch = Epoch(1);
    let signed_elsewhere = statements().map(|(_, statement)| statement.signed_bytes(&elsewhere));
    let distinct: std::collections::BTreeSet<_> = signed.iter().chain(&signed_elsewhere).collect();
    assert_eq!(distinct.len(), 2 * statements().len());
}

#[test]
fn commitments_and_their_certificates() -> Result<(), GoldenError> {
    let commitment = commitment();
    let digest = names::state_digest(&commitment);
    let statement = Statement::State { seq: commitment.height.into(), digest };
    let certificate = certificate(&statement, &[1, 3]);
    scheme().verify(&statement, &certificate, 2).expect("f + 1 signed");
    let certified = CertifiedCommitment { commitment: commitment.clone(), certificate };
    let mut golden = Golden::new("commitment");
    let vector = Vector::default()
        .encoded("commitment", &commitment)
        .bytes("state_digest", &digest.0.0)
        .encoded("certified", &certified);
    golden.add("height 5", vector);
    golden.finish()
}

#[test]
fn packages_are_named_by_their_bytes() -> Result<(), GoldenError> {
    let mut golden = Golden::new("package");
    for (name, module) in [("empty", &b""[..]), ("header", b"\0asm\x01\0\0\0")] {
        golden.add(name, Vector::default().bytes("module", module).bytes("id", &names::package_id(module).0.0));
    }
    golden.finish()
}
