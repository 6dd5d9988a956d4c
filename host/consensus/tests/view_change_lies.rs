//! Lies in a view change: they change no decision, and those that can be shown to others are.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper, Wire};
use common::values::{proposal, transaction};
use common::views::{blamed, certificate, forged, named, nothing, promise, run_until_left, signed, view};
use std::sync::Arc;
use theriac_consensus::{Fault, Message, SignedViewChange, SlotKnowledge, Tuning, ViewChange};
use theriac_crypto::{Share, ShareSigner, Statement};
use theriac_types::{BodyHash, Digest, List, ReplicaId, SeqNum, StableCheckpoint, StateDigest, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];

#[test]
fn every_way_to_equivocate_ends_in_one_history() {
    for (f, c) in SIZES {
        let backups = 3 * usize::from(f) + 2 * usize::from(c);
        for split in 0..1_u32 << backups {
            let mut network = Network::new(f, c);
            network.crash(0);
            let signer = network.signer(0);
            for (number, wanted) in [(1, true), (2, false)] {
                let (view, seq, proposal) = (View(0), SeqNum(1), proposal(number));
                let share = signer.sign(&Statement::Prepare { view, seq, body: proposal.hash() });
                for id in (1..=backups).filter(|id| (split & (1 << (id - 1)) != 0) == wanted) {
                    let (proposal, share) = (proposal.clone(), share.clone());
                    network.deliver(0, id, Message::PrePrepare { view, seq, proposal, share });
                }
            }
            network.submit(1, vec![transaction(3)]);
            network.run(12_000);
            let label = format!("f={f} c={c}, split {split:b}");
            for id in 1..=backups {
                assert_eq!(network.executed(id), network.executed(1), "{label}");
                assert!(network.executed(id).contains(&transaction(3).id()), "{label}");
            }
            assert!(network.double_signers().iter().all(|id| *id == ReplicaId(0)), "{label}");
            assert!(network.double_decisions(&[0]).is_empty(), "{label}");
        }
    }
}

#[test]
fn a_forged_certificate_of_the_highest_view_hides_no_valid_one() {
    // With four replicas nothing would be decided without the liar.
    for (f, c) in [(1, 1), (2, 0)] {
        let replicas = usize::from(3 * f + 2 * c + 1);
        let liar = 2;
        // Certificates of one view are looked at from the highest body down: the forged one comes first.
        let other = (0..200).map(|number| proposal(number).hash()).max().unwrap();
        let tuning = Tuning { fast_path: false, ..Tuning::default() };
        let mut network = Network::with(f, c, tuning, Box::new(|_, _, message| vec![message]));
        let signer = network.signer(liar);
        // The primary alone sees the slow commit, and crashes. The liar says it has a certificate for another body.
        network.tamper = Box::new(move |from, to, message| match message {
            Message::FullCommitProofSlow { .. } if from == ReplicaId(0) => vec![],
            Message::Commit { view: View(0), .. } if to != ReplicaId(0) => vec![],
            Message::ViewChange(honest) if honest.message.sender == ReplicaId(liar) => {
                let (accepted, prepared) = (Some((View(0), other)), Some((View(0), other, forged(replicas))));
                let slots = List::new(vec![SlotKnowledge { accepted, prepared, ..nothing(1) }]).unwrap();
                let message = ViewChange { slots, ..honest.message.clone() };
                let share = signer.sign(&message.statement());
                vec![Message::ViewChange(Arc::new(SignedViewChange { message, share }))]
            }
            other => vec![other],
        });
        network.submit(0, vec![transaction(1)]);
        network.run(6);
        network.crash(0);
        network.run(20_000);
        let label = format!("f={f} c={c}");
        for id in (1..replicas).filter(|id| *id != usize::from(liar)) {
            assert_eq!(network.executed(id), [transaction(1).id()], "{label}");
            assert_eq!(view(&network, id), (View(1), true), "{label}");
        }
        if (f, c) == (1, 1) {
            // With one replica down, the new view cannot do without the lie.
            let fault = Fault::InvalidViewChange { view: View(1) };
            assert!(blamed(&network, 1).contains(&(liar, fault)), "{label}");
        }
    }
}

