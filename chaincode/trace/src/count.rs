//! Physical counts: what is there, held against what the books say is there.

use crate::cases::NewCase;
use crate::goods::goods;
use crate::look::Look;
use crate::record::CaseKind;
use crate::refused::Refused;
use crate::scene::Scene;
use crate::stock::amount_text;
use crate::tables::STOCK;
use std::collections::{BTreeMap, BTreeSet};
use theriac_domain::event::Object;
use theriac_domain::item::{Operation, Phase};
use theriac_domain::{ItemId, Place, Refusal};

/// Compares, for each lot that was counted, how many units of it are at the place. What differs opens a case.
pub(crate) fn count(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Count)?;
    scene.expect_own_places()?;
    let Some(site) = scene.place().and_then(Place::gln).copied() else {
        return Err(Refusal::Incomplete { what: "a place with a GLN (bizLocation)" }.into());
    };
    let mut counted: BTreeMap<String, i128> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    named.extend(ids.iter().copied());
    for id in &named {
        let placed = scene.load(id)?;
        let effective = placed.placement().effective();
        let custody = &effective.core.custody;
        if custody.holder != scene.party() || custody.place.as_ref().and_then(Place::gln) != Some(&site) {
            findings.push(format!("{id}: counted here, but the books have it at {}", custody.holder));
        } else if effective.core.state.phase() != Some(Phase::InStock) {
            findings.push(format!("{id}: counted here, but it is {} in the books", effective.core.state.as_str()));
        } else if !placed.around.iter().any(|(container, _)| named.contains(container)) {
            // What was counted with its container is not counted again.
            let lots = placed.item.birth.lot.iter().map(|lot| (lot.path(), 1));
            let inside = placed.item.contents.lots.iter().map(|inside| (inside.lot.path(), i128::from(inside.units)));
            for (lot, units) in lots.chain(inside) {
                *counted.entry(lot).or_default() += units;
            }
            for inside in &placed.item.contents.goods {
                *counted.entry(inside.goods.clone()).or_default() += i128::from(inside.amount);
            }
        }
        // A count says nothing about what others hold.
        if custody.holder == scene.party() {
            scene.finish(id, placed.item, Operation::Count)?;
        }
    }
    for (name, amount) in goods(&body.quantities)? {
        *counted.entry(name).or_default() += i128::from(amount);
    }
    for (goods, found) in counted {
        let key = (goods.clone(), scene.party().to_string(), site.to_string());
        let booked = STOCK.get(scene.ctx, &key)?.map_or(0, |row| i128::from(row.in_stock));
        if booked != found {
            let (booked, found) = (amount_text(&goods, booked), amount_text(&goods, found));
            findings.push(format!("{}: {booked} in the books, {found} counted", goods.trim_end_matches('#')));
        }
        scene.concern(goods.split('#').next().unwrap_or(&goods));
    }
    if !findings.is_empty() {
        let (what, found) = (format!("The stock at {site}"), findings.join("; "));
        let refusal = Refusal::Balance { what, found, needed: "what the books say".to_owned() };
        let items = ids.iter().map(|id| (*id).clone()).collect();
        let case = NewCase { kind: CaseKind::StockDifference, against: None, shipment: None, items, findings };
        scene.open_case(case, &refusal)?;
    }
    Ok(Operation::Count)
}
