//! When a replica leaves a view and when it is in the next: not for fewer than it takes, not before it begins, and on
//! nobody's word but its sender's.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Wire};
use common::values::proposal;
use common::views::{Sent, apart, certificate, named, nothing, pre_prepare, promise, view};
use std::sync::Arc;
use theriac_consensus::{Message, NewView, SignedViewChange, SlotKnowledge};
use theriac_crypto::{ShareSigner, Statement};
use theriac_types::{ReplicaId, SeqNum, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];
const SLOT: SeqNum = SeqNum(1);

fn sends(sent: &Sent, id: u16, wanted: impl Fn(&Wire) -> bool) -> usize {
    sent.borrow().iter().filter(|(from, message)| *from == ReplicaId(id) && wanted(message)).count()
}

/// The messages that all but one replica send on leaving for view 1, and the new-view that names them.
fn new_view(network: &Network, without: u16, slots: &[SlotKnowledge]) -> (Vec<Arc<SignedViewChange>>, Arc<NewView>) {
    let others = network.cluster.ids().map(|id| id.0).filter(|id| *id != without);
    let others = others.take(network.cluster.view_change());
    let messages: Vec<_> = others.map(|id| promise(network, id, 1, slots.to_vec())).collect();
    let members = messages.iter().map(|m| (m.message.sender, m.message.digest())).collect();
    (messages, named(network, 1, members))
}

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
