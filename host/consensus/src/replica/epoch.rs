//! The end of an epoch: once the ledger has set the last slot, nobody goes beyond it, and primaries fill what is left
//! with null blocks. When the last slot is executed and its checkpoint stable, other replicas take over.

use super::Replica;
use crate::effect::Effect;
use crate::limits::FILLS_IN_FLIGHT;
use crate::turn::Turn;
use theriac_types::SeqNum;

impl Replica {
    /// Whether every slot of the epoch is executed here and the last one's checkpoint is stable.
    pub fn is_epoch_over(&self) -> bool {
        self.epoch_ends.is_some_and(|last| self.executed() == last && self.stable_slot() == last)
    }

    /// Takes over the requests that wait at the replica of the epoch before, on the same peer and clock. Call it before
    /// [`Replica::start`].
    pub fn inherit_requests(&mut self, from: &mut Self) {
        self.requests = from.requests.bequeath();
    }

    /// Notes the epoch's last slot.
    pub(super) fn end_with(&mut self, last: SeqNum) {
        assert!(
            self.config.cluster.spacing().is_checkpoint(last) && last >= self.executed(),
            "the ledger ends the epoch of slot {} with slot {last}",
            self.executed()
        );
        assert!(self.epoch_ends.is_none_or(|set| set == last), "the ledger sets an epoch's end once");
        self.epoch_ends = Some(last);
        // Votes for later slots cannot be among them: the window ends before the slot whose block set the end takes effect.
        self.slots.retain(|seq, _| *seq <= last);
    }

    /// Whether a slot is one of this epoch, as far as is known.
    pub(super) fn is_within_epoch(&self, seq: SeqNum) -> bool {
        self.epoch_ends.is_none_or(|last| seq <= last)
    }

    /// Whether slots are left that must be decided, whatever there is to decide.
    pub(super) fn is_epoch_ending(&self) -> bool {
        self.epoch_ends.is_some_and(|last| self.executed() < last)
    }

    /// How many slots the primary keeps between proposed and executed.
    pub(super) fn in_flight_max(&self) -> u64 {
        let usual = self.config.tuning.slots_in_flight;
        let fills = FILLS_IN_FLIGHT.min(self.config.cluster.spacing().checkpoint());
        if self.is_epoch_ending() { usual.max(fills) } else { usual }
    }

    /// Says so when the epoch is over, once.
    pub(super) fn conclude_epoch(&mut self, turn: &mut Turn<'_>) {
        if self.epoch_concluded || !self.is_epoch_over() {
            return;
        }
        if let Some(checkpoint) = self.stable.clone() {
            self.epoch_concluded = true;
            turn.emit(Effect::EpochOver(checkpoint));
        }
    }
}
