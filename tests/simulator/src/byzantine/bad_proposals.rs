//! B4: the primary that proposes what nobody may accept.
//!
//! Bodies with a bad client signature are not among it: a body gets past a peer's edge only with its signatures
//! checked, and what the replica takes has no other form.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use std::sync::Arc;
use theriac_consensus::{Message, Proposal};
use theriac_crypto::Statement;
use theriac_types::{ReplicaId, SeqNum};

#[derive(Debug, Clone, Copy)]
enum Way {
    /// Says nothing about every third slot.
    SkipsSlots,
    /// Proposes far beyond the window as well.
    BeyondTheWindow,
    /// Proposes again in slots that are long decided.
    OldSlots,
    /// Proposes what was proposed before.
    OldRequests,
    /// Dates its proposals an hour ahead.
    TimeAhead,
    /// Dates its proposals an hour back.
    TimeBehind,
}

const WAYS: &[Way] =
    &[Way::SkipsSlots, Way::BeyondTheWindow, Way::OldSlots, Way::OldRequests, Way::TimeAhead, Way::TimeBehind];
const HOUR_MS: u64 = 3_600_000;

/// Proposes badly, in one way.
#[derive(Debug)]
pub struct BadProposals {
    way: Way,
    before: Option<Arc<Proposal>>,
    altered: Option<(SeqNum, Arc<Proposal>)>,
}

impl BadProposals {
    /// Draws its way.
    pub fn draw(random: &mut Random) -> Self {
        Self { way: random.pick(WAYS).copied().unwrap_or(Way::SkipsSlots), before: None, altered: None }
    }

    fn instead(&mut self, seq: SeqNum, proposal: &Arc<Proposal>) -> Arc<Proposal> {
        let time = proposal.body().proposed_time_ms;
        let dated = |time| {
            let admitted = (0..proposal.ids().len()).map(|index| proposal.admitted(index)).collect();
            Arc::new(Proposal::batch(time, admitted).expect("as many as before"))
        };
        if let Some((slot, altered)) = self.altered.as_ref().filter(|(slot, _)| *slot == seq) {
            let _ = slot;
            return Arc::clone(altered);
        }
        let altered = match self.way {
            Way::TimeAhead => dated(time + HOUR_MS),
            Way::TimeBehind => dated(time.saturating_sub(HOUR_MS)),
            Way::OldRequests => self.before.clone().unwrap_or_else(|| Arc::clone(proposal)),
            Way::SkipsSlots | Way::BeyondTheWindow | Way::OldSlots => Arc::clone(proposal),
        };
        self.before.get_or_insert_with(|| Arc::clone(proposal));
        self.altered = Some((seq, Arc::clone(&altered)));
        altered
    }
}

impl Behaviour for BadProposals {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::PrePrepare { view, seq, proposal, share } = message else { return vec![message] };
        if matches!(self.way, Way::SkipsSlots) && seq.0.is_multiple_of(3) {
            return Vec::new();
        }
        let altered = self.instead(seq, &proposal);
        let propose = |seq: SeqNum, proposal: &Arc<Proposal>| {
            let share = scene.sign(&Statement::Prepare { view, seq, body: proposal.hash() });
            Message::PrePrepare { view, seq, proposal: Arc::clone(proposal), share }
        };
        let window = scene.cluster.spacing().window();
        match self.way {
            Way::BeyondTheWindow => {
                let far = [seq.saturating_add(2 * window), SeqNum(u64::MAX)].map(|seq| propose(seq, &proposal));
                far.into_iter().chain([Message::PrePrepare { view, seq, proposal, share }]).collect()
            }
            Way::OldSlots => {
                let old = propose(SeqNum(seq.0.saturating_sub(4)), &altered);
                vec![old, Message::PrePrepare { view, seq, proposal, share }]
            }
            _ => vec![propose(seq, &altered)],
        }
    }
}
