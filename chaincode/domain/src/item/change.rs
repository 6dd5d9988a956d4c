//! What comes of an operation, once its guards have let it through.

use super::{Core, Flag, Item, Moment, Receipt, State, Transit};
use crate::event::{Event, TooLarge};
use crate::identifier::{Gln, Place};
use crate::limits::{EARLIER_HOLDERS_MAX, EVENT_LIST_MAX};
use crate::vocabulary::Disposition;

impl Item {
    /// First half of a hand-over. The holder stays answerable until the second half.
    pub fn ship(&mut self, transit: Transit) {
        self.core.state = State::InTransit(transit);
    }

    /// Takes the first half back.
    pub fn void_shipping(&mut self) {
        self.core.state = State::InStock;
        self.core.receipt = None;
    }

    /// Second half of a hand-over.
    pub fn receive(&mut self, by: &Gln, new_owner: Option<Gln>, place: Option<Place>, now: Moment) {
        let custody = &mut self.core.custody;
        let from = custody.holder;
        remember_holder(&mut custody.earlier, from);
        custody.earlier.retain(|earlier| earlier != by);
        custody.owner = new_owner.unwrap_or(custody.owner);
        custody.holder = *by;
        custody.since = now.height;
        custody.place = place;
        self.core.state = State::InStock;
        self.core.receipt = Some(Receipt { by: *by, from, height: now.height });
    }

    /// Is held back.
    pub fn hold(&mut self, because: Disposition, now: Moment) {
        self.core.state = State::Quarantined { because, since: now.height };
    }

    /// Is given free.
    pub fn release(&mut self) {
        self.core.state = State::InStock;
    }

    /// Leaves its container and takes over what held for the outermost one.
    pub fn leave_container(&mut self, top: &Core) {
        self.parent = None;
        self.core.state = self.core.state_inside(top).clone();
        let own = std::mem::replace(&mut self.core.custody, top.custody.clone());
        let holders = own.earlier.into_iter().chain(top.custody.earlier.iter().copied());
        let mut earlier = Vec::new();
        holders.filter(|holder| *holder != top.custody.holder).for_each(|holder| remember_holder(&mut earlier, holder));
        self.core.custody.earlier = earlier;
        let own = self.core.receipt.take();
        let height = |receipt: &Receipt| receipt.height;
        self.core.receipt = [own, top.receipt.clone()].into_iter().flatten().max_by_key(height);
    }

    /// Sets and lifts the marks of an event. Marks that are flags are set by their own operations.
    ///
    /// # Errors
    /// When it has too many then.
    pub fn mark(&mut self, event: &Event) -> Result<(), TooLarge> {
        let Some(marks) = &event.marks else { return Ok(()) };
        self.marks.retain(|mark| !marks.unset.contains(mark));
        for mark in marks.set.iter().filter(|mark| Flag::of(mark).is_none()) {
            if let Err(at) = self.marks.binary_search(mark) {
                self.marks.insert(at, mark.clone());
            }
        }
        TooLarge::check("persistent dispositions of one item", self.marks.len(), EVENT_LIST_MAX)
    }
}

/// Keeps the latest ones when there are too many, and always the first: the maker.
fn remember_holder(earlier: &mut Vec<Gln>, holder: Gln) {
    if earlier.contains(&holder) {
        return;
    }
    if earlier.len() >= EARLIER_HOLDERS_MAX {
        earlier.remove(1);
    }
    earlier.push(holder);
}
