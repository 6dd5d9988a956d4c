//! Which names of documents are taken: one spelling of each.

use cid::{Cid, Version};
use theriac_types::Digest;

/// A file as it is.
const RAW: u64 = 0x55;
/// The root of a file's chunks.
const DAG_PB: u64 = 0x70;
const SHA2_256: u64 = 0x12;

/// Checks a name. `file` is the SHA-256 of the whole file, which the name of a file of one chunk holds.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub(super) fn check(text: &str, file: &Digest) -> Result<(), String> {
    let cid = Cid::try_from(text).map_err(|error| format!("{text:?} is no CID: {error}"))?;
    if cid.version() != Version::V1 || cid.to_string() != text {
        return Err(format!("{text:?} is not the usual spelling: write it as version 1 in lower-case base32"));
    }
    let hash = cid.hash();
    if hash.code() != SHA2_256 || hash.digest().len() != file.0.len() {
        return Err(format!("{text} is not named by SHA-256: add it to IPFS with that hash"));
    }
    match cid.codec() {
        DAG_PB => Ok(()),
        RAW if hash.digest() == file.0 => Ok(()),
        RAW => Err(format!("{text} names a file with another SHA-256 than {file}: one of them is of another file")),
        codec => Err(format!("{text} names something of codec {codec:#x}: only files are documents")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The empty file: published with the SHA-256 of nothing.
    const EMPTY: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    fn empty() -> Digest {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".parse().unwrap()
    }

    #[test]
    fn a_file_has_one_name() {
        assert_eq!(check(EMPTY, &empty()), Ok(()));
        let large = "bafybeiayq7kb5k2mbs3g4dbhbh6aelpxxz2blgyozh7w72lmxieutsgdie";
        assert_eq!(check(large, &Digest::ZERO), Ok(()), "the name of several chunks says nothing of the whole");
        for (name, says) in [
            (EMPTY.to_uppercase().as_str(), "usual spelling"),
            ("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", "usual spelling"),
            ("f01551220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "usual spelling"),
            (
                "bafyrgqhai26anf3i7pips7q22coa4sz2fr4gk4q4sqdtymvvjyginfzaqewveaeqdh524nsktaq43j65v22xxrybrtertmcfxufdam3da3hbk",
                "not named by SHA-256",
            ),
            ("bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua", "codec 0x71"),
            (&EMPTY[..40], "no CID"),
            ("", "no CID"),
        ] {
            let reason = check(name, &empty()).unwrap_err();
            assert!(reason.contains(says), "{name}: {reason}");
        }
        assert!(check(EMPTY, &Digest::ZERO).unwrap_err().contains("another SHA-256"));
    }
}