#[test]
fn impossible_promises_are_refused_and_shown() {
    let at = |seq, accepted| SlotKnowledge { accepted: Some((View(accepted), BodyHash(Digest::ZERO))), ..nothing(seq) };
    let prepared = |view| SlotKnowledge { prepared: Some((View(view), BodyHash(Digest::ZERO), forged(4))), ..at(1, 0) };
    let impossible: [Vec<SlotKnowledge>; 6] = [
        vec![at(2, 0), at(1, 0)],
        vec![at(1, 0), at(1, 0)],
        vec![at(0, 0)],
        vec![at(257, 0)],
        vec![at(1, 2)],
        vec![prepared(1)],
    ];
    for slots in impossible {
        let mut network = Network::new(1, 0);
        let lie = promise(&network, 3, 2, slots.clone());
        network.deliver(3, 1, Message::ViewChange(lie));
        let fault = Fault::InvalidViewChange { view: View(2) };
        assert_eq!(blamed(&network, 1), [(3, fault)], "{slots:?}");
    }
    let mut network = Network::new(1, 0);
    let stable = StableCheckpoint { seq: SeqNum(3), digest: StateDigest(Digest::ZERO), certificate: forged(4) };
    let (sender, view) = (ReplicaId(3), View(2));
    let lie = signed(&network, ViewChange { sender, view, stable: Some(stable), slots: List::default() });
    network.deliver(3, 1, Message::ViewChange(lie));
    assert_eq!(blamed(&network, 1).len(), 1, "no checkpoint is taken there");
    // Without the signature of whom it names it accuses nobody.
    let mut network = Network::new(1, 0);
    let message = promise(&network, 3, 2, vec![at(0, 0)]).message.clone();
    let unsigned = Arc::new(SignedViewChange { message, share: Share::default() });
    network.deliver(2, 1, Message::ViewChange(unsigned));
    assert_eq!(blamed(&network, 1), []);
}

#[test]
fn two_promises_for_one_view_are_shown() {
    let mut network = Network::new(1, 0);
    let first = promise(&network, 3, 1, vec![]);
    let body = BodyHash(Digest::ZERO);
    let second = promise(&network, 3, 1, vec![SlotKnowledge { accepted: Some((View(0), body)), ..nothing(1) }]);
    for message in [&first, &second, &first, &second] {
        network.deliver(2, 1, Message::ViewChange(Arc::clone(message)));
    }
    assert_eq!(blamed(&network, 1), [(3, Fault::ConflictingViewChanges { view: View(1) })]);
    assert_eq!(view(&network, 1), (View(0), true), "one replica alone moves nobody");
}

#[test]
fn one_replica_moves_nobody_and_two_move_no_further_than_the_nearer() {
    let mut network = Network::new(1, 0);
    let far = promise(&network, 3, 1_000_000, vec![]);
    network.deliver(3, 1, Message::ViewChange(far));
    network.deliver(3, 1, Message::Complain { view: View(0) });
    assert_eq!(view(&network, 1), (View(0), true));
    let near = promise(&network, 2, 5, vec![]);
    network.deliver(2, 1, Message::ViewChange(near));
    // View 7 would be replica 3's again, which promised not to vote there.
    assert_eq!(view(&network, 1), (View(5), false));
}

#[test]
fn a_primary_that_leaves_its_own_view_is_left_at_once() {
    let mut network = Network::new(1, 0);
    let own = promise(&network, 0, 1, vec![]);
    network.deliver(0, 2, Message::ViewChange(own));
    assert_eq!(view(&network, 2), (View(1), false));
}

