//! Links between replicas: who gets in, and what closes them.

use crate::cluster::{Cluster, certificate, register};
use std::fs;
use std::time::Duration;
use theriac_crypto::names::genesis_digest;
use theriac_proto::consensus::v1::consensus_client::ConsensusClient;
use theriac_proto::consensus::v1::{Hello, LinkRequest, LinkResponse, link_request::Item};
use theriac_types::{Digest, Outcome};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Status, Streaming};

/// Connects to replica 0 with a certificate.
async fn connect(cluster: &Cluster, name: &str) -> Result<Channel, tonic::transport::Error> {
    let read = |file: String| fs::read_to_string(cluster.folder().join(file)).unwrap();
    let identity = Identity::from_pem(read(format!("{name}.pem")), read(format!("{name}.key")));
    let server = Certificate::from_pem(read("replica-0.pem".to_owned()));
    let tls = ClientTlsConfig::new().identity(identity).ca_certificate(server).domain_name("replica-0");
    let address = format!("https://{}", cluster.link_address(0));
    Endpoint::from_shared(address).unwrap().tls_config(tls).unwrap().connect().await
}

fn hello(cluster: &Cluster, replica: u32) -> Hello {
    Hello {
        replica: Some(replica),
        channel: "test".to_owned(),
        epoch: 0,
        genesis_digest: genesis_digest(&cluster.genesis).0.to_vec().into(),
    }
}

/// A link of replica 1's, by hand.
struct Link {
    frames: mpsc::Sender<LinkRequest>,
    answers: Streaming<LinkResponse>,
}

impl Link {
    async fn open(cluster: &Cluster, first: Item) -> Result<Self, Status> {
        let mut client = ConsensusClient::new(connect(cluster, "replica-1").await.unwrap());
        let (frames, receiver) = mpsc::channel(8);
        frames.send(LinkRequest { item: Some(first), epoch: 0 }).await.unwrap();
        let answers = client.link(ReceiverStream::new(receiver)).await?.into_inner();
        Ok(Self { frames, answers })
    }

    async fn established(cluster: &Cluster) -> Self {
        let mut link = Self::open(cluster, Item::Hello(hello(cluster, 1))).await.unwrap();
        let answer = link.answers.message().await.unwrap().unwrap();
        assert_eq!(answer.hello.unwrap().replica, Some(0));
        link
    }

    /// Sends a frame that must close the link, and returns what the peer says to it.
    async fn closed_by(mut self, item: Item) -> Status {
        self.frames.send(LinkRequest { item: Some(item), epoch: 0 }).await.unwrap();
        let closed = tokio::time::timeout(Duration::from_secs(10), self.answers.message()).await.unwrap();
        closed.unwrap_err()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_misfits_do_not_get_in_and_garbage_closes_the_link() {
    let mut cluster = Cluster::new();
    // Replica 1's place is taken by this test.
    for index in [0, 2, 3] {
        cluster.start(index);
    }
    assert_eq!(cluster.submit(0, &register(1, 100)).await.outcome, Outcome::Valid);

    certificate(cluster.folder(), "stranger");
    let refused = match connect(&cluster, "stranger").await {
        Err(_) => true,
        // With TLS 1.3 the client learns of the refusal with its first read.
        Ok(channel) => {
            let mut client = ConsensusClient::new(channel);
            client.link(tokio_stream::iter([LinkRequest { item: None, epoch: 0 }])).await.is_err()
        }
    };
    assert!(refused, "a certificate that nobody pinned");

    let first = |item| Link::open(&cluster, item);
    let wrong_network = Hello { genesis_digest: Digest::ZERO.0.to_vec().into(), ..hello(&cluster, 1) };
    let rows = [
        ("another replica's name", Item::Hello(hello(&cluster, 2)), "certificate is that of replica 1"),
        ("another network", Item::Hello(wrong_network), "another network"),
        ("no hello", Item::Message(vec![1].into()), "no hello"),
    ];
    for (row, item, expected) in rows {
        let status = first(item).await.err().unwrap();
        assert_eq!(status.code(), Code::FailedPrecondition, "{row}");
        assert!(status.message().contains(expected), "{row}: {}", status.message());
    }

    let garbage = Link::established(&cluster).await.closed_by(Item::Message(vec![0xff; 64].into())).await;
    assert!(garbage.message().contains("no message"), "{garbage}");
    let truncated = Link::established(&cluster).await.closed_by(Item::Message(vec![9, 0, 0].into())).await;
    assert!(truncated.message().contains("no message"), "{truncated}");
    let second = Link::established(&cluster).await.closed_by(Item::Hello(hello(&cluster, 1))).await;
    assert!(second.message().contains("second hello"), "{second}");
    let oversized = Link::established(&cluster).await.closed_by(Item::Message(vec![0; 5 << 20].into())).await;
    assert_ne!(oversized.code(), Code::Ok, "{oversized}");
    let forged = theriac_consensus_request_with_a_wrong_signature();
    let forged = Link::established(&cluster).await.closed_by(Item::Message(forged.into())).await;
    assert!(forged.message().contains("wrong transaction"), "{forged}");

    assert_eq!(cluster.submit(0, &register(2, 100)).await.outcome, Outcome::Valid, "the network goes on");
    cluster.stop_all().await;
}

/// Variant 0 of the consensus message: transactions for ordering, here with a signature of another one.
fn theriac_consensus_request_with_a_wrong_signature() -> Vec<u8> {
    let mut transaction = register(50, 100);
    transaction.signature = register(51, 100).signature;
    let transactions = theriac_types::List::new(vec![transaction]).unwrap();
    let body = theriac_types::BlockBody { proposed_time_ms: 0, transactions };
    [vec![0], theriac_types::encode(&body)].concat()
}
