//! Measures the prices of [`Costs`] on the machine it runs on, and prints them as its table.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;
use theriac_comparison::costs::Costs;
use theriac_comparison::meter::{FreeScheme, FreeSigner};
use theriac_comparison::workload::{Workload, context};
use theriac_consensus::{Cluster, Config, Input, Message, Now, Proposal, Replica, Tuning};
use theriac_crypto::names::body_hash;
use theriac_crypto::{BlsScheme, BlsSecretKey, CertificateScheme, MemberKey, Share, ShareSigner, Statement};
use theriac_types::limits::BLOCK_BYTES_MAX;
use theriac_types::{
    BlockBody, BodyHash, Bytes, Configuration, Digest, Height, List, ReplicaId, ReplicaRecord, SeqNum, Text, TxId,
    View, decode, encode,
};

/// Replicas whose keys are made: enough for the largest certificate.
const REPLICAS: u16 = 209;
/// Certificates of these sizes are measured.
const SIGNERS: [u16; 9] = [2, 3, 11, 21, 31, 65, 129, 193, 209];
/// A message that carries a share is about this long.
const SMALL_BYTES: usize = 150;
/// A message that carries a body.
const LARGE_BYTES: usize = 64 * 1024;
/// Transactions of the measured body.
const TRANSACTIONS: u64 = 64;

/// Measures, and leaks the two tables, which live as long as the process.
pub fn measure(machine: String) -> Costs {
    let key = MemberKey::from_bytes(&[7; 32]).unwrap();
    let id = TxId(Digest([9; 32]));
    let (public, signature) = (key.public_key(), key.sign(id));
    let statement = Statement::Prepare { view: View(0), seq: SeqNum(1), body: BodyHash(Digest([1; 32])) };
    let (scheme, shares) = votes(&statement);
    let some = |count: u16| -> BTreeMap<_, _> {
        shares.iter().take(usize::from(count)).map(|(id, share)| (*id, share.clone())).collect()
    };
    let combine = SIGNERS.map(|count| {
        let shares = some(count);
        (u64::from(count), shortest_ns(150, || _ = black_box(scheme.combine(&statement, &shares).unwrap())))
    });
    let check = SIGNERS.map(|count| {
        let certificate = scheme.combine(&statement, &some(count)).unwrap();
        (u64::from(count), shortest_ns(150, || scheme.verify(&statement, &certificate, usize::from(count)).unwrap()))
    });
    let signer = BlsSecretKey::from_seed(&[1; 32]).unwrap().signer(context());
    let (message_ns, message_ns_per_kib) = message();
    Costs {
        machine: machine.leak(),
        sign_ns: shortest_ns(150, || _ = black_box(key.sign(id))),
        check_ns: shortest_ns(150, || theriac_crypto::verify_signature(&public, id, &signature).unwrap()),
        share_ns: shortest_ns(200, || _ = black_box(signer.sign(&statement))),
        share_check_ns: shortest_ns(100, || {
            assert!(scheme.verify_share(ReplicaId(1), &statement, &shares[&ReplicaId(1)]));
        }),
        combine_ns: combine.to_vec().leak(),
        certificate_check_ns: check.to_vec().leak(),
        body_ns_per_kib: body(),
        message_ns,
        message_ns_per_kib,
        step_ns: step(),
    }
}

fn votes(statement: &Statement) -> (BlsScheme, BTreeMap<ReplicaId, Share>) {
    let secret = |id: u16| {
        let mut seed = [5; 32];
        seed[..2].copy_from_slice(&id.to_le_bytes());
        BlsSecretKey::from_seed(&seed).unwrap()
    };
    let secrets: Vec<_> = (0..REPLICAS).map(secret).collect();
    let replica = |secret: &BlsSecretKey| ReplicaRecord {
        org: "maker".parse().unwrap(),
        consensus_key: secret.public_key(),
        proof_of_possession: secret.proof_of_possession(),
        link_certificate: Bytes::default(),
        address: Text::default(),
    };
    let replicas = List::new(secrets.iter().map(replica).collect()).unwrap();
    let configuration = Configuration { epoch: context().epoch, first: Height(1), f: 64, c: 8, replicas };
    let scheme = BlsScheme::new(context().channel, &configuration).unwrap();
    let shares = (0..).map(ReplicaId).zip(secrets.iter().map(|s| s.signer(context()).sign(statement))).collect();
    (scheme, shares)
}

fn body() -> u64 {
    let mut workload = Workload::new(64);
    let transactions = (0..TRANSACTIONS).map(|n| workload.transaction(n).into_inner()).collect();
    let bytes = encode(&BlockBody { proposed_time_ms: 0, transactions: List::new(transactions).unwrap() });
    let ns = shortest_ns(100, || {
        let body: BlockBody = decode(&bytes, BLOCK_BYTES_MAX).unwrap();
        black_box(body_hash(&body));
    });
    ns * 1024 / bytes.len() as u64
}

/// One side's share of passing a small message over the loopback, and of every further KiB.
fn message() -> (u64, u64) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut far, _) = listener.accept().unwrap();
    near.set_nodelay(true).unwrap();
    let mut pass = |bytes: usize| {
        let (sent, mut received) = (vec![1; bytes], vec![0; bytes]);
        shortest_ns(2000, || {
            near.write_all(&sent).unwrap();
            far.read_exact(&mut received).unwrap();
        }) / 2
    };
    let (small, large) = (pass(SMALL_BYTES), pass(LARGE_BYTES));
    (small, large.saturating_sub(small) * 1024 / (LARGE_BYTES - SMALL_BYTES) as u64)
}

/// A collector of the largest network takes in votes.
fn step() -> u64 {
    let cluster = Cluster::new(64, 8).unwrap();
    let quarter = u16::try_from(cluster.replicas() / 4).unwrap();
    let votes = |body: BodyHash| {
        (1..=quarter).map(move |id| {
            let message = Message::SignShare { view: View(0), seq: SeqNum(1), body, share: FreeSigner::share() };
            Input::Message { from: ReplicaId(id), message }
        })
    };
    let proposal = Proposal::assemble(0, []).unwrap();
    let now = Now { monotonic_ms: 0, unix_ms: 0 };
    let config = Config { replica: ReplicaId(0), cluster, context: context(), tuning: Tuning::default() };
    let per_turn = shortest_ns(40, || {
        let scheme = Arc::new(FreeScheme { replicas: cluster.replicas() });
        let mut replica = Replica::new(config.clone(), Box::new(FreeSigner), scheme);
        let mut effects = Vec::new();
        votes(proposal.hash()).for_each(|vote| replica.step(now, vote, &mut effects));
        black_box(effects);
    });
    per_turn / u64::from(quarter)
}

/// The shortest of so many runs: whatever else a shared machine does only ever adds to it.
fn shortest_ns(rounds: usize, mut run: impl FnMut()) -> u64 {
    let time = |_| {
        let started = Instant::now();
        run();
        u64::try_from(started.elapsed().as_nanos()).unwrap()
    };
    (0..rounds).map(time).min().unwrap()
}
