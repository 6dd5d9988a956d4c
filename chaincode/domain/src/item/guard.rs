//! Who may do what to an item in which state.
//!
//! Guards come in one order everywhere: is it yours, can it still change, does it lie free, does anything speak
//! against it, is it ready for this.

use super::{Flag, Item, Reason, State, Transit};
use crate::identifier::{Gln, ItemId};
use crate::refusal::Refusal;
use crate::time::Date;

/// The block in which something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Its height.
    pub height: u64,
    /// Its time, in milliseconds since 1970.
    pub time_ms: u64,
}

/// Something that speaks against using an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It, its lot, or something in it was recalled.
    Recalled {
        /// The recall's number.
        number: String,
        /// Since which block.
        since: u64,
    },
    /// It has another flag than that of a recall.
    Flagged(Flag),
    /// So many things in it have a flag.
    FlaggedInside(u32),
    /// Its last day of use is over, or that of something in it.
    Expired(Date),
}

impl Stop {
    /// The refusal that it leads to.
    pub fn refusal(&self, item: &ItemId) -> Refusal {
        let item = item.clone();
        match self {
            Self::Recalled { number, since } => Refusal::UnitRecalled { item, number: number.clone(), since: *since },
            Self::Expired(expiry) => Refusal::UnitExpired { item, expiry: *expiry },
            Self::Flagged(Flag::Excursion) => Refusal::ColdExcursion { item },
            Self::Flagged(Flag::Locked) => Refusal::UnitLocked { item },
            Self::FlaggedInside(count) => Refusal::FlaggedInside { item, count: *count },
            Self::Flagged(flag) => Refusal::UnitSuspect { item, flag: flag.as_str() },
        }
    }
}

/// An item and what its guards need to know beside it.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// The item's identifier.
    pub id: &'a ItemId,
    /// The item.
    pub item: &'a Item,
    /// The outermost container around it, whose state and custody hold for both; none when the item lies free.
    pub top: Option<(&'a ItemId, &'a Item)>,
    /// What speaks against using it, worst first.
    pub stops: &'a [Stop],
}

