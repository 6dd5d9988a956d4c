//! The state machine: who may do what to an item in which state, and what comes of it.
//!
//! Guards come in one order everywhere: is it yours, can it still change, does it lie free, is it ready for this.

use super::{Custody, Item, Receipt, Shipment, State};
use crate::Event;
use crate::identifier::{Gln, ItemId, Place};
use crate::limits::LEVELS_MAX;
use crate::refusal::Refusal;
use crate::vocabulary::Disposition;

/// The block in which something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Its height.
    pub height: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: u64,
}

/// An item and, when it is packed, the outermost container around it: whose state and custody hold for both.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// The item's identifier.
    pub id: &'a ItemId,
    /// The item.
    pub item: &'a Item,
    /// The outermost container; none when the item lies free.
    pub top: Option<(&'a ItemId, &'a Item)>,
}

impl<'a> Placement<'a> {
    /// The record whose state and custody count.
    pub fn effective(&self) -> &'a Item {
        self.top.map_or(self.item, |(_, top)| top)
    }

    /// Refuses unless the party holds it and it is not on its way.
    pub fn expect_held_by(&self, party: &Gln) -> Result<(), Refusal> {
        let Item { state, custody, .. } = self.effective();
        if custody.holder != *party {
            let (holder, since) = (custody.holder, custody.since);
            return Err(Refusal::NotHolder { item: self.id.clone(), holder, since });
        }
        if let State::InTransit(Shipment { consignee, since, .. }) = state {
            return Err(Refusal::AlreadyInTransit { item: self.id.clone(), consignee: *consignee, since: *since });
        }
        Ok(())
    }

    /// Refuses when it is at the end of its life or held back.
    pub fn expect_usable(&self) -> Result<(), Refusal> {
        let item = || self.id.clone();
        match &self.effective().state {
            State::Quarantined { because, since } => {
                Err(Refusal::UnitQuarantined { item: item(), because: because.to_string(), since: *since })
            }
            State::Dispensed { since } => {
                Err(Refusal::UnitTerminal { item: item(), state: "dispensed", since: *since })
            }
            State::Decommissioned { since, .. } => {
                Err(Refusal::UnitTerminal { item: item(), state: "decommissioned", since: *since })
            }
            State::Destroyed { since } => {
                Err(Refusal::UnitTerminal { item: item(), state: "destroyed", since: *since })
            }
            State::Commissioned | State::InStock | State::InTransit(_) | State::PartlyDispensed => Ok(()),
        }
    }

    /// Refuses when it is packed: only the outermost container moves.
    pub fn expect_free(&self) -> Result<(), Refusal> {
        match self.top {
            None => Ok(()),
            Some((top, _)) => Err(Refusal::ChildDirectMove { child: self.id.clone(), top: top.clone() }),
        }
    }

    /// Refuses when something is packed in it.
    pub fn expect_empty(&self) -> Result<(), Refusal> {
        match self.item.children.len() {
            0 => Ok(()),
            children => Err(Refusal::NotEmpty { item: self.id.clone(), children }),
        }
    }

    /// Refuses when its last day of use is over.
    pub fn expect_unexpired(&self, now: Moment) -> Result<(), Refusal> {
        match self.item.birth.expiry {
            Some(expiry) if expiry.is_over_at(now.time_ms) => {
                Err(Refusal::UnitExpired { item: self.id.clone(), expiry })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a receipt unless this item is on its way to the party.
    pub fn expect_receivable_by(&self, party: &Gln) -> Result<(), Refusal> {
        let item = || self.id.clone();
        let effective = self.effective();
        match (&effective.state, &effective.receipt) {
            (State::InTransit(shipment), _) if shipment.consignee == *party => self.expect_free(),
            (State::InTransit(shipment), _) => {
                Err(Refusal::WrongConsignee { item: item(), consignee: shipment.consignee, by: *party })
            }
            (_, Some(receipt)) if receipt.by == *party => {
                Err(Refusal::DoubleReceipt { item: item(), by: receipt.by, height: receipt.height })
            }
            (_, Some(receipt)) => Err(Refusal::WrongConsignee { item: item(), consignee: receipt.by, by: *party }),
            (_, None) => Err(Refusal::ShipNotOpen { item: item() }),
        }
    }

    /// The guards of shipping: held, usable, free, not expired, not partly used.
    pub fn expect_shippable(&self, by: &Gln, now: Moment) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_usable()?;
        self.expect_free()?;
        self.expect_unexpired(now)?;
        self.expect_whole("shipped")
    }

    /// The guards of dispensing: held, usable, free, empty, a unit, not expired.
    pub fn expect_dispensable(&self, by: &Gln, now: Moment) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_usable()?;
        self.expect_free()?;
        self.expect_empty()?;
        if let ItemId::Logistic(_) = self.id {
            let (state, next) = ("a logistic unit", "Dispense the packs that were in it.");
            return Err(Refusal::StateForbids { item: self.id.clone(), state, wanted: "dispensed", next });
        }
        self.expect_unexpired(now)
    }

    /// The guards of packing this item into a container: held, usable, not packed, whole.
    pub fn expect_packable(&self, by: &Gln) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_usable()?;
        if let Some(parent) = &self.item.parent {
            return Err(Refusal::ChildAlreadyPacked { child: self.id.clone(), parent: parent.clone() });
        }
        self.expect_whole("packed")
    }

    /// The guards of destroying: held, free, empty, and held back or taken out before.
    pub fn expect_destroyable(&self, by: &Gln) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_free()?;
        self.expect_empty()?;
        match &self.item.state {
            State::Quarantined { .. } | State::Decommissioned { .. } => Ok(()),
            State::Dispensed { .. } | State::Destroyed { .. } => self.expect_usable(),
            other => {
                let next = "Inspect it as damaged, hold it, or decommission it first.";
                let (state, wanted) = (other.as_str(), "destroyed");
                Err(Refusal::StateForbids { item: self.id.clone(), state, wanted, next })
            }
        }
    }

    fn expect_whole(&self, wanted: &'static str) -> Result<(), Refusal> {
        match &self.item.state {
            State::PartlyDispensed => {
                let next = "Dispense the rest, or decommission it.";
                Err(Refusal::StateForbids { item: self.id.clone(), state: "PARTLY_DISPENSED", wanted, next })
            }
            _ => Ok(()),
        }
    }
}

