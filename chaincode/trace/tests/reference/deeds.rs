//! What can be done, and what comes to mind: mostly what is allowed, and often enough what is not.

use super::{Done, MAKER, PARTIES, PHARMACY, Phase, REGULATOR, What, Who, World};

/// What can be done.
#[derive(Debug, Clone)]
pub enum Deed {
    Commission(usize, Vec<What>),
    Pack(What, Vec<What>),
    Unpack(What, Vec<What>),
    Ship { to: Who, items: Vec<What>, back: bool },
    Void(Vec<What>),
    Receive(Vec<What>),
    Dispense { items: Vec<What>, partly: bool },
    Hold(Vec<What>),
    Release(Vec<What>),
    Decommission(Vec<What>),
    Destroy(Vec<What>),
    Recall(usize),
    CancelRecall(usize),
}

impl World {
    pub fn perform(&mut self, who: Who, deed: &Deed) -> Done {
        self.clock += 1;
        match deed {
            Deed::Commission(_, items) => self.commission(who, items),
            Deed::Pack(parent, items) => self.pack(who, *parent, items),
            Deed::Unpack(parent, items) => self.unpack(who, *parent, items),
            Deed::Ship { to, items, back } => self.ship(who, *to, items, *back),
            Deed::Void(items) => self.void(who, items),
            Deed::Receive(items) => self.receive(who, items),
            Deed::Dispense { items, partly } => self.dispense(who, items, *partly),
            Deed::Hold(items) => self.hold(who, items),
            Deed::Release(items) => self.release(who, items),
            Deed::Decommission(items) => self.decommission(who, items),
            Deed::Destroy(items) => self.destroy(who, items),
            Deed::Recall(lot) => self.recall(who, *lot),
            Deed::CancelRecall(lot) => self.cancel_recall(who, *lot),
        }
    }

    /// Something that is likely to be allowed, and often is not.
    pub fn imagine(&self, dice: &mut Dice) -> (Who, Deed) {
        let who = dice.below(PARTIES.len());
        let who = if who == REGULATOR && !dice.one_in(4) { MAKER } else { who };
        let mind = Mind { world: self, who, careless: dice.one_in(12), dice };
        match mind.dice.below(22) {
            0..=2 => mind.birth(),
            3..=7 => mind.packing(),
            8..=15 => mind.hand_over(),
            16 | 17 => mind.dispensing(),
            20 | 21 => mind.recall(),
            _ => mind.ending(),
        }
    }
}

/// Somebody who thinks of something to do.
struct Mind<'a> {
    world: &'a World,
    who: Who,
    careless: bool,
    dice: &'a mut Dice,
}

