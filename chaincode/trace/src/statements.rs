//! Events that change no item: business documents, attachments, and what is kept as it was stated.

use crate::look::Look;
use crate::refused::Refused;
use crate::scene::Scene;
use theriac_domain::event::{Association, Transaction};
use theriac_domain::item::Operation;
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

/// Refuses what names a container and nothing that can be one.
pub(crate) fn container(epc: Option<&Epc>) -> Result<&theriac_domain::ItemId, Refused> {
    let epc = epc.ok_or(Refusal::Incomplete { what: "a container (parentID)" })?;
    let unsupported = || Refusal::Unsupported { what: format!("{epc}, which is neither a unit nor a logistic unit,") };
    Ok(epc.item().ok_or_else(unsupported)?)
}
