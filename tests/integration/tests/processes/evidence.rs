//! Misbehaviour on a real network: noticed, written down, readable on the command line, and of no effect.

use crate::common::{Scene, birth, until};
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use theriac_client::Network;
use theriac_consensus::{
    Cluster, Collectors, Message, NewView, Proposal, SignedViewChange, SlotKnowledge, ViewChange, execution_collectors,
};
use theriac_crypto::names::genesis_digest;
use theriac_crypto::{BlsSecretKey, Share, ShareSigner, Statement, VoteContext};
use theriac_proto::consensus::v1::consensus_client::ConsensusClient;
use theriac_proto::consensus::v1::{Hello, LinkRequest, LinkResponse, link_request::Item};
use theriac_trace_client::{capture, capture_argument};
use theriac_types::limits::TRANSACTION_BYTES_MAX;
use theriac_types::{
    BlockBody, BodyHash, Bytes, Certificate, Digest, Epoch, FunctionName, List, ReplicaId, SeqNum, SignerBitmap,
    StateDigest, Transaction, View, decode, encode,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::{self, ClientTlsConfig, Endpoint, Identity};

/// A link to a peer, in the hands of whoever holds the keys of another.
struct StolenLink {
    frames: mpsc::Sender<LinkRequest>,
    _answers: Streaming<LinkResponse>,
}

impl StolenLink {
    async fn open(scene: &Scene, thief: u16, to: u16) -> Self {
        let folder = scene.network.folder();
        let read = |name: String| fs::read_to_string(folder.tls().join(name)).unwrap();
        let identity = Identity::from_pem(read(format!("peer-{thief}.pem")), read(format!("peer-{thief}.key")));
        let authority = transport::Certificate::from_pem(read("authority.pem".to_owned()));
        let tls = ClientTlsConfig::new().identity(identity).ca_certificate(authority).domain_name("localhost");
        let address = folder.notes().unwrap().peers[usize::from(to)].consensus;
        let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap().tls_config(tls).unwrap();
        let genesis = scene.network.context().unwrap().genesis().unwrap();
        let hello = Hello {
            replica: Some(u32::from(thief)),
            channel: genesis.channel.to_string(),
            epoch: 0,
            genesis_digest: genesis_digest(&genesis).0.to_vec().into(),
        };
        let (frames, receiver) = mpsc::channel(8);
        frames.send(LinkRequest { item: Some(Item::Hello(hello)), epoch: 0 }).await.unwrap();
        let mut client = ConsensusClient::new(endpoint.connect().await.unwrap());
        let mut answers = client.link(ReceiverStream::new(receiver)).await.unwrap().into_inner();
        assert_eq!(answers.message().await.unwrap().unwrap().hello.unwrap().replica, Some(u32::from(to)));
        Self { frames, _answers: answers }
    }

    async fn send(&self, message: &Message<BlockBody>) {
        let item = Some(Item::Message(encode(message).into()));
        self.frames.send(LinkRequest { item, epoch: 0 }).await.unwrap();
    }
}

async fn body(network: &Network, serial: &str) -> BlockBody {
    let (trace, captured) = ("trace".parse().unwrap(), FunctionName::new("capture").unwrap());
    let argument = capture_argument(&birth(serial));
    let signed = network.contract(trace).transaction(&captured, argument).await.unwrap();
    let transaction: Transaction = decode(&signed.to_bytes(), TRANSACTION_BYTES_MAX).unwrap();
    let head = network.chain_info().await.unwrap().certified.unwrap();
    BlockBody { proposed_time_ms: head.commitment.time_ms + 1, transactions: List::new(vec![transaction]).unwrap() }
}

fn consensus_key(scene: &Scene, index: u16) -> BlsSecretKey {
    let path = scene.network.folder().peer(usize::from(index)).join("consensus.key");
    let bytes = hex::decode(fs::read_to_string(path).unwrap().trim()).unwrap();
    BlsSecretKey::from_bytes(&bytes.try_into().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equivocating_primary_is_named_with_view_and_slot_and_changes_nothing() {
    let mut scene = Scene::up().await;
    let network = scene.network.gateway("maker/operator").unwrap().network();
    assert_eq!(scene.run(&["evidence"]).json().as_array().map(Vec::len), Some(0), "nobody did anything yet");
    let status = network.peer_status().await.unwrap().status;
    let primary = u16::try_from(status.primary).unwrap();
    let witness = (primary + 1) % 4;
    let (view, seq) = (View(status.view), SeqNum(status.height).next());
    let bodies = [body(&network, "TWICE1").await, body(&network, "TWICE2").await];

    // Whoever took the primary's keys speaks in its place: one slot, two bodies, both signed.
    scene.network.kill(primary).await.unwrap();
    let genesis = scene.network.context().unwrap().genesis().unwrap();
    let signer = consensus_key(&scene, primary).signer(VoteContext { channel: genesis.channel, epoch: Epoch(0) });
    let link = StolenLink::open(&scene, primary, witness).await;
    for proposal in bodies {
        let body = Proposal::check(proposal.clone()).unwrap().hash();
        let share = signer.sign(&Statement::Prepare { view, seq, body });
        link.send(&Message::PrePrepare { view, seq, proposal, share }).await;
    }
    let seen = format!("{witness}");
    let of_witness = ["evidence", "--peer", &seen];
    until("the witness writes it down", || async { !scene.run(&of_witness).json().as_array().unwrap().is_empty() })
        .await;
    let before = scene.run(&of_witness).json();
    let deed = &before[0];
    assert_eq!((&deed["kind"], &deed["replica"]), (&"EQUIVOCATION".into(), &primary.into()), "{deed}");
    assert_eq!((&deed["view"], &deed["slot"]), (&view.0.into(), &seq.0.into()), "{deed}");
    let organisation = genesis.replicas[usize::from(primary)].org.to_string();
    assert_eq!((&deed["organisation"], &deed["epoch"]), (&organisation.into(), &0.into()), "{deed}");
    assert!(deed["sentence"].as_str().unwrap().contains("two bodies"), "{deed}");
    assert_eq!(scene.run(&["explain", deed["kind"].as_str().unwrap()]).code, Some(0));

    // Of four peers one is dead: what the others saw is shown, and who is missing is said.
    let partial = scene.run(&["evidence"]);
    assert_eq!(partial.error(9)["reason"], "PEER_UNREACHABLE");
    assert!(partial.stdout.contains("EQUIVOCATION"), "{partial:?}");
    drop(link);
    capture(&network, &birth("HONEST1")).await.unwrap().valid().unwrap();

    // It outlives the peer that saw it, and is there once.
    scene.network.restart(primary).await.unwrap();
    scene.network.kill(witness).await.unwrap();
    scene.network.restart(witness).await.unwrap();
    let after = scene.run(&of_witness).json();
    assert_eq!(after.as_array().unwrap().iter().filter(|one| one["kind"] == "EQUIVOCATION").count(), 1, "{after}");
    assert_eq!(after[0], before[0]);
    assert_eq!(scene.run(&["evidence", "--peer", "9"]).error(2)["reason"], "INVALID_REQUEST");
}

/// What replica 0, the primary of view 0, could do and must not. All but the last is seen at once, by who collects votes.
fn misdeeds(key: &BlsSecretKey, context: &VoteContext, next: SeqNum, honest: &BlockBody) -> Vec<Message<BlockBody>> {
    const WITNESS: ReplicaId = ReplicaId(1);
    let (signer, cluster) = (key.signer(context.clone()), Cluster::new(1, 0).unwrap());
    let digest = |byte| Digest([byte; 32]);
    let collects = |seq: &SeqNum| {
        let collectors = Collectors::draw(cluster, context, View(0), *seq);
        collectors.voted_to().any(|id| id == WITNESS)
    };
    let [once, twice, thrice]: [SeqNum; 3] =
        std::array::from_fn(|place| (next.0 + 40..).map(SeqNum).filter(collects).nth(place).unwrap());
    let [free, late] = [SeqNum(next.0 + 30), SeqNum(next.0 + 31)];
    let vote = |seq, byte, forged: bool| {
        let body = BodyHash(digest(byte));
        let share = signer.sign(&Statement::Prepare { view: View(0), seq, body });
        Message::SignShare { view: View(0), seq, body, share: if forged { Share::default() } else { share } }
    };
    let view_change = |view, seqs: &[SeqNum]| {
        let nothing = |seq: &SeqNum| SlotKnowledge { seq: *seq, accepted: None, prepared: None, committed: None };
        let slots = List::new(seqs.iter().map(nothing).collect()).unwrap();
        let message = ViewChange { sender: ReplicaId(0), view: View(view), stable: None, slots };
        let share = signer.sign(&message.statement());
        Message::ViewChange(Arc::new(SignedViewChange { message, share }))
    };
    let tomorrow = BlockBody { proposed_time_ms: honest.proposed_time_ms + 86_400_000, ..honest.clone() };
    let body = Proposal::check(tomorrow.clone()).unwrap().hash();
    let share = signer.sign(&Statement::Prepare { view: View(0), seq: free, body });
    let signers = SignerBitmap::new(4, (0..4).map(ReplicaId)).unwrap();
    let certificate = Certificate { signers, signature: Bytes::default() };
    let nobody = NewView { view: View(8), members: List::new(vec![]).unwrap(), share: Share::default() };
    let new_view = NewView { share: signer.sign(&nobody.statement()), ..nobody };
    let executes = |seq: &SeqNum| execution_collectors(cluster, context, *seq).contains(&WITNESS);
    let soon = (next.0 + 2..).map(SeqNum).find(executes).unwrap();
    let state = StateDigest(digest(3));
    vec![
        Message::PrePrepare { view: View(0), seq: free, proposal: tomorrow, share },
        Message::FullCommitProof { view: View(0), seq: late, body, certificate },
        vote(once, 1, false),
        vote(once, 2, false),
        vote(twice, 1, false),
        vote(twice, 2, true),
        vote(thrice, 1, true),
        Message::NewView(Arc::new(new_view)),
        view_change(4, &[late, free]),
        view_change(8, &[]),
        view_change(8, &[free]),
        vote(late, 1, false),
        Message::SignState {
            seq: soon,
            digest: state,
            share: signer.sign(&Statement::State { seq: soon, digest: state }),
        },
    ]
}

/// A network whose first primary still leads, and its height: where processes get little of the machine, others may
/// have replaced it by the time that all are up.
async fn in_the_first_view() -> (Scene, SeqNum) {
    let mut tries = 0;
    loop {
        let scene = Scene::up().await;
        let status = scene.network.gateway("maker/operator").unwrap().network().peer_status().await.unwrap().status;
        if status.view == 0 {
            return (scene, SeqNum(status.height));
        }
        tries += 1;
        assert!(tries < 8, "no network began in its first view");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_replica_does_wrong_has_a_name_and_a_sentence() {
    let (scene, head) = in_the_first_view().await;
    let network = scene.network.gateway("maker/operator").unwrap().network();
    let honest = body(&network, "NEVER").await;
    scene.network.kill(0).await.unwrap();
    let genesis = scene.network.context().unwrap().genesis().unwrap();
    let context = VoteContext { channel: genesis.channel, epoch: Epoch(0) };
    let link = StolenLink::open(&scene, 0, 1).await;
    let mut misdeeds = misdeeds(&consensus_key(&scene, 0), &context, head.next(), &honest).into_iter();
    // Proposals are looked at in their view only, and what comes later makes the witness leave it.
    link.send(&misdeeds.next().unwrap()).await;
    let seen = async || scene.run(&["evidence", "--peer", "1"]).stdout.contains("BAD_TIME");
    until("the witness sees the proposal of another day", seen).await;
    for message in misdeeds {
        link.send(&message).await;
    }

    // The others go on, and find the false states when they have their own.
    let wanted: BTreeSet<_> = [
        "BAD_CERTIFICATE",
        "BAD_SHARE",
        "BAD_TIME",
        "BROKEN_PROMISE",
        "CONFLICTING_VIEW_CHANGES",
        "CONFLICTING_VOTES",
        "DIVERGENT_STATE",
        "INVALID_NEW_VIEW",
        "INVALID_VIEW_CHANGE",
    ]
    .map(str::to_owned)
    .into();
    let mut seen = BTreeSet::new();
    for transaction in 0..40 {
        capture(&network, &birth(&format!("WELL{transaction}"))).await.unwrap().valid().unwrap();
        let evidence = scene.run(&["evidence", "--peer", "1"]).json();
        for deed in evidence.as_array().unwrap() {
            assert_eq!(deed["replica"], 0, "{deed}");
            assert!(deed["sentence"].as_str().unwrap().len() > 20, "{deed}");
            seen.insert(deed["kind"].as_str().unwrap().to_owned());
        }
        if seen.is_superset(&wanted) {
            break;
        }
    }
    assert_eq!(seen, wanted);
    for kind in &seen {
        assert_eq!(scene.run(&["explain", kind]).code, Some(0), "{kind}");
    }
}
