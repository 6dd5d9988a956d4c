//! Events that change no item: business documents, attachments, and what is kept as it was stated.

use crate::look::Look;
use crate::refused::Refused;
use crate::scene::Scene;
use crate::tables::key_of;
use theriac_domain::event::{Association, Body, Transaction};
use theriac_domain::item::{LotId, Operation};
use theriac_domain::{Epc, Refusal};

/// Ties items to business documents. For whoever holds them, owns them, or is on either end of their way.
pub(crate) fn refer(scene: &mut Scene<'_, '_>, body: &Transaction) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Refer)?;
    for id in body.parent.iter().chain(&body.epcs).filter_map(Epc::item) {
        let id = &scene.resolved(id)?;
        let placed = scene.load(id)?;
        let core = &placed.placement().effective().core;
        if core.custody.owner != scene.party() {
            crate::custody::expect_around(scene, id, &core.state)?;
        }
        scene.finish(id, placed.item, Operation::Refer)?;
    }
    Ok(Operation::Refer)
}

/// Attaches things to items or places, such as a logger to a pallet. For whoever holds the items.
pub(crate) fn associate(scene: &mut Scene<'_, '_>, body: &Association) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Associate)?;
    scene.expect_own_places()?;
    for id in std::iter::once(&body.parent).chain(&body.children).filter_map(Epc::item) {
        let id = &scene.resolved(id)?;
        let placed = scene.load(id)?;
        crate::custody::expect_around(scene, id, &placed.placement().effective().core.state)?;
        scene.finish(id, placed.item, Operation::Associate)?;
    }
    Ok(Operation::Associate)
}

/// Keeps what is stated: it is found under everything that it names, and under the lots that it says those are of.
pub(crate) fn state(scene: &mut Scene<'_, '_>) -> Result<(), Refused> {
    let (nothing, goods) = (Vec::new(), Vec::new());
    // Where an event states the lot of some things, they come first.
    let (things, others, more, quantities, born) = match &scene.event.body {
        Body::Object(body) => (&body.epcs, &nothing, None, [&body.quantities, &goods], body.master_data.as_ref()),
        Body::Aggregation(body) => {
            (&nothing, &body.children, body.parent.as_ref(), [&body.child_quantities, &goods], None)
        }
        Body::Transaction(body) => (&nothing, &body.epcs, body.parent.as_ref(), [&body.quantities, &goods], None),
        Body::Transformation(body) => {
            let quantities = [&body.input_quantities, &body.output_quantities];
            (&body.outputs, &body.inputs, None, quantities, body.master_data.as_ref())
        }
        Body::Association(body) => {
            (&nothing, &body.children, Some(&body.parent), [&body.child_quantities, &goods], None)
        }
    };
    let lot = born.and_then(|born| born.lot.as_ref());
    for id in things.iter().filter_map(Epc::item) {
        if let Some(lot) = LotId::of(id, lot) {
            scene.concern(&lot.path());
        }
    }
    for epc in things.iter().chain(others).chain(more) {
        let name = match epc {
            Epc::Item(id) => scene.resolved(id)?.path(),
            _ => key_of(scene.ctx, &epc.to_string()),
        };
        scene.concern(&name);
    }
    for quantity in quantities.into_iter().flatten() {
        scene.concern(&key_of(scene.ctx, &quantity.class.to_string()));
    }
    Ok(())
}

/// Refuses what names a container and nothing that can be one.
pub(crate) fn container(epc: Option<&Epc>) -> Result<&theriac_domain::ItemId, Refused> {
    let epc = epc.ok_or(Refusal::Incomplete { what: "a container (parentID)" })?;
    let unsupported = || Refusal::Unsupported { what: format!("{epc}, which is neither a unit nor a logistic unit,") };
    Ok(epc.item().ok_or_else(unsupported)?)
}
