//! How a life ends: dispensed, sampled, taken out of the supply chain, destroyed.

use crate::custody::arrived;
use crate::extensions::is_true;
use crate::goods::{account, goods};
use crate::look::Look;
use crate::refused::Refused;
use crate::scene::Scene;
use theriac_domain::event::Object;
use theriac_domain::item::{Operation, Phase, Reason, State};
use theriac_domain::vocabulary::BusinessTransactionType;
use theriac_domain::{Disposition, ItemId, Refusal};

/// Gives packs, or a part of them, to patients.
pub(crate) fn dispense(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    let partly = scene.event.disposition == Some(Disposition::PartiallyDispensed);
    let operation = if partly { Operation::DispensePartly } else { Operation::Dispense };
    scene.expect_right(operation)?;
    scene.expect_own_places()?;
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_dispensable(&scene.party())?;
        let since = scene.now().height;
        let mut item = placed.item;
        item.core.state = if partly { State::PartlyDispensed } else { State::Dispensed { since } };
        if let Some(place) = scene.place() {
            item.core.custody.place = Some(place.clone());
        }
        scene.finish(id, item, operation)?;
    }
    let goods = goods(&body.quantities)?;
    scene.expect_unstopped_goods(&goods)?;
    scene.take_goods(&goods, Phase::Dispensed, None);
    Ok(operation)
}

/// Takes samples: what is tested or given away leaves the supply chain.
pub(crate) fn sample(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Sample)?;
    let by_authority = scene.play.actor.has_role("regulator");
    let reason = if by_authority { Reason::SampleAuthority } else { Reason::SampleFree };
    for id in ids {
        let placed = scene.load(id)?;
        let placement = placed.placement();
        if by_authority {
            placement.expect_alive()?;
            placement.expect_free()?;
            placement.expect_empty()?;
        } else {
            placement.expect_decommissionable(&scene.party(), reason, false)?;
        }
        if let State::InTransit(transit) = &placed.item.core.state {
            arrived(scene, &transit.clone(), id)?;
        }
        leave(scene, id, placed.item, reason, Operation::Sample)?;
    }
    scene.take_goods(&goods(&body.quantities)?, Phase::Decommissioned, Some(reason));
    Ok(Operation::Sample)
}

/// Takes items out of the supply chain.
pub(crate) fn decommission(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Decommission)?;
    scene.expect_own_places()?;
    let Some(reason) = Reason::of(scene.event.disposition.as_ref()) else {
        let what =
            "a disposition that is a reason: inactive, stolen, unknown, expired, damaged, or urn:theriac:disp:exported";
        return Err(Refusal::Incomplete { what }.into());
    };
    let everything = is_true(&scene.event.extensions, "recursive");
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_decommissionable(&scene.party(), reason, everything)?;
        if let State::InTransit(transit) = &placed.item.core.state {
            arrived(scene, &transit.clone(), id)?;
        }
        leave(scene, id, placed.item, reason, Operation::Decommission)?;
    }
    scene.take_goods(&goods(&body.quantities)?, Phase::Decommissioned, Some(reason));
    Ok(Operation::Decommission)
}

fn leave(
    scene: &mut Scene<'_, '_>,
    id: &ItemId,
    mut item: theriac_domain::Item,
    reason: Reason,
    operation: Operation,
) -> Result<(), Refused> {
    item.core.state = State::Decommissioned { reason, since: scene.now().height };
    scene.finish(id, item, operation)
}

/// Destroys items that were held back or taken out before.
pub(crate) fn destroy(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Destroy)?;
    scene.expect_own_places()?;
    let certified = !scene.event.certifications.is_empty()
        || scene.event.transactions.iter().any(|known| known.kind == Some(BusinessTransactionType::Certificate));
    if scene.play.rules.destruction_certificate_needed && !certified {
        return Err(Refusal::Incomplete { what: "a certificate of destruction (certificationInfo)" }.into());
    }
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_destroyable(&scene.party())?;
        let mut item = placed.item;
        item.core.state = State::Destroyed { since: scene.now().height };
        scene.finish(id, item, Operation::Destroy)?;
    }
    // As of items, what is held back is destroyed.
    let (from, to) = (scene.own_quarantine(), account(scene.party(), scene.place(), Phase::Destroyed, None));
    scene.move_goods(&goods(&body.quantities)?, Some(from), Some(to));
    Ok(Operation::Destroy)
}
