//! How a life ends, and what holds it up: dispensed, held back, decommissioned, destroyed.

use crate::capture::Scene;
use crate::custody::finish;
use crate::refused::Refused;
use crate::tables::Placed;
use theriac_domain::item::{Operation, State};
use theriac_domain::{Disposition, ItemId};

/// Gives packs, or a part of them, to patients.
pub(crate) fn dispense(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.actor.expect_role("pharmacy or hospital", &["pharmacy", "hospital"])?;
    scene.expect_own_places()?;
    let partly = scene.event.common().disposition == Some(Disposition::PartiallyDispensed);
    let operation = if partly { Operation::DispensePartly } else { Operation::Dispense };
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_dispensable(&scene.party(), scene.now)?;
        let since = scene.now.height;
        placed.item.state = if partly { State::PartlyDispensed } else { State::Dispensed { since } };
        finish(scene, placed, operation)?;
    }
    Ok(operation)
}

/// Whether an inspection that ends so holds the item back.
pub(crate) fn holds_back(disposition: &Disposition) -> bool {
    matches!(
        disposition,
        Disposition::Damaged
            | Disposition::Expired
            | Disposition::NonConformant
            | Disposition::NonSellableOther
            | Disposition::NoPedigreeMatch
            | Disposition::MismatchClass
            | Disposition::MismatchInstance
            | Disposition::MismatchQuantity
    )
}

/// Holds items back.
pub(crate) fn quarantine(
    scene: &mut Scene<'_, '_>,
    ids: &[&ItemId],
    because: &Disposition,
) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_held_by(&scene.party())?;
        placed.placement().expect_usable()?;
        placed.placement().expect_free()?;
        placed.item.quarantine(because.clone(), scene.now);
        finish(scene, placed, Operation::Quarantine)?;
    }
    Ok(Operation::Quarantine)
}

/// Takes items out of the supply chain.
pub(crate) fn decommission(
    scene: &mut Scene<'_, '_>,
    ids: &[&ItemId],
    because: &Disposition,
) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        let placement = placed.placement();
        placement.expect_held_by(&scene.party())?;
        if !matches!(placement.effective().state, State::Quarantined { .. }) {
            placement.expect_usable()?;
        }
        placement.expect_free()?;
        placement.expect_empty()?;
        placed.item.state = State::Decommissioned { because: because.clone(), since: scene.now.height };
        finish(scene, placed, Operation::Decommission)?;
    }
    Ok(Operation::Decommission)
}

/// Destroys items that were held back or taken out before.
pub(crate) fn destroy(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    for id in ids {
        let mut placed = Placed::load(scene.ctx, id)?;
        placed.placement().expect_destroyable(&scene.party())?;
        placed.item.state = State::Destroyed { since: scene.now.height };
        finish(scene, placed, Operation::Destroy)?;
    }
    Ok(Operation::Destroy)
}
