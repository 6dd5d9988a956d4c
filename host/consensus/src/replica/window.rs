//! The window: which slots this replica keeps, and in which of them it votes.
//!
//! It votes in the slots of one window above the last stable checkpoint, and only once it has executed that checkpoint:
//! before, it cannot know what the ledger has set for them. What comes a little too early waits.

use super::Replica;
use crate::collectors::Collectors;
use crate::slot::{Phase, Slot};
use crate::turn::Turn;
use theriac_types::SeqNum;

impl Replica {
    /// Whether this replica may accept a body in a slot that is not decided: not while it is between views.
    pub(super) fn may_vote(&self, seq: SeqNum) -> bool {
        let (stable, executed) = (self.stable_slot(), self.executed());
        let last = stable.saturating_add(self.config.cluster.spacing().window());
        self.views.active() && executed >= stable && seq > executed && seq <= last && self.is_within_epoch(seq)
    }

    /// Last slot that this replica keeps anything of.
    pub(super) fn window_end(&self) -> SeqNum {
        let (stable, executed, spacing) = (self.stable_slot(), self.executed(), self.config.cluster.spacing());
        let near = stable.max(executed).min(executed.saturating_add(spacing.window()));
        // Nobody who lacks checkpoint certificates gets so far ahead that his log does not fit any more.
        let end = near.saturating_add(spacing.window()).min(stable.saturating_add(spacing.transfer()));
        self.epoch_ends.map_or(end, |last| end.min(last))
    }

    /// A slot that is worked on, opened if need be; none when it is executed or beyond the window.
    pub(super) fn slot_mut(&mut self, turn: &Turn<'_>, seq: SeqNum) -> Option<&mut Slot> {
        if seq <= self.executed() || seq > self.window_end() {
            return None;
        }
        let (config, view) = (&self.config, self.views.view);
        Some(
            self.slots.entry(seq).or_insert_with(|| {
                Slot::open(Collectors::draw(config.cluster, &config.context, view, seq), turn.now_ms())
            }),
        )
    }

    /// Drops what a stable checkpoint makes needless. Slots up to it that are not executed here are decided elsewhere:
    /// this replica votes no more in them, and forgets what it voted, as its log does. Their bodies stay for a while: a
    /// replica far from the others hears of the checkpoint before it has the proofs below it.
    pub(super) fn drop_what_is_stable(&mut self) {
        let (stable, executed) = (self.stable_slot(), self.executed());
        self.decided = self.decided.split_off(&stable.next());
        let later = self.slots.split_off(&stable.next());
        let below = std::mem::take(&mut self.slots).into_iter().map(|(seq, slot)| (seq, slot.superseded()));
        self.slots = below.filter(|(_, slot)| slot.is_decided() || slot.spare_body.is_some()).chain(later).collect();
        self.proposed = self.proposed.max(stable);
        self.signer.forget(stable.max(executed), self.executions.floor());
    }

    /// Lets the requests of proposals wait again whose slots others decided: this replica will not see them through.
    pub(super) fn give_back_what_is_lost(&mut self, turn: &Turn<'_>) {
        let stable = self.stable_slot();
        for slot in self.slots.range(..=stable).map(|(_, slot)| slot).filter(|slot| !slot.is_decided()) {
            if let Some((_, proposal)) = &slot.memory.accepted {
                self.requests.give_back(proposal, turn.now_ms(), &self.config.tuning);
            }
        }
    }

    /// Accepts what came before this replica could vote on it.
    pub(super) fn accept_what_waited(&mut self, turn: &mut Turn<'_>) {
        let waiting = self.slots.iter().filter(|(_, slot)| slot.early_proposal.is_some());
        let waiting: Vec<_> = waiting.map(|(seq, _)| *seq).filter(|seq| self.may_vote(*seq)).collect();
        for seq in waiting {
            let early = self.slots.get_mut(&seq).and_then(|slot| slot.early_proposal.take());
            let Some((view, proposal, share)) = early else { continue };
            if matches!(self.slots.get(&seq).map(|slot| &slot.phase), Some(Phase::Open)) {
                self.on_pre_prepare(turn, self.config.cluster.primary(view), view, seq, proposal, share);
            }
        }
    }
}
