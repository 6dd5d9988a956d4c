//! What a replica's processor spends, as measured once on a named machine and kept here as a table.
//!
//! `theriac-comparison --measure` prints a fresh table. Runs use the stored one, so that they say the same everywhere.

/// Prices in nanoseconds of one core.
#[derive(Debug, Clone)]
pub struct Costs {
    /// Where they were measured.
    pub machine: &'static str,
    /// Making a signature with a member's key (ECDSA over secp256k1).
    pub sign_ns: u64,
    /// Checking one.
    pub check_ns: u64,
    /// Making a replica's share (BLS12-381, signatures in G1).
    pub share_ns: u64,
    /// Checking one share alone.
    pub share_check_ns: u64,
    /// Combining shares and checking the combination once, by number of signers, ascending.
    pub combine_ns: &'static [(u64, u64)],
    /// Checking a certificate, by number of signers, ascending.
    pub certificate_check_ns: &'static [(u64, u64)],
    /// Decoding a body and hashing it, per KiB.
    pub body_ns_per_kib: u64,
    /// Passing a small message through the kernel's TCP, one side.
    pub message_ns: u64,
    /// The same for every further KiB.
    pub message_ns_per_kib: u64,
    /// One step of a replica with a share, cryptography aside.
    pub step_ns: u64,
}

/// The stored table.
pub const MEASURED: Costs = Costs {
    machine: "one core of an Intel Xeon at 2.6 GHz with AVX-512 and SHA extensions, in a virtual machine",
    sign_ns: 52_900,
    check_ns: 63_500,
    share_ns: 147_700,
    share_check_ns: 882_900,
    combine_ns: &[
        (2, 928_500),
        (3, 941_300),
        (11, 1_058_600),
        (21, 1_213_200),
        (31, 1_372_300),
        (65, 1_915_800),
        (129, 2_924_900),
        (193, 3_909_100),
        (209, 4_153_800),
    ],
    certificate_check_ns: &[
        (2, 911_000),
        (3, 911_100),
        (11, 930_900),
        (21, 941_600),
        (31, 954_500),
        (65, 991_000),
        (129, 1_070_200),
        (193, 1_138_400),
        (209, 1_163_400),
    ],
    body_ns_per_kib: 2_550,
    message_ns: 950,
    message_ns_per_kib: 31,
    step_ns: 840,
};

impl Costs {
    /// Price of combining so many shares, the check included.
    pub fn combine(&self, signers: usize) -> u64 {
        between(self.combine_ns, signers as u64)
    }

    /// Price of checking a certificate of so many signers.
    pub fn certificate_check(&self, signers: usize) -> u64 {
        between(self.certificate_check_ns, signers as u64)
    }

    /// Price of sending or receiving a message of so many bytes.
    pub fn message(&self, bytes: u64) -> u64 {
        self.message_ns + bytes * self.message_ns_per_kib / 1024
    }

    /// Price of decoding and hashing a body of so many bytes.
    pub fn body(&self, bytes: u64) -> u64 {
        bytes * self.body_ns_per_kib / 1024
    }
}

/// The price at a place of an ascending table, on the line between its neighbours; outside, that of the nearest entry.
fn between(table: &[(u64, u64)], at: u64) -> u64 {
    let above = table.partition_point(|(place, _)| *place < at);
    match (above.checked_sub(1).and_then(|below| table.get(below)), table.get(above)) {
        (Some((low, low_ns)), Some((high, high_ns))) => {
            low_ns + high_ns.saturating_sub(*low_ns) * (at - low) / (high - low)
        }
        (Some((_, ns)), None) | (None, Some((_, ns))) => *ns,
        (None, None) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_lie_on_the_line_between_measured_ones() {
        let table = [(3, 100), (13, 200), (23, 500)];
        for (at, ns) in [(1, 100), (3, 100), (8, 150), (13, 200), (18, 350), (23, 500), (99, 500)] {
            assert_eq!(between(&table, at), ns, "at {at}");
        }
    }
}
