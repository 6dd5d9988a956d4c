//! The activations that are decided and have not begun, by height. A block reads one key to learn that none is due.

use super::records::own;
use crate::state::{ReadError, ScanRange, StateKey};
use crate::system::record::{list, read, write};
use crate::view::{Overlay, View};
use theriac_types::limits::{ACTIVATIONS_PER_BLOCK_MAX, SCAN_BYTES_MAX};
use theriac_types::{ChaincodeName, Height};

fn next_key() -> StateKey {
    own("next")
}

fn at(height: Height) -> StateKey {
    own([b"a/", &height.0.to_be_bytes()[..], b"/"].concat())
}

fn entry(height: Height, name: &ChaincodeName) -> StateKey {
    own([&at(height).key[..], name.as_str().as_bytes()].concat())
}

/// The first height from `wanted` on that takes another activation. One migration runs in a block, so that no block
/// takes longer than one migration may; activations without one are cheap.
pub(super) fn free_height(view: &dyn View, wanted: Height, migrates: bool) -> Result<Height, ReadError> {
    let mut height = wanted;
    loop {
        let there: Vec<(Vec<u8>, bool)> = list(view, &at(height), b"", ACTIVATIONS_PER_BLOCK_MAX)?;
        let taken = migrates && there.iter().any(|(_, migrates)| *migrates);
        if there.len() < ACTIVATIONS_PER_BLOCK_MAX && !taken {
            return Ok(height);
        }
        height = height.next();
    }
}

/// Sets a chaincode's activation.
pub(super) fn insert(
    state: &mut Overlay<'_>,
    height: Height,
    name: &ChaincodeName,
    migrates: bool,
) -> Result<(), ReadError> {
    write(state, &entry(height, name), &migrates);
    settle_next(state)
}

/// Takes a chaincode's activation out.
pub(super) fn remove(state: &mut Overlay<'_>, height: Height, name: &ChaincodeName) -> Result<(), ReadError> {
    state.delete(&entry(height, name))?;
    settle_next(state)
}

/// Chaincodes whose activation takes place up to a height, by height, then by name.
pub(super) fn due(view: &dyn View, height: Height) -> Result<Vec<ChaincodeName>, ReadError> {
    let next: Option<Height> = read(view, &next_key())?;
    if next.is_none_or(|next| next > height) {
        return Ok(Vec::new());
    }
    let due = entries(view, Some(height), usize::MAX)?;
    Ok(due.into_iter().map(|(_, name)| name).collect())
}

/// Activations in order, up to a height if one is given.
fn entries(view: &dyn View, up_to: Option<Height>, limit: usize) -> Result<Vec<(Height, ChaincodeName)>, ReadError> {
    let (prefix, behind) = (own("a/"), own("a0"));
    let end = up_to.map_or_else(|| behind.key.to_vec(), |height| at(height.next()).key.to_vec());
    let range =
        ScanRange { namespace: &prefix.namespace, start: &prefix.key, end: &end, limit, bytes_max: SCAN_BYTES_MAX };
    view.scan(&range)?.entries.into_iter().map(|(key, _)| parse(&key[prefix.key.len()..])).collect()
}

fn parse(rest: &[u8]) -> Result<(Height, ChaincodeName), ReadError> {
    let corrupt = |reason: String| ReadError::Corrupt { what: "an activation's key".to_owned(), reason };
    let (height, name) = rest.split_first_chunk::<8>().ok_or_else(|| corrupt("it is too short".to_owned()))?;
    let name = name.strip_prefix(b"/").unwrap_or_default();
    let name = ChaincodeName::new(String::from_utf8_lossy(name)).map_err(|error| corrupt(error.to_string()))?;
    Ok((Height(u64::from_be_bytes(*height)), name))
}

fn settle_next(state: &mut Overlay<'_>) -> Result<(), ReadError> {
    match entries(state, None, 1)?.first() {
        Some((height, _)) => {
            write(state, &next_key(), height);
            Ok(())
        }
        None => state.delete(&next_key()),
    }
}
