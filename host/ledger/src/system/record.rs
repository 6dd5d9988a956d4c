//! Records of the system chaincodes: borsh under readable keys.

use crate::state::{ReadError, ScanRange, StateKey};
use crate::view::{Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{SCAN_BYTES_MAX, SYSTEM_VALUE_BYTES_MAX};
use theriac_types::{ChaincodeName, decode, encode};

/// A name of a system chaincode as a namespace.
pub(crate) fn namespace(name: &str) -> ChaincodeName {
    ChaincodeName::new(name).expect("names of system chaincodes are names")
}

/// A key in a system namespace.
pub(crate) fn key(namespace: ChaincodeName, key: impl Into<Vec<u8>>) -> StateKey {
    StateKey::new(namespace, key).expect("two names, a prefix and a number are shorter than a longest key")
}

pub(crate) fn read<T: BorshDeserialize>(view: &dyn View, key: &StateKey) -> Result<Option<T>, ReadError> {
    view.get(key)?.map(|bytes| parse(key, &bytes)).transpose()
}

pub(crate) fn write<T: BorshSerialize>(overlay: &mut Overlay<'_>, key: &StateKey, record: &T) {
    assert_eq!(key.namespace, overlay.namespace, "a system chaincode writes its own records");
    overlay.put(&key.key, encode(record));
}

/// Records whose keys have a prefix and then something above `after`, with the rest of their keys.
pub(crate) fn list<T: BorshDeserialize>(
    view: &dyn View,
    prefix: &StateKey,
    after: &[u8],
    limit: usize,
) -> Result<Vec<(Vec<u8>, T)>, ReadError> {
    let mut start = [&prefix.key[..], after].concat();
    if !after.is_empty() {
        start.push(0);
    }
    let mut end = prefix.key.to_vec();
    end.push(0xff);
    let range = ScanRange { namespace: &prefix.namespace, start: &start, end: &end, limit, bytes_max: SCAN_BYTES_MAX };
    let found = view.scan(&range)?.entries.into_iter();
    found
        .map(|(found, bytes)| {
            let record = parse(&key(prefix.namespace.clone(), found.clone()), &bytes)?;
            Ok((found[prefix.key.len()..].to_vec(), record))
        })
        .collect()
}

fn parse<T: BorshDeserialize>(key: &StateKey, bytes: &[u8]) -> Result<T, ReadError> {
    decode(bytes, SYSTEM_VALUE_BYTES_MAX)
        .map_err(|e| ReadError::Corrupt { what: format!("the record {key:?}"), reason: e.to_string() })
}
