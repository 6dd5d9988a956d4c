//! Fixed values that the vectors are made of. Every secret here is public: use none of them.

use std::collections::BTreeMap;
use theriac_crypto::bls::{BlsScheme, BlsSecretKey};
use theriac_crypto::{CertificateScheme, MemberKey, ShareSigner, Statement, VoteContext, names};
use theriac_types::{
    BlockBody, BlockHash, Budget, Bytes, Certificate, ChannelId, Cosignature, Creator, Digest, Epoch, Event, Genesis,
    GenesisMember, GenesisOrganisation, Height, Judge, List, MemberId, Nonce, Outcome, PackageId, Receipt,
    ReceiptsRoot, ReplicaId, ReplicaRecord, Role, StateCommitment, StateRoot, Text, Transaction, TransactionBody, TxId,
};

/// A digest of equal bytes, easy to find in a vector.
pub fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

/// Parses a name.
///
/// # Panics
/// When it is none.
pub fn name<T>(text: &str) -> T
where
    T: std::str::FromStr,
    T::Err: std::fmt::Debug,
{
    text.parse().expect("fixtures have valid names")
}

/// The channel of all vectors.
pub fn channel() -> ChannelId {
    name("medicines")
}

/// Where the vectors' votes count.
pub fn context() -> VoteContext {
    VoteContext { channel: channel(), epoch: Epoch(0) }
}

/// A member's key made of equal bytes.
///
/// # Panics
/// For 0, which is no key.
pub fn member_key(byte: u8) -> MemberKey {
    MemberKey::from_bytes(&[byte; 32]).expect("not zero, and below the order of the curve")
}

/// A member with its key.
pub fn creator(member: &str, key: &MemberKey) -> Creator {
    Creator { member: name::<MemberId>(member), key: key.public_key() }
}

/// The body of a small transaction.
pub fn transaction_body() -> TransactionBody {
    TransactionBody {
        channel: channel(),
        creator: creator("maker/anna", &member_key(1)),
        nonce: Nonce(7),
        valid_until: Height(100),
        chaincode: name("trace"),
        function: name("capture"),
        args: Bytes::new([0xca, 0xfe]).expect("short"),
        transient_hash: None,
    }
}

/// A body that uses every optional part.
pub fn full_transaction_body() -> TransactionBody {
    TransactionBody {
        nonce: Nonce(u64::MAX),
        valid_until: Height(4096),
        args: Bytes::new([0; 300]).expect("short"),
        transient_hash: Some(digest(0x77)),
        ..transaction_body()
    }
}

/// Signs a body by its creator and by co-signers.
pub fn signed(body: TransactionBody, key: &MemberKey, cosigners: &[(&str, &MemberKey)]) -> Transaction {
    let id = names::tx_id(&body);
    let cosign =
        |(member, key): &(&str, &MemberKey)| Cosignature { signer: creator(member, key), signature: key.sign(id) };
    let cosignatures = List::new(cosigners.iter().map(cosign).collect()).expect("few co-signers");
    Transaction { body, signature: key.sign(id), cosignatures }
}

/// A transaction with one signature.
pub fn transaction() -> Transaction {
    signed(transaction_body(), &member_key(1), &[])
}

/// A block body of two transactions.
pub fn block_body() -> BlockBody {
    let second = signed(full_transaction_body(), &member_key(1), &[("store/bert", &member_key(2))]);
    BlockBody {
        proposed_time_ms: 1_700_000_000_000,
        transactions: List::new(vec![transaction(), second]).expect("two fit"),
    }
}