impl<'a> Placement<'a> {
    /// The record whose state and custody count.
    pub fn effective(&self) -> &'a Item {
        self.top.map_or(self.item, |(_, top)| top)
    }

    fn id(&self) -> ItemId {
        self.id.clone()
    }

    /// Refuses unless the party holds it and it is not on its way.
    pub fn expect_held_by(&self, party: &Gln) -> Result<(), Refusal> {
        let core = &self.effective().core;
        if core.custody.holder != *party {
            let (holder, since) = (core.custody.holder, core.custody.since);
            return Err(Refusal::NotHolder { item: self.id(), holder, since });
        }
        self.expect_at_rest()
    }

    /// Refuses when it is on its way.
    pub fn expect_at_rest(&self) -> Result<(), Refusal> {
        match &self.effective().core.state {
            State::InTransit(Transit { consignee, since, .. }) => {
                Err(Refusal::AlreadyInTransit { item: self.id(), consignee: *consignee, since: *since })
            }
            _ => Ok(()),
        }
    }

    /// Refuses unless the party owns or holds it and it is not on its way.
    pub fn expect_at_disposal_of(&self, party: &Gln) -> Result<(), Refusal> {
        let core = &self.effective().core;
        if core.custody.owner == *party && !matches!(core.state, State::InTransit(_)) {
            return Ok(());
        }
        self.expect_held_by(party)
    }

    /// Refuses when it is at the end of its life, not yet born, or held back.
    pub fn expect_usable(&self) -> Result<(), Refusal> {
        match &self.effective().core.state {
            State::Quarantined { because, since } => {
                Err(Refusal::UnitQuarantined { item: self.id(), because: because.to_string(), since: *since })
            }
            _ => self.expect_alive(),
        }
    }

    /// Refuses when it is at the end of its life, or not yet born.
    pub fn expect_alive(&self) -> Result<(), Refusal> {
        let over = |state, since: &u64| Err(Refusal::UnitTerminal { item: self.id(), state, since: *since });
        match &self.effective().core.state {
            State::Reserved => {
                let next = "Commission it first.";
                Err(Refusal::StateForbids { item: self.id(), state: "RESERVED", wanted: "used", next })
            }
            State::Dispensed { since } => over("dispensed", since),
            State::Decommissioned { since, .. } => over("decommissioned", since),
            State::Destroyed { since } => over("destroyed", since),
            _ => Ok(()),
        }
    }

    /// Refuses when it is packed: only the outermost container moves.
    pub fn expect_free(&self) -> Result<(), Refusal> {
        match self.top {
            None => Ok(()),
            Some((top, _)) => Err(Refusal::ChildDirectMove { child: self.id(), top: top.clone() }),
        }
    }

    /// Refuses when something is packed in it.
    pub fn expect_empty(&self) -> Result<(), Refusal> {
        match self.item.contents.is_empty() {
            true => Ok(()),
            false => Err(Refusal::NotEmpty { item: self.id(), children: self.item.contents.children }),
        }
    }

    /// Refuses when anything speaks against using it.
    pub fn expect_unstopped(&self) -> Result<(), Refusal> {
        self.stops.first().map_or(Ok(()), |stop| Err(stop.refusal(self.id)))
    }

    /// Refuses when anything but its age speaks against using it.
    pub fn expect_unflagged(&self) -> Result<(), Refusal> {
        let flag = self.stops.iter().find(|stop| !matches!(stop, Stop::Expired(_)));
        flag.map_or(Ok(()), |stop| Err(stop.refusal(self.id)))
    }

    /// Refuses a receipt unless this item is on its way to the party.
    pub fn expect_receivable_by(&self, party: &Gln) -> Result<(), Refusal> {
        let core = &self.effective().core;
        // What came by itself and was packed since knows of its receipt, its container does not.
        match (&core.state, core.receipt.as_ref().or(self.item.core.receipt.as_ref())) {
            (State::InTransit(transit), _) if transit.consignee == *party => Ok(()),
            (State::InTransit(transit), _) => {
                Err(Refusal::WrongConsignee { item: self.id(), consignee: transit.consignee, by: *party })
            }
            (_, Some(receipt)) if receipt.by == *party => {
                Err(Refusal::DoubleReceipt { item: self.id(), by: receipt.by, height: receipt.height })
            }
            (_, Some(receipt)) => Err(Refusal::WrongConsignee { item: self.id(), consignee: receipt.by, by: *party }),
            (_, None) => Err(Refusal::ShipNotOpen { item: self.id() }),
        }
    }

    /// The guards of shipping. What is sent back may be flagged, expired or held back; nothing else may.
    pub fn expect_shippable(&self, by: &Gln, back: bool) -> Result<(), Refusal> {
        self.expect_at_disposal_of(by)?;
        if back {
            self.expect_alive()?;
        } else {
            self.expect_usable()?;
        }
        self.expect_free()?;
        if !back {
            self.expect_unstopped()?;
        }
        self.expect_whole("shipped")
    }

    /// The guards of dispensing: held, usable, free, empty, a unit, nothing against it.
    pub fn expect_dispensable(&self, by: &Gln) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_usable()?;
        self.expect_free()?;
        self.expect_empty()?;
        if let ItemId::Logistic(_) = self.id {
            let (state, next) = ("a logistic unit", "Dispense the packs that were in it.");
            return Err(Refusal::StateForbids { item: self.id(), state, wanted: "dispensed", next });
        }
        self.expect_unstopped()
    }

    /// The guards of packing this item into a container: held, usable, not packed, unflagged, whole.
    pub fn expect_packable(&self, by: &Gln) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_usable()?;
        if let Some(parent) = &self.item.parent {
            return Err(Refusal::ChildAlreadyPacked { child: self.id(), parent: parent.clone() });
        }
        self.expect_unflagged()?;
        self.expect_whole("packed")
    }

    /// The guards of taking out of the supply chain. `everything` takes what is in it along.
    pub fn expect_decommissionable(&self, by: &Gln, reason: Reason, everything: bool) -> Result<(), Refusal> {
        let core = &self.effective().core;
        // What was stolen or lost on its way, only its shipper can know.
        let gone_on_its_way = matches!(reason, Reason::Stolen | Reason::Lost)
            && matches!(core.state, State::InTransit(_))
            && core.custody.holder == *by;
        if !gone_on_its_way {
            self.expect_held_by(by)?;
        }
        self.expect_alive()?;
        self.expect_free()?;
        if everything { Ok(()) } else { self.expect_empty() }
    }

    /// The guards of destroying: held, free, empty, and held back or taken out before.
    pub fn expect_destroyable(&self, by: &Gln) -> Result<(), Refusal> {
        self.expect_held_by(by)?;
        self.expect_free()?;
        self.expect_empty()?;
        match &self.item.core.state {
            State::Quarantined { .. } | State::Decommissioned { .. } => Ok(()),
            State::Dispensed { .. } | State::Destroyed { .. } => self.expect_alive(),
            other => {
                let next = "Inspect it as damaged, hold it, or decommission it first.";
                let (state, wanted) = (other.as_str(), "destroyed");
                Err(Refusal::StateForbids { item: self.id(), state, wanted, next })
            }
        }
    }

    /// Refuses unless it is held back.
    pub fn expect_quarantined(&self, wanted: &'static str) -> Result<(), Refusal> {
        match &self.effective().core.state {
            State::Quarantined { .. } => Ok(()),
            other => {
                let (state, next) = (other.as_str(), "Only what is in quarantine can be.");
                Err(Refusal::StateForbids { item: self.id(), state, wanted, next })
            }
        }
    }

    /// Refuses what was opened already.
    pub fn expect_whole(&self, wanted: &'static str) -> Result<(), Refusal> {
        match &self.item.core.state {
            State::PartlyDispensed => {
                let next = "Dispense the rest, or decommission it.";
                Err(Refusal::StateForbids { item: self.id(), state: "PARTLY_DISPENSED", wanted, next })
            }
            _ => Ok(()),
        }
    }
}
