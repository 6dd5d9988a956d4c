//! Layers over the committed state: what a block wrote so far, and what the transaction in hand wants to write.

use crate::outcome::Version;
use crate::state::{ReadError, Scan, ScanRange, StateKey, StateReader};
use std::collections::BTreeMap;
use std::ops::Bound;
use theriac_types::{ChaincodeName, Height, TxId};

/// The world state as someone sees it at one moment.
pub(crate) trait View {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError>;
    fn scan(&self, range: &ScanRange<'_>) -> Result<Scan, ReadError>;
}

/// The committed state at a height.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub reader: &'a dyn StateReader,
    pub height: Height,
}

impl View for At<'_> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        self.reader.get(key, self.height)
    }

    fn scan(&self, range: &ScanRange<'_>) -> Result<Scan, ReadError> {
        self.reader.scan(range, self.height)
    }
}

/// The head with the writes of a block's finished transactions.
pub(crate) struct BlockView<'a> {
    below: At<'a>,
    versions: Vec<Version>,
    /// Index of each key's newest version.
    newest: BTreeMap<ChaincodeName, BTreeMap<Vec<u8>, usize>>,
}

impl<'a> BlockView<'a> {
    pub fn new(below: At<'a>) -> Self {
        Self { below, versions: Vec::new(), newest: BTreeMap::new() }
    }

    /// Takes over what a transaction wrote.
    pub fn commit(&mut self, writes: Writes, index: u32, tx_id: TxId) {
        for (namespace, values) in writes.0 {
            let newest = self.newest.entry(namespace.clone()).or_default();
            for (key, value) in values {
                newest.insert(key.clone(), self.versions.len());
                let key = StateKey::new(namespace.clone(), key).expect("keys are checked when they are written");
                self.versions.push(Version { key, index, tx_id, value });
            }
        }
    }

    /// Every version, in the order of execution.
    pub fn into_versions(self) -> Vec<Version> {
        self.versions
    }

    /// Each changed key's newest version.
    pub fn newest(&self) -> impl Iterator<Item = &Version> {
        self.newest.values().flat_map(|keys| keys.values()).map(|index| &self.versions[*index])
    }
}

impl View for BlockView<'_> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        match self.newest.get(&key.namespace).and_then(|keys| keys.get(&*key.key)) {
            Some(index) => Ok(self.versions[*index].value.clone()),
            None => self.below.get(key),
        }
    }

    fn scan(&self, range: &ScanRange<'_>) -> Result<Scan, ReadError> {
        let value = |index: &usize| self.versions[*index].value.as_deref();
        match self.newest.get(range.namespace) {
            Some(keys) => merge(&self.below, range, keys, value),
            None => self.below.scan(range),
        }
    }
}

/// Keys of one namespace with what is written to them; none removes the key.
type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// What one transaction writes: in the namespace of the chaincode that it calls, and of those that this one calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Writes(BTreeMap<ChaincodeName, Changes>);

impl Writes {
    /// The keys with what is written to them, ascending by namespace and key.
    pub fn iter(&self) -> impl Iterator<Item = (&ChaincodeName, &[u8], Option<&[u8]>)> {
        self.0.iter().flat_map(|(namespace, changes)| {
            changes.iter().map(move |(key, value)| (namespace, key.as_slice(), value.as_deref()))
        })
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether the ledger's own records are among them.
    pub fn touch_system(&self) -> bool {
        self.0.keys().any(ChaincodeName::is_system)
    }
}

/// A view with one transaction's own writes in sight.
pub(crate) struct Overlay<'a> {
    pub below: &'a dyn View,
    /// Where [`Overlay::put`] and [`Overlay::delete`] write.
    pub namespace: ChaincodeName,
    pub writes: Writes,
}

impl<'a> Overlay<'a> {
    pub fn new(below: &'a dyn View, namespace: ChaincodeName) -> Self {
        Self { below, namespace, writes: Writes::default() }
    }

    /// Sets a key of the namespace.
    pub fn put(&mut self, key: &[u8], value: Vec<u8>) {
        self.changes().insert(key.to_vec(), Some(value));
    }

    /// Removes a key of the namespace; leaves no trace when there was none.
    pub fn delete(&mut self, key: &StateKey) -> Result<(), ReadError> {
        assert_eq!(key.namespace, self.namespace, "a chaincode writes in its own namespace");
        self.remove(key)
    }

    /// Whether a key of the namespace is among what is written.
    pub fn writes_key(&self, key: &[u8]) -> bool {
        self.writes.0.get(&self.namespace).is_some_and(|changes| changes.contains_key(key))
    }

    /// Takes over what a layer above this one wrote.
    pub fn absorb(&mut self, above: Writes) -> Result<(), ReadError> {
        for (namespace, changes) in above.0 {
            for (key, value) in changes {
                match value {
                    Some(value) => {
                        self.writes.0.entry(namespace.clone()).or_default().insert(key, Some(value));
                    }
                    None => {
                        let key =
                            StateKey::new(namespace.clone(), key).expect("keys are checked when they are written");
                        self.remove(&key)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn changes(&mut self) -> &mut Changes {
        self.writes.0.entry(self.namespace.clone()).or_default()
    }

    fn remove(&mut self, key: &StateKey) -> Result<(), ReadError> {
        let was = self.below.get(key)?.is_some();
        if was {
            self.writes.0.entry(key.namespace.clone()).or_default().insert(key.key.to_vec(), None);
        } else if let Some(changes) = self.writes.0.get_mut(&key.namespace) {
            changes.remove(&*key.key);
            if changes.is_empty() {
                self.writes.0.remove(&key.namespace);
            }
        }
        Ok(())
    }
}

impl View for Overlay<'_> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, ReadError> {
        match self.writes.0.get(&key.namespace).and_then(|changes| changes.get(&*key.key)) {
            Some(value) => Ok(value.clone()),
            None => self.below.get(key),
        }
    }

    fn scan(&self, range: &ScanRange<'_>) -> Result<Scan, ReadError> {
        match self.writes.0.get(range.namespace) {
            Some(changes) => merge(self.below, range, changes, |value| value.as_deref()),
            None => self.below.scan(range),
        }
    }
}

/// Scans a view with changes laid over it.
fn merge<'c, T>(
    below: &dyn View,
    range: &ScanRange<'_>,
    changes: &'c BTreeMap<Vec<u8>, T>,
    value: impl Fn(&'c T) -> Option<&'c [u8]>,
) -> Result<Scan, ReadError> {
    if range.start >= range.end {
        return Ok(Scan::default());
    }
    let bounds = (Bound::Included(range.start), Bound::Excluded(range.end));
    let changes = || changes.range::<[u8], _>(bounds).map(|(key, change)| (key, value(change)));
    // Every change hides at most one entry below.
    let limit = range.limit.saturating_add(changes().count());
    let found = below.scan(&ScanRange { limit, ..*range })?;
    let mut entries: BTreeMap<Vec<u8>, Vec<u8>> = found.entries.into_iter().collect();
    for (key, value) in changes() {
        match value {
            Some(value) => entries.insert(key.clone(), value.to_vec()),
            None => entries.remove(key),
        };
    }
    let entries: Vec<_> = entries.into_iter().take(range.limit).collect();
    let bytes: usize = entries.iter().map(|(key, value)| key.len() + value.len()).sum();
    Ok(Scan { entries, too_large: found.too_large || bytes > range.bytes_max })
}
