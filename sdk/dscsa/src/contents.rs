//! What is in a delivery: packs one by one, and goods without serial numbers.

use std::collections::BTreeSet;
use theriac_domain::event::Body;
use theriac_domain::{EpcClass, Event, Gtin, IdentifierError, ItemId};
use theriac_trace::{GoodsLine, LogisticUnitView};

/// What is in a delivery, or in some of its containers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// What has a serial number and holds nothing else.
    pub units: Vec<Unit>,
    /// Goods without serial numbers.
    pub goods: Vec<Goods>,
}

/// A pack; or a container of which nobody said what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The pack.
    pub item: ItemId,
    /// The containers around it, outermost first.
    pub inside: Vec<ItemId>,
    /// Its lot.
    pub lot: Option<String>,
    /// Its last day of use, YYYY-MM-DD.
    pub expiry: Option<String>,
}

/// Goods without serial numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// The product.
    pub gtin: Gtin,
    /// The lot.
    pub lot: Option<String>,
    /// How many, when they are counted: not weighed or measured, and not broken.
    pub count: Option<u64>,
    /// The container they are in.
    pub inside: Option<ItemId>,
}

impl Unit {
    /// A pack of which only the code is known.
    pub fn new(item: ItemId) -> Self {
        Self { item, inside: Vec::new(), lot: None, expiry: None }
    }

    /// Product and serial number, of what has them.
    pub(crate) fn parts(&self) -> Option<(Gtin, &str)> {
        match &self.item {
            ItemId::Unit(unit) => Some((unit.gtin, unit.serial.as_str())),
            ItemId::Logistic(_) | ItemId::China(_) => None,
        }
    }

    /// Whether it, or a container around it, is among these.
    pub(crate) fn is_among(&self, items: &BTreeSet<ItemId>) -> bool {
        items.contains(&self.item) || self.inside.iter().any(|container| items.contains(container))
    }
}

impl Goods {
    /// Reads how the ledger tells of goods: `5 of 01/GTIN/10/LOT`.
    pub(crate) fn told(text: &str) -> Option<Self> {
        let (amount, class) = text.split_once(" of ")?;
        let (gtin, lot) = product(class)?;
        Some(Self { gtin, lot, count: amount.parse().ok(), inside: None })
    }

    /// The goods of a line of a shipment; none of what is no product.
    pub(crate) fn of_line(line: &GoodsLine) -> Option<Self> {
        let (gtin, lot) = product(line.goods.split('#').next().unwrap_or_default())?;
        Some(Self { gtin, lot, count: Self::counts(line).map(|(_, _, shipped, _)| shipped), inside: None })
    }

    /// How much of a line was shipped and received, when it is counted in whole pieces.
    pub(crate) fn counts(line: &GoodsLine) -> Option<(Gtin, Option<String>, u64, u64)> {
        let (class, unit) = line.goods.split_once('#').unwrap_or((&line.goods, ""));
        let (gtin, lot) = product(class)?;
        let whole = unit.is_empty() && line.shipped.is_multiple_of(1000) && line.received.is_multiple_of(1000);
        whole.then_some((gtin, lot, line.shipped / 1000, line.received / 1000))
    }
}

fn product(class: &str) -> Option<(Gtin, Option<String>)> {
    match class.parse().ok()? {
        EpcClass::Product(gtin) => Some((gtin, None)),
        EpcClass::Lot(gtin, lot) => Some((gtin, Some(lot.to_string()))),
        EpcClass::Key(_) | EpcClass::Other(_) => None,
    }
}

/// The items that a shipping event hands over; containers are not opened.
pub fn shipped_items(event: &Event) -> Vec<ItemId> {
    let epcs = match &event.body {
        Body::Object(body) => &body.epcs,
        Body::Transaction(body) => &body.epcs,
        Body::Aggregation(_) | Body::Transformation(_) | Body::Association(_) => return Vec::new(),
    };
    epcs.iter().filter_map(|epc| epc.item().cloned()).collect()
}

