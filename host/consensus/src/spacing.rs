//! Distances in slots that all replicas of a network have in common. Networks use the default; tests come to
//! checkpoints and state transfers sooner with shorter ones.

use crate::limits::{CHECKPOINT_SLOTS, TRANSFER_SLOTS, WINDOW_SLOTS};
use theriac_types::SeqNum;

/// How far apart checkpoints are, and what is measured in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spacing {
    checkpoint: u64,
    transfer: u64,
}

impl Default for Spacing {
    fn default() -> Self {
        Self { checkpoint: CHECKPOINT_SLOTS, transfer: TRANSFER_SLOTS }
    }
}

impl Spacing {
    /// Checkpoints every so many slots, and a state transfer when a replica is so many behind one.
    ///
    /// # Panics
    /// When the checkpoint slots of the default are not among the checkpoint slots, or when a replica would fetch the
    /// state for slots that are still in the window.
    pub fn new(checkpoint: u64, transfer: u64) -> Self {
        assert!(
            checkpoint > 0 && CHECKPOINT_SLOTS.is_multiple_of(checkpoint),
            "{checkpoint} divides {CHECKPOINT_SLOTS}"
        );
        let spacing = Self { checkpoint, transfer };
        assert!(transfer > spacing.window(), "within the window of {} slots are fetched one by one", spacing.window());
        spacing
    }

    /// Slots from one checkpoint to the next: checkpoint slots are the multiples of it.
    pub fn checkpoint(self) -> u64 {
        self.checkpoint
    }

    /// Slots above the last stable checkpoint that a replica votes on: up to the checkpoint after the next.
    pub fn window(self) -> u64 {
        2 * self.checkpoint
    }

    /// A replica whose next slot is so far below a stable checkpoint fetches its state instead of the slots between.
    pub fn transfer(self) -> u64 {
        self.transfer
    }

    /// Whether a checkpoint is made after this slot.
    pub fn is_checkpoint(self, seq: SeqNum) -> bool {
        seq.0 > 0 && seq.0.is_multiple_of(self.checkpoint)
    }
}

const _: () = assert!(WINDOW_SLOTS == 2 * CHECKPOINT_SLOTS, "the default window is the limit");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_limit() {
        let spacing = Spacing::default();
        assert_eq!((spacing.checkpoint(), spacing.window(), spacing.transfer()), (128, 256, 4096));
        assert!(spacing.is_checkpoint(SeqNum(256)) && !spacing.is_checkpoint(SeqNum(130)));
        assert!(!spacing.is_checkpoint(SeqNum(0)), "the start of a network is no checkpoint");
    }

    #[test]
    #[should_panic(expected = "divides")]
    fn odd_distances_are_refused() {
        let _ = Spacing::new(100, 4096);
    }
}