/// The receipt of a transaction that ended well.
pub fn receipt(index: u32) -> Receipt {
    let judge = Judge { chaincode: name("trace"), sequence: 3, package: PackageId(digest(0xb0)) };
    let event = Event {
        chaincode: name("trace"),
        topic: Text::new("unit.commissioned").expect("short"),
        payload: Bytes::new([index as u8]).expect("short"),
    };
    Receipt {
        tx_id: TxId(digest(0xa0)),
        height: Height(5),
        index,
        outcome: Outcome::Valid,
        code: Text::default(),
        message: Text::default(),
        judges: List::new(vec![judge]).expect("one"),
        result: Bytes::new([1, 2, 3]).expect("short"),
        events: List::new(vec![event]).expect("one"),
        used: Budget { gas: 12_345, host_gas: 6_789 },
    }
}

/// The receipt of a transaction that the chaincode refused.
pub fn refused_receipt() -> Receipt {
    Receipt {
        index: 1,
        outcome: Outcome::ChaincodeRejected,
        code: Text::new("NOT_HOLDER").expect("short"),
        message: Text::new("Only the holder may ship — ask maker/anna.").expect("short"),
        result: Bytes::default(),
        events: List::default(),
        ..receipt(1)
    }
}

/// What height 5 commits to.
pub fn commitment() -> StateCommitment {
    StateCommitment {
        channel: channel(),
        epoch: Epoch(0),
        height: Height(5),
        block_hash: BlockHash(digest(0x01)),
        receipts_root: ReceiptsRoot(digest(0x02)),
        state_root: StateRoot(digest(0x03)),
        config_digest: digest(0x04),
        time_ms: 1_700_000_000_001,
    }
}

/// Consensus secrets of the four replicas of [`genesis`].
///
/// # Panics
/// Never: the seeds are long enough.
pub fn replica_secrets() -> Vec<BlsSecretKey> {
    (1..=4).map(|byte| BlsSecretKey::from_seed(&[byte; 32]).expect("a seed of 32 bytes")).collect()
}

/// A network of four replicas, two organisations and three members.
pub fn genesis() -> Genesis {
    let replica = |(id, secret): (u8, &BlsSecretKey)| ReplicaRecord {
        org: name("maker"),
        consensus_key: secret.public_key(),
        proof_of_possession: secret.proof_of_possession(),
        link_certificate: Bytes::new([0x30, id]).expect("short"),
        address: Text::new(format!("replica-{id}.example:7000")).expect("short"),
    };
    let organisation =
        |id, roles: &[Role]| GenesisOrganisation { id: name(id), roles: List::new(roles.to_vec()).expect("few roles") };
    let member = |id, key: u8, roles: &[Role]| GenesisMember {
        id: name(id),
        key: member_key(key).public_key(),
        roles: List::new(roles.to_vec()).expect("few roles"),
    };
    Genesis {
        channel: channel(),
        f: 1,
        c: 0,
        replicas: List::new((0..).zip(&replica_secrets()).map(replica).collect()).expect("four"),
        organisations: List::new(vec![
            organisation("maker", &[Role::Manufacturer]),
            organisation("store", &[Role::Distributor, Role::Pharmacy]),
        ])
        .expect("two"),
        members: List::new(vec![
            member("maker/anna", 1, &[Role::Administrator]),
            member("maker/line", 3, &[]),
            member("store/bert", 2, &[Role::Administrator]),
        ])
        .expect("three"),
        time_ms: 1_700_000_000_000,
    }
}

/// The scheme of [`genesis`].
///
/// # Panics
/// Never: its keys and proofs are valid.
pub fn scheme() -> BlsScheme {
    BlsScheme::new(channel(), &genesis().configuration()).expect("the genesis holds valid keys")
}

/// A certificate of these replicas over a statement.
///
/// # Panics
/// When a replica is not one of the four.
pub fn certificate(statement: &Statement, replicas: &[u16]) -> Certificate {
    let secrets = replica_secrets();
    let share = |id: &u16| (ReplicaId(*id), secrets[usize::from(*id)].signer(context()).sign(statement));
    let shares: BTreeMap<_, _> = replicas.iter().map(share).collect();
    scheme().combine(statement, &shares).expect("honest shares combine")
}
