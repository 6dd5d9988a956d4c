//! What replicas say about views, made by hand for tests that play some of them.

use super::network::{Network, Wire};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Fault, Message, NewView, SignedViewChange, SlotKnowledge, Tuning, ViewChange};
use theriac_crypto::{CertificateScheme, Share, ShareSigner, Statement};
use theriac_types::{Bytes, Certificate, Digest, List, ReplicaId, SeqNum, SignerBitmap, View};

/// What replicas sent, in order: from whom, and what. A message to all counts once for each.
pub type Sent = Rc<RefCell<Vec<(ReplicaId, Wire)>>>;

/// A network in which nothing arrives but what a test delivers.
pub fn apart(f: u16, c: u16) -> (Network, Sent) {
    let sent = Sent::default();
    let noted = Rc::clone(&sent);
    let note = move |from, _, message| {
        noted.borrow_mut().push((from, message));
        vec![]
    };
    (Network::with(f, c, Tuning::default(), Box::new(note)), sent)
}

/// Has a replica join `f + 1` others that leave for a view, and returns what it says on leaving.
pub fn leave(network: &mut Network, sent: &Sent, id: u16, target: u64) -> ViewChange {
    let others = network.cluster.ids().map(|other| other.0).filter(|other| *other != id);
    for other in others.take(network.cluster.f() + 1).collect::<Vec<_>>() {
        let message = promise(network, other, target, vec![]);
        network.deliver(other, usize::from(id), Message::ViewChange(message));
    }
    let of_view = |message: &Wire| match message {
        Message::ViewChange(signed) if signed.message.view == View(target) => Some(signed.message.clone()),
        _ => None,
    };
    let sent = sent.borrow();
    let left = sent.iter().filter(|(from, _)| *from == ReplicaId(id)).find_map(|(_, message)| of_view(message));
    left.expect("it joins them")
}

/// A pre-prepare as the view's primary sends it.
pub fn pre_prepare(network: &Network, view: View, seq: SeqNum, proposal: &Arc<theriac_consensus::Proposal>) -> Wire {
    let primary = network.cluster.primary(view);
    let share = network.signer(primary.0).sign(&Statement::Prepare { view, seq, body: proposal.hash() });
    Message::PrePrepare { view, seq, proposal: Arc::clone(proposal), share }
}

/// What a replica says of a slot that it knows nothing of.
pub fn nothing(seq: u64) -> SlotKnowledge {
    SlotKnowledge { seq: SeqNum(seq), accepted: None, prepared: None, committed: None }
}

/// A view-change message with its sender's signature.
pub fn signed(network: &Network, message: ViewChange) -> Arc<SignedViewChange> {
    let share = network.signer(message.sender.0).sign(&message.statement());
    Arc::new(SignedViewChange { message, share })
}

/// What a replica says when it leaves for a view, without a checkpoint.
pub fn promise(network: &Network, sender: u16, view: u64, slots: Vec<SlotKnowledge>) -> Arc<SignedViewChange> {
    let slots = List::new(slots).expect("as tests make it");
    signed(network, ViewChange { sender: ReplicaId(sender), view: View(view), stable: None, slots })
}

/// The new-view of a view's primary that names these messages.
pub fn named(network: &Network, view: u64, members: Vec<(ReplicaId, Digest)>) -> Arc<NewView> {
    let members = List::new(members).expect("as tests make it");
    let unsigned = NewView { view: View(view), members, share: Share::default() };
    let primary = network.cluster.primary(View(view));
    let share = network.signer(primary.0).sign(&unsigned.statement());
    Arc::new(NewView { share, ..unsigned })
}

/// A certificate that claims everybody's votes and has none.
pub fn forged(replicas: usize) -> Certificate {
    let signers = SignerBitmap::new(replicas, (0..replicas as u16).map(ReplicaId)).expect("as tests make it");
    Certificate { signers, signature: Bytes::default() }
}

/// A certificate of these replicas' votes.
pub fn certificate(network: &Network, statement: Statement, signers: impl IntoIterator<Item = u16>) -> Certificate {
    let shares = signers.into_iter().map(|id| (ReplicaId(id), network.signer(id).sign(&statement)));
    network.scheme().combine(&statement, &shares.collect()).expect("as tests make it")
}

/// The view that a replica is in or wants to enter, and whether it is in it.
pub fn view(network: &Network, id: usize) -> (View, bool) {
    let replica = network.nodes[id].replica.as_ref().expect("as tests make it");
    (replica.view(), replica.is_active())
}

/// Whom a replica found faulty, and of what.
pub fn blamed(network: &Network, id: usize) -> Vec<(u16, Fault)> {
    network.nodes[id].evidence.iter().map(|(liar, fault)| (liar.0, fault.clone())).collect()
}

/// Runs until a replica wants the view or one after it.
pub fn run_until_left(network: &mut Network, id: usize, target: u64) {
    let left = (0..4_000).any(|_| {
        let left = view(network, id).0 >= View(target);
        network.run(if left { 0 } else { 5 });
        left
    });
    assert!(left, "replica {id} stays in {:?}", view(network, id));
}

/// How many messages of a kind a replica sent.
pub fn sends(sent: &Sent, id: u16, wanted: impl Fn(&Wire) -> bool) -> usize {
    sent.borrow().iter().filter(|(from, message)| *from == ReplicaId(id) && wanted(message)).count()
}

/// The messages that all but one replica send on leaving for view 1, and the new-view that names them.
pub fn new_view(
    network: &Network,
    without: u16,
    slots: &[SlotKnowledge],
) -> (Vec<Arc<SignedViewChange>>, Arc<NewView>) {
    let others = network.cluster.ids().map(|id| id.0).filter(|id| *id != without);
    let others = others.take(network.cluster.view_change());
    let messages: Vec<_> = others.map(|id| promise(network, id, 1, slots.to_vec())).collect();
    let members = messages.iter().map(|m| (m.message.sender, m.message.digest())).collect();
    (messages, named(network, 1, members))
}
