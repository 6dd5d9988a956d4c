//! An item's life as one digest. Each step's digest covers the one before it, so who has the item's record from the
//! world state, with one proof, can check any list of its steps against it: nothing is left out, added or altered.

use super::{EventId, Item, Operation, Step};
use crate::identifier::{Gln, ItemId};
use crate::time::EventTime;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// What happened to an item so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Life {
    /// How many steps it has taken.
    pub steps: u32,
    /// Of `n` steps: SHA-256 of the digest of the first `n - 1` and the last one in Borsh; zeroes of none.
    pub digest: [u8; 32],
}

/// One step, with everything that the ledger says about it.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LifeStep {
    /// What was done.
    pub operation: Operation,
    /// The event that says so.
    pub event: EventId,
    /// When it happened.
    pub time: EventTime,
    /// The container, when packed or unpacked.
    pub container: Option<ItemId>,
    /// The event's number on the ledger: later events have higher ones, whatever items they are about.
    pub number: u64,
    /// In which block.
    pub height: u64,
    /// In which transaction.
    pub transaction: [u8; 32],
    /// The organisation and the member who said so, as `organisation/member`.
    pub said_by: String,
    /// The party for which it was said.
    pub party: Gln,
    /// The other party of a hand-over.
    pub counterpart: Option<Gln>,
    /// The version of the rules that judged it.
    pub rules: Option<String>,
    /// The case that it opened.
    pub case: Option<String>,
}

impl Life {
    /// The life with one more step; `sha2_256` is that function.
    pub fn and(self, step: &LifeStep, sha2_256: impl FnOnce(&[u8]) -> [u8; 32]) -> Self {
        let mut bytes = self.digest.to_vec();
        step.serialize(&mut bytes).expect("memory takes bytes, and no text is 4 GiB long");
        Self { steps: self.steps.saturating_add(1), digest: sha2_256(&bytes) }
    }
}

impl Item {
    /// The steps that this record has and the one before it had not.
    pub fn steps_since(&self, was: Option<&Self>) -> &[Step] {
        let known = was.filter(|was| was.height == self.height).map_or(0, |was| was.steps.len());
        self.steps.get(known..).unwrap_or(&[])
    }
}

/// A step of an item's life, its own or one that its container took while it was inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// The step.
    pub step: LifeStep,
    /// The container that took it; none for the item's own.
    pub via: Option<ItemId>,
}

/// Everything that happened to an item, in the order of the ledger: its own steps, and those of the containers that it
/// was in at the time, as far as they moved what was in them. `own_steps` gives all steps of an item, oldest first.
///
/// # Errors
/// Those of `own_steps`.
pub fn whole_life<E>(
    id: &ItemId,
    own_steps: &mut impl FnMut(&ItemId) -> Result<Vec<LifeStep>, E>,
) -> Result<Vec<Happening>, E> {
    let own = own_steps(id)?;
    let mut happenings = Vec::new();
    for stay in stays(&own) {
        around(&stay, own_steps, &mut happenings)?;
    }
    happenings.extend(own.into_iter().map(|step| Happening { step, via: None }));
    // Stable: several steps of one event stay in their order.
    happenings.sort_by_key(|happening| happening.step.number);
    Ok(happenings)
}

/// The time that an item was in a container: after one event, and before another.
struct Stay {
    container: ItemId,
    after: u64,
    before: u64,
}

/// The stays of an item in containers, given all its steps.
fn stays(own: &[LifeStep]) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    let mut inside = false;
    for step in own {
        let Some(container) = &step.container else { continue };
        // Declared wrong, packing and unpacking turn into each other.
        inside = match step.operation {
            Operation::Undo => !inside,
            operation => operation == Operation::Pack,
        };
        if inside {
            stays.push(Stay { container: container.clone(), after: step.number, before: u64::MAX });
        } else if let Some(last) = stays.last_mut() {
            last.before = step.number;
        }
    }
    stays
}

/// What happened to a container, and to those around it, during a stay in it. It ends: at no time is a container in
/// itself, and a stay within a stay is no longer than that.
fn around<E>(
    stay: &Stay,
    own_steps: &mut impl FnMut(&ItemId) -> Result<Vec<LifeStep>, E>,
    happenings: &mut Vec<Happening>,
) -> Result<(), E> {
    let own = own_steps(&stay.container)?;
    for outer in stays(&own) {
        let outer = Stay { after: outer.after.max(stay.after), before: outer.before.min(stay.before), ..outer };
        if outer.after < outer.before {
            around(&outer, own_steps, happenings)?;
        }
    }
    let during = own.into_iter().filter(|step| stay.after < step.number && step.number < stay.before);
    let moved = during.filter(|step| !matches!(step.operation, Operation::Fill | Operation::Empty));
    happenings.extend(moved.map(|step| Happening { step, via: Some(stay.container.clone()) }));
    Ok(())
}
