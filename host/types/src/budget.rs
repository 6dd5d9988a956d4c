//! What a call costs, and what it may cost: in two currencies that do not mix.

use borsh::{BorshDeserialize, BorshSerialize};

/// An amount of work, or a limit to it.
///
/// The guest counts its own instructions while it runs and the host cannot see that count before the call ends, so the
/// two are limited apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Budget {
    /// Instructions of the guest, weighted by the cost table that its package was metered with.
    pub gas: u64,
    /// Work that the host did for the guest: reads, writes, hashes, calls of other chaincode.
    pub host_gas: u64,
}

impl Budget {
    /// Nothing.
    pub const ZERO: Self = Self { gas: 0, host_gas: 0 };

    /// Both together; the greatest number when that is too large.
    pub fn total(self) -> u64 {
        self.gas.saturating_add(self.host_gas)
    }
}
