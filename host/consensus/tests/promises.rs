//! When a replica leaves a view and when it is in the next: not for fewer than it takes, not before it begins, and on
//! nobody's word but its sender's.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper, Wire};
use common::values::{proposal, transaction};
use common::views::{apart, certificate, new_view, nothing, pre_prepare, promise, sends, view};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Message, NewView, SignedViewChange, SlotKnowledge, Tuning};
use theriac_crypto::{ShareSigner, Statement};
use theriac_types::{ReplicaId, SeqNum, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];
const SLOT: SeqNum = SeqNum(1);

#[test]
fn a_complaint_of_f_replicas_moves_nobody_and_of_one_more_everybody() {
    for (f, c) in SIZES {
        let (mut network, _) = apart(f, c);
        let me = network.cluster.replicas() - 1;
        for id in 0..f {
            network.deliver(id, me, Message::Complain { view: View(0) });
            network.deliver(id, me, Message::Complain { view: View(0) });
            assert_eq!(view(&network, me), (View(0), true), "f={f} c={c}");
        }
        network.deliver(f, me, Message::Complain { view: View(0) });
        assert_eq!(view(&network, me), (View(1), false), "f={f} c={c}");
    }
}

#[test]
fn a_new_primary_waits_for_its_quorum() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let quorum = network.cluster.view_change();
        let mut others = network.cluster.ids().map(|id| id.0).filter(|id| *id != 1);
        // Its own message is one of them.
        for id in others.by_ref().take(quorum - 2).collect::<Vec<_>>() {
            let message = promise(&network, id, 1, vec![]);
            network.deliver(id, 1, Message::ViewChange(message));
        }
        assert!(!view(&network, 1).1 || view(&network, 1).0 == View(0), "f={f} c={c}");
        let last = others.next().unwrap();
        let message = promise(&network, last, 1, vec![]);
        network.deliver(last, 1, Message::ViewChange(message));
        assert_eq!(view(&network, 1), (View(1), true), "f={f} c={c}");
        let named = sent.borrow().iter().find_map(|(_, message)| match message {
            Message::NewView(new_view) => Some(new_view.members.len()),
            _ => None,
        });
        assert_eq!(named, Some(quorum), "f={f} c={c}");
    }
}

#[test]
fn nobody_votes_in_a_view_that_has_not_begun() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let (messages, begin) = new_view(&network, 3, &[]);
        for message in messages {
            network.deliver(1, 3, Message::ViewChange(message));
        }
        assert_eq!(view(&network, 3), (View(1), false));
        let early = pre_prepare(&network, View(1), SLOT, &proposal(1));
        network.deliver(1, 3, early);
        let is_vote = |message: &Wire| matches!(message, Message::SignShare { .. });
        assert_eq!(sends(&sent, 3, is_vote), 0, "f={f} c={c}");
        network.deliver(1, 3, Message::NewView(begin));
        assert!(sends(&sent, 3, is_vote) > 0, "what came early counts when the view has begun: f={f} c={c}");
    }
}

#[test]
fn a_prepare_certificate_of_an_earlier_view_moves_nobody_to_a_commit_vote() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let body = proposal(1).hash();
        let message = pre_prepare(&network, View(0), SLOT, &proposal(1));
        network.deliver(0, 3, message);
        let (messages, begin) =
            new_view(&network, 3, &[SlotKnowledge { accepted: Some((View(0), body)), ..nothing(1) }]);
        for message in messages {
            network.deliver(1, 3, Message::ViewChange(message));
        }
        network.deliver(1, 3, Message::NewView(begin));
        let voters: Vec<u16> = network.cluster.ids().map(|id| id.0).take(network.cluster.prepare()).collect();
        for (of, expected) in [(0, 0), (1, 1)] {
            let statement = Statement::Prepare { view: View(of), seq: SLOT, body };
            let certificate = certificate(&network, statement, voters.iter().copied());
            network.deliver(1, 3, Message::Prepare { view: View(of), seq: SLOT, body, certificate });
            let commits = sends(&sent, 3, |message| matches!(message, Message::Commit { .. }));
            assert_eq!(commits.min(1), expected, "a certificate of view {of} in view 1: f={f} c={c}");
        }
    }
}

#[test]
fn new_views_and_promises_that_their_senders_did_not_sign_are_dropped() {
    for (f, c) in SIZES {
        let (mut network, _) = apart(f, c);
        let (messages, begin) = new_view(&network, 3, &[]);
        for message in &messages {
            let SignedViewChange { message, .. } = SignedViewChange::clone(message);
            let share = network.signer(3).sign(&message.statement());
            network.deliver(1, 3, Message::ViewChange(Arc::new(SignedViewChange { message, share })));
        }
        assert_eq!(view(&network, 3), (View(0), true), "f={f} c={c}");
        for message in messages {
            network.deliver(1, 3, Message::ViewChange(message));
        }
        assert_eq!(view(&network, 3), (View(1), false), "f={f} c={c}");
        let NewView { view: of, members, .. } = NewView::clone(&begin);
        let share = network.signer(2).sign(&begin.statement());
        network.deliver(1, 3, Message::NewView(Arc::new(NewView { view: of, members, share })));
        assert_eq!(view(&network, 3), (View(1), false), "f={f} c={c}");
        network.deliver(2, 3, Message::NewView(begin));
        assert_eq!(view(&network, 3), (View(1), true), "whoever passes it on: f={f} c={c}");
    }
}

/// Runs until a replica wants another view. Returns the milliseconds it took.
fn run_until_it_leaves(network: &mut Network, id: usize) -> u64 {
    let (began, from) = (network.now_ms, view(network, id).0);
    let left = (0..40_000).any(|_| {
        network.run(10);
        view(network, id).0 > from
    });
    assert!(left, "replica {id} stays in {from:?}");
    network.now_ms - began
}

#[test]
fn every_view_that_decides_nothing_doubles_the_wait_and_one_that_does_ends_it() {
    for (f, c) in SIZES {
        let lost = Rc::new(Cell::new(true));
        let is_lost = Rc::clone(&lost);
        let lose: Tamper = Box::new(move |from, _, message| {
            let useless = from == ReplicaId(0) || matches!(message, Message::NewView(_));
            if useless && is_lost.get() { vec![] } else { vec![message] }
        });
        let mut network = Network::with(f, c, Tuning::default(), lose);
        network.submit(2, vec![transaction(1)]);
        let waits: Vec<u64> = (0..5).map(|_| run_until_it_leaves(&mut network, 2)).collect();
        let base_ms = Tuning::default().request_wait_ms;
        // The others hear of the request after half a wait.
        let expected = [base_ms + base_ms / 2, base_ms, 2 * base_ms, 4 * base_ms, 8 * base_ms];
        for (wait_ms, expected) in waits.iter().zip(expected) {
            assert!(wait_ms.abs_diff(expected) < 600, "{waits:?} ms, f={f} c={c}");
        }
        lost.set(false);
        network.run(40_000);
        let (now, active) = view(&network, 2);
        assert!(active && !network.executed(2).is_empty(), "f={f} c={c}");
        let primary = network.cluster.primary(now);
        network.crash(usize::from(primary.0));
        let gateway = if primary == ReplicaId(2) { 3 } else { 2 };
        network.submit(gateway, vec![transaction(2)]);
        let wait_ms = run_until_it_leaves(&mut network, gateway);
        assert!(wait_ms < 2 * base_ms, "{wait_ms} ms after a view that decided, f={f} c={c}");
    }
}