impl Contents {
    /// What is in a container, or the pack itself. Lots and expiry dates are known of the latter alone: whoever asks
    /// fills them in.
    ///
    /// # Errors
    /// When the answer names an item by no code.
    pub fn of(view: &LogisticUnitView) -> Result<Self, IdentifierError> {
        let top: ItemId = view.unit.id.parse()?;
        let goods = view.goods.iter().filter_map(|told| Goods::told(told));
        let goods = goods.map(|goods| Goods { inside: Some(top.clone()), ..goods }).collect();
        if view.contents.is_empty() {
            let (lot, expiry) = (view.unit.lot.clone(), view.unit.expiry.clone());
            let unit = Unit { item: top, inside: Vec::new(), lot, expiry };
            let units = if view.goods.is_empty() { vec![unit] } else { Vec::new() };
            return Ok(Self { units, goods });
        }
        let mut around = vec![top];
        let mut units = Vec::new();
        for content in &view.contents {
            let item: ItemId = content.id.parse()?;
            around.truncate(usize::from(content.level).max(1));
            if content.children > 0 {
                around.push(item);
            } else {
                units.push(Unit { inside: around.clone(), ..Unit::new(item) });
            }
        }
        Ok(Self { units, goods })
    }

    /// Adds the contents of something else.
    pub fn extend(&mut self, other: Self) {
        self.units.extend(other.units);
        self.goods.extend(other.goods);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_trace::{ContentView, UnitView};

    const PALLET: &str = "https://id.gs1.org/00/095060000000000015";

    fn unit(id: &str) -> UnitView {
        UnitView {
            id: id.to_owned(),
            state: "IN_STOCK".to_owned(),
            because: None,
            owner: String::new(),
            holder: String::new(),
            held_since: 1,
            place: None,
            consignee: None,
            parent: None,
            container: None,
            children: 0,
            lot: Some("L1".to_owned()),
            expiry: Some("2028-05-31".to_owned()),
            expired: false,
            stops: Vec::new(),
            saleable: true,
            marks: Vec::new(),
            commissioned_by: String::new(),
            commissioned_on: String::new(),
            height: 1,
        }
    }

    fn content(id: &str, level: u8, children: u32) -> ContentView {
        ContentView { id: id.to_owned(), level, children }
    }

    #[test]
    fn packs_are_found_at_every_level_with_what_is_around_them() {
        let contents = vec![
            content("01/19506000134373/21/C1", 1, 2),
            content("01/09506000134376/21/A1", 2, 0),
            content("01/09506000134376/21/A2", 2, 0),
            content("01/09506000134376/21/A3", 1, 0),
        ];
        let view = LogisticUnitView { unit: unit(PALLET), contents, goods: Vec::new() };
        let found = Contents::of(&view).unwrap();
        let around: Vec<(String, Vec<String>)> =
            found.units.iter().map(|unit| (unit.item.path(), unit.inside.iter().map(ItemId::path).collect())).collect();
        let (pallet, case) = ("00/095060000000000015".to_owned(), "01/19506000134373/21/C1".to_owned());
        assert_eq!(around[0], ("01/09506000134376/21/A1".to_owned(), vec![pallet.clone(), case]));
        assert_eq!(around[2], ("01/09506000134376/21/A3".to_owned(), vec![pallet]));
        assert_eq!(around.len(), 3);
    }

    #[test]
    fn a_pack_is_its_own_contents_and_a_container_may_hold_goods_alone() {
        let id = "https://id.gs1.org/01/09506000134376/21/A1";
        let found = Contents::of(&LogisticUnitView { unit: unit(id), contents: Vec::new(), goods: Vec::new() });
        let units = found.unwrap().units;
        assert_eq!((units.len(), units[0].lot.as_deref()), (1, Some("L1")));
        let goods = vec!["12 of 01/09506000134352/10/L7".to_owned(), "2.5 KGM of 01/09506000134352".to_owned()];
        let found = Contents::of(&LogisticUnitView { unit: unit(PALLET), contents: Vec::new(), goods }).unwrap();
        assert!(found.units.is_empty());
        let counts: Vec<_> = found.goods.iter().map(|goods| (goods.count, goods.lot.as_deref())).collect();
        assert_eq!(counts, [(Some(12), Some("L7")), (None, None)]);
    }

    #[test]
    fn only_whole_pieces_are_counted() {
        let line = |goods: &str, shipped, received| {
            let line = GoodsLine { goods: goods.to_owned(), shipped, received };
            Goods::counts(&line).map(|(_, lot, shipped, received)| (lot, shipped, received))
        };
        assert_eq!(line("01/09506000134352/10/L7#", 5000, 3000), Some((Some("L7".to_owned()), 5, 3)));
        assert_eq!(line("01/09506000134352#KGM", 5000, 3000), None);
        assert_eq!(line("01/09506000134352#", 5500, 3000), None);
        assert_eq!(line("https://example.org/pills#", 5000, 3000), None);
    }
}
