//! Second half of a hand-over: what arrived is held against what was shipped.
//!
//! An item is received with everything in it, unseen. When an event names things inside a container that is on its way,
//! the container was opened: what is in it and is not named is missing, stays on its way, and a case is opened.

use crate::cases::NewCase;
use crate::custody::{OPEN_SHIPMENTS_MAX, account_of_shipper, arrived, goes_back};
use crate::goods::{Goods, goods};
use crate::look::{Look, Placed};
use crate::packing::{children, inherit_flags, keep_around, take_out};
use crate::record::{CaseKind, Shipment, ShipmentState};
use crate::refused::Refused;
use crate::scene::Scene;
use crate::tables::SHIPMENTS;
use std::collections::{BTreeMap, BTreeSet};
use theriac_domain::event::Object;
use theriac_domain::item::{EventId, Operation, State, Transit};
use theriac_domain::{Disposition, ItemId, Refusal};

/// What an event says has arrived.
#[derive(Default)]
struct Arrival {
    /// Free items that were named, or contain what was.
    tops: BTreeSet<ItemId>,
    /// Items that were named.
    named: BTreeSet<ItemId>,
    /// Containers in which something was named.
    opened: BTreeSet<ItemId>,
    /// Items that no shipment to the party holds.
    strangers: Vec<ItemId>,
}

/// Accepts goods.
pub(crate) fn receive(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    let arrival = look(scene, ids)?;
    // Only now: a stranger learns first that the goods are not for it.
    scene.expect_right(Operation::Receive)?;
    scene.expect_own_places()?;
    let missing = eject_missing(scene, &arrival)?;
    let mut touched: BTreeSet<EventId> = BTreeSet::new();
    for id in &arrival.tops {
        touched.insert(accept(scene, id)?.shipment);
    }
    let goods = goods(&body.quantities)?;
    let extra = receive_goods(scene, &goods, &mut touched)?;
    settle(scene, &touched, missing)?;
    report_overage(scene, arrival.strangers, extra, touched.first().copied())?;
    Ok(Operation::Receive)
}

