//! Whatever f replicas and the clock come up with: no panic, no second signature, no unbounded memory.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Wire};
use common::values::{proposal, transaction};
use proptest::prelude::*;
use std::sync::Arc;
use theriac_consensus::{CommitProof, Input, Message, Now, Proposal, Timer};
use theriac_crypto::{CertificateScheme, Share, ShareSigner, Statement};
use theriac_types::{Bytes, Certificate, Digest, ReplicaId, SeqNum, SignerBitmap, StateDigest, View};

/// A message as numbers: its kind, its sender, and what its fields are chosen by.
#[derive(Debug, Clone)]
struct Lie {
    kind: u8,
    from: u16,
    view: u64,
    seq: u64,
    last: u64,
    body: u64,
    honest: bool,
}

fn lie() -> impl Strategy<Value = Lie> {
    let number = || prop_oneof![4 => 0..4_u64, 2 => 250..260_u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
    let view = prop_oneof![6 => Just(0_u64), 1 => 1..3_u64, 1 => Just(u64::MAX)];
    (0..14_u8, 0..8_u16, view, number(), number(), 0..3_u64, any::<bool>())
        .prop_map(|(kind, from, view, seq, last, body, honest)| Lie { kind, from, view, seq, last, body, honest })
}

/// Spells a lie out. Replicas 0 and 1 are Byzantine: what they sign is really signed.
fn message(network: &Network, proposals: &[Arc<Proposal>], lie: &Lie) -> Wire {
    let (view, seq) = (View(lie.view), SeqNum(lie.seq));
    let proposal = Arc::clone(&proposals[usize::try_from(lie.body).unwrap()]);
    let body = proposal.hash();
    let digest = StateDigest(Digest([lie.body as u8; 32]));
    let share = |statement: Statement| match lie.honest && lie.from < 2 {
        true => network.signer(lie.from).sign(&statement),
        false => Share::default(),
    };
    let certificate = |statement: Statement| match lie.honest {
        true => {
            let shares = [0, 1].map(|id| (ReplicaId(id), network.signer(id).sign(&statement)));
            network.scheme().combine(&statement, &shares.into()).unwrap()
        }
        false => {
            let signers = SignerBitmap::new(6, (0..6).map(ReplicaId)).unwrap();
            Certificate { signers, signature: Bytes::default() }
        }
    };
    let (prepare, commit) = (Statement::Prepare { view, seq, body }, Statement::Commit { view, seq, body });
    let state = Statement::State { seq, digest };
    match lie.kind {
        0 => Message::Request(proposal),
        1 | 2 => Message::PrePrepare { view, seq, proposal, share: share(prepare) },
        3 => Message::SignShare { view, seq, body, share: share(prepare) },
        4 => Message::FullCommitProof { view, seq, body, certificate: certificate(prepare) },
        5 => Message::Prepare { view, seq, body, certificate: certificate(prepare) },
        6 => Message::Commit { view, seq, body, share: share(commit) },
        7 => Message::FullCommitProofSlow { view, seq, body, certificate: certificate(commit) },
        8 => Message::SignState { seq, digest, share: share(state) },
        9 => Message::FullExecuteProof { seq, digest, certificate: certificate(state) },
        10 => Message::Status { view, active: true, stable: seq, executed: seq, certified: SeqNum(lie.last) },
        11 => Message::Fetch { first: seq, last: SeqNum(lie.last) },
        _ => {
            let proof = CommitProof::Slow { view, certificate: certificate(commit) };
            Message::Decided { seq, proposal, proof, executed: Some((digest, certificate(state))) }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn no_message_makes_a_replica_panic_or_sign_twice(lies in prop::collection::vec(lie(), 1..120)) {
        let proposals: Vec<_> = (0..3).map(proposal).collect();
        let mut network = Network::new(1, 1);
        network.submit(3, vec![transaction(7)]);
        for (at, lie) in lies.iter().enumerate() {
            let message = message(&network, &proposals, lie);
            let to = 2 + at % 4;
            network.deliver(lie.from, to, message);
            if at % 8 == 0 {
                network.run(30);
            }
        }
        network.run(2_000);
        let honest: Vec<_> = network.double_signers().into_iter().filter(|id| id.0 >= 2).collect();
        prop_assert!(honest.is_empty(), "{honest:?} signed twice");
    }
}

#[test]
fn a_flood_of_future_slots_leaves_a_bounded_number_behind() {
    let mut network = Network::new(1, 0);
    let body = proposal(1).hash();
    for seq in 0..20_000 {
        let (view, seq) = (View(0), SeqNum(seq));
        network.deliver(3, 1, Message::SignShare { view, seq, body, share: Share::default() });
        let digest = StateDigest(body.0);
        network.deliver(3, 1, Message::SignState { seq, digest, share: Share::default() });
    }
    let replica = format!("{:?}", network.nodes[1].replica.as_ref().unwrap());
    let slots = replica.split("slots: [").nth(1).unwrap().split(']').next().unwrap();
    assert_eq!(slots.split(',').count(), 256, "only the window's slots: {replica}");
}

#[test]
fn timers_of_unknown_slots_and_strange_clocks_are_harmless() {
    let mut network = Network::new(1, 1);
    let replica = network.nodes[2].replica.as_mut().unwrap();
    let mut effects = Vec::new();
    for monotonic_ms in [0, 5, 3, u64::MAX / 2] {
        let now = Now { monotonic_ms, unix_ms: u64::MAX };
        for seq in [0, 1, 256, 257, u64::MAX].map(SeqNum) {
            for view in [0, 1, u64::MAX].map(View) {
                replica.step(now, Input::Timer(Timer::Fast(view, seq)), &mut effects);
                replica.step(now, Input::Timer(Timer::Slow(view, seq)), &mut effects);
            }
            replica.step(now, Input::Timer(Timer::Execute(seq)), &mut effects);
        }
        replica.step(now, Input::Timer(Timer::Batch), &mut effects);
        replica.step(now, Input::Timer(Timer::Status), &mut effects);
    }
    let stranger = Input::Message { from: ReplicaId(6), message: Message::Fetch { first: SeqNum(1), last: SeqNum(9) } };
    effects.clear();
    replica.step(Now { monotonic_ms: 0, unix_ms: 0 }, stranger, &mut effects);
    assert!(effects.is_empty(), "replica 6 of 6 does not exist");
}

#[test]
fn a_forger_is_named_a_few_times_and_then_ignored() {
    let proposals: Vec<_> = (0..3).map(proposal).collect();
    let mut network = Network::new(1, 0);
    for seq in (1..=100).map(SeqNum) {
        let lie = Lie { kind: 7, from: 3, view: 0, seq: seq.0, last: 0, body: 1, honest: false };
        let message = message(&network, &proposals, &lie);
        network.deliver(3, 1, message);
    }
    assert_eq!(network.nodes[1].evidence.len(), 16);
}
