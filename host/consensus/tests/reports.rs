//! What a replica says on leaving a view: everything that may have been decided, however long ago and across restarts.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Wire};
use common::values::proposal;
use common::views::{Sent, apart, certificate, leave, named, nothing, pre_prepare, promise, sends, view};
use std::sync::Arc;
use theriac_consensus::{CommitProof, Message, Proposal, SlotKnowledge};
use theriac_crypto::Statement;
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];
const SLOT: SeqNum = SeqNum(1);
/// Whom the tests are about. The others are played.
const ME: u16 = 3;

fn accept(network: &mut Network, proposal: &Arc<Proposal>) {
    let message = pre_prepare(network, View(0), SLOT, proposal);
    network.deliver(0, usize::from(ME), message);
}

fn votes(network: &Network, body: BodyHash, count: usize) -> Certificate {
    let voters = network.cluster.ids().map(|id| id.0).take(count);
    certificate(network, Statement::Prepare { view: View(0), seq: SLOT, body }, voters)
}

/// Decides the slot on the fast path, and lets it be executed.
fn decide(network: &mut Network, proposal: &Arc<Proposal>) -> CommitProof {
    accept(network, proposal);
    let certificate = votes(network, proposal.hash(), network.cluster.fast_commit());
    let proof = CommitProof::Fast { view: View(0), certificate };
    network.deliver(1, usize::from(ME), proof.clone().into_message(SLOT, proposal.hash()));
    network.run(1);
    assert_eq!(network.nodes[usize::from(ME)].store.len(), 1);
    proof
}

fn restart(network: &mut Network) {
    network.crash(usize::from(ME));
    network.start(usize::from(ME));
}

fn reported(network: &mut Network, sent: &Sent, target: u64) -> Option<SlotKnowledge> {
    leave(network, sent, ME, target).slot(SLOT).cloned()
}

#[test]
fn a_null_block_that_was_accepted_is_reported() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let null = Arc::new(Proposal::null());
        accept(&mut network, &null);
        let accepted = reported(&mut network, &sent, 1).and_then(|slot| slot.accepted);
        assert_eq!(accepted, Some((View(0), null.hash())), "f={f} c={c}");
    }
}

#[test]
fn what_was_accepted_is_reported_view_after_view() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        accept(&mut network, &proposal(1));
        for target in [1, 2, 5] {
            let accepted = reported(&mut network, &sent, target).and_then(|slot| slot.accepted);
            assert_eq!(accepted, Some((View(0), proposal(1).hash())), "view {target}, f={f} c={c}");
        }
    }
}

#[test]
fn what_was_accepted_is_reported_after_a_restart() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        accept(&mut network, &proposal(1));
        for target in [1, 2] {
            restart(&mut network);
            let accepted = reported(&mut network, &sent, target).and_then(|slot| slot.accepted);
            assert_eq!(accepted, Some((View(0), proposal(1).hash())), "view {target}, f={f} c={c}");
        }
    }
}

/// Has the replica accept and prepare a body. Returns the certificate.
fn prepare(network: &mut Network, proposal: &Arc<Proposal>) -> Certificate {
    accept(network, proposal);
    let body = proposal.hash();
    let certificate = votes(network, body, network.cluster.prepare());
    let prepare = Message::Prepare { view: View(0), seq: SLOT, body, certificate: certificate.clone() };
    network.deliver(1, usize::from(ME), prepare);
    certificate
}

#[test]
fn a_certificate_is_reported_view_after_view() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let certificate = prepare(&mut network, &proposal(1));
        for target in [1, 2, 5] {
            let prepared = reported(&mut network, &sent, target).and_then(|slot| slot.prepared);
            let expected = Some((View(0), proposal(1).hash(), certificate.clone()));
            assert_eq!(prepared, expected, "view {target}, f={f} c={c}");
        }
    }
}

