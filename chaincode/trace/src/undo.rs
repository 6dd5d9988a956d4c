//! Error declarations: an event of the same party is declared wrong, and what it did is taken back, unless others have
//! built on it or the rules say that it stays.

use crate::custody::close_case;
use crate::flags::recount;
use crate::look::Look;
use crate::packing::{keep_around, put_in, take_out};
use crate::record::{EventRecord, ShipmentState};
use crate::refused::Refused;
use crate::scene::{Scene, hex};
use theriac_domain::event::{Body, ErrorDeclaration};
use theriac_domain::item::{Operation, Reason, State};
use theriac_domain::vocabulary::ErrorReason;
use theriac_domain::{Epc, ItemId, Refusal};

/// Declares an event wrong.
pub(crate) fn undo(scene: &mut Scene<'_, '_>, declaration: &ErrorDeclaration) -> Result<Operation, Refused> {
    let (id, record) = declared(scene, declaration)?;
    let ids = items_of(scene, &record.event.body)?;
    expect_reversible(scene, &id, &record, &ids)?;
    let ids: Vec<&ItemId> = ids.iter().collect();
    let parent = parent_of(&record.event.body).map(|parent| scene.resolved(parent)).transpose()?;
    match record.operation {
        // Nothing came of it.
        Operation::Record => {}
        Operation::Pack => {
            let parent = parent.ok_or(Refusal::Declaration { problem: "it names no container." })?;
            repack(scene, &parent, &ids, id, false)?;
        }
        Operation::Unpack => {
            let parent = parent.ok_or(Refusal::Declaration { problem: "it names no container." })?;
            repack(scene, &parent, &ids, id, true)?;
        }
        _ => {
            for item in &ids {
                take_back(scene, item, id, &record)?;
            }
        }
    }
    reopen(scene, id, &record, &ids)?;
    let by = scene.id;
    scene.events.put(id, EventRecord { wrong: Some(by), ..record });
    Ok(Operation::Undo)
}

/// The event that is declared wrong.
fn declared(
    scene: &Scene<'_, '_>,
    declaration: &ErrorDeclaration,
) -> Result<(theriac_domain::item::EventId, EventRecord), Refused> {
    let wrong = |problem: &'static str| Refusal::Declaration { problem };
    match (&declaration.reason, declaration.corrected_by.is_empty()) {
        (Some(ErrorReason::DidNotOccur), false) => {
            return Err(
                wrong("what did not occur is corrected by no other event; leave correctiveEventIDs out.").into()
            );
        }
        (Some(ErrorReason::IncorrectData), true) => {
            return Err(wrong("incorrect data is corrected by another event; name it in correctiveEventIDs.").into());
        }
        _ => {}
    }
    let original = scene.event.declared_wrong().ok_or(wrong("there is none."))?;
    let id = scene.ctx.sha2_256(&original.ledger_bytes());
    let unknown = "it repeats no event of this ledger. Repeat the wrong event word for word, its eventID included.";
    let record = scene.events.get(scene.ctx, &id)?.ok_or(wrong(unknown))?;
    if record.wrong.is_some() {
        return Err(wrong("the event was declared wrong before.").into());
    }
    Ok((id, record))
}

/// Refuses what the rules leave as it is.
fn expect_reversible(
    scene: &Scene<'_, '_>,
    event: &theriac_domain::item::EventId,
    record: &EventRecord,
    ids: &[ItemId],
) -> Result<(), Refused> {
    let first = ids.first();
    if record.party != scene.party() {
        let there = record.event.place().map_or_else(|| record.party.to_string(), ToString::to_string);
        let Some(item) = first.cloned() else {
            return Err(Refusal::Declaration { problem: "the event is another party's." }.into());
        };
        return Err(Refusal::UndoElsewhere { item, there }.into());
    }
    let item = first.map_or_else(|| format!("Event {}", &hex(event)[..12]), ToString::to_string);
    let forbidden = |what: &str| Err(Refusal::UndoForbidden { item: item.clone(), what: what.to_owned() }.into());
    if record.operation == Operation::Record {
        return Ok(());
    }
    if moves_goods(&record.event.body) {
        return forbidden("An event about goods without serial numbers");
    }
    if !record.event.sensors.is_empty() {
        return forbidden("What a sensor reported");
    }
    match record.operation {
        Operation::Hold if scene.play.rules.release_needs_report => forbidden("A quarantine that only reports end"),
        // Else one person could give free what was held back.
        Operation::Hold => crate::quarantine::expect_persons(scene),
        Operation::Destroy => forbidden("Destruction"),
        Operation::Recall | Operation::CancelRecall => forbidden("A recall"),
        Operation::Suspect | Operation::Condemn | Operation::Lock => forbidden("A flag"),
        Operation::RepackageFrom => forbidden("Repackaging"),
        Operation::Reject => forbidden("The rejection of a shipment"),
        Operation::Sense => forbidden("What a sensor reported"),
        Operation::Undo => forbidden("An error declaration"),
        Operation::Dispense | Operation::DispensePartly | Operation::Sample | Operation::Decommission => {
            first.map_or(Ok(()), |first| expect_window(scene, record, first))
        }
        _ => Ok(()),
    }
}

