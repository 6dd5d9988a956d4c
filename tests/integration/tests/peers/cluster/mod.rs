//! Four peers in this process, over real sockets, disks and TLS, without the launcher: for tests that must hold a
//! link, a key or a stopped peer in their own hands.

#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

pub mod verify;

use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use theriac_crypto::names::tx_id;
use theriac_crypto::{BlsSecretKey, MemberKey};
use theriac_peer::config::{
    ConsensusConfig, DocumentsConfig, FaultsConfig, GatewayConfig, OtherConfig, PeerConfig, TlsConfig, TuningConfig,
};
use theriac_peer::error::PeerError;
use theriac_proto::admin::v1::admin_client::AdminClient;
use theriac_proto::admin::v1::{EvidenceRequest, EvidenceResponse, StatusRequest, StatusResponse};
use theriac_proto::gateway::v1::SubmitAndWaitRequest;
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_types::{
    Bytes, Creator, Genesis, GenesisMember, GenesisOrganisation, Height, List, Nonce, ReplicaRecord, Role, Text,
    Transaction, TransactionBody, encode,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

/// Longest wait for what has to come, on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const REPLICAS: u16 = 4;

/// A running peer.
pub struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), PeerError>>,
}

/// A network whose peers can be stopped and started.
pub struct Cluster {
    folder: TempDir,
    pub genesis: Genesis,
    gateways: Vec<SocketAddr>,
    links: Vec<SocketAddr>,
    running: Vec<Option<Running>>,
}

/// Below the ports that the kernel gives to outgoing connections and those that local networks take: nobody else takes
/// one of these between here and the peer's start.
const PORTS: Range<u16> = 10_000..20_000;
/// Ports given out by this process so far, tests run side by side.
static GIVEN_OUT: AtomicU16 = AtomicU16::new(0);

