//! The epochs as the world state of this peer tells of them.

use crate::store::Store;
use theriac_ledger::system::membership::{configuration_at, governing};
use theriac_ledger::{ReadError, StateReader};
use theriac_types::{Configuration, Epoch, Height, SeqNum};

/// The configuration whose replicas decide on the height above the head.
pub fn running(store: &Store) -> Result<Configuration, ReadError> {
    governing(store, store.head()?.height)
}

/// The configuration of an epoch, once it is decided.
pub fn configuration(store: &Store, epoch: Epoch) -> Result<Option<Configuration>, ReadError> {
    configuration_at(store, store.head()?.height, epoch)
}

/// The configurations of the epoch before, of this one, and of the next one once it is decided: their replicas are
/// this peer's neighbours.
pub fn around(store: &Store, epoch: Epoch) -> Result<Vec<Configuration>, ReadError> {
    let epochs = [epoch.0.checked_sub(1), Some(epoch.0), epoch.0.checked_add(1)].into_iter().flatten();
    let found: Result<Vec<_>, _> = epochs.map(|epoch| configuration(store, Epoch(epoch))).collect();
    Ok(found?.into_iter().flatten().collect())
}

/// The last slot of an epoch, once it is decided.
pub fn last_slot(store: &Store, epoch: Epoch) -> Result<Option<SeqNum>, ReadError> {
    let next = configuration(store, Epoch(epoch.0.saturating_add(1)))?;
    Ok(next.map(|next| SeqNum(next.first.0.saturating_sub(1))))
}

/// The epoch of a height up to the head.
pub fn of_height(store: &Store, height: Height) -> Result<Epoch, ReadError> {
    let below = Height(height.0.saturating_sub(1));
    Ok(governing(store, below)?.epoch)
}