#[test]
fn new_views_that_no_honest_primary_can_have_made_are_refused_and_shown() {
    let mut network = Network::new(1, 1);
    let members = |ids: &[u16]| -> Vec<_> {
        ids.iter().map(|id| (ReplicaId(*id), promise(&network, *id, 1, vec![]).message.digest())).collect()
    };
    let wrong = [
        members(&[0, 1, 2, 3]),
        members(&[0, 1, 2, 3, 4, 5]),
        members(&[0, 1, 1, 2, 3]),
        members(&[1, 0, 2, 3, 4]),
        members(&[0, 2, 3, 4, 5]),
        [members(&[0, 1, 2, 3]), vec![(ReplicaId(77), Digest::ZERO)]].concat(),
    ];
    let wrong: Vec<_> = wrong.into_iter().map(|members| named(&network, 1, members)).collect();
    for (to, lie) in [2, 3, 4, 5].into_iter().cycle().zip(wrong) {
        network.nodes[to].evidence = vec![];
        network.deliver(1, to, Message::NewView(lie));
        assert!(network.nodes[to].evidence.len() <= 1);
        assert_eq!(view(&network, to), (View(0), true));
    }
    let fault = Fault::InvalidNewView { view: View(1) };
    assert_eq!(blamed(&network, 4), [(1, fault)]);
    assert!(!network.sent.contains_key("fetch-view-changes"), "nothing of it is worth having");
}

#[test]
fn a_new_view_counts_once_its_messages_are_here_whoever_sends_them() {
    let mut network = Network::new(1, 1);
    let messages: Vec<_> = (1..6).map(|id| promise(&network, id, 1, vec![])).collect();
    let members = messages.iter().map(|m| (m.message.sender, m.message.digest())).collect();
    let new_view = named(&network, 1, members);
    // Nothing of it was said to replica 3 before, and whoever passes it on is not its primary.
    network.deliver(4, 3, Message::NewView(Arc::clone(&new_view)));
    assert_eq!(view(&network, 3), (View(0), true));
    for message in &messages {
        network.deliver(0, 3, Message::ViewChange(Arc::clone(message)));
    }
    assert_eq!(view(&network, 3), (View(1), true), "the promises of the others moved it to make its own");
}

#[test]
fn a_second_new_view_for_a_view_is_shown() {
    let mut network = Network::new(1, 0);
    network.crash(0);
    network.submit(2, vec![transaction(1)]);
    run_until_left(&mut network, 2, 1);
    network.run(2_000);
    assert_eq!(view(&network, 2), (View(1), true));
    let members = [0, 1, 3].map(|id| (ReplicaId(id), Digest::ZERO)).to_vec();
    let second = named(&network, 1, members);
    network.deliver(3, 2, Message::NewView(second));
    assert_eq!(blamed(&network, 2), [(1, Fault::InvalidNewView { view: View(1) })]);
    network.run(100);
    assert_eq!(view(&network, 2), (View(1), true), "one witness is not enough to leave");
}

#[test]
fn a_vote_that_a_promise_is_silent_about_is_shown_and_a_late_one_is_not() {
    let (seq, body) = (SeqNum(1), proposal(1).hash());
    let knows = SlotKnowledge { accepted: Some((View(0), body)), ..nothing(1) };
    for (reports, accused) in [(vec![knows], false), (vec![], true)] {
        for commit in [false, true] {
            let mut network = Network::new(1, 0);
            let promise = promise(&network, 3, 1, reports.clone());
            network.deliver(3, 1, Message::ViewChange(promise));
            let view = View(0);
            let message = if commit {
                let share = network.signer(3).sign(&Statement::Commit { view, seq, body });
                Message::Commit { view, seq, body, share }
            } else {
                let share = network.signer(3).sign(&Statement::Prepare { view, seq, body });
                Message::SignShare { view, seq, body, share }
            };
            network.deliver(3, 1, message.clone());
            network.deliver(3, 1, message);
            // To have accepted explains a prepare vote, not a commit vote.
            let expected: Vec<_> =
                if accused || commit { vec![(3, Fault::BrokenPromise { view, promised: View(1) })] } else { vec![] };
            assert_eq!(blamed(&network, 1), expected, "reported: {}, commit: {commit}", !accused);
        }
    }
}

