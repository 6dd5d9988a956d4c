//! Names of cases, messages and items: UUIDs that follow from what they name (RFC 9562, 5.8), so that whoever asks the
//! same ledger again says the same.

use sha2::{Digest, Sha256};

/// The UUID of what these parts name together.
pub(crate) fn named(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes: Vec<u8> = hash.finalize().iter().copied().take(16).collect();
    // Version 8: made as its author likes; and the variant of RFC 9562.
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_their_parts_and_from_where_these_end() {
        let name = named(&["case", "C-1"]);
        assert_eq!(name, named(&["case", "C-1"]));
        assert_ne!(name, named(&["cas", "eC-1"]));
        assert_eq!((name.len(), &name[14..15]), (36, "8"));
        assert!("89ab".contains(&name[19..20]), "{name}");
        assert!(name.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        }));
    }
}