/// Sorts what was named: what is to be received, and what nobody has sent.
fn look(scene: &Scene<'_, '_>, ids: &[&ItemId]) -> Result<Arrival, Refused> {
    let party = scene.party();
    let mut arrival = Arrival::default();
    let mut refusals = Vec::new();
    for id in ids {
        let Some(item) = scene.find(id)? else {
            return Err(Refusal::UnitUnknown { item: (*id).clone() }.into());
        };
        let placed = scene.around(id, item)?;
        match placed.placement().expect_receivable_by(&party) {
            Ok(()) => {
                arrival.named.insert((*id).clone());
                arrival.opened.extend(placed.around.iter().map(|(container, _)| container.clone()));
                let top = placed.around.last().map_or(*id, |(top, _)| top);
                arrival.tops.insert(top.clone());
            }
            Err(refusal @ Refusal::ShipNotOpen { .. }) => {
                arrival.strangers.push((*id).clone());
                refusals.push(refusal);
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    // Something more than was shipped can only be told beside something that was.
    match refusals.into_iter().next() {
        Some(refusal) if arrival.tops.is_empty() => Err(refusal.into()),
        _ => Ok(arrival),
    }
}

/// Takes out of opened containers what was not seen in them; it stays on its way.
fn eject_missing(scene: &mut Scene<'_, '_>, arrival: &Arrival) -> Result<BTreeMap<EventId, Vec<ItemId>>, Refused> {
    let mut missing: BTreeMap<EventId, Vec<ItemId>> = BTreeMap::new();
    for container in &arrival.opened {
        let mut something = false;
        for id in children(scene, container)? {
            if arrival.named.contains(&id) || arrival.opened.contains(&id) {
                continue;
            }
            let mut placed = scene.load(container)?;
            let Some(mut child) = scene.find(&id)? else { continue };
            take_out(&mut placed, &child);
            let core = placed.placement().effective().core.clone();
            child.leave_container(&core);
            inherit_flags(scene, &placed, &id, &mut child)?;
            let State::InTransit(transit) = &child.core.state else { continue };
            missing.entry(transit.shipment).or_default().push(id.clone());
            // From here on it has a life of its own: what happens to the container does not happen to it.
            scene.step_aside(&id, child, Operation::Unpack, Some(container))?;
            keep_around(scene, &placed)?;
            scene.keep(container, placed.item)?;
            something = true;
        }
        if something {
            let item = scene.load(container)?.item;
            scene.step_aside(container, item, Operation::Empty, None)?;
        }
    }
    Ok(missing)
}

/// Accepts one free item.
fn accept(scene: &mut Scene<'_, '_>, id: &ItemId) -> Result<Transit, Refused> {
    let Placed { mut item, .. } = scene.load(id)?;
    let State::InTransit(transit) = item.core.state.clone() else {
        return Err(Refusal::ShipNotOpen { item: id.clone() }.into());
    };
    let shipment = arrived(scene, &transit, id)?;
    let party = scene.party();
    let place = scene.place().cloned().or_else(|| shipment.destination.clone());
    item.receive(&party, shipment.new_owner, place, scene.now());
    if shipment.back || goes_back(scene) {
        item.hold(Disposition::Returned, scene.now());
    }
    scene.with_counterpart(shipment.from);
    scene.finish(id, item, Operation::Receive)?;
    Ok(transit)
}

/// Accepts goods without serial numbers, from the shipments that the event refers to, or else from the oldest ones that
/// hold such goods. Gives what no shipment holds.
fn receive_goods(scene: &mut Scene<'_, '_>, goods: &Goods, touched: &mut BTreeSet<EventId>) -> Result<Goods, Refused> {
    let mut left: Goods = goods.clone();
    if left.is_empty() {
        return Ok(left);
    }
    for id in open_shipments(scene)? {
        let Some(mut shipment) = scene.shipments.get(scene.ctx, &id)? else { continue };
        let mut taken = Goods::new();
        for line in &mut shipment.goods {
            let Some(amount) = left.get_mut(&line.goods) else { continue };
            let part = (*amount).min(line.shipped.saturating_sub(line.received));
            if part > 0 {
                line.received += part;
                *amount -= part;
                *taken.entry(line.goods.clone()).or_default() += part;
            }
        }
        if !taken.is_empty() {
            // Goods stay at the site that shipped them until they are received.
            let from = account_of_shipper(scene, &id, &shipment)?;
            let to = scene.own_stock();
            // What was sent back is looked at before it is sold again, as items are.
            let to = if shipment.back || goes_back(scene) { scene.own_quarantine() } else { to };
            scene.move_goods(&taken, Some(from), Some(to));
            scene.with_counterpart(shipment.from);
            shipment.settle();
            scene.shipments.put(id, shipment);
            touched.insert(id);
        }
    }
    left.retain(|_, amount| *amount > 0);
    Ok(left)
}

/// Shipments to the party: first those that the event refers to, each time the oldest first.
fn open_shipments(scene: &Scene<'_, '_>) -> Result<Vec<EventId>, Refused> {
    let mut found = Vec::new();
    for state in [ShipmentState::Open, ShipmentState::Partly] {
        let fields = (scene.party().to_string(), state as u8);
        found.extend(SHIPMENTS.lookup(scene.ctx, "to", &fields, None, OPEN_SHIPMENTS_MAX)?.entries);
    }
    let refers = |shipment: &Shipment| refers_to(scene, shipment);
    found.sort_by_key(|(id, shipment)| (!refers(shipment), shipment.shipped_ms, *id));
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

fn refers_to(scene: &Scene<'_, '_>, shipment: &Shipment) -> bool {
    scene.event.transactions.iter().any(|reference| shipment.references.contains(&reference.id))
}

/// Says what has become of the shipments, and opens or settles cases about what is missing.
fn settle(
    scene: &mut Scene<'_, '_>,
    touched: &BTreeSet<EventId>,
    mut ejected: BTreeMap<EventId, Vec<ItemId>>,
) -> Result<(), Refused> {
    for id in touched {
        let Some(mut shipment) = scene.shipments.get(scene.ctx, id)? else { continue };
        let opened = ejected.remove(id).unwrap_or_default();
        let was_opened = !opened.is_empty();
        shipment.items = shipment.items.saturating_add(u32::try_from(opened.len()).unwrap_or(u32::MAX));
        shipment.missing.extend(opened);
        shipment.settle();
        let complete = shipment.state == ShipmentState::Closed;
        // Who names the despatch advice says: this is what came of it. Who does not may receive the rest later.
        if !complete && (was_opened || refers_to(scene, &shipment)) {
            shipment.case = Some(report_shortage(scene, *id, &shipment)?);
        }
        if let Some(case) = shipment.case.as_ref().filter(|_| complete) {
            scene.settle_case(&case.clone(), "everything arrived")?;
        }
        scene.shipments.put(*id, shipment);
    }
    Ok(())
}

fn report_shortage(scene: &mut Scene<'_, '_>, id: EventId, shipment: &Shipment) -> Result<String, Refused> {
    let short = shipment.goods.iter().filter(|line| line.received < line.shipped);
    let short = short.map(|line| {
        let amount = crate::stock::amount_text(&line.goods, i128::from(line.shipped - line.received));
        format!("{amount} of {}", line.goods.trim_end_matches('#'))
    });
    let list: Vec<String> = shipment.missing.iter().map(ToString::to_string).chain(short).collect();
    let refusal = Refusal::Short {
        shipment: shipment.references.first().map_or_else(|| crate::scene::hex(&id), ToString::to_string),
        expected: shipment.items.saturating_add(u32::try_from(shipment.goods.len()).unwrap_or(u32::MAX)),
        missing: u32::try_from(list.len()).unwrap_or(u32::MAX),
        list: list.iter().take(20).cloned().collect::<Vec<_>>().join(", "),
    };
    if scene.play.rules.strict_receipts {
        return Err(refusal.into());
    }
    if let Some(known) = &shipment.case {
        scene.warn(&refusal);
        scene.with_case(known.clone());
        return Ok(known.clone());
    }
    let case = NewCase {
        kind: CaseKind::Underage,
        against: Some(shipment.from),
        shipment: Some(id),
        items: shipment.missing.clone(),
        findings: list.into_iter().map(|item| format!("missing: {item}")).collect(),
    };
    scene.open_case(case, &refusal)
}

fn report_overage(
    scene: &mut Scene<'_, '_>,
    strangers: Vec<ItemId>,
    extra: Goods,
    shipment: Option<EventId>,
) -> Result<(), Refused> {
    let goods = extra.iter().map(|(goods, amount)| {
        format!("{} of {}", crate::stock::amount_text(goods, i128::from(*amount)), goods.trim_end_matches('#'))
    });
    let list: Vec<String> = strangers.iter().map(ToString::to_string).chain(goods).collect();
    if list.is_empty() {
        return Ok(());
    }
    let known = shipment.map(|id| scene.shipments.get(scene.ctx, &id)).transpose()?.flatten();
    let expected = known.as_ref().map_or(0, |shipment| shipment.items);
    let refusal = Refusal::Over { expected, list: list.iter().take(20).cloned().collect::<Vec<_>>().join(", ") };
    if scene.play.rules.strict_receipts || (shipment.is_none() && !extra.is_empty()) {
        return Err(refusal.into());
    }
    let case = NewCase {
        kind: CaseKind::Overage,
        against: known.map(|shipment| shipment.from),
        shipment,
        items: strangers,
        findings: list.into_iter().map(|item| format!("not shipped: {item}")).collect(),
    };
    scene.open_case(case, &refusal)?;
    Ok(())
}
