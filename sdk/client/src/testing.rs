//! A network of four replicas as far as a client can see it: keys, commitments, certificates.

use crate::trust::Trust;
use std::collections::BTreeMap;
use theriac_crypto::bls::BlsSigner;
use theriac_crypto::{BlsSecretKey, CertificateScheme, ShareSigner, Statement, VoteContext, names};
use theriac_types::{
    BlockHash, Bytes, CertifiedCommitment, Digest, Epoch, Genesis, GenesisMember, GenesisOrganisation, Height, List,
    ReceiptsRoot, ReplicaId, ReplicaRecord, Role, StateCommitment, StateRoot, Text,
};

pub struct TestNetwork {
    pub trust: Trust,
    signers: Vec<BlsSigner>,
    scheme: theriac_crypto::BlsScheme,
}

fn secrets() -> Vec<BlsSecretKey> {
    (0..4).map(|i| BlsSecretKey::from_seed(&[i; 32]).expect("32 bytes")).collect()
}

pub fn genesis() -> Genesis {
    let replica = |(id, key): (u8, &BlsSecretKey)| ReplicaRecord {
        org: "maker".parse().expect("a name"),
        consensus_key: key.public_key(),
        proof_of_possession: key.proof_of_possession(),
        link_certificate: Bytes::new([id]).expect("short"),
        address: Text::new(format!("replica-{id}:7000")).expect("short"),
    };
    Genesis {
        channel: "medicines".parse().expect("a name"),
        f: 1,
        c: 0,
        replicas: List::new((0..).zip(&secrets()).map(replica).collect()).expect("few"),
        organisations: List::default(),
        members: List::default(),
        time_ms: 0,
    }
}

pub fn commitment(height: u64) -> StateCommitment {
    StateCommitment {
        channel: "medicines".parse().expect("a name"),
        epoch: Epoch(0),
        height: Height(height),
        block_hash: BlockHash(Digest([1; 32])),
        receipts_root: ReceiptsRoot(Digest([2; 32])),
        state_root: StateRoot(Digest([3; 32])),
        config_digest: names::configuration_digest(&genesis().configuration()),
        time_ms: 1_000 + height,
    }
}

pub fn network() -> TestNetwork {
    network_of(genesis())
}

pub fn network_of(genesis: Genesis) -> TestNetwork {
    let context = VoteContext { channel: genesis.channel.clone(), epoch: Epoch(0) };
    TestNetwork {
        signers: secrets().iter().map(|s| s.signer(context.clone())).collect(),
        scheme: theriac_crypto::BlsScheme::new(genesis.channel.clone(), &genesis.configuration())
            .expect("four good keys"),
        trust: Trust::new(genesis).expect("four good keys"),
    }
}

/// A genesis that a ledger can start from: with organisations and an administrator.
pub fn founded() -> Genesis {
    let organisation = |name: &str| GenesisOrganisation { id: name.parse().expect("a name"), roles: List::default() };
    let administrator = GenesisMember {
        id: "maker/admin".parse().expect("a name"),
        key: theriac_crypto::MemberKey::from_bytes(&[7; 32]).expect("in range").public_key(),
        roles: List::new(vec![Role::Administrator]).expect("one"),
    };
    Genesis {
        organisations: List::new(["maker", "pharmacy"].map(organisation).to_vec()).expect("two"),
        members: List::new(vec![administrator]).expect("one"),
        ..genesis()
    }
}

impl TestNetwork {
    pub fn certify(&self, commitment: StateCommitment, signers: &[u16]) -> CertifiedCommitment {
        let digest = names::state_digest(&commitment);
        let statement = Statement::State { seq: commitment.height.into(), digest };
        let share = |id: &u16| (ReplicaId(*id), self.signers[usize::from(*id)].sign(&statement));
        let shares: BTreeMap<_, _> = signers.iter().map(share).collect();
        let certificate = self.scheme.combine(&statement, &shares).expect("own shares");
        CertifiedCommitment { commitment, certificate }
    }
}

pub fn receipt(height: u64, index: u32) -> theriac_types::Receipt {
    theriac_types::Receipt {
        tx_id: theriac_types::TxId(Digest([index as u8; 32])),
        height: Height(height),
        index,
        outcome: theriac_types::Outcome::Valid,
        code: theriac_types::Text::default(),
        message: theriac_types::Text::default(),
        package: None,
        result: theriac_types::Bytes::new([1, 2]).expect("short"),
        events: List::default(),
        gas: 9,
    }
}

pub fn transaction(nonce: u64) -> theriac_types::Transaction {
    let key = theriac_crypto::MemberKey::from_bytes(&[7; 32]).expect("in range");
    let body = theriac_types::TransactionBody {
        channel: genesis().channel,
        creator: theriac_types::Creator { member: "maker/anna".parse().expect("a name"), key: key.public_key() },
        nonce: theriac_types::Nonce(nonce),
        valid_until: Height(99),
        chaincode: "trace".parse().expect("a name"),
        function: "capture".parse().expect("a name"),
        args: theriac_types::Bytes::new([1, 2, 3]).expect("short"),
        transient_hash: None,
    };
    let signature = key.sign(names::tx_id(&body));
    theriac_types::Transaction { body, signature, cosignatures: List::default() }
}
