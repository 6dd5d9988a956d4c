//! The rules once more, as simply as they can be said: every item knows all about itself, and nothing is counted before
//! it is asked for.

pub mod deeds;
pub mod ledger;

use std::collections::BTreeMap;

/// Parties: organisation, role, GLN, prefix.
pub const PARTIES: [(&str, &str, &str, &str); 4] = [
    ("maker", "manufacturer", "9501101000001", "9501101"),
    ("distributor", "distributor", "9501102000000", "9501102"),
    ("pharmacy", "pharmacy", "9501103000009", "9501103"),
    ("regulator", "regulator", "9501104000008", "9501104"),
];
pub const MAKER: Who = 0;
pub const PHARMACY: Who = 2;
pub const REGULATOR: Who = 3;

/// A party, by its place in the list of parties.
pub type Who = usize;
/// An item, by its place in the list of items.
pub type What = usize;

/// What phase of its life an item is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    InStock,
    InTransit { from: Who, to: Who, back: bool, sold: bool },
    Quarantined { returned: bool },
    PartlyDispensed,
    Dispensed,
    Decommissioned,
    Destroyed,
}

/// An item that was born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    pub phase: Phase,
    pub owner: Who,
    pub holder: Who,
    pub earlier: Vec<Who>,
    /// When, and by whom, it was received last.
    pub received: Option<(u64, Who)>,
    pub parent: Option<What>,
    /// Whether it came out of something that was recalled.
    pub recalled: bool,
}

/// What kind of thing an item is: units have a lot.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub lot: Option<usize>,
    pub logistic: bool,
}

/// The whole world.
#[derive(Debug, Clone)]
pub struct World {
    pub kinds: Vec<Kind>,
    pub things: BTreeMap<What, Thing>,
    pub recalled: Vec<bool>,
    pub maker: Who,
    pub dispensers: Vec<Who>,
    pub watcher: Who,
    /// Counts the events.
    pub clock: u64,
}

pub type Done = Result<(), &'static str>;

