//! What host calls cost, in the unit of the guest: about one WebAssembly instruction, or half a nanosecond.
//!
//! The figures reflect what an operation costs a peer in the end: a write is hashed into the state tree, stored and
//! kept; a read may go to disk. Changing one changes receipts: it needs a new height from which it holds.

/// The start of a call: an instance, and decoding.
pub const CALL: u64 = 10_000;
/// Asking who calls, or where.
pub const CONTEXT: u64 = 500;
/// Reading a key.
pub const READ: u64 = 5_000;
/// Setting or removing a key, and each entry of an index that changes with it.
pub const WRITE: u64 = 20_000;
/// Beginning a scan or a history.
pub const SCAN: u64 = 10_000;
/// Each entry or version found.
pub const SCAN_ENTRY: u64 = 2_000;
/// Calling another chaincode, beside what that call uses: its definition is read.
pub const SUBCALL: u64 = 20_000;
/// Announcing an event.
pub const EVENT: u64 = 5_000;
/// Hashing at all.
pub const HASH: u64 = 1_000;
/// Each byte hashed.
pub const HASHED_BYTE: u64 = 10;
/// Checking a signature: about 130 microseconds.
pub const VERIFY: u64 = 260_000;
/// Each byte that crosses the border: keys, values, topics, payloads, argument and result.
pub const BYTE: u64 = 1;
/// Each byte that is kept: keys and values written, topics and payloads.
pub const KEPT_BYTE: u64 = 10;

/// Counts what host calls cost, up to a limit.
///
/// The guest's own gas cannot be seen while it runs, so both count against the same limit apart, and their sum is
/// compared at the end.
#[derive(Debug)]
pub(crate) struct HostGas {
    used: u64,
    limit: u64,
}

/// The limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl HostGas {
    pub fn new(limit: u64) -> Self {
        Self { used: 0, limit }
    }

    pub fn used(&self) -> u64 {
        self.used
    }

    /// What may still be used.
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// Counts a price for the operation, and one for each of so many bytes.
    pub fn charge(&mut self, price: u64, bytes: usize, byte_price: u64) -> Result<(), Exhausted> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.used = self.used.saturating_add(price).saturating_add(bytes.saturating_mul(byte_price));
        if self.used > self.limit { Err(Exhausted) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_may_be_used_up_but_not_passed() {
        let mut gas = HostGas::new(30);
        assert_eq!(gas.charge(10, 2, 10), Ok(()));
        assert_eq!(gas.used(), 30);
        assert_eq!(gas.charge(1, 0, 0), Err(Exhausted));
        assert_eq!(HostGas::new(u64::MAX).charge(1, usize::MAX, u64::MAX), Ok(()));
    }
}
