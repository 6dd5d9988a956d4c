//! What a replica does on entering a view: it takes up the slots that the view starts with, and asks for what it lacks.
#![allow(clippy::unwrap_used)]

mod common;

use common::network::{Network, Tamper, Wire};
use common::values::proposal;
use common::views::{Sent, apart, new_view, nothing, pre_prepare, promise, sends, view};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Message, Record, SlotKnowledge, Tuning};
use theriac_types::{Digest, ReplicaId, SeqNum, View};

const SIZES: [(u16, u16); 3] = [(1, 0), (1, 1), (2, 0)];
const SLOT: SeqNum = SeqNum(1);
/// Whom the tests are about. The others are played.
const ME: u16 = 3;

fn votes_in(sent: &Sent, target: View, slot: SeqNum) -> usize {
    let is_vote =
        |message: &Wire| matches!(message, Message::SignShare { view, seq, .. } if (*view, *seq) == (target, slot));
    sends(sent, ME, is_vote)
}

#[test]
fn a_slot_that_a_view_starts_with_is_accepted_and_voted_for_at_once() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let body = proposal(1).hash();
        let message = pre_prepare(&network, View(0), SLOT, &proposal(1));
        network.deliver(0, usize::from(ME), message);
        let accepted = SlotKnowledge { accepted: Some((View(0), body)), ..nothing(1) };
        let (messages, begin) = new_view(&network, ME, &[accepted]);
        for message in messages {
            network.deliver(1, usize::from(ME), Message::ViewChange(message));
        }
        assert_eq!(votes_in(&sent, View(1), SLOT), 0, "f={f} c={c}");
        network.deliver(1, usize::from(ME), Message::NewView(begin));
        assert!(votes_in(&sent, View(1), SLOT) > 0, "nobody has to propose it again: f={f} c={c}");
        let again = Record::AcceptedAgain { view: View(1), seq: SLOT, body };
        assert!(network.nodes[usize::from(ME)].log.contains(&again), "f={f} c={c}");
    }
}

#[test]
fn a_slot_that_comes_up_between_others_starts_with_a_null_block() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let second = SLOT.next();
        let message = pre_prepare(&network, View(0), second, &proposal(2));
        network.deliver(0, usize::from(ME), message);
        let accepted = SlotKnowledge { accepted: Some((View(0), proposal(2).hash())), ..nothing(second.0) };
        let (messages, begin) = new_view(&network, ME, &[accepted]);
        for message in messages {
            network.deliver(1, usize::from(ME), Message::ViewChange(message));
        }
        network.deliver(1, usize::from(ME), Message::NewView(begin));
        for slot in [SLOT, second] {
            assert!(votes_in(&sent, View(1), slot) > 0, "slot {slot}: f={f} c={c}");
        }
        let null = theriac_consensus::Proposal::null().hash();
        let is_null = |message: &Wire| matches!(message, Message::SignShare { seq: SLOT, body, .. } if *body == null);
        assert!(sends(&sent, ME, is_null) > 0, "f={f} c={c}");
    }
}

#[test]
fn a_missing_body_is_asked_of_every_reporter() {
    for (f, c) in SIZES {
        let asked = Rc::new(RefCell::new(BTreeSet::new()));
        let noted = Rc::clone(&asked);
        let note: Tamper = Box::new(move |_, to, message| {
            if matches!(message, Message::FetchBody { .. }) {
                noted.borrow_mut().insert(to.0);
            }
            vec![]
        });
        let mut network = Network::with(f, c, Tuning::default(), note);
        let accepted = SlotKnowledge { accepted: Some((View(0), proposal(1).hash())), ..nothing(1) };
        let (messages, begin) = new_view(&network, ME, &[accepted]);
        let reporters: BTreeSet<u16> = messages.iter().map(|signed| signed.message.sender.0).collect();
        for message in messages {
            network.deliver(1, usize::from(ME), Message::ViewChange(message));
        }
        network.deliver(1, usize::from(ME), Message::NewView(begin));
        assert_eq!(view(&network, usize::from(ME)), (View(1), true));
        // It complains after a while, but is alone with it.
        network.run(10_000);
        assert_eq!(*asked.borrow(), reporters, "f={f} c={c}");
    }
}

#[test]
fn missing_view_changes_are_asked_for_by_digest_and_passed_on_to_others() {
    for (f, c) in SIZES {
        let (mut network, sent) = apart(f, c);
        let me = usize::from(ME);
        let (messages, begin) = new_view(&network, ME, &[]);
        let members: Vec<(ReplicaId, Digest)> = begin.members.iter().copied().collect();
        // One is here already.
        network.deliver(0, me, Message::ViewChange(Arc::clone(&messages[0])));
        network.deliver(2, me, Message::NewView(Arc::clone(&begin)));
        let asked = sent.borrow().iter().find_map(|(from, message)| match message {
            Message::FetchViewChanges { view: View(1), wanted } if from.0 == ME => Some(wanted.to_vec()),
            _ => None,
        });
        assert_eq!(asked, Some(members[1..].to_vec()), "f={f} c={c}");
        // Another message of a sender for the same view is not the one that is named.
        let other = promise(&network, members[1].0.0, 1, vec![nothing(1)]);
        network.deliver(1, me, Message::ViewChange(other));
        for message in &messages[2..] {
            network.deliver(1, me, Message::ViewChange(Arc::clone(message)));
        }
        assert_eq!(view(&network, me), (View(1), false), "f={f} c={c}");
        network.deliver(1, me, Message::ViewChange(Arc::clone(&messages[1])));
        assert_eq!(view(&network, me), (View(1), true), "f={f} c={c}");
        sent.borrow_mut().clear();
        let wanted = theriac_types::List::new(members).unwrap();
        network.deliver(2, me, Message::FetchViewChanges { view: View(1), wanted });
        for message in messages {
            let passed_on = (ReplicaId(ME), Message::ViewChange(message));
            assert!(sent.borrow().contains(&passed_on), "f={f} c={c}");
        }
    }
}