impl Item {
    /// First half of a hand-over. The holder stays answerable until the second half.
    pub fn ship(&mut self, shipment: Shipment) {
        self.state = State::InTransit(shipment);
    }

    /// Takes the first half back.
    pub fn void_shipping(&mut self, id: &ItemId, by: &Gln) -> Result<(), Refusal> {
        let State::InTransit(_) = self.state else {
            return Err(Refusal::ShipNotOpen { item: id.clone() });
        };
        if self.custody.holder != *by {
            let (holder, since) = (self.custody.holder, self.custody.since);
            return Err(Refusal::NotHolder { item: id.clone(), holder, since });
        }
        self.state = State::InStock;
        self.receipt = None;
        Ok(())
    }

    /// Second half of a hand-over.
    pub fn receive(&mut self, id: &ItemId, by: &Gln, place: Option<Place>, now: Moment) -> Result<Shipment, Refusal> {
        Placement { id, item: self, top: None }.expect_receivable_by(by)?;
        let State::InTransit(shipment) = std::mem::replace(&mut self.state, State::InStock) else {
            return Err(Refusal::ShipNotOpen { item: id.clone() });
        };
        let owner = shipment.new_owner.unwrap_or(self.custody.owner);
        let place = place.or_else(|| shipment.destination.clone());
        self.custody = Custody { owner, holder: *by, since: now.height, place };
        self.receipt = Some(Receipt { by: *by, height: now.height });
        Ok(shipment)
    }

    /// Notes the child and the levels it brings.
    pub fn add_child(&mut self, parent: &ItemId, child: &ItemId, child_levels: u8) -> Result<(), Refusal> {
        let levels = child_levels.saturating_add(1).max(self.levels);
        if levels >= LEVELS_MAX {
            return Err(Refusal::TooDeep { parent: parent.clone(), levels: LEVELS_MAX });
        }
        if let Err(at) = self.children.binary_search(child) {
            self.children.insert(at, child.clone());
        }
        self.levels = levels;
        Ok(())
    }

    /// Forgets the child.
    pub fn remove_child(&mut self, parent: &ItemId, child: &ItemId) -> Result<(), Refusal> {
        let Ok(at) = self.children.binary_search(child) else {
            return Err(Refusal::ChildNotInParent { child: child.clone(), parent: parent.clone() });
        };
        self.children.remove(at);
        if self.children.is_empty() {
            self.levels = 0;
        }
        Ok(())
    }

    /// Leaves its container and takes over what held for the outermost one.
    pub fn leave_container(&mut self, top: &Self) {
        self.parent = None;
        self.state = top.state.clone();
        self.custody = top.custody.clone();
        self.receipt = top.receipt.clone();
    }

    /// Sets and lifts the marks of an event.
    pub fn mark(&mut self, event: &Event) {
        let Some(marks) = &event.common().marks else { return };
        self.marks.retain(|mark| !marks.unset.contains(mark));
        self.marks.extend(marks.set.iter().cloned());
        self.marks.sort_unstable();
        self.marks.dedup();
    }

    /// Holds it back.
    pub fn quarantine(&mut self, because: Disposition, now: Moment) {
        self.state = State::Quarantined { because, since: now.height };
    }
}
