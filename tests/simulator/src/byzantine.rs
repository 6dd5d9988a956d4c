//! Liars: each behaviour is a named type that stands between an honest replica and its links.
//!
//! A liar's own replica runs the honest code; what it says is altered, kept back or added to on the way out, and what
//! it hears on the way in. Behaviours are piped one behind the other. Liars know each other's keys and every vote that
//! ever left its signer: an adversary that sees the whole network.
//!
//! The numbers are those of the protocol's table of behaviours. Two of its rows are no replicas: the lying client (B17)
//! is in `operation`, the rushing network (B18) in [`rushing`].

mod bad_new_view;
mod bad_proposals;
mod bad_shares;
mod breaks_promise;
mod censors;
mod conflicting_new_views;
mod equivocates;
mod floods;
mod forges_certificates;
mod kinds;
mod lies_about_state;
mod lies_in_view_change;
mod replays;
pub mod rushing;
mod silent_collector;
mod splits_knowledge;
mod starves;
mod withholds_shares;

pub use kinds::BehaviourKind;

use crate::random::Random;
use crate::votes::Votes;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use theriac_consensus::{Cluster, Message, Proposal};
use theriac_crypto::{Share, Statement, VoteContext};
use theriac_types::{MemberId, ReplicaId, SeqNum, View};

/// A message as replicas exchange it.
pub type Wire = Message<Arc<Proposal>>;

/// What a liar knows and can do.
#[derive(Debug)]
pub struct Scene {
    /// Who it is.
    pub me: ReplicaId,
    /// The network.
    pub cluster: Cluster,
    /// Where votes count.
    pub context: VoteContext,
    /// All votes of the epoch.
    pub votes: Votes,
    /// All liars, this one included.
    pub liars: BTreeSet<ReplicaId>,
    /// Its own chance.
    pub random: Random,
    /// The time.
    pub now_us: u64,
    /// The view its replica is in or on its way to.
    pub view: View,
    /// Last slot that its replica executed.
    pub executed: SeqNum,
}

impl Scene {
    /// Signs as one of the liars.
    pub fn sign_as(&self, replica: ReplicaId, statement: &Statement) -> Share {
        assert!(self.liars.contains(&replica), "liars have no honest replica's key");
        self.votes.sign(replica, statement)
    }

    /// Signs as itself.
    pub fn sign(&self, statement: &Statement) -> Share {
        self.sign_as(self.me, statement)
    }

    /// Every other replica.
    pub fn others(&self) -> impl Iterator<Item = ReplicaId> + use<> {
        let me = self.me;
        self.cluster.ids().filter(move |id| *id != me)
    }

    /// One other replica.
    pub fn other(&mut self) -> ReplicaId {
        let others: Vec<_> = self.others().collect();
        self.random.pick(&others).copied().unwrap_or(self.me)
    }

    /// The same message to every other replica.
    pub fn to_all(&self, message: &Wire) -> Vec<(ReplicaId, Wire)> {
        self.others().map(|to| (to, message.clone())).collect()
    }
}

/// A way to lie.
pub trait Behaviour: fmt::Debug {
    /// Sees what comes in, and says whether its replica may see it too.
    fn hear(&mut self, scene: &mut Scene, from: ReplicaId, message: &Wire) -> bool {
        let _ = (scene, from, message);
        true
    }

    /// Whether its replica pretends not to know a client.
    fn ignores(&self, client: &MemberId) -> bool {
        let _ = client;
        false
    }

    /// What leaves for a replica in place of an honest message.
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let _ = (scene, to);
        vec![message]
    }

    /// What leaves beside that, after each of its turns.
    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        let _ = scene;
        Vec::new()
    }
}

/// A liar with all its ways.
#[derive(Debug)]
pub struct Liar {
    /// What it knows.
    pub scene: Scene,
    /// How it lies: what one behaviour lets out, the next one alters.
    pub behaviours: Vec<(BehaviourKind, Box<dyn Behaviour>)>,
    /// The behaviours that made a difference.
    pub lied: BTreeSet<BehaviourKind>,
}

impl Liar {
    /// What its replica gets to see of a message; none when it does not.
    pub fn hear(&mut self, from: ReplicaId, message: Wire) -> Option<Wire> {
        let (scene, lied) = (&mut self.scene, &mut self.lied);
        let heard = self.behaviours.iter_mut().fold(true, |heard, (kind, behaviour)| {
            let hears = behaviour.hear(scene, from, &message);
            lied.extend((!hears).then_some(*kind));
            heard && hears
        });
        if !heard {
            return None;
        }
        let Message::Request(proposal) = &message else { return Some(message) };
        let transactions = proposal.body().transactions.iter().enumerate();
        let kept = transactions.filter(|(_, transaction)| !self.ignores(&transaction.body.creator.member));
        let kept: Vec<_> = kept.map(|(index, _)| proposal.admitted(index)).collect();
        if kept.len() < proposal.ids().len() {
            self.lied.insert(BehaviourKind::Censors);
        }
        let proposal = Proposal::batch(0, kept).expect("not more than there were");
        (!proposal.ids().is_empty()).then(|| Message::Request(Arc::new(proposal)))
    }

    /// Whether its replica pretends not to know a client.
    pub fn ignores(&self, client: &MemberId) -> bool {
        self.behaviours.iter().any(|(_, behaviour)| behaviour.ignores(client))
    }

    /// What leaves for a replica in place of a message.
    pub fn alter(&mut self, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let (scene, lied) = (&mut self.scene, &mut self.lied);
        self.behaviours.iter_mut().fold(vec![message], |messages, (kind, behaviour)| {
            let mut altered = Vec::new();
            for message in messages {
                let said = behaviour.alter(scene, to, message.clone());
                lied.extend((said != [message]).then_some(*kind));
                altered.extend(said);
            }
            altered
        })
    }

    /// What leaves beside that, after each of its turns.
    pub fn add(&mut self) -> Vec<(ReplicaId, Wire)> {
        let (scene, lied) = (&mut self.scene, &mut self.lied);
        let mut added = Vec::new();
        for (kind, behaviour) in &mut self.behaviours {
            let more = behaviour.add(scene);
            lied.extend((!more.is_empty()).then_some(*kind));
            added.extend(more);
        }
        added
    }
}
