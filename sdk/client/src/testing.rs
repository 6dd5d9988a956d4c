//! A network of four replicas as far as a client can see it: keys, commitments, certificates.

use crate::trust::Trust;
use std::collections::BTreeMap;
use theriac_crypto::bls::BlsSigner;
use theriac_crypto::{BlsSecretKey, CertificateScheme, ShareSigner, Statement, VoteContext, names};
use theriac_types::limits::REPLICAS_MAX;
use theriac_types::{
    BlockHash, Bytes, CertifiedCommitment, Configuration, Digest, Epoch, EpochLink, Genesis, GenesisMember,
    GenesisOrganisation, Height, List, ReceiptsRoot, ReplicaId, ReplicaRecord, Role, StateCommitment, StateRoot, Text,
};

pub struct TestNetwork {
    pub trust: Trust,
    signers: Vec<BlsSigner>,
    scheme: theriac_crypto::BlsScheme,
}

fn secrets() -> Vec<BlsSecretKey> {
    secrets_of(0)
}

/// The keys of an epoch: each epoch replaces one of the four.
fn secrets_of(epoch: u8) -> Vec<BlsSecretKey> {
    let seed = |index: u8| [index + 4 * ((epoch + 3 - index) / 4); 32];
    (0..4).map(|index| BlsSecretKey::from_seed(&seed(index)).expect("32 bytes")).collect()
}

fn replicas(secrets: &[BlsSecretKey]) -> List<ReplicaRecord, REPLICAS_MAX> {
    let replica = |(id, key): (u8, &BlsSecretKey)| ReplicaRecord {
        org: "maker".parse().expect("a name"),
        consensus_key: key.public_key(),
        proof_of_possession: key.proof_of_possession(),
        link_certificate: Bytes::new([id]).expect("short"),
        address: Text::new(format!("replica-{id}:7000")).expect("short"),
    };
    List::new((0..).zip(secrets).map(replica).collect()).expect("few")
}

/// Heights of an epoch in these tests.
pub const EPOCH_HEIGHTS: u64 = 128;

/// A network whose replicas are replaced one by one, and what leads from each epoch to the next.
pub struct TestEpochs {
    signers: Vec<(Vec<BlsSigner>, theriac_crypto::BlsScheme)>,
    configurations: Vec<Configuration>,
    pub links: Vec<EpochLink>,
}

impl TestEpochs {
    /// So many epochs after that of the genesis.
    pub fn new(last: u8) -> Self {
        let channel = genesis().channel;
        let configuration = |epoch: u8| Configuration {
            epoch: Epoch(epoch.into()),
            first: Height(1 + EPOCH_HEIGHTS * u64::from(epoch)),
            replicas: replicas(&secrets_of(epoch)),
            ..genesis().configuration()
        };
        let configurations: Vec<_> = (0..=last).map(configuration).collect();
        let signers = |configuration: &Configuration| {
            let scheme = theriac_crypto::BlsScheme::new(channel.clone(), configuration).expect("four good keys");
            let secrets = secrets_of(configuration.epoch.0 as u8);
            (secrets.iter().map(|secret| secret.signer(scheme.context().clone())).collect(), scheme)
        };
        let signers = configurations.iter().map(signers).collect();
        let mut epochs = Self { signers, configurations, links: Vec::new() };
        let link = |epoch: u8| EpochLink {
            configuration: epochs.configurations[usize::from(epoch) + 1].clone(),
            last: epochs.certify(epochs.commitment(epoch, EPOCH_HEIGHTS * (u64::from(epoch) + 1)), &[0, 2]),
        };
        epochs.links = (0..last).map(link).collect();
        epochs
    }

    /// What the replicas of an epoch would sign at a height.
    pub fn commitment(&self, epoch: u8, height: u64) -> StateCommitment {
        let next = self.configurations.get(usize::from(epoch) + 1).filter(|next| next.first == Height(height + 1));
        let named = next.unwrap_or(&self.configurations[usize::from(epoch)]);
        let config_digest = names::configuration_digest(named);
        StateCommitment { epoch: Epoch(epoch.into()), config_digest, ..commitment(height) }
    }

    /// Signs as replicas of the commitment's epoch.
    pub fn certify(&self, commitment: StateCommitment, signers: &[u16]) -> CertifiedCommitment {
        let (keys, scheme) = &self.signers[commitment.epoch.0 as usize];
        certify(keys, scheme, commitment, signers)
    }
}

fn certify(
    keys: &[BlsSigner],
    scheme: &theriac_crypto::BlsScheme,
    commitment: StateCommitment,
    signers: &[u16],
) -> CertifiedCommitment {
    let digest = names::state_digest(&commitment);
    let statement = Statement::State { seq: commitment.height.into(), digest };
    let share = |id: &u16| (ReplicaId(*id), keys[usize::from(*id)].sign(&statement));
    let shares: BTreeMap<_, _> = signers.iter().map(share).collect();
    let certificate = scheme.combine(&statement, &shares).expect("own shares");
    CertifiedCommitment { commitment, certificate }
}

pub fn genesis() -> Genesis {
    Genesis {
        channel: "medicines".parse().expect("a name"),
        f: 1,
        c: 0,
        replicas: replicas(&secrets()),
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
        certify(&self.signers, &self.scheme, commitment, signers)
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
        judges: List::default(),
        result: theriac_types::Bytes::new([1, 2]).expect("short"),
        events: List::default(),
        used: theriac_types::Budget { gas: 9, host_gas: 0 },
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