impl Mind<'_> {
    fn all(&self) -> Vec<What> {
        (0..self.world.kinds.len()).collect()
    }

    fn known(&self, fits: impl Fn(What) -> bool) -> Vec<What> {
        self.world.things.keys().copied().filter(|item| fits(*item)).collect()
    }

    /// Free items that the party holds, in a phase.
    fn having(&self, phase: impl Fn(Phase) -> bool) -> Vec<What> {
        let world = self.world;
        self.known(|item| {
            let thing = &world.things[&item];
            thing.holder == self.who && thing.parent.is_none() && phase(thing.phase)
        })
    }

    fn stocked(&self) -> Vec<What> {
        self.having(|phase| phase == Phase::InStock)
    }

    /// Some of what is good; of all, when careless.
    fn some_of(&mut self, good: &[What]) -> Vec<What> {
        let all = self.all();
        self.dice.some(if self.careless { &all } else { good })
    }

    fn birth(self) -> (Who, Deed) {
        let lot = self.dice.below(5);
        let again = self.dice.one_in(10);
        let of_lot = |item: &What| self.world.kinds[*item].lot == if lot < 4 { Some(lot) } else { None };
        let fits = |item: &What| again || !self.world.things.contains_key(item);
        let items: Vec<What> = self.all().into_iter().filter(of_lot).filter(fits).collect();
        let who = if self.dice.one_in(10) { self.who } else { MAKER };
        (who, Deed::Commission(lot, self.dice.some(&items)))
    }

    fn packing(mut self) -> (Who, Deed) {
        let world = self.world;
        let at_hand = |item: What| {
            let thing = world.effective(item);
            item >= 12 && thing.holder == self.who && thing.phase == Phase::InStock
        };
        let containers = if self.careless { self.all() } else { self.known(at_hand) };
        let Some(container) = self.dice.pick(&containers) else { return (self.who, Deed::Hold(Vec::new())) };
        if self.dice.one_in(2) {
            let packed = |item: What| world.things[&item].parent.is_some() && world.effective(item).holder == self.who;
            let packed = self.known(packed);
            let good = if self.dice.one_in(6) { packed } else { self.stocked() };
            return (self.who, Deed::Pack(container, self.some_of(&good)));
        }
        let inside = self.known(|item| world.things[&item].parent == Some(container));
        let items = if self.dice.one_in(3) { Vec::new() } else { self.some_of(&inside) };
        (self.who, Deed::Unpack(container, items))
    }

    fn hand_over(mut self) -> (Who, Deed) {
        let (world, who) = (self.world, self.who);
        let deed = match self.dice.below(8) {
            0 => {
                let sent = self.having(|phase| matches!(phase, Phase::InTransit { .. }));
                Deed::Void(self.some_of(&sent))
            }
            1..=4 => {
                let back = self.dice.one_in(4);
                let good = if back { self.having(|phase| phase != Phase::Dispensed) } else { self.stocked() };
                let to = if self.dice.one_in(12) { who } else { (who + 1 + self.dice.below(2)) % 3 };
                Deed::Ship { to, items: self.some_of(&good), back }
            }
            _ => {
                let to_us = |item: What| matches!(world.things[&item].phase, Phase::InTransit { to, .. } if to == who);
                let coming = self.known(to_us);
                // Only what lies free: what is inside of something is another story.
                let mut items = self.some_of(&coming);
                items.retain(|item| world.things.get(item).is_none_or(|thing| thing.parent.is_none()));
                Deed::Receive(items)
            }
        };
        (who, deed)
    }

    fn dispensing(mut self) -> (Who, Deed) {
        self.who = if self.dice.one_in(6) { self.who } else { PHARMACY };
        let theirs = self.having(|_| true);
        let items = self.some_of(&theirs);
        (self.who, Deed::Dispense { items, partly: self.dice.one_in(4) })
    }

    fn ending(mut self) -> (Who, Deed) {
        let stocked = self.stocked();
        let held = self.having(|phase| matches!(phase, Phase::Quarantined { .. }));
        let doomed = self.having(|phase| matches!(phase, Phase::Quarantined { .. } | Phase::Decommissioned));
        let deed = match self.dice.below(6) {
            0 | 1 => Deed::Hold(self.some_of(&stocked)),
            2 | 3 => Deed::Release(self.some_of(&held)),
            4 => Deed::Decommission(self.some_of(&stocked)),
            _ => Deed::Destroy(self.some_of(&doomed)),
        };
        (self.who, deed)
    }

    fn recall(self) -> (Who, Deed) {
        if self.dice.one_in(4) {
            return (self.who, Deed::Recall(self.dice.below(4)));
        }
        let lots: Vec<usize> = (0..4).filter(|lot| self.careless || self.world.recalled[*lot]).collect();
        let Some(lot) = self.dice.pick(&lots) else { return (self.who, Deed::Hold(Vec::new())) };
        let who = if self.dice.one_in(3) { self.who } else { REGULATOR };
        (who, Deed::CancelRecall(lot))
    }
}

/// An event that names nothing is refused before any rule is asked.
pub fn is_idle(deed: &Deed) -> bool {
    match deed {
        Deed::Unpack(..) | Deed::Recall(_) | Deed::CancelRecall(_) => false,
        Deed::Commission(_, items)
        | Deed::Pack(_, items)
        | Deed::Ship { items, .. }
        | Deed::Void(items)
        | Deed::Receive(items)
        | Deed::Dispense { items, .. }
        | Deed::Hold(items)
        | Deed::Release(items)
        | Deed::Decommission(items)
        | Deed::Destroy(items) => items.is_empty(),
    }
}

/// Numbers that only look random (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        if all.is_empty() { None } else { Some(all[self.below(all.len())]) }
    }

    /// One to three of them, each once.
    fn some(&mut self, all: &[What]) -> Vec<What> {
        let mut all = all.to_vec();
        let mut some = Vec::new();
        for _ in 0..=self.below(3) {
            if all.is_empty() {
                break;
            }
            some.push(all.remove(self.below(all.len())));
        }
        some
    }
}
