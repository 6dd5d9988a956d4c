//! A turn of a real replica: what is written when, and what leaves when.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{
    Cluster, CommitProof, Config, Destination, Fault, Input, Message, Now, Proposal, Recovered, Replica, Tuning,
};
use theriac_crypto::names::tx_id;
use theriac_crypto::{
    CertificateScheme, MemberKey, Record as Signatures, RecordingScheme, RecordingSigner, ShareSigner, Statement,
    Verified, VoteContext,
};
use theriac_ordering::{Executor, FileLog, Log, LogError, Ordering, OrderingError, Transport};
use theriac_types::{
    BlockBody, Bytes, Certificate, Creator, Digest, Epoch, Height, List, Nonce, ReplicaId, SeqNum, StableCheckpoint,
    StateDigest, Transaction, TransactionBody,
};

type Record = theriac_consensus::Record<Arc<Proposal>>;

/// Everything that leaves the ordering, in the order it does.
#[derive(Debug, Clone, PartialEq)]
enum Left {
    Appended(&'static str, SeqNum),
    Synced,
    Sent(Destination, Message<Arc<Proposal>>),
    Executed(SeqNum),
    Stable(SeqNum),
    Over(SeqNum),
    Halted,
}

/// One end for all sinks.
#[derive(Debug, Clone, Default)]
struct Edge {
    left: Rc<RefCell<Vec<Left>>>,
    sync_fails: Rc<RefCell<bool>>,
}

impl Edge {
    fn note(&self, left: Left) {
        self.left.borrow_mut().push(left);
    }

    fn take(&self) -> Vec<Left> {
        std::mem::take(&mut self.left.borrow_mut())
    }
}

impl Log for Edge {
    fn append(&mut self, record: &Record) -> Result<(), LogError> {
        self.note(Left::Appended(record.kind(), record.slot()));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), LogError> {
        if *self.sync_fails.borrow() {
            let source = std::io::Error::other("no space left");
            return Err(LogError::Io { operation: "sync", path: "wal".into(), source });
        }
        self.note(Left::Synced);
        Ok(())
    }

    fn replay(&mut self) -> Result<Vec<theriac_consensus::Record<BlockBody>>, LogError> {
        Ok(Vec::new())
    }

    fn prune(&mut self, _: SeqNum) -> Result<(), LogError> {
        Ok(())
    }
}

impl Transport for Edge {
    fn send(&mut self, to: Destination, message: Message<Arc<Proposal>>) {
        self.note(Left::Sent(to, message));
    }
}

impl Executor for Edge {
    fn execute(&mut self, seq: SeqNum, _: Arc<Proposal>, _: CommitProof) {
        self.note(Left::Executed(seq));
    }
    fn certified(&mut self, _: SeqNum, _: StateDigest, _: Certificate) {}
    fn serve(&mut self, _: ReplicaId, _: SeqNum, _: SeqNum) {}
    fn stable(&mut self, checkpoint: StableCheckpoint) {
        self.note(Left::Stable(checkpoint.seq));
    }
    fn transfer(&mut self, _: StableCheckpoint) {}
    fn epoch_over(&mut self, checkpoint: StableCheckpoint) {
        self.note(Left::Over(checkpoint.seq));
    }
    fn evidence(&mut self, _: ReplicaId, _: Fault) {}
    fn halt(&mut self, _: &str) {
        self.note(Left::Halted);
    }
}

/// Four replicas' keys, and the primary's replica among them.
struct Network {
    context: VoteContext,
    signatures: Signatures,
}

impl Network {
    fn new() -> Self {
        let context = VoteContext { channel: "test".parse().unwrap(), epoch: Epoch(0) };
        Self { context, signatures: Signatures::default() }
    }

    fn signer(&self, id: u16) -> RecordingSigner {
        RecordingSigner { replica: ReplicaId(id), context: self.context.clone(), record: self.signatures.clone() }
    }

    fn scheme(&self) -> RecordingScheme {
        RecordingScheme { replicas: 4, context: self.context.clone(), record: self.signatures.clone() }
    }

    fn certificate(&self, signers: &[u16], statement: &Statement) -> Certificate {
        let shares = signers.iter().map(|id| (ReplicaId(*id), self.signer(*id).sign(statement))).collect();
        self.scheme().combine(statement, &shares).unwrap()
    }

    /// The same replicas in the epoch after a slot.
    fn next(&self) -> Self {
        let context = VoteContext { epoch: Epoch(self.context.epoch.0 + 1), ..self.context.clone() };
        Self { context, signatures: self.signatures.clone() }
    }

    fn primary(&self, recovered: Recovered) -> Replica {
        self.primary_after(SeqNum(0), recovered)
    }

