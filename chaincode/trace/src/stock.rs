//! The books: how much of which goods is where. Kept by comparing what items stood for before an event and after it.
//!
//! What lies free stands for itself and for everything in it; what is packed stands for nothing of its own. So moving a
//! pallet moves as many rows as it holds lots, and the rows of a lot always add up to what was commissioned.

use crate::record::StockRow;
use crate::refused::Refused;
use crate::staged::Staged;
use crate::tables::STOCK;
use std::collections::BTreeMap;
use theriac_chaincode::TransactionContext;
use theriac_domain::item::{Phase, Position, Reason, State};
use theriac_domain::{Gln, Item, Refusal};

/// Changes of the books that an event makes.
#[derive(Default)]
pub(crate) struct Movements(BTreeMap<(String, Gln, Option<Gln>), BTreeMap<(Phase, Option<Reason>), i128>>);

/// Where goods go.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    /// Where they stand.
    pub position: Position,
    /// Why they left, when they left.
    pub reason: Option<Reason>,
}

impl Account {
    /// Where an item stands.
    pub fn of(item: &Item) -> Option<Self> {
        let reason = match item.core.state {
            State::Decommissioned { reason, .. } => Some(reason),
            _ => None,
        };
        Some(Self { position: item.core.position()?, reason })
    }
}

/// The name of goods without serial numbers in the books: their class and their unit of measure.
pub(crate) fn goods_key(class: &str, unit: Option<&str>) -> String {
    format!("{class}#{}", unit.unwrap_or_default())
}

impl Movements {
    /// Adds an amount, or takes it away.
    pub fn add(&mut self, goods: &str, account: Account, amount: i128) {
        let Position { holder, site, phase } = account.position;
        let row = self.0.entry((goods.to_owned(), holder, site)).or_default();
        *row.entry((phase, account.reason)).or_default() += amount;
    }

    /// Adds, or takes away, what an item stands for when it lies free.
    pub fn add_item(&mut self, item: &Item, sign: i128) {
        if item.parent.is_some() {
            return;
        }
        let Some(account) = Account::of(item) else { return };
        if let Some(lot) = &item.birth.lot {
            self.add(&lot.path(), account, sign);
        }
        for inside in &item.contents.lots {
            self.add(&inside.lot.path(), account, sign * i128::from(inside.units));
        }
        for inside in &item.contents.goods {
            self.add(&inside.goods, account, sign * i128::from(inside.amount));
        }
    }

    /// Writes what has changed.
    ///
    /// # Errors
    /// When there is less than is taken away: possible for goods without serial numbers only.
    pub fn write(self, ctx: &mut TransactionContext<'_>) -> Result<(), Refused> {
        let mut staged = Staged::new(STOCK);
        for ((goods, holder, site), amounts) in self.0 {
            if amounts.values().all(|amount| *amount == 0) {
                continue;
            }
            let site_text = site.map(|site| site.to_string()).unwrap_or_default();
            let key = (goods.clone(), holder.to_string(), site_text);
            let mut row = staged.get(ctx, &key)?.unwrap_or_else(|| StockRow::empty(holder, site));
            for ((phase, reason), amount) in amounts {
                row.change(phase, reason, amount).map_err(|there| {
                    let what = format!("{goods} held by {holder}, {}", phase_name(phase));
                    Refusal::Balance { what, found: amount_text(&goods, there), needed: amount_text(&goods, -amount) }
                })?;
            }
            if row.is_empty() { staged.delete(key) } else { staged.put(key, row) }
        }
        Ok(staged.write(ctx)?)
    }
}

impl StockRow {
    fn empty(holder: Gln, site: Option<Gln>) -> Self {
        Self {
            holder,
            site,
            in_stock: 0,
            in_transit: 0,
            quarantined: 0,
            dispensed: 0,
            destroyed: 0,
            decommissioned: Vec::new(),
        }
    }

    /// What stands under a phase; for decommissioned goods under all reasons together.
    pub fn amount(&self, phase: Phase) -> u64 {
        match phase {
            Phase::InStock => self.in_stock,
            Phase::InTransit => self.in_transit,
            Phase::Quarantined => self.quarantined,
            Phase::Dispensed => self.dispensed,
            Phase::Destroyed => self.destroyed,
            Phase::Decommissioned => self.decommissioned.iter().map(|(_, amount)| amount).sum(),
        }
    }

    fn is_empty(&self) -> bool {
        ALL_PHASES.iter().all(|phase| self.amount(*phase) == 0)
    }

    /// Fails with what is there when less is there than is taken away.
    fn change(&mut self, phase: Phase, reason: Option<Reason>, amount: i128) -> Result<(), i128> {
        let own = match phase {
            Phase::InStock => &mut self.in_stock,
            Phase::InTransit => &mut self.in_transit,
            Phase::Quarantined => &mut self.quarantined,
            Phase::Dispensed => &mut self.dispensed,
            Phase::Destroyed => &mut self.destroyed,
            Phase::Decommissioned => {
                let reason = reason.unwrap_or(Reason::Unstated);
                let at = match self.decommissioned.binary_search_by_key(&reason, |(known, _)| *known) {
                    Ok(at) => at,
                    Err(at) => {
                        self.decommissioned.insert(at, (reason, 0));
                        at
                    }
                };
                &mut self.decommissioned[at].1
            }
        };
        let there = i128::from(*own);
        *own = u64::try_from(there + amount).map_err(|_| there)?;
        self.decommissioned.retain(|(_, amount)| *amount > 0);
        Ok(())
    }
}

/// Every phase, in the order in which people read them.
pub(crate) const ALL_PHASES: [Phase; 6] =
    [Phase::InStock, Phase::InTransit, Phase::Quarantined, Phase::Dispensed, Phase::Decommissioned, Phase::Destroyed];

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::InStock => "in stock",
        Phase::InTransit => "in transit",
        Phase::Quarantined => "quarantined",
        Phase::Dispensed => "dispensed",
        Phase::Decommissioned => "decommissioned",
        Phase::Destroyed => "destroyed",
    }
}

/// An amount as people read it: goods without serial numbers are kept in thousandths.
pub(crate) fn amount_text(goods: &str, amount: i128) -> String {
    let Some((_, unit)) = goods.split_once('#') else { return amount.to_string() };
    let (sign, amount) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    let fraction = format!("{:03}", amount % 1000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    let blank = if unit.is_empty() { "" } else { " " };
    format!("{sign}{}{point}{fraction}{blank}{unit}", amount / 1000)
}