#[test]
fn a_certificate_is_reported_after_a_restart() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let certificate = prepare(&mut network, &proposal(1));
        for target in [1, 2, 5] {
            restart(&mut network);
            let prepared = reported(&mut network, &sent, target).and_then(|slot| slot.prepared);
            let expected = Some((View(0), proposal(1).hash(), certificate.clone()));
            assert_eq!(prepared, expected, "view {target}, f={f} c={c}");
        }
    }
}

#[test]
fn a_promise_is_repeated_to_the_byte_and_kept_after_a_restart() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        accept(&mut network, &proposal(1));
        let promised = leave(&mut network, &sent, ME, 1);
        sent.borrow_mut().clear();
        restart(&mut network);
        assert_eq!(view(&network, usize::from(ME)), (View(1), false), "f={f} c={c}");
        let others = network.cluster.replicas() - 1;
        let repeats = |message: &Wire| matches!(message, Message::ViewChange(signed) if signed.message == promised);
        assert_eq!(sends(&sent, ME, repeats), others, "f={f} c={c}");
        let late = pre_prepare(&network, View(0), SLOT.next(), &proposal(2));
        network.deliver(0, usize::from(ME), late);
        let is_vote = |message: &Wire| matches!(message, Message::SignShare { .. });
        assert_eq!(sends(&sent, ME, is_vote), 0, "nothing of the view that it left: f={f} c={c}");
    }
}

#[test]
fn an_executed_slot_is_reported_with_its_proof() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let proof = decide(&mut network, &proposal(1));
        let committed = reported(&mut network, &sent, 1).and_then(|slot| slot.committed);
        assert_eq!(committed, Some((proposal(1).hash(), proof)), "f={f} c={c}");
    }
}

#[test]
fn an_executed_slot_is_reported_with_its_proof_after_a_restart() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let proof = decide(&mut network, &proposal(1));
        restart(&mut network);
        let committed = reported(&mut network, &sent, 1).and_then(|slot| slot.committed);
        assert_eq!(committed, Some((proposal(1).hash(), proof)), "f={f} c={c}");
    }
}

#[test]
fn whoever_decided_a_slot_shows_why_to_the_new_view() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let body = proposal(1).hash();
        let proof = decide(&mut network, &proposal(1));
        let accepted = SlotKnowledge { accepted: Some((View(0), body)), ..nothing(1) };
        let others = network.cluster.ids().map(|id| id.0).filter(|id| *id != ME).take(network.cluster.view_change());
        let messages: Vec<_> = others.map(|id| promise(&network, id, 1, vec![accepted.clone()])).collect();
        let members = messages.iter().map(|m| (m.message.sender, m.message.digest())).collect();
        let new_view = named(&network, 1, members);
        for message in messages {
            network.deliver(1, usize::from(ME), Message::ViewChange(message));
        }
        sent.borrow_mut().clear();
        network.deliver(1, usize::from(ME), Message::NewView(new_view));
        assert_eq!(view(&network, usize::from(ME)), (View(1), true));
        let shown: Wire = proof.into_message(SLOT, body);
        assert!(sent.borrow().contains(&(ReplicaId(ME), shown)), "f={f} c={c}");
        let votes_again = |message: &Wire| matches!(message, Message::SignShare { .. });
        assert!(!sent.borrow().iter().any(|(_, message)| votes_again(message)), "f={f} c={c}");
    }
}

#[test]
fn nobody_votes_for_a_certified_state_that_it_has_not_executed() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let digest = theriac_types::StateDigest(theriac_types::Digest([7; 32]));
        let voters = (0..=network.cluster.f()).map(|id| u16::try_from(id).unwrap());
        let certificate = certificate(&network, Statement::State { seq: SLOT, digest }, voters);
        network.deliver(1, usize::from(ME), Message::FullExecuteProof { seq: SLOT, digest, certificate });
        network.run(5_000);
        assert_eq!(sends(&sent, ME, |message| matches!(message, Message::SignState { .. })), 0, "f={f} c={c}");
    }
}