impl World {
    fn get(&self, item: What) -> Result<&Thing, &'static str> {
        self.things.get(&item).ok_or("UNIT_UNKNOWN")
    }

    /// The outermost container around an item, or the item itself.
    pub fn top(&self, item: What) -> What {
        let mut top = item;
        while let Some(parent) = self.things[&top].parent {
            top = parent;
        }
        top
    }

    fn around(&self, item: What) -> Vec<What> {
        let mut around = Vec::new();
        let mut at = item;
        while let Some(parent) = self.things[&at].parent {
            around.push(parent);
            at = parent;
        }
        around
    }

    fn children(&self, item: What) -> Vec<What> {
        self.things.iter().filter(|(_, thing)| thing.parent == Some(item)).map(|(child, _)| *child).collect()
    }

    fn inside(&self, item: What) -> Vec<What> {
        let children = self.children(item);
        children.iter().flat_map(|child| self.inside(*child)).chain(children.iter().copied()).collect()
    }

    fn levels(&self, item: What) -> usize {
        self.children(item).into_iter().map(|child| 1 + self.levels(child)).max().unwrap_or(0)
    }

    /// What counts for an item: what holds for its outermost container.
    pub fn effective(&self, item: What) -> &Thing {
        &self.things[&self.top(item)]
    }

    fn held(&self, item: What, who: Who) -> Done {
        let thing = self.effective(item);
        if thing.holder != who {
            return Err("NOT_HOLDER");
        }
        if matches!(thing.phase, Phase::InTransit { .. }) { Err("ALREADY_IN_TRANSIT") } else { Ok(()) }
    }

    fn at_disposal(&self, item: What, who: Who) -> Done {
        let thing = self.effective(item);
        if thing.owner == who && !matches!(thing.phase, Phase::InTransit { .. }) {
            return Ok(());
        }
        self.held(item, who)
    }

    fn alive(&self, item: What) -> Done {
        match self.effective(item).phase {
            Phase::Dispensed | Phase::Decommissioned | Phase::Destroyed => Err("UNIT_TERMINAL"),
            _ => Ok(()),
        }
    }

    fn usable(&self, item: What) -> Done {
        match self.effective(item).phase {
            Phase::Quarantined { .. } => Err("UNIT_QUARANTINED"),
            _ => self.alive(item),
        }
    }

    fn free(&self, item: What) -> Done {
        if self.things[&item].parent.is_some() { Err("AGG_CHILD_DIRECT_MOVE") } else { Ok(()) }
    }

    fn empty(&self, item: What) -> Done {
        if self.children(item).is_empty() { Ok(()) } else { Err("AGG_NOT_EMPTY") }
    }

    fn unrecalled(&self, item: What) -> Done {
        if self.recalled_with(item) || self.inside(item).into_iter().any(|item| self.of_recalled_lot(item)) {
            return Err("UNIT_RECALLED");
        }
        Ok(())
    }

    fn of_recalled_lot(&self, item: What) -> bool {
        self.kinds[item].lot.is_some_and(|lot| self.recalled[lot])
    }

    /// Whether it is recalled, or something that it is in.
    fn recalled_with(&self, item: What) -> bool {
        let mut around = self.around(item).into_iter().chain([item]);
        around.any(|item| self.of_recalled_lot(item) || self.things[&item].recalled)
    }

    fn whole(&self, item: What) -> Done {
        if self.things[&item].phase == Phase::PartlyDispensed { Err("UNIT_STATE") } else { Ok(()) }
    }

    pub fn commission(&mut self, who: Who, items: &[What]) -> Done {
        for item in items {
            if self.things.contains_key(item) {
                return Err("UNIT_DUPLICATE_COMMISSION");
            }
            if who != self.maker {
                return Err("ID_PREFIX_NOT_LICENSED");
            }
            let thing = Thing {
                phase: Phase::InStock,
                owner: who,
                holder: who,
                earlier: Vec::new(),
                received: None,
                parent: None,
                recalled: false,
            };
            self.things.insert(*item, thing);
        }
        Ok(())
    }

    pub fn pack(&mut self, who: Who, parent: What, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        if !self.things.contains_key(&parent) {
            return Err("AGG_PARENT_UNKNOWN");
        }
        self.held(parent, who)?;
        self.usable(parent)?;
        let owner = self.effective(parent).owner;
        for item in items {
            self.get(*item)?;
            if *item == parent || self.around(parent).contains(item) {
                return Err("AGG_CYCLE");
            }
            self.held(*item, who)?;
            self.usable(*item)?;
            if self.things[item].parent.is_some() {
                return Err("AGG_CHILD_ALREADY_PACKED");
            }
            self.unrecalled(*item)?;
            self.whole(*item)?;
            if self.things[item].owner != owner {
                return Err("UNIT_STATE");
            }
            assert!(self.around(parent).len() + 2 + self.levels(*item) < 8, "the test nests less deeply than allowed");
            self.thing(*item).parent = Some(parent);
        }
        Ok(())
    }

    fn thing(&mut self, item: What) -> &mut Thing {
        self.things.get_mut(&item).expect("it was looked up before")
    }

    /// A watcher handles nothing.
    fn not_a_watcher(&self, who: Who) -> Done {
        if who == self.watcher { Err("ROLE_DENIED") } else { Ok(()) }
    }

    pub fn unpack(&mut self, who: Who, parent: What, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        if !self.things.contains_key(&parent) {
            return Err("AGG_PARENT_UNKNOWN");
        }
        self.held(parent, who)?;
        let top = self.effective(parent).clone();
        let recalled = self.recalled_with(parent);
        let all = self.children(parent);
        for item in if items.is_empty() { &all } else { items } {
            if self.things.get(item).is_none_or(|thing| thing.parent != Some(parent)) {
                return Err("AGG_CHILD_NOT_IN_PARENT");
            }
            let thing = self.thing(*item);
            let mut earlier = thing.earlier.clone();
            for holder in top.earlier.iter().chain([&thing.holder]) {
                if !earlier.contains(holder) {
                    earlier.push(*holder);
                }
            }
            earlier.retain(|holder| *holder != top.holder);
            let received = thing.received.max(top.received);
            let recalled = recalled || thing.recalled;
            *thing = Thing { parent: None, earlier, received, recalled, ..top.clone() };
        }
        Ok(())
    }

    pub fn ship(&mut self, who: Who, to: Who, items: &[What], back: bool) -> Done {
        if back && let Some(first) = items.first() {
            self.get(*first)?;
            if self.receivable(*first, who).is_ok() {
                return self.reject(who, items);
            }
        }
        self.not_a_watcher(who)?;
        if to == who {
            return Err("EPCIS_VALIDATION");
        }
        for item in items {
            self.get(*item)?;
            self.at_disposal(*item, who)?;
            if back {
                self.alive(*item)?
            } else {
                self.usable(*item)?
            }
            self.free(*item)?;
            if !back {
                self.unrecalled(*item)?;
            }
            self.whole(*item)?;
            let thing = &self.things[item];
            if thing.owner != who && thing.owner != to {
                return Err("NOT_OWNER");
            }
            if back && !self.was_held(*item, to) {
                return Err("RETURN_TO_STRANGER");
            }
            self.thing(*item).phase = Phase::InTransit { from: who, to, back, sold: true };
        }
        Ok(())
    }

    /// A container that the party never had counts when it had everything in it.
    fn was_held(&self, item: What, who: Who) -> bool {
        let children = self.children(item);
        let all = || !children.is_empty() && children.iter().all(|child| self.was_held(*child, who));
        self.things[&item].earlier.contains(&who) || all()
    }

    fn receivable(&self, item: What, who: Who) -> Done {
        let thing = self.effective(item);
        match (thing.phase, thing.received.or(self.things[&item].received)) {
            (Phase::InTransit { to, .. }, _) if to == who => Ok(()),
            (Phase::InTransit { .. }, _) => Err("WRONG_CONSIGNEE"),
            (_, Some((_, by))) if by == who => Err("DOUBLE_RECEIPT"),
            (_, Some(_)) => Err("WRONG_CONSIGNEE"),
            (_, None) => Err("SHIP_NOT_OPEN"),
        }
    }

    /// Who shipped it alone may receive what comes back.
    fn reject(&mut self, who: Who, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        let mut shipper = None;
        for item in items {
            self.get(*item)?;
            self.receivable(*item, who)?;
            self.free(*item)?;
            let Phase::InTransit { from, .. } = self.things[item].phase else { return Err("SHIP_NOT_OPEN") };
            self.thing(*item).phase = Phase::InTransit { from: who, to: from, back: true, sold: false };
            if *shipper.get_or_insert(from) != from {
                return Err("EPCIS_VALIDATION");
            }
        }
        Ok(())
    }

    pub fn void(&mut self, who: Who, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        for item in items {
            self.get(*item)?;
            let Phase::InTransit { from, to, .. } = self.effective(*item).phase else {
                self.held(*item, who)?;
                return Err("SHIP_NOT_OPEN");
            };
            if from != who {
                return Err("NOT_HOLDER");
            }
            if to == self.effective(*item).holder {
                return Err("UNDO_NOT_REVERSIBLE");
            }
            self.free(*item)?;
            let thing = self.thing(*item);
            thing.phase = Phase::InStock;
            thing.received = None;
        }
        Ok(())
    }

    /// Of free items only.
    pub fn receive(&mut self, who: Who, items: &[What]) -> Done {
        let mut strangers = 0;
        for item in items {
            self.get(*item)?;
            match self.receivable(*item, who) {
                Err("SHIP_NOT_OPEN") => strangers += 1,
                other => other?,
            }
        }
        if strangers == items.len() {
            return Err("SHIP_NOT_OPEN");
        }
        self.not_a_watcher(who)?;
        let clock = self.clock;
        for item in items {
            let thing = self.thing(*item);
            let Phase::InTransit { back, sold, .. } = thing.phase else { continue };
            let from = thing.holder;
            if !thing.earlier.contains(&from) {
                thing.earlier.push(from);
            }
            thing.earlier.retain(|holder| *holder != who);
            thing.owner = if sold { who } else { thing.owner };
            thing.holder = who;
            thing.received = Some((clock, who));
            thing.phase = if back { Phase::Quarantined { returned: true } } else { Phase::InStock };
        }
        Ok(())
    }

    pub fn dispense(&mut self, who: Who, items: &[What], partly: bool) -> Done {
        if !self.dispensers.contains(&who) {
            return Err("ROLE_DENIED");
        }
        for item in items {
            self.get(*item)?;
            self.held(*item, who)?;
            self.usable(*item)?;
            self.free(*item)?;
            self.empty(*item)?;
            if self.kinds[*item].logistic {
                return Err("UNIT_STATE");
            }
            self.unrecalled(*item)?;
            self.thing(*item).phase = if partly { Phase::PartlyDispensed } else { Phase::Dispensed };
        }
        Ok(())
    }

    pub fn hold(&mut self, who: Who, items: &[What]) -> Done {
        for item in items {
            self.get(*item)?;
            if who != self.watcher {
                self.held(*item, who)?;
            } else if matches!(self.effective(*item).phase, Phase::InTransit { .. }) {
                return Err("ALREADY_IN_TRANSIT");
            }
            self.usable(*item)?;
            self.free(*item)?;
            self.thing(*item).phase = Phase::Quarantined { returned: false };
        }
        Ok(())
    }

    /// An inspection that finds nothing wrong: it gives free what is held back (with a second signature), and else changes
    /// nothing.
    pub fn release(&mut self, who: Who, items: &[What]) -> Done {
        if let Some(first) = items.first() {
            self.get(*first)?;
            if self.quarantined(*first).is_err() {
                return self.observe(who, items);
            }
        }
        for item in items {
            self.get(*item)?;
            self.held(*item, who)?;
            self.free(*item)?;
            self.quarantined(*item)?;
            self.unrecalled(*item)?;
            self.thing(*item).phase = Phase::InStock;
        }
        Ok(())
    }

    fn observe(&self, who: Who, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        for item in items {
            self.get(*item)?;
            self.held(*item, who)?;
            self.alive(*item)?;
            self.free(*item)?;
        }
        Ok(())
    }

    fn quarantined(&self, item: What) -> Done {
        match self.effective(item).phase {
            Phase::Quarantined { .. } => Ok(()),
            _ => Err("UNIT_STATE"),
        }
    }

    pub fn decommission(&mut self, who: Who, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        for item in items {
            self.get(*item)?;
            self.held(*item, who)?;
            self.alive(*item)?;
            self.free(*item)?;
            self.empty(*item)?;
            self.thing(*item).phase = Phase::Decommissioned;
        }
        Ok(())
    }

    pub fn destroy(&mut self, who: Who, items: &[What]) -> Done {
        self.not_a_watcher(who)?;
        for item in items {
            self.get(*item)?;
            self.held(*item, who)?;
            self.free(*item)?;
            self.empty(*item)?;
            match self.things[item].phase {
                Phase::Quarantined { .. } | Phase::Decommissioned => {}
                Phase::Dispensed | Phase::Destroyed => return Err("UNIT_TERMINAL"),
                _ => return Err("UNIT_STATE"),
            }
            self.thing(*item).phase = Phase::Destroyed;
        }
        Ok(())
    }

    pub fn recall(&mut self, who: Who, lot: usize) -> Done {
        if who != self.maker && who != self.watcher {
            return Err("ROLE_DENIED");
        }
        if !self.things.keys().any(|item| self.kinds[*item].lot == Some(lot)) {
            return Err("LOT_UNKNOWN");
        }
        if self.recalled[lot] {
            return Err("RECORD_STATE");
        }
        self.recalled[lot] = true;
        Ok(())
    }

    pub fn cancel_recall(&mut self, who: Who, lot: usize) -> Done {
        if who != self.watcher {
            return Err("ROLE_DENIED");
        }
        if !self.things.keys().any(|item| self.kinds[*item].lot == Some(lot)) {
            return Err("LOT_UNKNOWN");
        }
        if !self.recalled[lot] {
            return Err("RECORD_STATE");
        }
        self.recalled[lot] = false;
        Ok(())
    }

    /// How many units of a lot count as what: in stock, in transit, quarantined, dispensed, decommissioned, destroyed.
    pub fn count(&self, lot: usize) -> [u64; 6] {
        let mut counts = [0; 6];
        for item in self.things.keys().filter(|item| self.kinds[**item].lot == Some(lot)) {
            let at = match self.effective(*item).phase {
                Phase::InStock | Phase::PartlyDispensed => 0,
                Phase::InTransit { .. } => 1,
                Phase::Quarantined { .. } => 2,
                Phase::Dispensed => 3,
                Phase::Decommissioned => 4,
                Phase::Destroyed => 5,
            };
            counts[at] += 1;
        }
        counts
    }
}
