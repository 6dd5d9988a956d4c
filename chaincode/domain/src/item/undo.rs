//! Taking back what an item's last event changed.

use super::{Core, Custody, EventId, Flag, Item, Operation, Receipt, State};
use crate::identifier::ItemId;
use crate::refusal::Refusal;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// What an item's last event changed: each part as it was before, none where it stayed.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Before {
    /// The event.
    pub event: EventId,
    /// What it did.
    pub operation: Operation,
    state: Option<State>,
    custody: Option<Custody>,
    receipt: Option<Option<Receipt>>,
    flags: Option<Vec<Flag>>,
    parent: Option<Option<ItemId>>,
}

impl Item {
    /// Notes what an event changes, given the item as it was.
    pub fn remember(&mut self, event: EventId, operation: Operation, was: &Self) {
        fn changed<T: Clone + PartialEq>(was: &T, is: &T) -> Option<T> {
            (was != is).then(|| was.clone())
        }
        self.before = Some(Before {
            event,
            operation,
            state: changed(&was.core.state, &self.core.state),
            custody: changed(&was.core.custody, &self.core.custody),
            receipt: changed(&was.core.receipt, &self.core.receipt),
            flags: changed(&was.core.flags, &self.core.flags),
            parent: changed(&was.parent, &self.parent),
        });
    }

    /// Takes back what the event changed. Once: what was before that is forgotten.
    ///
    /// # Errors
    /// When another event followed.
    pub fn take_back(&mut self, id: &ItemId, event: EventId) -> Result<Operation, Refusal> {
        let last = self.steps.last().map(|step| step.event);
        let before = self.before.take().filter(|before| before.event == event && last == Some(event));
        let Some(before) = before else { return Err(Refusal::BuiltUpon { item: id.clone() }) };
        let Core { state, custody, receipt, flags } = &mut self.core;
        put_back(state, before.state);
        put_back(custody, before.custody);
        put_back(receipt, before.receipt);
        put_back(flags, before.flags);
        put_back(&mut self.parent, before.parent);
        Ok(before.operation)
    }
}

fn put_back<T>(is: &mut T, was: Option<T>) {
    if let Some(was) = was {
        *is = was;
    }
}
