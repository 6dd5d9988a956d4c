//! The name of a block or of a document: one binary form and one spelling.

use crate::DocumentError;
use cid::Version;
use cid::multihash::Multihash;
use std::fmt;
use std::str::FromStr;
use theriac_crypto::content_digest;
use theriac_types::Digest;

/// Length of a name in bytes: version, codec, hash function and length take one byte each.
pub const CID_BYTES: usize = 36;

const CID_V1: u8 = 0x01;
const RAW: u8 = 0x55;
const DAG_PB: u8 = 0x70;
const SHA2_256: u8 = 0x12;
const SHA2_256_BYTES: u8 = 32;

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// Bytes of the document, as they are.
    Raw,
    /// Links to other blocks, as a UnixFS file in dag-pb.
    DagPb,
}

impl Codec {
    fn multicodec(self) -> u8 {
        match self {
            Self::Raw => RAW,
            Self::DagPb => DAG_PB,
        }
    }

    fn of(multicodec: u8) -> Option<Self> {
        [Self::Raw, Self::DagPb].into_iter().find(|codec| codec.multicodec() == multicodec)
    }
}

/// A CIDv1 of SHA-256. A document bears the name of its root block.
///
/// Names are ordered by digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cid {
    digest: Digest,
    codec: Codec,
}

impl Cid {
    /// The name of a block with this digest.
    pub fn new(codec: Codec, digest: Digest) -> Self {
        Self { digest, codec }
    }

    /// The name of these bytes.
    pub fn of(codec: Codec, bytes: &[u8]) -> Self {
        Self::new(codec, content_digest(bytes))
    }

    /// What the block holds.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// SHA-256 of the block.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The binary form.
    pub fn to_bytes(self) -> [u8; CID_BYTES] {
        let mut bytes = [0; CID_BYTES];
        bytes[..4].copy_from_slice(&[CID_V1, self.codec.multicodec(), SHA2_256, SHA2_256_BYTES]);
        bytes[4..].copy_from_slice(&self.digest.0);
        bytes
    }

    /// Reads the binary form; `None` for anything but a CIDv1 of SHA-256 of a raw or dag-pb block.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[CID_V1, codec, SHA2_256, SHA2_256_BYTES], digest) = bytes.split_first_chunk()? else { return None };
        Some(Self::new(Codec::of(codec)?, Digest(digest.try_into().ok()?)))
    }
}

impl fmt::Display for Cid {
    /// Lower-case base32.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = Multihash::<64>::wrap(SHA2_256.into(), &self.digest.0).expect("32 bytes fit");
        write!(f, "{}", cid::Cid::new_v1(self.codec.multicodec().into(), hash))
    }
}

impl fmt::Debug for Cid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Cid {
    type Err = DocumentError;

    /// Reads a name in its one spelling, which is also the only one that the ledger takes.
    fn from_str(text: &str) -> Result<Self, DocumentError> {
        let shown = || text.chars().take(80).collect();
        let invalid = |reason| DocumentError::Name { text: shown(), reason };
        let cid = cid::Cid::try_from(text).map_err(|_| invalid("it is no CID"))?;
        if cid.version() != Version::V1 || cid.to_string() != text {
            return Err(invalid("it is not spelt as version 1 in lower-case base32"));
        }
        Self::from_bytes(&cid.to_bytes()).ok_or_else(|| invalid("it does not name a file by SHA-256"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const EMPTY: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    #[test]
    fn text_and_bytes_of_a_name_agree() {
        let empty = Cid::of(Codec::Raw, b"");
        assert_eq!((empty.to_string().as_str(), EMPTY.parse().unwrap()), (EMPTY, empty));
        let large = "bafybeiayq7kb5k2mbs3g4dbhbh6aelpxxz2blgyozh7w72lmxieutsgdie".parse::<Cid>().unwrap();
        assert_eq!(large.codec(), Codec::DagPb);
        for cid in [empty, large] {
            assert_eq!(Cid::from_bytes(&cid.to_bytes()), Some(cid));
            assert_eq!(Cid::from_bytes(&cid.to_bytes()[..35]), None);
            assert_eq!(Cid::from_bytes(&[&cid.to_bytes()[..], &[0]].concat()), None);
        }
    }

    #[test]
    fn whatever_the_ledger_refuses_is_refused() {
        for (text, says) in [
            (EMPTY.to_uppercase().as_str(), "not spelt"),
            ("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", "not spelt"),
            ("f01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "not spelt"),
            (
                "bafyrgqhai26anf3i7pips7q22coa4sz2fr4gk4q4sqdtymvvjyginfzaqewveaeqdh524nsktaq43j65v22xxrybrtertmcfxufdam3da3hbk",
                "SHA-256",
            ),
            ("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua", "SHA-256"),
            (&EMPTY[..40], "no CID"),
            ("/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "not spelt"),
            ("", "no CID"),
        ] {
            let error = text.parse::<Cid>().unwrap_err();
            assert_eq!(error.code(), "DOCUMENT_NAME_INVALID");
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