#[test]
fn two_votes_in_one_place_are_shown_by_whoever_collects_them() {
    let mut network = Network::new(1, 0);
    let (view, seq) = (View(0), SeqNum(1));
    let vote = |network: &Network, number: u64| -> Wire {
        let body = proposal(number).hash();
        let share = network.signer(3).sign(&Statement::Prepare { view, seq, body });
        Message::SignShare { view, seq, body, share }
    };
    for number in [1, 2, 2, 1] {
        let message = vote(&network, number);
        network.deliver(3, 0, message);
    }
    let bodies = [proposal(1).hash(), proposal(2).hash()];
    assert_eq!(blamed(&network, 0), [(3, Fault::ConflictingVotes { view, seq, bodies })]);
}

#[test]
fn a_primary_that_proposes_against_its_new_view_is_shown() {
    let mut network = Network::new(1, 0);
    let lose: Tamper = Box::new(|_, _, message| match message {
        Message::FullCommitProof { .. } | Message::Prepare { .. } | Message::Decided { .. } => vec![],
        other => vec![other],
    });
    network.tamper = lose;
    network.submit(0, vec![transaction(1)]);
    network.run(2);
    network.crash(0);
    run_until_left(&mut network, 2, 1);
    network.run(50);
    assert_eq!(view(&network, 2), (View(1), true));
    let (view, seq, other) = (View(1), SeqNum(1), proposal(7));
    let share = network.signer(1).sign(&Statement::Prepare { view, seq, body: other.hash() });
    network.deliver(1, 2, Message::PrePrepare { view, seq, proposal: other.clone(), share });
    let blamed = blamed(&network, 2);
    assert!(
        matches!(&blamed[..], [(1, Fault::Equivocation { view: View(1), bodies, .. })] if bodies[1] == other.hash()),
        "{blamed:?}"
    );
}

#[test]
fn what_one_replica_says_about_views_takes_bounded_room() {
    let mut network = Network::new(1, 0);
    for number in 1..5_000 {
        let message = promise(&network, 3, number, vec![]);
        network.deliver(3, 1, Message::ViewChange(message));
        network.deliver(3, 1, Message::Complain { view: View(number) });
        let members = [1, 2, 3].map(|id| (ReplicaId(id), Digest([number as u8; 32]))).to_vec();
        let new_view = named(&network, 4 * number + 3, members);
        network.deliver(3, 1, Message::NewView(new_view));
        network.deliver(3, 1, Message::FetchViewChanges { view: View(number), wanted: List::default() });
    }
    let state = network.nodes[1].replica.as_ref().unwrap().state_text();
    assert!(state.len() < 20_000, "{} bytes", state.len());
    assert_eq!(view(&network, 1), (View(0), true));
}

#[test]
fn a_checkpoint_in_a_promise_is_believed_only_with_its_certificate() {
    let cluster = theriac_consensus::Cluster::new(1, 0).unwrap();
    let cluster = cluster.with_spacing(theriac_consensus::Spacing::new(8, 4_096));
    for honest in [true, false] {
        let mut network = Network::of(cluster, Tuning::default(), Box::new(|_, _, message| vec![message]));
        let (seq, digest) = (SeqNum(8), StateDigest(Digest([1; 32])));
        let statement = Statement::Checkpoint { seq, digest };
        let certificate = if honest { certificate(&network, statement, [1, 2, 3]) } else { forged(4) };
        let stable = Some(StableCheckpoint { seq, digest, certificate });
        network.crash(0);
        network.crash(3);
        let (sender, view_1) = (ReplicaId(3), View(1));
        let message = ViewChange { sender, view: view_1, stable, slots: List::default() };
        let lie = signed(&network, message);
        for id in [1, 2] {
            network.deliver(3, id, Message::ViewChange(Arc::clone(&lie)));
        }
        network.submit(2, vec![transaction(1)]);
        run_until_left(&mut network, 2, 1);
        network.run(100);
        assert_eq!(view(&network, 2), (view_1, true));
        assert_eq!(network.nodes[2].stable.is_some(), honest);
        let fault = Fault::InvalidViewChange { view: view_1 };
        assert_eq!(blamed(&network, 2).contains(&(3, fault)), !honest);
        // Whoever is behind a checkpoint votes for nothing above it until it has caught up.
        assert_eq!(network.executed(2).len(), 0);
    }
}
