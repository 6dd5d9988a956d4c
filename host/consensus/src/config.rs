//! What a replica is told at its start.

use crate::quorum::Cluster;
use theriac_crypto::VoteContext;
use theriac_types::ReplicaId;
use theriac_types::limits::{BLOCK_BYTES_MAX, BLOCK_TRANSACTIONS_MAX};

/// A replica's place in its network, and how it is tuned.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which replica this is.
    pub replica: ReplicaId,
    /// The network.
    pub cluster: Cluster,
    /// Channel and epoch of its votes.
    pub context: VoteContext,
    /// What may differ between replicas.
    pub tuning: Tuning,
}

/// Sizes and times that change speed, never what is decided. Replicas may differ in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// A batch with this many transactions is full.
    pub batch_transactions: usize,
    /// A batch of this many bytes is full.
    pub batch_bytes: usize,
    /// How long the primary waits for a batch to fill while others are in flight, in milliseconds.
    pub batch_wait_ms: u64,
    /// How many slots the primary keeps between proposed and executed.
    pub slots_in_flight: u64,
    /// How long a C-collector waits for the fast path at first, in milliseconds. Adapts.
    pub fast_wait_ms: u64,
    /// Whether collectors make fast proofs. Without them every slot takes the slow path, at once.
    pub fast_path: bool,
    /// How often a replica says how far it is, in milliseconds.
    pub status_ms: u64,
    /// How long a request or slot may wait without any progress before this replica wants another primary, in
    /// milliseconds.
    pub request_wait_ms: u64,
    /// How far ahead of this replica's clock a proposal's time may be, in milliseconds.
    pub time_ahead_ms: u64,
    /// How far behind this replica's clock a proposal's time may be, in milliseconds.
    pub time_behind_ms: u64,
    /// Requests that wait at this replica; more are dropped. No other replica may have more than its share of them
    /// waiting: one of `f + 1`.
    pub requests_waiting: usize,
    /// Bytes of those requests.
    pub requests_waiting_bytes: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            batch_transactions: 512,
            batch_bytes: 1024 * 1024,
            batch_wait_ms: 10,
            slots_in_flight: 4,
            fast_wait_ms: 150,
            fast_path: true,
            status_ms: 500,
            request_wait_ms: 2_000,
            time_ahead_ms: 3_000,
            time_behind_ms: 30_000,
            requests_waiting: 16_384,
            requests_waiting_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Tuning {
    /// The same, with every size within what a block may hold and every time between a millisecond and a minute.
    pub fn within_limits(self) -> Self {
        Self {
            batch_transactions: self.batch_transactions.clamp(1, BLOCK_TRANSACTIONS_MAX),
            batch_bytes: self.batch_bytes.clamp(1, BATCH_BYTES_MAX),
            batch_wait_ms: self.batch_wait_ms.clamp(1, WAIT_MS_MAX),
            slots_in_flight: self.slots_in_flight.clamp(1, crate::limits::WINDOW_SLOTS),
            status_ms: self.status_ms.clamp(1, WAIT_MS_MAX),
            request_wait_ms: self.request_wait_ms.clamp(1, WAIT_MS_MAX),
            ..self
        }
    }
}

/// Longest wait that may be set, in milliseconds.
const WAIT_MS_MAX: u64 = 60_000;
/// A body's bytes beside its transactions: time and count.
const BODY_OVERHEAD_BYTES: usize = 12;
/// Most bytes of transactions in a batch, so that its body fits a block.
pub(crate) const BATCH_BYTES_MAX: usize = BLOCK_BYTES_MAX - BODY_OVERHEAD_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuning_stays_within_limits() {
        let wild = Tuning { batch_transactions: 0, batch_bytes: usize::MAX, status_ms: 0, ..Tuning::default() };
        let tuning = wild.clone().within_limits();
        assert_eq!((tuning.batch_transactions, tuning.batch_bytes, tuning.status_ms), (1, BATCH_BYTES_MAX, 1));
        let tuning = Tuning { status_ms: u64::MAX, ..wild }.within_limits();
        assert_eq!(tuning.status_ms, WAIT_MS_MAX);
        assert_eq!(Tuning::default().within_limits(), Tuning::default(), "the defaults are within them");
    }

    #[test]
    fn an_empty_body_has_the_overhead_that_is_reserved() {
        assert_eq!(theriac_types::encode(&theriac_types::BlockBody::null()).len(), BODY_OVERHEAD_BYTES);
    }
}
