//! Hostile chaincode, hostile bytes and a lying peer, against a network of real processes.

use crate::common::{self, Scene, birth};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use theriac_client::{Gateway, GatewayOptions, PeerAddress, StateKey, VerificationError, state_key};
use theriac_network::demo::agreed_root;
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_proto::ledger::v1::ledger_server::{Ledger, LedgerServer};
use theriac_proto::ledger::v1::{
    BlockRequest, BlockResponse, ChainInfoRequest, ChainInfoResponse, EpochsRequest, EpochsResponse, KeyHistoryRequest,
    KeyHistoryResponse, RangeRequest, RangeResponse, StateRequest, StateResponse, TransactionRequest,
    TransactionResponse,
};
use theriac_trace_client::capture;
use theriac_types::Height;
use tonic::codegen::BoxStream;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};

#[tokio::test(flavor = "multi_thread")]
async fn misbehaving_chaincode_gets_a_receipt_and_harms_nobody() {
    let scene = Scene::up().await;
    let pids: Vec<_> = scene.network.processes().iter().map(|peer| peer.pid).collect();
    let package = scene.dir().join("misbehaving.wasm");
    std::fs::write(&package, theriac_test_artifacts::MISBEHAVING).unwrap();
    let path = package.display().to_string();
    scene.run(&["chaincode", "deploy", "misbehaving", &path, "--as", "maker/admin"]).json();
    for organisation in ["distributor", "pharmacy"] {
        let member = format!("{organisation}/admin");
        scene.run(&["chaincode", "approve", "misbehaving", "--as", &member]).json();
    }
    let rows: [(&str, &str, i32, &str); 9] = [
        ("panics", "\"on purpose\"", 3, "TRAPPED"),
        ("writes_then_panics", "null", 3, "TRAPPED"),
        ("reads_out_of_bounds", "7", 3, "TRAPPED"),
        ("loops", "null", 3, "OUT_OF_GAS"),
        ("reads_for_ever", "null", 3, "OUT_OF_GAS"),
        ("eats_memory", "null", 3, "LIMIT_EXCEEDED"),
        ("recurses", "100000000", 3, "TRAPPED"),
        ("puts_value", "300000", 3, "LIMIT_EXCEEDED"),
        ("emits", "1000", 3, "LIMIT_EXCEEDED"),
    ];
    for (function, argument, code, outcome) in rows {
        let error = scene.run(&["tx", "submit", "misbehaving", function, argument]).error(code);
        assert_eq!(error["details"]["outcome"], outcome, "{function}: {error}");
        assert!(error["transaction_id"].is_string(), "it was ordered: {error}");
    }
    let unknown = scene.run(&["tx", "submit", "misbehaving", "nothing", "--args-hex", ""]).error(2);
    assert_eq!(unknown["details"]["outcome"], "INVALID_ARGUMENT");
    let written = scene.run(&["state", "get", "misbehaving", "--key", "7772697474656e"]).error(6);
    assert_eq!(written["reason"], "KEY_UNKNOWN", "a failed transaction changes nothing");
    assert_eq!(scene.network.processes().iter().map(|peer| peer.pid).collect::<Vec<_>>(), pids);
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let committed = capture(&network, &birth("AFTER")).await.unwrap().valid().unwrap();
    agreed(&scene, committed.height()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_on_either_port_leaves_the_peers_at_work() {
    let scene = Scene::up().await;
    let before = scene.network.processes();
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let settings: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    // A frame that claims 16 MiB, and one that is cut in the middle.
    let oversized: &[u8] = &[0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1];
    let truncated: &[u8] = &[0, 0, 40, 1, 4, 0, 0, 0, 1, 0x82];
    let rows: Vec<Vec<u8>> = vec![
        vec![0xff; 4096],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        preface.to_vec(),
        [preface, settings, oversized].concat(),
        [preface, settings, truncated].concat(),
        vec![0x16, 3, 1, 0xff, 0xff],
        Vec::new(),
    ];
    for peer in &before {
        for port in [peer.gateway, peer.consensus] {
            for bytes in &rows {
                shout(port, bytes);
            }
        }
    }
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let committed = capture(&network, &birth("STILL")).await.unwrap().valid().unwrap();
    agreed(&scene, committed.height()).await;
    let pids = |peers: &[theriac_network::PeerProcess]| peers.iter().map(|peer| peer.pid).collect::<Vec<_>>();
    assert_eq!(pids(&scene.network.processes()), pids(&before));
}

/// The other side may hang up at any moment: that is its right.
fn shout(address: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    drop(stream.write_all(bytes));
}

async fn agreed(scene: &Scene, height: Height) {
    for index in 0..4 {
        let peer = scene.network.gateway_to(index, None).unwrap().network();
        let level = || async { peer.chain_info().await.is_ok_and(|info| info.certified_height() >= height) };
        common::until("all peers level", level).await;
    }
    agreed_root(&scene.network, height).await.unwrap();
}

/// Asks an honest peer, and changes one byte of the answer: another one each time.
struct Liar {
    honest: LedgerClient<Channel>,
    lie: Arc<AtomicUsize>,
}

/// The answer that is not changed.
const HONEST: usize = usize::MAX;

impl Liar {
    /// Changes a byte of the parts taken together; false when there is no such byte.
    fn change(&self, parts: &mut [&mut prost::bytes::Bytes]) {
        let mut position = self.lie.load(Ordering::Relaxed);
        if position == HONEST {
            return;
        }
        let total: usize = parts.iter().map(|part| part.len()).sum();
        position %= total;
        for part in parts {
            if position < part.len() {
                let mut bytes = part.to_vec();
                bytes[position] ^= 1 << (position % 8);
                **part = bytes.into();
                return;
            }
            position -= part.len();
        }
    }
}

#[tonic::async_trait]
impl Ledger for Liar {
    type RangeStream = BoxStream<RangeResponse>;
    type KeyHistoryStream = BoxStream<KeyHistoryResponse>;
    type EpochsStream = BoxStream<EpochsResponse>;

    async fn chain_info(&self, request: Request<ChainInfoRequest>) -> Result<Response<ChainInfoResponse>, Status> {
        let mut answer = self.honest.clone().chain_info(request.into_inner()).await?;
        self.change(&mut [&mut answer.get_mut().commitment]);
        Ok(answer)
    }

    async fn block(&self, request: Request<BlockRequest>) -> Result<Response<BlockResponse>, Status> {
        let mut answer = self.honest.clone().block(request.into_inner()).await?;
        let block = answer.get_mut();
        let mut parts: Vec<_> = block.receipts.iter_mut().collect();
        parts.extend([&mut block.block, &mut block.commitment]);
        self.change(&mut parts);
        Ok(answer)
    }

    async fn transaction(&self, request: Request<TransactionRequest>) -> Result<Response<TransactionResponse>, Status> {
        let mut answer = self.honest.clone().transaction(request.into_inner()).await?;
        let receipt = answer.get_mut().receipt.as_mut().unwrap();
        self.change(&mut [&mut receipt.receipt, &mut receipt.proof, &mut receipt.commitment]);
        Ok(answer)
    }

    async fn state(&self, request: Request<StateRequest>) -> Result<Response<StateResponse>, Status> {
        let mut answer = self.honest.clone().state(request.into_inner()).await?;
        let state = answer.get_mut();
        let mut parts: Vec<_> = state.value.iter_mut().collect();
        parts.extend([&mut state.proof, &mut state.commitment]);
        self.change(&mut parts);
        Ok(answer)
    }

    async fn range(&self, _: Request<RangeRequest>) -> Result<Response<Self::RangeStream>, Status> {
        Err(Status::unimplemented("this peer lies about single answers only"))
    }

    async fn key_history(&self, _: Request<KeyHistoryRequest>) -> Result<Response<Self::KeyHistoryStream>, Status> {
        Err(Status::unimplemented("this peer lies about single answers only"))
    }

    async fn epochs(&self, _: Request<EpochsRequest>) -> Result<Response<Self::EpochsStream>, Status> {
        Err(Status::unimplemented("this peer lies about single answers only"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_changes_one_byte_is_caught() {
    let scene = Scene::up().await;
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let committed = capture(&network, &birth("TRUE")).await.unwrap().valid().unwrap();
    let honest = scene.network.processes()[0].gateway;
    let channel = Channel::from_shared(format!("http://{honest}")).unwrap().connect_lazy();
    let lie = Arc::new(AtomicUsize::new(HONEST));
    let liar = Liar { honest: LedgerClient::new(channel), lie: lie.clone() };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    tokio::spawn(Server::builder().add_service(LedgerServer::new(liar)).serve(address));

    let genesis = scene.network.context().unwrap().genesis().unwrap();
    let peer = PeerAddress { name: "liar".to_owned(), address: address.to_string(), tls: None };
    let gateway = Gateway::new(GatewayOptions::new(vec![peer], genesis)).unwrap();
    let asked = gateway.network();
    common::until("the liar listens", || async { asked.chain_info().await.is_ok() }).await;
    let key: StateKey = state_key("_identity".parse().unwrap(), *b"o/maker").unwrap();
    asked.state(key.clone(), None).await.unwrap();
    asked.block(committed.height(), true).await.unwrap();
    asked.transaction(committed.id()).await.unwrap();
    for position in (0..2_000).step_by(7) {
        lie.store(position, Ordering::Relaxed);
        let reasons = [
            asked.chain_info().await.err().map(|error| error.reason().to_owned()),
            asked.state(key.clone(), None).await.err().map(|error| error.reason().to_owned()),
            asked.block(committed.height(), true).await.err().map(|error| error.reason().to_owned()),
            asked.transaction(committed.id()).await.err().map(|error| error.reason().to_owned()),
        ];
        for reason in reasons {
            assert_eq!(reason.as_deref(), Some("VERIFICATION_FAILED"), "byte {position}");
        }
    }
    foreign_network(&scene).await;
}

/// Who trusts another genesis believes nothing of this network.
async fn foreign_network(scene: &Scene) {
    let other = Scene::up().await;
    let genesis = other.network.context().unwrap().genesis().unwrap();
    let honest = scene.network.processes()[0].gateway;
    let peer = PeerAddress { name: "peer-0".to_owned(), address: honest.to_string(), tls: None };
    let gateway = Gateway::new(GatewayOptions::new(vec![peer], genesis)).unwrap();
    let error = gateway.network().chain_info().await.unwrap_err();
    let theriac_client::Cause::Unverified { error, .. } = error.cause else {
        assert!(error.reason().is_empty(), "{error}");
        return;
    };
    assert!(matches!(*error, VerificationError::UnknownEpoch { .. }), "{error}");
}