fn free_address() -> SocketAddr {
    let count = u32::from(PORTS.end - PORTS.start);
    loop {
        let place = std::process::id() % count * 97 + u32::from(GIVEN_OUT.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + u16::try_from(place % count).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

pub fn member() -> MemberKey {
    MemberKey::from_bytes(&[7; 32]).unwrap()
}

fn write_secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

/// Writes a fresh certificate and its key; gives the certificate as DER too.
pub fn certificate(folder: &Path, name: &str) -> (TlsConfig, Vec<u8>) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned(), "localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    fs::write(&certificate, made.cert.pem()).unwrap();
    write_secret(&key, &made.signing_key.serialize_pem());
    (TlsConfig { certificate, key }, made.cert.der().to_vec())
}

fn genesis(certificates: &[Vec<u8>], links: &[SocketAddr]) -> Genesis {
    let replica = |index: u16| {
        let key = consensus_key(index);
        ReplicaRecord {
            org: "org".parse().unwrap(),
            consensus_key: key.public_key(),
            proof_of_possession: key.proof_of_possession(),
            link_certificate: Bytes::new(certificates[usize::from(index)].clone()).unwrap(),
            address: Text::new(links[usize::from(index)].to_string()).unwrap(),
        }
    };
    let roles = List::new(vec![Role::Administrator, Role::Manufacturer]).unwrap();
    Genesis {
        channel: "test".parse().unwrap(),
        f: 1,
        c: 0,
        replicas: List::new((0..REPLICAS).map(replica).collect()).unwrap(),
        organisations: List::new(vec![GenesisOrganisation { id: "org".parse().unwrap(), roles: roles.clone() }])
            .unwrap(),
        members: List::new(vec![GenesisMember {
            id: "org/member".parse().unwrap(),
            key: member().public_key(),
            roles,
        }])
        .unwrap(),
        time_ms: 1,
    }
}

pub fn consensus_key(index: u16) -> BlsSecretKey {
    BlsSecretKey::from_seed(&[u8::try_from(index).unwrap() + 1; 32]).unwrap()
}

impl Cluster {
    /// Lays everything out; nothing runs yet.
    pub fn new() -> Self {
        if std::env::var_os(theriac_peer::logging::FILTER_VARIABLE).is_some() {
            theriac_peer::logging::start();
        }
        let folder = tempfile::tempdir().unwrap();
        let addresses = || (0..REPLICAS).map(|_| free_address()).collect::<Vec<_>>();
        let (gateways, links) = (addresses(), addresses());
        let certificate = |index: u16| certificate(folder.path(), &format!("replica-{index}")).1;
        let genesis = genesis(&(0..REPLICAS).map(certificate).collect::<Vec<_>>(), &links);
        fs::write(folder.path().join("genesis.bin"), encode(&genesis)).unwrap();
        for index in 0..REPLICAS {
            let secret: String = consensus_key(index).to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            write_secret(&folder.path().join(format!("consensus-{index}.key")), &secret);
        }
        let running = (0..REPLICAS).map(|_| None).collect();
        Self { genesis, gateways, links, running, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn gateway_address(&self, index: u16) -> SocketAddr {
        self.gateways[usize::from(index)]
    }

    pub fn link_address(&self, index: u16) -> SocketAddr {
        self.links[usize::from(index)]
    }

    /// The configuration of one peer.
    pub fn config(&self, index: u16) -> PeerConfig {
        let path = |name: String| -> PathBuf { self.folder.path().join(name) };
        let tls = |index: u16| TlsConfig {
            certificate: path(format!("replica-{index}.pem")),
            key: path(format!("replica-{index}.key")),
        };
        let other = |replica: u16| OtherConfig {
            replica: Some(replica),
            address: self.links[usize::from(replica)].to_string(),
            certificate: path(format!("replica-{replica}.pem")),
        };
        PeerConfig {
            replica: Some(index),
            data: path(format!("data-{index}")),
            genesis: path("genesis.bin".to_owned()),
            consensus_key: path(format!("consensus-{index}.key")),
            gateway: GatewayConfig { listen: self.gateways[usize::from(index)], reflection: true, tls: None },
            consensus: ConsensusConfig {
                listen: self.links[usize::from(index)],
                tls: tls(index),
                peers: (0..REPLICAS).filter(|replica| *replica != index).map(other).collect(),
            },
            documents: DocumentsConfig::default(),
            tuning: TuningConfig::default(),
            faults: FaultsConfig::default(),
        }
    }

    /// Starts one peer.
    pub fn start(&mut self, index: u16) {
        self.start_with(index, self.config(index));
    }

    /// Starts one peer with a configuration of its own.
    pub fn start_with(&mut self, index: u16, config: PeerConfig) {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(theriac_peer::run(config, async move { drop(stopped.await) }));
        self.running[usize::from(index)] = Some(Running { stop, task });
    }

    /// Starts every peer.
    pub fn start_all(&mut self) {
        (0..REPLICAS).for_each(|index| self.start(index));
    }

    /// Stops one peer in order.
    pub async fn stop(&mut self, index: u16) -> Result<(), PeerError> {
        let running = self.running[usize::from(index)].take().unwrap();
        // A peer that ended by itself is asked in vain; its result tells why.
        let _asked = running.stop.send(());
        running.task.await.unwrap()
    }

    /// A connection to a peer's port for clients, once it is open.
    pub async fn channel(&self, index: u16) -> Channel {
        let (address, asked) = (format!("http://{}", self.gateways[usize::from(index)]), Instant::now());
        loop {
            let ended = self.running[usize::from(index)].as_ref().is_some_and(|running| running.task.is_finished());
            assert!(!ended, "replica {index} ended by itself");
            assert!(asked.elapsed() < PATIENCE, "replica {index} takes no connection");
            match Channel::from_shared(address.clone()).unwrap().connect().await {
                Ok(channel) => return channel,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    pub async fn gateway(&self, index: u16) -> GatewayClient<Channel> {
        GatewayClient::new(self.channel(index).await)
    }
}

/// A signed call of `_identity` that registers another member.
pub fn register(nonce: u64, valid_until: u64) -> Transaction {
    let argument = theriac_ledger::system::identity::RegisterMember {
        id: format!("org/member-{nonce}").parse().unwrap(),
        key: MemberKey::from_bytes(&[u8::try_from(nonce % 200).unwrap() + 20; 32]).unwrap().public_key(),
        roles: List::default(),
        attributes: List::default(),
    };
    signed(&member(), "_identity", "register_member", encode(&argument), nonce, valid_until)
}

/// A signed transaction.
pub fn signed(
    key: &MemberKey,
    chaincode: &str,
    function: &str,
    args: Vec<u8>,
    nonce: u64,
    valid_until: u64,
) -> Transaction {
    let body = TransactionBody {
        channel: "test".parse().unwrap(),
        creator: Creator { member: "org/member".parse().unwrap(), key: key.public_key() },
        nonce: Nonce(nonce),
        valid_until: Height(valid_until),
        chaincode: chaincode.parse().unwrap(),
        function: function.parse().unwrap(),
        args: Bytes::new(args).unwrap(),
        transient_hash: None,
    };
    let signature = key.sign(tx_id(&body));
    Transaction { body, signature, cosignatures: List::default() }
}

/// The stable reason of a refusal.
pub fn reason(status: &tonic::Status) -> String {
    use tonic_types::StatusExt;
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

impl Cluster {
    /// Hands a transaction in, again and again while the network is not ready, and returns the checked receipt.
    pub async fn submit(&self, index: u16, transaction: &Transaction) -> theriac_types::Receipt {
        let proven = self.submit_proven(index, transaction).await;
        verify::receipt(&self.genesis, &proven)
    }

    /// The same with the whole answer.
    pub async fn submit_proven(
        &self,
        index: u16,
        transaction: &Transaction,
    ) -> theriac_proto::ledger::v1::ProvenReceipt {
        let mut gateway = self.gateway(index).await;
        loop {
            let request = SubmitAndWaitRequest { transaction: encode(transaction).into() };
            match gateway.submit_and_wait(request).await {
                Ok(response) => return response.into_inner().receipt.unwrap(),
                Err(status) if status.code() == tonic::Code::Unavailable => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(status) => {
                    let running = (0..REPLICAS).filter(|index| self.running[usize::from(*index)].is_some());
                    for index in running {
                        println!("replica {index}: {:?}", self.status(index).await);
                    }
                    panic!("{status:?}");
                }
            }
        }
    }

    /// How a peer says it is doing.
    pub async fn status(&self, index: u16) -> StatusResponse {
        let mut admin = AdminClient::new(self.channel(index).await);
        admin.status(StatusRequest {}).await.unwrap().into_inner()
    }

    /// Waits until a peer says something of itself, with generous patience.
    pub async fn until(&self, index: u16, what: &str, condition: impl Fn(&StatusResponse) -> bool) -> StatusResponse {
        let asked = Instant::now();
        loop {
            let status = self.status(index).await;
            if condition(&status) {
                return status;
            }
            assert!(
                asked.elapsed() < PATIENCE,
                "replica {index} did not come to this: {what}; {status:?}; it saw {:?}",
                self.evidence(index).await
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Misbehaviour that a peer saw.
    pub async fn evidence(&self, index: u16) -> Vec<EvidenceResponse> {
        let mut admin = AdminClient::new(self.channel(index).await);
        let mut seen = admin.evidence(EvidenceRequest::default()).await.unwrap().into_inner();
        let mut all = Vec::new();
        while let Some(evidence) = seen.message().await.unwrap() {
            all.push(evidence);
        }
        all
    }

    /// Waits until a peer has executed and certified a height, and returns its status.
    pub async fn reaches(&self, index: u16, height: u64) -> StatusResponse {
        loop {
            let status = self.status(index).await;
            if status.certified_height >= height {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Stops whatever runs.
    pub async fn stop_all(&mut self) {
        for index in 0..REPLICAS {
            if self.running[usize::from(index)].is_some() {
                self.stop(index).await.unwrap();
            }
        }
    }
}