    fn primary_after(&self, base: SeqNum, recovered: Recovered) -> Replica {
        let config = Config {
            replica: ReplicaId(0),
            cluster: Cluster::new(1, 0).unwrap().with_base(base),
            context: self.context.clone(),
            tuning: Tuning::default(),
        };
        Replica::recover(config, Box::new(self.signer(0)), Arc::new(self.scheme()), recovered)
    }
}

fn now(ms: u64) -> Now {
    Now { monotonic_ms: ms, unix_ms: 1_790_000_000_000 + ms }
}

fn request(nonce: u64) -> Verified<Transaction> {
    let key = MemberKey::from_bytes(&[9; 32]).unwrap();
    let body = TransactionBody {
        channel: "test".parse().unwrap(),
        creator: Creator { member: "acme/anna".parse().unwrap(), key: key.public_key() },
        nonce: Nonce(nonce),
        valid_until: Height(100),
        chaincode: "kv".parse().unwrap(),
        function: "put".parse().unwrap(),
        args: Bytes::default(),
        transient_hash: None,
    };
    let signature = key.sign(tx_id(&body));
    Verified::<Transaction>::check(Transaction { body, signature, cosignatures: List::default() }).unwrap()
}

fn start(network: &Network) -> (Edge, Ordering<Edge, Edge, Edge>) {
    let edge = Edge::default();
    let replica = network.primary(Recovered::default());
    let ordering = Ordering::start(now(0), replica, edge.clone(), edge.clone(), edge.clone()).unwrap();
    edge.take();
    (edge, ordering)
}

#[test]
fn a_proposal_leaves_after_its_record_is_synced() {
    let (edge, mut ordering) = start(&Network::new());
    let turn = ordering.turn(now(1), [Input::Requests(vec![request(1)])]).unwrap();
    let left = edge.take();
    assert_eq!(left[..2], [Left::Appended("accepted", SeqNum(1)), Left::Synced]);
    assert!(left[2..].iter().all(|left| matches!(left, Left::Sent(..))), "{left:?}");
    assert_eq!((turn.inputs, turn.records, turn.messages), (1, 1, left.len() - 2));
}

#[test]
fn records_of_a_turn_share_one_sync_and_its_blocks_are_executed_after_it() {
    let network = Network::new();
    let (edge, mut ordering) = start(&network);
    ordering.turn(now(1), [Input::Requests(vec![request(1)])]).unwrap();
    let body = edge.take().iter().find_map(|left| match left {
        Left::Sent(_, Message::PrePrepare { proposal, .. }) => Some(proposal.hash()),
        _ => None,
    });
    let (view, seq, body) = (theriac_types::View(0), SeqNum(1), body.unwrap());
    let certificate = network.certificate(&[0, 1, 2, 3], &Statement::Prepare { view, seq, body });
    let message = Message::FullCommitProof { view, seq, body, certificate };
    // Two inputs of one turn, two records, one sync.
    let inputs = [Input::Message { from: ReplicaId(1), message }, Input::Requests(vec![request(2)])];
    ordering.turn(now(2), inputs).unwrap();
    let left = edge.take();
    let place = |wanted: &Left| left.iter().position(|left| left == wanted).unwrap();
    assert!(place(&Left::Appended("committed", seq)) < place(&Left::Synced));
    assert!(place(&Left::Synced) < place(&Left::Executed(seq)));
    assert_eq!(left.iter().filter(|left| **left == Left::Synced).count(), 1);
}

#[test]
fn a_turn_without_records_costs_no_sync() {
    let (edge, mut ordering) = start(&Network::new());
    let deadline = ordering.next_deadline().unwrap();
    assert_eq!(ordering.turn(now(deadline - 1), []).unwrap().inputs, 0, "nothing is due yet");
    assert_eq!(edge.take(), []);
    let turn = ordering.turn(now(deadline), []).unwrap();
    assert_eq!((turn.inputs, turn.records, turn.messages), (1, 0, 1));
    assert!(matches!(edge.take()[..], [Left::Sent(Destination::Others, Message::Status { .. })]));
}

#[test]
fn nothing_leaves_when_the_sync_fails_and_no_turn_follows() {
    let (edge, mut ordering) = start(&Network::new());
    *edge.sync_fails.borrow_mut() = true;
    let error = ordering.turn(now(1), [Input::Requests(vec![request(1)])]).unwrap_err();
    assert_eq!(error.code(), "LOG_IO");
    assert_eq!(edge.take(), [Left::Appended("accepted", SeqNum(1))]);
    *edge.sync_fails.borrow_mut() = false;
    assert!(matches!(ordering.turn(now(1_000), []), Err(OrderingError::Halted { .. })));
    assert_eq!(edge.take(), []);
}

#[test]
fn a_replica_whose_state_contradicts_a_certificate_stops() {
    let network = Network::new();
    let edge = Edge::default();
    let (seq, digest) = (SeqNum(1), StateDigest(Digest([1; 32])));
    let recent = vec![theriac_consensus::ExecutedSlot { seq, digest, certificate: None }];
    let replica = network.primary(Recovered { executed: seq, recent, ..Recovered::default() });
    let mut ordering = Ordering::start(now(0), replica, edge.clone(), edge.clone(), edge.clone()).unwrap();
    edge.take();
    let other = StateDigest(Digest([2; 32]));
    let certificate = network.certificate(&[1, 2], &Statement::State { seq, digest: other });
    let message = Message::FullExecuteProof { seq, digest: other, certificate };
    let error = ordering.turn(now(1), [Input::Message { from: ReplicaId(1), message }]).unwrap_err();
    assert_eq!(error.code(), "REPLICA_HALTED", "{error}");
    assert_eq!(edge.take().last(), Some(&Left::Halted));
    assert!(ordering.turn(now(2), [Input::Requests(vec![request(1)])]).is_err());
    assert_eq!(edge.take(), []);
}

#[test]
fn after_a_restart_the_primary_repeats_its_proposal_to_the_byte() {
    let (network, folder) = (Network::new(), tempfile::tempdir().unwrap());
    let proposals = |edge: &Edge| -> Vec<_> {
        let sent = edge.take().into_iter().filter_map(|left| match left {
            Left::Sent(to, message @ Message::PrePrepare { .. }) => Some((to, message)),
            _ => None,
        });
        sent.collect()
    };
    let edge = Edge::default();
    let log = FileLog::open(folder.path(), Epoch(0)).unwrap();
    let replica = network.primary(Recovered::default());
    let mut ordering = Ordering::start(now(0), replica, log, edge.clone(), edge.clone()).unwrap();
    ordering.turn(now(1), [Input::Requests(vec![request(1)])]).unwrap();
    let said = proposals(&edge);
    assert_eq!(said.len(), 1);
    drop(ordering);

    let mut log = FileLog::open(folder.path(), Epoch(0)).unwrap();
    let records = log.replay().unwrap().into_iter();
    let records = records.map(|record| record.admit(|body| Proposal::check(body).map(Arc::new)).unwrap()).collect();
    let replica = network.primary(Recovered { records, ..Recovered::default() });
    Ordering::start(now(50_000), replica, log, edge.clone(), edge.clone()).unwrap();
    assert_eq!(proposals(&edge), said);
}

#[test]
fn when_an_epoch_is_over_the_next_one_takes_on_over_the_same_links() {
    let (network, data) = (Network::new(), tempfile::tempdir().unwrap());
    let log = |epoch: u64| FileLog::open(&data.path().join(format!("epoch-{epoch}")), Epoch(epoch)).unwrap();
    let (last, digest) = (SeqNum(256), StateDigest(Digest([1; 32])));
    let certificate = network.certificate(&[0, 1, 2], &Statement::Checkpoint { seq: last, digest });
    let stable = StableCheckpoint { seq: last, digest, certificate };
    let recovered = Recovered { executed: last, stable: Some(stable.clone()), ..Recovered::default() };
    let edge = Edge::default();
    let ending = network.primary(Recovered { epoch_ends: Some(last), ..recovered.clone() });
    let mut ordering = Ordering::start(now(0), ending, log(0), edge.clone(), edge.clone()).unwrap();
    assert_eq!(edge.take(), [Left::Stable(last), Left::Over(last)]);
    // What comes too late for this epoch waits for the next, and whoever lags still gets answers.
    ordering.turn(now(1), [Input::Requests(vec![request(1)])]).unwrap();
    assert_eq!(edge.take(), []);
    let behind = Message::Status {
        view: theriac_types::View(0),
        active: true,
        stable: SeqNum(128),
        executed: SeqNum(200),
        certified: SeqNum(200),
    };
    ordering.turn(now(2), [Input::Message { from: ReplicaId(3), message: behind }]).unwrap();
    let answers = edge.take();
    assert!(answers.contains(&Left::Sent(Destination::One(ReplicaId(3)), Message::Stable(stable))));

    let next = network.next();
    let mut replica = next.primary_after(last, recovered);
    replica.inherit_requests(&mut ordering.into_replica());
    let ordering = Ordering::start(now(3), replica, log(1), edge.clone(), edge.clone()).unwrap();
    let left = edge.take();
    let proposed: Vec<_> = left
        .iter()
        .filter_map(|left| match left {
            Left::Sent(Destination::Others, Message::PrePrepare { seq, proposal, .. }) => {
                Some((*seq, proposal.ids().len()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(proposed, [(last.next(), 1)], "{left:?}");
    drop(ordering);
    assert_eq!(log(0).replay().unwrap(), [], "the epoch that was over got no more records");
    assert_eq!(log(1).replay().unwrap().len(), 1);
}
