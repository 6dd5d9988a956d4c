//! Birth and packing: items begin, go into containers, and come out.

use crate::capture::Scene;
use crate::refused::Refused;
use crate::tables::{Placed, find, load, store};
use theriac_domain::event::TooLarge;
use theriac_domain::item::{Birth, Custody, Operation, State};
use theriac_domain::limits::{CHILDREN_MAX, LEVELS_MAX};
use theriac_domain::{Date, Item, ItemId, ObjectEvent, Refusal};

/// Gives items their identity.
pub(crate) fn commission(
    scene: &mut Scene<'_, '_>,
    event: &ObjectEvent,
    ids: &[&ItemId],
) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    let step = scene.step(Operation::Commission, None);
    let (height, date) = (scene.now.height, Date::at(scene.now.time_ms));
    for id in ids {
        scene.actor.expect_prefix_of(scene.ctx, id)?;
        if let ItemId::Unit(_) = id {
            scene.actor.expect_role("manufacturer", &["manufacturer"])?;
        }
        if let Some(known) = find(scene.ctx, id)? {
            let Birth { by, date, height, .. } = known.birth;
            return Err(Refusal::DuplicateCommission { item: (*id).clone(), by, date, height }.into());
        }
        let party = scene.party();
        let master_data = &event.master_data;
        let birth = Birth { by: party, height, date, lot: master_data.lot.clone(), expiry: master_data.expiry };
        expect_complete(&birth, id, scene)?;
        let custody = Custody { owner: party, holder: party, since: height, place: scene.place().cloned() };
        let mut item = Item {
            birth,
            state: State::Commissioned,
            custody,
            receipt: None,
            parent: None,
            children: Vec::new(),
            levels: 0,
            marks: Vec::new(),
            height,
            steps: vec![step.clone()],
        };
        item.mark(scene.event);
        store(scene.ctx, id, &item)?;
        scene.touch(id);
    }
    Ok(Operation::Commission)
}

/// A pack states its lot and its expiry; a logistic unit may hold anything.
fn expect_complete(birth: &Birth, id: &ItemId, scene: &Scene<'_, '_>) -> Result<(), Refusal> {
    if let ItemId::Unit(_) = id {
        if birth.lot.is_none() {
            return Err(Refusal::Incomplete { what: "a lot (ilmd cbvmda:lotNumber)" });
        }
        if birth.expiry.is_none() {
            return Err(Refusal::Incomplete { what: "an expiry date (ilmd cbvmda:itemExpirationDate)" });
        }
    }
    match birth.expiry {
        Some(expiry) if expiry.is_over_at(scene.now.time_ms) => Err(Refusal::UnitExpired { item: id.clone(), expiry }),
        _ => Ok(()),
    }
}

/// Puts items into a container.
pub(crate) fn pack(scene: &mut Scene<'_, '_>, parent_id: &ItemId, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    let party = scene.party();
    let parent = find(scene.ctx, parent_id)?.ok_or_else(|| Refusal::ParentUnknown { parent: parent_id.clone() })?;
    let mut parent = Placed::around(scene.ctx, parent_id, parent)?;
    parent.placement().expect_held_by(&party)?;
    parent.placement().expect_usable()?;
    let owner = parent.placement().effective().custody.owner;
    scene.touch(parent_id);
    for id in ids {
        let mut child = Placed::load(scene.ctx, id)?;
        if *id == parent_id || parent.around.iter().any(|(container, _)| container == *id) {
            return Err(Refusal::Cycle { child: (*id).clone(), parent: parent_id.clone() }.into());
        }
        child.placement().expect_packable(&party)?;
        if child.item.custody.owner != owner {
            let (state, next) = ("owned by another party than the container", "Pack what has one owner.");
            return Err(Refusal::StateForbids { item: (*id).clone(), state, wanted: "packed in it", next }.into());
        }
        parent.item.add_child(parent_id, id, child.item.levels)?;
        child.item.parent = Some(parent_id.clone());
        child.item.record(id, scene.now.height, scene.step(Operation::Pack, Some(parent_id)))?;
        store(scene.ctx, id, &child.item)?;
        scene.touch(id);
    }
    expect_room(&parent.item)?;
    deepen(scene, &mut parent)?;
    parent.item.mark(scene.event);
    parent.item.record(parent_id, scene.now.height, scene.step(Operation::Fill, None))?;
    store(scene.ctx, parent_id, &parent.item)?;
    Ok(Operation::Pack)
}

fn expect_room(parent: &Item) -> Result<(), Refusal> {
    let found = parent.children.len();
    if found > CHILDREN_MAX {
        return Err(TooLarge { what: "items in one container", found, max: CHILDREN_MAX }.into());
    }
    Ok(())
}

/// Tells the containers around the parent that there are more levels below them now.
fn deepen(scene: &mut Scene<'_, '_>, parent: &mut Placed) -> Result<(), Refused> {
    let mut needed = parent.item.levels.saturating_add(1);
    for (id, container) in &mut parent.around {
        if container.levels >= needed {
            break;
        }
        if needed >= LEVELS_MAX {
            return Err(Refusal::TooDeep { parent: id.clone(), levels: LEVELS_MAX }.into());
        }
        container.levels = needed;
        store(scene.ctx, id, container)?;
        needed = needed.saturating_add(1);
    }
    Ok(())
}

/// Takes items out of a container; all of them when none is named.
pub(crate) fn unpack(
    scene: &mut Scene<'_, '_>,
    parent_id: &ItemId,
    ids: Option<&[&ItemId]>,
) -> Result<Operation, Refused> {
    scene.expect_own_places()?;
    let parent = find(scene.ctx, parent_id)?.ok_or_else(|| Refusal::ParentUnknown { parent: parent_id.clone() })?;
    let mut parent = Placed::around(scene.ctx, parent_id, parent)?;
    parent.placement().expect_held_by(&scene.party())?;
    let top = parent.placement().effective().clone();
    let all = parent.item.children.clone();
    let ids: Vec<&ItemId> = ids.map_or_else(|| all.iter().collect(), <[&ItemId]>::to_vec);
    scene.touch(parent_id);
    for id in ids {
        parent.item.remove_child(parent_id, id)?;
        let mut child = load(scene.ctx, id)?;
        child.leave_container(&top);
        child.record(id, scene.now.height, scene.step(Operation::Unpack, Some(parent_id)))?;
        store(scene.ctx, id, &child)?;
        scene.touch(id);
    }
    parent.item.mark(scene.event);
    parent.item.record(parent_id, scene.now.height, scene.step(Operation::Empty, None))?;
    store(scene.ctx, parent_id, &parent.item)?;
    Ok(Operation::Unpack)
}
