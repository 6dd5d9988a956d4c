//! When to give up catching up slot by slot: too many slots are missing, or nobody sends them any more.
//!
//! It is no decision to stop: slots that do come are executed as before, and once the checkpoint is reached the transfer
//! is not asked for again. Nor does anything need to keep the replica from voting: below a stable checkpoint it does not.

use super::Replica;
use crate::effect::Effect;
use crate::limits::{TRANSFER_PAUSE_PERIODS, TRANSFER_PERIODS};
use crate::turn::Turn;
use theriac_types::SeqNum;

/// What this replica did about being behind a stable checkpoint.
#[derive(Debug, Clone, Default)]
pub(super) struct Transfer {
    /// Since when it knows of a stable checkpoint above its last executed slot.
    below_since_ms: Option<u64>,
    /// The checkpoint whose state it asked for, and when.
    asked: Option<(SeqNum, u64)>,
}

impl Replica {
    /// Asks for the state of the last stable checkpoint when there is no other way to get there.
    pub(super) fn transfer_if_hopeless(&mut self, turn: &mut Turn<'_>) {
        let (now_ms, period_ms, executed) = (turn.now_ms(), self.config.tuning.status_ms, self.executed());
        let Some(stable) = self.stable.as_ref().filter(|stable| stable.seq > executed) else {
            self.transfer = Transfer::default();
            return;
        };
        let below_since_ms = *self.transfer.below_since_ms.get_or_insert(now_ms);
        let far = stable.seq > executed.next().saturating_add(self.config.cluster.spacing().transfer());
        // Only a slot that is not here can be waited for in vain; one that is being executed takes what it takes.
        let idle = self.handed_over == executed;
        let since_ms = self.catchup.missing_since_ms().max(below_since_ms);
        let unserved = idle && now_ms >= since_ms + TRANSFER_PERIODS * period_ms;
        let news = self
            .transfer
            .asked
            .is_none_or(|(asked, at_ms)| stable.seq > asked && now_ms >= at_ms + TRANSFER_PAUSE_PERIODS * period_ms);
        if (far || unserved) && news {
            self.transfer.asked = Some((stable.seq, now_ms));
            turn.emit(Effect::Transfer(stable.clone()));
        }
    }

    /// The checkpoint whose state this replica asked for, while it is behind it.
    pub fn transfers(&self) -> Option<SeqNum> {
        self.transfer.asked.map(|(seq, _)| seq).filter(|seq| *seq > self.executed())
    }
}
