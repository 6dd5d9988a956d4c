//! The canonical encoding: strict borsh. One value has one byte string, and one byte string at most one value.

use borsh::{BorshDeserialize, BorshSerialize};

/// Bytes that are no canonical encoding of the wanted type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Longer than the caller allows.
    #[error("{length} bytes exceed the maximum of {max} bytes")]
    TooLong {
        /// Bytes found.
        length: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Truncated, with trailing bytes, or with a value outside its range.
    #[error("not a canonical encoding: {reason}")]
    Malformed {
        /// What the decoder met.
        reason: String,
    },
}

/// Encodes a value canonically.
///
/// # Panics
/// Never for the types of this crate: writing to memory does not fail and every count fits 32 bits.
pub fn encode<T: BorshSerialize + ?Sized>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).expect("bounded values encode to memory")
}

/// Decodes a value, refusing more than `max` bytes, trailing bytes and anything non-canonical.
pub fn decode<T: BorshDeserialize>(bytes: &[u8], max: usize) -> Result<T, DecodeError> {
    if bytes.len() > max {
        return Err(DecodeError::TooLong { length: bytes.len(), max });
    }
    T::try_from_slice(bytes).map_err(|e| DecodeError::Malformed { reason: e.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn trailing_truncated_and_oversized_bytes_are_refused() {
        assert_eq!(decode::<u16>(&[1, 0], 2), Ok(1));
        assert!(matches!(decode::<u16>(&[1, 0, 0], 8), Err(DecodeError::Malformed { .. })));
        assert!(matches!(decode::<u16>(&[1], 8), Err(DecodeError::Malformed { .. })));
        assert_eq!(decode::<u16>(&[1, 0], 1), Err(DecodeError::TooLong { length: 2, max: 1 }));
    }

    #[test]
    fn map_keys_out_of_order_are_refused() {
        let map = BTreeMap::from([(1_u8, 1_u8), (2, 2)]);
        assert_eq!(encode(&map), [2, 0, 0, 0, 1, 1, 2, 2]);
        assert!(decode::<BTreeMap<u8, u8>>(&[2, 0, 0, 0, 2, 2, 1, 1], 64).is_err());
        assert!(decode::<BTreeMap<u8, u8>>(&[2, 0, 0, 0, 1, 1, 1, 1], 64).is_err());
    }

    #[test]
    fn a_boolean_and_an_option_have_one_encoding() {
        assert!(decode::<bool>(&[2], 1).is_err());
        assert!(decode::<Option<u8>>(&[2, 0], 2).is_err());
    }
}
