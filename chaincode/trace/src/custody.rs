//! Hand-over in two steps, and what is seen in between: ship, void, carry, receive, observe.

use crate::capture::Scene;
use crate::party::resolve;
use crate::refused::Refused;
use crate::tables::{Placed, store};
use theriac_domain::event::SourceDestination;
use theriac_domain::item::{Operation, Shipment, State};
use theriac_domain::vocabulary::SourceDestinationType as Kind;
use theriac_domain::{Disposition, ItemId, Place, Refusal};

/// First half of a hand-over.
pub(crate) fn ship(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    let common = scene.event.common();
    if common.disposition == Some(Disposition::Returned) {
        return Err(Refusal::Unsupported { what: "Returns".to_owned() }.into());
    }
    for source in &common.sources {
        scene.actor.expect_place(scene.ctx, Some(&source.place))?;
    }
    let destination = |kind: Kind| place_of(&common.destinations, &kind);
    let new_owner = destination(Kind::OwningParty).and_then(Place::gln);
    let consignee = destination(Kind::PossessingParty).and_then(Place::gln).or(new_owner);
    let location = destination(Kind::Location);
    let Some(consignee) = consignee.or_else(|| location.and_then(Place::gln)) else {
        return Err(Refusal::Incomplete { what: "a consignee: a destination with a GLN" }.into());
    };
    let consignee = resolve(scene.ctx, consignee)?;
    if consignee == scene.party() {
        return Err(Refusal::Incomplete { what: "a consignee other than the shipper" }.into());
    }
    let new_owner = new_owner.map(|gln| resolve(scene.ctx, gln)).transpose()?;
    let shipment = Shipment { consignee, new_owner, destination: location.cloned(), since: scene.now.height };
    scene.with_counterpart(consignee);
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_shippable(&scene.party(), scene.now)?;
        placed.item.ship(shipment.clone());
        finish(scene, placed, Operation::Ship)?;
    }
    Ok(Operation::Ship)
}

/// Takes the first half back.
pub(crate) fn void_shipping(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_free()?;
        placed.item.void_shipping(id, &scene.party())?;
        finish(scene, placed, Operation::VoidShipping)?;
    }
    Ok(Operation::VoidShipping)
}

/// Second half of a hand-over. What is packed in the item is received with it.
pub(crate) fn receive(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_receivable_by(&scene.party())?;
        // Only now: a stranger learns first that the goods are not for it.
        scene.expect_own_places()?;
        let shipper = placed.item.custody.holder;
        let place = scene.place().cloned();
        placed.item.receive(id, &scene.party(), place, scene.now)?;
        scene.with_counterpart(shipper);
        finish(scene, placed, Operation::Receive)?;
    }
    Ok(Operation::Receive)
}

/// Notes what is seen of goods on their way: by the shipper and the consignee, wherever they are.
pub(crate) fn carry(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    for id in ids {
        let placed = Placed::load(scene.ctx, id)?;
        let is_consignee = matches!(&placed.placement().effective().state,
            State::InTransit(shipment) if shipment.consignee == scene.party());
        let is_shipper = placed.placement().effective().custody.holder == scene.party();
        if !is_consignee && !is_shipper {
            placed.placement().expect_held_by(&scene.party())?;
        }
        placed.placement().expect_free()?;
        finish(scene, placed, Operation::Carry)?;
    }
    Ok(Operation::Carry)
}

/// Notes what its holder sees of an item: stored, counted, inspected and found good.
pub(crate) fn observe(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_held_by(&scene.party())?;
        placed.placement().expect_free()?;
        if let Some(place) = &scene.event.common().location {
            placed.item.custody.place = Some(place.clone());
        }
        finish(scene, placed, Operation::Observe)?;
    }
    Ok(Operation::Observe)
}

/// Marks, records and writes an item that the event names.
pub(crate) fn finish(scene: &mut Scene<'_, '_>, placed: Placed, operation: Operation) -> Result<(), Refused> {
    let Placed { id, mut item, .. } = placed;
    item.mark(scene.event);
    item.record(&id, scene.now.height, scene.step(operation, None))?;
    store(scene.ctx, &id, &item)?;
    scene.touch(&id);
    Ok(())
}

fn place_of<'a>(list: &'a [SourceDestination], kind: &Kind) -> Option<&'a Place> {
    list.iter().find(|end| end.kind == *kind).map(|end| &end.place)
}
