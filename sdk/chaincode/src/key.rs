//! Keys of the world state, encoded so that the order of the bytes is the order of the values, and so that the
//! encoding of a tuple's first parts is a prefix of the tuple's.
//!
//! Numbers are big-endian. Texts and byte strings of any length end with `00 01`, and a `00` within is written
//! `00 ff`: thus "a" sorts before "a\0" and before "aa", and no key is a prefix of another.

/// A value, or a tuple of values, that entries of the world state are found by.
pub trait StateKey: Sized {
    /// Appends the encoding.
    fn encode(&self, out: &mut Vec<u8>);
    /// Takes the encoding from the front of the bytes; none when they hold no such value.
    fn decode(bytes: &mut &[u8]) -> Option<Self>;
}

const ESCAPED: u8 = 0x00;
const ESCAPED_ZERO: u8 = 0xff;
const ESCAPED_END: u8 = 0x01;

/// Appends bytes of any length.
pub(crate) fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        out.push(byte);
        if byte == ESCAPED {
            out.push(ESCAPED_ZERO);
        }
    }
    out.extend([ESCAPED, ESCAPED_END]);
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

impl StateKey for Vec<u8> {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_bytes(self, out);
    }
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let mut value = Vec::new();
        loop {
            match *take(bytes, 1)?.first()? {
                ESCAPED => match *take(bytes, 1)?.first()? {
                    ESCAPED_ZERO => value.push(ESCAPED),
                    ESCAPED_END => return Some(value),
                    _ => return None,
                },
                byte => value.push(byte),
            }
        }
    }
}

impl StateKey for String {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_bytes(self.as_bytes(), out);
    }
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        Self::from_utf8(Vec::decode(bytes)?).ok()
    }
}

impl<const N: usize> StateKey for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self);
    }
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        take(bytes, N)?.try_into().ok()
    }
}

impl StateKey for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        match *take(bytes, 1)?.first()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl StateKey for $number {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend(self.to_be_bytes());
            }
            fn decode(bytes: &mut &[u8]) -> Option<Self> {
                Some(Self::from_be_bytes(take(bytes, size_of::<Self>())?.try_into().ok()?))
            }
        }
    )+};
}
numbers!(u8, u16, u32, u64);

macro_rules! tuples {
    ($(($($part:ident . $index:tt),*)),+) => {$(
        impl<$($part: StateKey),*> StateKey for ($($part,)*) {
            fn encode(&self, _out: &mut Vec<u8>) {
                $(self.$index.encode(_out);)*
            }
            fn decode(_bytes: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode(_bytes)?,)*))
            }
        }
    )+};
}
tuples!((), (A.0), (A.0, B.1), (A.0, B.1, C.2), (A.0, B.1, C.2, D.3));

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded<K: StateKey>(key: &K) -> Vec<u8> {
        let mut out = Vec::new();
        key.encode(&mut out);
        out
    }

    /// The bytes sort like the values, no one is a prefix of another, and each decodes to itself.
    fn check<K: StateKey + PartialEq + std::fmt::Debug>(ascending: &[K]) {
        for pair in ascending.windows(2) {
            let (low, high) = (encoded(&pair[0]), encoded(&pair[1]));
            assert!(low < high, "{pair:?}");
            assert!(!high.starts_with(&low), "{pair:?}");
        }
        for key in ascending {
            let bytes = encoded(key);
            let mut rest = bytes.as_slice();
            assert_eq!(K::decode(&mut rest).as_ref(), Some(key));
            assert!(rest.is_empty());
            assert_eq!(K::decode(&mut &bytes[..bytes.len() - 1]), None, "{key:?} cut short");
        }
    }

    #[test]
    fn bytes_sort_like_values() {
        check(&["", "\0", "\0\0", "\0a", "a", "a\0", "a\0b", "a\u{1}", "aa", "b", "é"].map(String::from));
        check(&[vec![], vec![0], vec![0, 255], vec![1], vec![255], vec![255, 0], vec![255, 255]]);
        check(&[0_u64, 1, 255, 256, u64::MAX]);
        check(&[false, true]);
        check(&[[0_u8, 1], [0, 2], [1, 0]]);
        let pair = |text: &str, number: u32| (text.to_owned(), number);
        check(&[pair("a", 2), pair("a", 10), pair("a\0", 0), pair("aa", 1), pair("b", 0)]);
    }

    #[test]
    fn first_parts_are_a_prefix_of_the_tuple() {
        let whole = encoded(&("lot".to_owned(), 7_u32));
        assert!(whole.starts_with(&encoded(&("lot".to_owned(),))));
        assert!(whole.starts_with(&encoded(&())));
        assert!(!whole.starts_with(&encoded(&("lo".to_owned(),))));
    }
}
