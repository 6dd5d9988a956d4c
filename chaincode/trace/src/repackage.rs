//! Packs become other packs.

use crate::birth::begin;
use crate::goods::{goods, lot_of_goods};
use crate::look::Look;
use crate::refused::Refused;
use crate::scene::Scene;
use std::collections::BTreeMap;
use theriac_domain::event::{Object, Quantity, Transformation};
use theriac_domain::item::{LotId, Operation, Phase, Reason, State};
use theriac_domain::{Action, Date, Epc, ItemId, Refusal};

/// Uses packs up, and gives others their identity.
pub(crate) fn repackage(
    scene: &mut Scene<'_, '_>,
    body: &Transformation,
    inputs: &[&ItemId],
    outputs: &[&ItemId],
) -> Result<Operation, Refused> {
    scene.expect_right(Operation::RepackageFrom)?;
    scene.expect_own_places()?;
    let (used, made) = (goods(&body.input_quantities)?, goods(&body.output_quantities)?);
    if (inputs.is_empty() && used.is_empty()) || (outputs.is_empty() && made.is_empty()) {
        return Err(Refusal::Incomplete { what: "what was used up, or what came of it" }.into());
    }
    expect_balance(&body.input_quantities, &body.output_quantities)?;
    let mut earliest: Option<Date> = None;
    for id in inputs {
        let placed = scene.load(id)?;
        placed.placement().expect_decommissionable(&scene.party(), Reason::Repackaged, false)?;
        placed.placement().expect_usable()?;
        placed.placement().expect_unstopped()?;
        placed.placement().expect_whole("repackaged")?;
        earliest = [earliest, placed.item.birth.expiry].into_iter().flatten().min();
        let mut item = placed.item;
        item.core.state = State::Decommissioned { reason: Reason::Repackaged, since: scene.now().height };
        scene.finish(id, item, Operation::RepackageFrom)?;
    }
    scene.expect_unstopped_goods(&used)?;
    for lot in used.keys().filter_map(|name| lot_of_goods(name)) {
        earliest = [earliest, scene.lot(&lot.path())?.and_then(|lot| lot.expiry)].into_iter().flatten().min();
    }
    let stated = body.master_data.clone().unwrap_or_default();
    if let (Some(earliest), Some(stated)) = (earliest, stated.expiry)
        && stated > earliest
    {
        let (item, said, known) = ("What came of it".to_owned(), stated.to_string(), earliest.to_string());
        return Err(Refusal::ExpiryMismatch { item, said, known }.into());
    }
    let born = Object {
        action: Action::Add,
        epcs: outputs.iter().map(|id| Epc::Item((*id).clone())).collect(),
        quantities: Vec::new(),
        master_data: body.master_data.clone(),
    };
    crate::birth::commission(scene, &born, outputs)?;
    scene.take_goods(&used, Phase::Decommissioned, Some(Reason::Repackaged));
    for quantity in &body.output_quantities {
        if let theriac_domain::EpcClass::Lot(gtin, lot) = &quantity.class {
            scene.play.actor.expect_gtin(scene.ctx, gtin)?;
            begin(scene, &LotId { gtin: *gtin, lot: lot.clone() }, stated.expiry, 0)?;
        }
    }
    let to = scene.own_stock();
    scene.move_goods(&made, None, Some(to));
    Ok(Operation::RepackageFrom)
}

/// Refuses when more came of it than was used up, in any unit of measure that both sides state.
fn expect_balance(inputs: &[Quantity], outputs: &[Quantity]) -> Result<(), Refused> {
    let (used, made) = (by_unit(inputs)?, by_unit(outputs)?);
    for (unit, made) in made {
        if let Some(used) = used.get(&unit).filter(|used| made > **used) {
            let text = |amount: u64| crate::stock::amount_text(&format!("#{unit}"), i128::from(amount));
            let what = format!("What came of it, in {}", if unit.is_empty() { "pieces" } else { &unit });
            return Err(Refusal::Balance { what, found: text(made), needed: format!("at most {}", text(*used)) }.into());
        }
    }
    Ok(())
}

fn by_unit(quantities: &[Quantity]) -> Result<BTreeMap<String, u64>, Refused> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for (name, amount) in goods(quantities)? {
        let unit = name.split_once('#').map(|(_, unit)| unit.to_owned()).unwrap_or_default();
        let sum = sums.entry(unit).or_default();
        *sum = sum.saturating_add(amount);
    }
    Ok(sums)
}