/// What reached a patient, left as a sample or was exported may come back for some days; locked goods at any time.
fn expect_window(scene: &Scene<'_, '_>, record: &EventRecord, item: &ItemId) -> Result<(), Refused> {
    let reason = match scene.load(item)?.item.core.state {
        State::Decommissioned { reason, .. } => Some(reason),
        _ => None,
    };
    if let Some(reason) = reason.filter(|reason| !reason.is_reversible()) {
        let what = format!("Decommissioning as {}", reason.as_str());
        return Err(Refusal::UndoForbidden { item: item.to_string(), what }.into());
    }
    let rules = &scene.play.rules;
    if rules.undo_window_is_open(reason, record.recorded_ms, scene.now().time_ms) {
        return Ok(());
    }
    let what = match record.operation {
        Operation::Dispense | Operation::DispensePartly => "dispensing",
        _ => "decommissioning",
    };
    Err(Refusal::UndoWindow { item: item.clone(), what, days: rules.undo_days }.into())
}

/// Takes back what the event changed in one item.
fn take_back(
    scene: &mut Scene<'_, '_>,
    id: &ItemId,
    event: theriac_domain::item::EventId,
    record: &EventRecord,
) -> Result<(), Refused> {
    let mut placed = scene.load(id)?;
    if matches!(record.operation, Operation::Dispense | Operation::DispensePartly) {
        placed.placement().expect_unstopped()?;
    }
    let had_any = !placed.item.core.flags.is_empty();
    let operation = placed.item.take_back(id, event)?;
    recount(scene, &mut placed, had_any)?;
    if matches!(operation, Operation::Commission | Operation::Reserve) {
        let since = scene.now().height;
        placed.item.core.state = State::Decommissioned { reason: Reason::NeverExisted, since };
    }
    scene.finish(id, placed.item, Operation::Undo)
}

/// Takes back that items were packed (or, with `pack`, that they were taken out).
fn repack(
    scene: &mut Scene<'_, '_>,
    parent_id: &ItemId,
    ids: &[&ItemId],
    event: theriac_domain::item::EventId,
    pack: bool,
) -> Result<(), Refused> {
    if ids.is_empty() {
        let what = "Taking everything out without naming it".to_owned();
        return Err(Refusal::UndoForbidden { item: parent_id.to_string(), what }.into());
    }
    let mut parent = scene.load(parent_id)?;
    // Inside another container it may have moved on, without an event of its own.
    parent.placement().expect_held_by(&scene.party())?;
    for id in ids {
        let mut child = scene.load(id)?.item;
        if !pack {
            take_out(&mut parent, &child);
        }
        child.take_back(id, event)?;
        if pack {
            put_in(&mut parent, &child)?;
        }
        scene.take_step(id, child, Operation::Undo, Some(parent_id))?;
    }
    parent.item.take_back(parent_id, event)?;
    keep_around(scene, &parent)?;
    scene.finish(parent_id, parent.item, Operation::Undo)
}

/// Closes the shipment that was no shipment, or opens again the one that was not received.
fn reopen(
    scene: &mut Scene<'_, '_>,
    event: theriac_domain::item::EventId,
    record: &EventRecord,
    ids: &[&ItemId],
) -> Result<(), Refused> {
    match record.operation {
        Operation::Ship | Operation::Return => {
            if let Some(mut shipment) = scene.shipments.get(scene.ctx, &event)? {
                shipment.missing.clear();
                shipment.state = ShipmentState::Closed;
                scene.shipments.put(event, shipment);
                close_case(scene, &event)?;
            }
        }
        Operation::Receive | Operation::VoidShipping => {
            for id in ids {
                let State::InTransit(transit) = scene.load(id)?.item.core.state else { continue };
                if let Some(mut shipment) = scene.shipments.get(scene.ctx, &transit.shipment)? {
                    shipment.missing.push((*id).clone());
                    shipment.settle();
                    scene.shipments.put(transit.shipment, shipment);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// The items that an event names as what it is about.
fn items_of(scene: &Scene<'_, '_>, body: &Body) -> Result<Vec<ItemId>, Refused> {
    let epcs: &[Epc] = match body {
        Body::Object(body) => &body.epcs,
        Body::Aggregation(body) => &body.children,
        Body::Transaction(body) => &body.epcs,
        Body::Transformation(body) => &body.inputs,
        Body::Association(body) => &body.children,
    };
    epcs.iter().filter_map(Epc::item).map(|id| scene.resolved(id)).collect()
}

fn parent_of(body: &Body) -> Option<&ItemId> {
    match body {
        Body::Aggregation(body) => body.parent.as_ref()?.item(),
        _ => None,
    }
}

fn moves_goods(body: &Body) -> bool {
    let quantities = match body {
        Body::Object(body) => &body.quantities,
        Body::Aggregation(body) => &body.child_quantities,
        _ => return false,
    };
    quantities.iter().any(|quantity| quantity.quantity.is_some())
}
