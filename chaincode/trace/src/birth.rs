//! Birth: serial numbers are reserved, items are given their identity, lots begin.

use crate::goods::goods;
use crate::look::Look;
use crate::record::LotRecord;
use crate::refused::Refused;
use crate::scene::Scene;
use crate::serials;
use theriac_domain::event::{MasterData, Object};
use theriac_domain::item::{Birth, Contents, Life, LotId, Operation, State};
use theriac_domain::{Date, EpcClass, Gtin, Item, ItemId, Refusal};

/// Takes serial numbers, before there is anything that bears them.
pub(crate) fn reserve(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    for id in ids {
        if let Some(known) = scene.find(id)? {
            return Err(duplicate(id, &known.birth).into());
        }
        issue(scene, id)?;
        scene.expect_right(Operation::Reserve)?;
        let item = newborn(scene, State::Reserved, None, None);
        scene.finish(id, item, Operation::Reserve)?;
    }
    Ok(Operation::Reserve)
}

/// Gives items their identity, and brings goods without serial numbers into the books.
pub(crate) fn commission(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    let none = MasterData::default();
    let stated = body.master_data.as_ref().unwrap_or(&none);
    for id in ids {
        let serialised = !matches!(id, ItemId::Logistic(_));
        let reserved = match scene.find(id)? {
            Some(known) if known.core.state == State::Reserved && known.birth.by == scene.party() => true,
            Some(known) => return Err(duplicate(id, &known.birth).into()),
            None => false,
        };
        if !reserved {
            issue(scene, id)?;
        }
        let lot = LotId::of(id, stated.lot.as_ref());
        if serialised {
            scene.expect_right(Operation::Commission)?;
            expect_complete(scene, id, stated)?;
        }
        if let Some(lot) = &lot {
            begin(scene, lot, stated.expiry, 1)?;
        }
        let mut item = newborn(scene, State::Commissioned, lot, stated.expiry);
        if let Some(known) = scene.find(id)? {
            (item.height, item.steps, item.life) = (known.height, known.steps, known.life);
        }
        scene.finish(id, item, Operation::Commission)?;
    }
    let goods = goods(&body.quantities)?;
    if !body.quantities.is_empty() {
        for quantity in &body.quantities {
            match &quantity.class {
                EpcClass::Lot(gtin, lot) => {
                    expect_licence(scene, gtin)?;
                    let lot = LotId { gtin: *gtin, lot: lot.clone() };
                    if let Some(expiry) = stated.expiry.filter(|expiry| expiry.is_over_at(scene.now().time_ms)) {
                        return Err(Refusal::GoodsExpired { goods: lot.path(), expiry }.into());
                    }
                    begin(scene, &lot, stated.expiry, 0)?;
                }
                EpcClass::Product(gtin) => expect_licence(scene, gtin)?,
                other => return Err(Refusal::Unsupported { what: other.to_string() }.into()),
            }
        }
        scene.expect_right(Operation::Commission)?;
        let to = scene.own_stock();
        scene.move_goods(&goods, None, Some(to));
    }
    Ok(Operation::Commission)
}

fn duplicate(id: &ItemId, birth: &Birth) -> Refusal {
    Refusal::DuplicateCommission { item: id.clone(), by: birth.by, date: birth.date, height: birth.height }
}

fn newborn(scene: &Scene<'_, '_>, state: State, lot: Option<LotId>, expiry: Option<Date>) -> Item {
    let now = scene.now();
    let birth = Birth { by: scene.party(), height: now.height, date: Date::at(now.time_ms), lot, expiry };
    let core = birth.core(state, scene.place().cloned());
    Item {
        birth,
        core,
        parent: None,
        contents: Contents::default(),
        marks: Vec::new(),
        before: None,
        height: now.height,
        steps: Vec::new(),
        life: Life::default(),
    }
}

/// Checks that the number may be given out, and counts it.
fn issue(scene: &mut Scene<'_, '_>, id: &ItemId) -> Result<(), Refused> {
    let ItemId::Unit(unit) = id else {
        return scene.play.actor.expect_prefix_of(scene.ctx, id);
    };
    let key = unit.gtin.to_string();
    let product = scene.products.get(scene.ctx, &key)?;
    if !product.as_ref().is_some_and(|product| serials::is_allotted(product, &scene.party(), unit.serial.as_str())) {
        scene.play.actor.expect_prefix_of(scene.ctx, id)?;
    }
    // Without a rule there is nothing to hold the number against, and nothing to count.
    if let Some(mut product) = product {
        serials::expect_fit(&product, id, unit, &scene.play.rules)?;
        product.issued = product.issued.saturating_add(1);
        scene.products.put(key, product);
    }
    Ok(())
}

fn expect_licence(scene: &Scene<'_, '_>, gtin: &Gtin) -> Result<(), Refused> {
    scene.play.actor.expect_gtin(scene.ctx, gtin)
}

/// A pack states its lot and its expiry; a logistic unit may hold anything.
fn expect_complete(scene: &Scene<'_, '_>, id: &ItemId, stated: &MasterData) -> Result<(), Refusal> {
    if stated.lot.is_none() && matches!(id, ItemId::Unit(_)) {
        return Err(Refusal::Incomplete { what: "a lot (ilmd cbvmda:lotNumber)" });
    }
    let Some(expiry) = stated.expiry else {
        return Err(Refusal::Incomplete { what: "an expiry date (ilmd cbvmda:itemExpirationDate)" });
    };
    if expiry.is_over_at(scene.now().time_ms) {
        return Err(Refusal::UnitExpired { item: id.clone(), expiry });
    }
    Ok(())
}

/// Adds units to a lot, which has one maker and one expiry date.
pub(crate) fn begin(scene: &mut Scene<'_, '_>, lot: &LotId, expiry: Option<Date>, units: u64) -> Result<(), Refused> {
    let path = lot.path();
    scene.concern(&path);
    let known = scene.lots.get(scene.ctx, &path)?;
    let mut record =
        known.unwrap_or_else(|| LotRecord { maker: scene.party(), expiry, units: 0, recall: None, recalled_since: 0 });
    if let (Some(known), Some(said)) = (record.expiry, expiry)
        && known != said
    {
        let (said, known) = (said.to_string(), known.to_string());
        return Err(Refusal::ExpiryMismatch { item: path, said, known }.into());
    }
    record.expiry = record.expiry.or(expiry);
    record.units = record.units.saturating_add(units);
    scene.lots.put(path, record);
    Ok(())
}
