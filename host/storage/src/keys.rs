//! Keys as bytes, ordered like what they name.

use theriac_ledger::{StateKey, TransactionPlace};
use theriac_types::{ChaincodeName, Epoch, Height, MemberId, Nonce, SeqNum, encode};

pub(crate) fn height(height: Height) -> [u8; 8] {
    height.0.to_be_bytes()
}

fn namespace(namespace: &ChaincodeName) -> Vec<u8> {
    let name = namespace.as_str().as_bytes();
    let length = u8::try_from(name.len()).expect("names are shorter than a byte counts");
    [&[length], name].concat()
}

/// A key of `state`: as long as nothing follows it, it needs no end.
pub(crate) fn state(of: &ChaincodeName, key: &[u8]) -> Vec<u8> {
    let mut bytes = namespace(of);
    bytes.extend_from_slice(key);
    bytes
}

/// The beginning that all versions of a key share. A zero byte in the key becomes `0 255` and the key ends in `0 0`,
/// so that keys keep their order and none is the beginning of another.
pub(crate) fn versions(of: &ChaincodeName, key: &[u8]) -> Vec<u8> {
    let mut bytes = namespace(of);
    for byte in key {
        bytes.push(*byte);
        if *byte == 0 {
            bytes.push(0xff);
        }
    }
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

/// A key of `versions`; later places come first.
pub(crate) fn version(key: &StateKey, place: TransactionPlace) -> Vec<u8> {
    let mut bytes = versions(&key.namespace, &key.key);
    bytes.extend_from_slice(&newest_first(place));
    bytes
}

/// A place in the reverse order.
pub(crate) fn newest_first(place: TransactionPlace) -> [u8; 12] {
    self::place(place).map(|byte| !byte)
}

/// A place.
pub(crate) fn place(place: TransactionPlace) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&place.height.0.to_be_bytes());
    bytes[8..].copy_from_slice(&place.index.to_be_bytes());
    bytes
}

/// Reads a place.
pub(crate) fn parse_place(bytes: &[u8]) -> Option<TransactionPlace> {
    let (height, index) = bytes.split_first_chunk::<8>()?;
    let index: [u8; 4] = index.try_into().ok()?;
    Some(TransactionPlace { height: Height(u64::from_be_bytes(*height)), index: u32::from_be_bytes(index) })
}

/// Takes a key of `versions` apart: the beginning that its versions share, the key itself, and the place.
pub(crate) fn parse_version(bytes: &[u8]) -> Option<(&[u8], Vec<u8>, TransactionPlace)> {
    let (shared, newest) = bytes.split_at_checked(bytes.len().checked_sub(12)?)?;
    let place: Vec<u8> = newest.iter().map(|byte| !byte).collect();
    let (length, rest) = shared.split_first()?;
    let mut escaped = rest.get(usize::from(*length)..)?.strip_suffix(&[0, 0])?.iter();
    let mut key = Vec::with_capacity(escaped.len());
    while let Some(byte) = escaped.next() {
        key.push(*byte);
        if *byte == 0 && escaped.next() != Some(&0xff) {
            return None;
        }
    }
    Some((shared, key, parse_place(&place)?))
}

/// A number as a key.
pub(crate) fn number(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

pub(crate) fn parse_number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

/// A key of `checkpoints`.
pub(crate) fn checkpoint(epoch: Epoch, seq: SeqNum) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&epoch.0.to_be_bytes());
    bytes[8..].copy_from_slice(&seq.0.to_be_bytes());
    bytes
}

pub(crate) fn parse_checkpoint(bytes: &[u8]) -> Option<(Epoch, SeqNum)> {
    let (epoch, seq) = bytes.split_first_chunk::<8>()?;
    Some((Epoch(u64::from_be_bytes(*epoch)), SeqNum(parse_number(seq)?)))
}

pub(crate) fn replay(creator: &MemberId, nonce: Nonce) -> Vec<u8> {
    let mut bytes = encode(creator);
    bytes.extend_from_slice(&nonce.0.to_be_bytes());
    bytes
}

/// A key of `replay_ends`: the rest behind the height is the entry's key in `replay`.
pub(crate) fn replay_end(valid_until: Height, replay: &[u8]) -> Vec<u8> {
    [&height(valid_until), replay].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_and_are_read_back() {
        let name: ChaincodeName = "trace".parse().expect("a name");
        let parts: [&[u8]; 7] = [b"", b"\0", b"\0\0", b"\0a", b"a", b"a\0", b"ab"];
        let place = |height, index| TransactionPlace { height: Height(height), index };
        let mut all = Vec::new();
        for part in parts {
            for at in [place(2, 1), place(2, 0), place(1, 7)] {
                let key = StateKey::new(name.clone(), part).expect("short");
                let bytes = version(&key, at);
                assert_eq!(parse_version(&bytes), Some((&versions(&name, part)[..], part.to_vec(), at)));
                all.push(bytes);
            }
        }
        assert!(all.is_sorted(), "ascending by key, newest first");
        assert_eq!(parse_version(b"short"), None);
        assert_eq!(parse_version(&[1, b'a', 0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), None);
    }

    /// Other bytes are another layout: `tables::FORMAT` then has another number.
    #[test]
    fn keys_are_these_bytes() {
        let name: ChaincodeName = "trace".parse().expect("a name");
        let member: MemberId = "maker/anna".parse().expect("a member");
        let at = TransactionPlace { height: Height(0x0102), index: 3 };
        let key = StateKey::new(name.clone(), b"a\0").expect("short");
        let used = replay(&member, Nonce(7));
        let rows: [(&[u8], &[u8]); 8] = [
            (&height(Height(0x0102)), b"\0\0\0\0\0\0\x01\x02"),
            (&place(at), b"\0\0\0\0\0\0\x01\x02\0\0\0\x03"),
            (&state(&name, b"a\0"), b"\x05tracea\0"),
            (&version(&key, at), b"\x05tracea\0\xff\0\0\xff\xff\xff\xff\xff\xff\xfe\xfd\xff\xff\xff\xfc"),
            (&used, b"\x05\0\0\0maker\x04\0\0\0anna\0\0\0\0\0\0\0\x07"),
            (&number(0x0102), b"\0\0\0\0\0\0\x01\x02"),
            (&checkpoint(Epoch(1), SeqNum(2)), b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02"),
            (&replay_end(Height(9), b"rest"), b"\0\0\0\0\0\0\0\x09rest"),
        ];
        for (found, wanted) in rows {
            assert_eq!(found, wanted);
        }
    }
}
