//! Fields of requests, decoded strictly.

use crate::refusal::Refusal;
use std::fmt::Display;
use std::str::FromStr;
use theriac_types::{Digest, Height, PackageId, TxId};

/// A name.
pub fn name<T: FromStr<Err: Display>>(field: &'static str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|error| Refusal::malformed(field, error))
}

/// 32 bytes.
pub fn digest(field: &'static str, bytes: &[u8]) -> Result<Digest, Refusal> {
    let found = bytes.len();
    let bytes = bytes.try_into().map_err(|_| Refusal::malformed(field, format!("{found} bytes where 32 are needed")));
    bytes.map(Digest)
}

/// A transaction's id.
pub fn tx_id(bytes: &[u8]) -> Result<TxId, Refusal> {
    digest("tx_id", bytes).map(TxId)
}

/// A package's id, when there is one.
pub fn package_id(bytes: &[u8]) -> Result<Option<PackageId>, Refusal> {
    if bytes.is_empty() { Ok(None) } else { digest("package_id", bytes).map(|digest| Some(PackageId(digest))) }
}

/// The height to read at: the one asked for, if it is certified, or else the certified head.
pub fn height(asked: Option<u64>, certified: Height) -> Result<Height, Refusal> {
    match asked.map(Height) {
        Some(height) if height > certified => Err(Refusal::NotYet { height, certified }),
        Some(height) => Ok(height),
        None => Ok(certified),
    }
}
