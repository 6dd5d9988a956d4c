//! Certificates: one combined signature and the bitmap of its signers.

use crate::bounded::TooLong;
use crate::limits::{CERTIFICATE_SIGNATURE_BYTES_MAX, REPLICAS_MAX};
use crate::{Bytes, ReplicaId};
use borsh::{BorshDeserialize, BorshSerialize};

/// Who signed: bit `i` of byte `i / 8` (least significant first) stands for replica `i`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct SignerBitmap(Bytes<{ REPLICAS_MAX / 8 }>);

impl SignerBitmap {
    /// Builds the bitmap of a network of `n` replicas.
    ///
    /// # Errors
    /// When `n` is above the maximum.
    ///
    /// # Panics
    /// When a signer is not below `n`: callers count only replicas they know.
    pub fn new(n: usize, signers: impl IntoIterator<Item = ReplicaId>) -> Result<Self, TooLong> {
        let mut bytes = vec![0_u8; n.div_ceil(8)];
        for ReplicaId(id) in signers {
            assert!(usize::from(id) < n, "signer {id} of {n}");
            bytes[usize::from(id) / 8] |= 1 << (id % 8);
        }
        Bytes::new(bytes).map(Self)
    }

    /// Whether the length is exactly right for `n` replicas and no bit beyond them is set.
    pub fn fits(&self, n: usize) -> bool {
        let spare = n.div_ceil(8) * 8 - n;
        self.0.len() == n.div_ceil(8) && self.0.last().is_none_or(|last| last.leading_zeros() as usize >= spare)
    }

    /// How many signed.
    pub fn count(&self) -> usize {
        self.0.iter().map(|byte| byte.count_ones() as usize).sum()
    }

    /// Whether this replica signed.
    pub fn contains(&self, ReplicaId(id): ReplicaId) -> bool {
        self.0.get(usize::from(id) / 8).is_some_and(|byte| byte & (1 << (id % 8)) != 0)
    }

    /// The signers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = ReplicaId> {
        (0..self.0.len() * 8).map(|id| ReplicaId(id as u16)).filter(|id| self.contains(*id))
    }
}

/// Signatures of many replicas over one statement, combined.
///
/// Not unique: other signers give other bytes. Never hash or sign a certificate.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Certificate {
    /// Who signed.
    pub signers: SignerBitmap,
    /// The combined signature.
    pub signature: Bytes<CERTIFICATE_SIGNATURE_BYTES_MAX>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_fits_its_network_only() {
        let bitmap = SignerBitmap::new(6, [0, 5].map(ReplicaId)).expect("small");
        assert!(bitmap.fits(6) && bitmap.fits(8) && !bitmap.fits(5) && !bitmap.fits(9));
        assert_eq!(bitmap.count(), 2);
        assert_eq!(bitmap.iter().collect::<Vec<_>>(), [ReplicaId(0), ReplicaId(5)]);
        assert!(SignerBitmap::new(REPLICAS_MAX + 8, []).is_err());
    }
}
