//! What a backup asks of a proposal before it accepts it, beside its place: a believable time, and room to keep it.
//!
//! Neither is asked of a body that the new-view of a view bound the slot to. It was accepted before, and may have been
//! committed: nobody may refuse it now.

use super::Replica;
use crate::fault::Fault;
use crate::limits::UNDECIDED_BYTES_MAX;
use crate::proposal::Proposal;
use crate::turn::Turn;
use theriac_types::{ReplicaId, SeqNum};

impl Replica {
    /// Whether this replica may accept, or keep for later, a fresh proposal for an open slot.
    pub(super) fn admits(&mut self, turn: &mut Turn<'_>, from: ReplicaId, seq: SeqNum, proposal: &Proposal) -> bool {
        seq <= self.views.last_bound()
            || (self.has_room_for(seq, proposal.bytes()) && self.believes_time(turn, from, seq, proposal))
    }

    /// Whether the bodies of undecided slots leave room for so many bytes more in a slot.
    pub(super) fn has_room_for(&self, seq: SeqNum, bytes: usize) -> bool {
        let others = self.slots.iter().filter(|(other, _)| **other != seq);
        let kept: usize = others.map(|(_, slot)| slot.undecided_bytes()).sum();
        kept + bytes <= UNDECIDED_BYTES_MAX
    }

    /// Whether a proposal's time is near this replica's clock. Null blocks have none.
    fn believes_time(&mut self, turn: &mut Turn<'_>, from: ReplicaId, seq: SeqNum, proposal: &Proposal) -> bool {
        let (now_ms, proposed_ms, tuning) = (turn.now.unix_ms, proposal.body().proposed_time_ms, &self.config.tuning);
        let earliest = now_ms.saturating_sub(tuning.time_behind_ms);
        let latest = now_ms.saturating_add(tuning.time_ahead_ms);
        if (earliest..=latest).contains(&proposed_ms) || proposal.is_null() {
            return true;
        }
        self.blame_once(turn, from, Fault::BadTime { view: self.views.view, seq, proposed_ms });
        false
    }

    /// The time that this replica, as primary, proposes next, in milliseconds since 1970: later than the last one it saw
    /// proposed. A clock that was set back far counts nevertheless: nobody would believe the time it had before.
    pub(super) fn next_time_ms(&self, turn: &Turn<'_>) -> u64 {
        let (clock_ms, after_ms) = (turn.now.unix_ms, self.proposed_ms.saturating_add(1));
        let believable = after_ms <= clock_ms.saturating_add(self.config.tuning.time_ahead_ms / 2);
        if believable { clock_ms.max(after_ms) } else { clock_ms }
    }
}
