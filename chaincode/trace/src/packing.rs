//! Items go into containers, and come out.

use crate::goods::{Goods, goods};
use crate::look::{Look, Placed};
use crate::refused::Refused;
use crate::scene::Scene;
use crate::stock::Account;
use crate::tables::ITEMS;
use std::collections::BTreeSet;
use theriac_domain::event::Aggregation;
use theriac_domain::item::{Contents, Flag, Operation};
use theriac_domain::limits::{CHILDREN_MAX, EVENT_ITEMS_MAX};
use theriac_domain::{Item, ItemId, Refusal};

/// What an item brings into a container.
fn brought_by(item: &Item) -> Contents {
    Contents::brought_by(item.birth.lot.as_ref(), !item.core.flags.is_empty(), &item.contents)
}

fn load_parent(scene: &Scene<'_, '_>, id: &ItemId) -> Result<Placed, Refused> {
    let parent = scene.find(id)?.ok_or_else(|| Refusal::ParentUnknown { parent: id.clone() })?;
    scene.around(id, parent)
}

/// Puts items and goods into a container.
pub(crate) fn pack(
    scene: &mut Scene<'_, '_>,
    parent_id: &ItemId,
    ids: &[&ItemId],
    body: &Aggregation,
) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Pack)?;
    scene.expect_own_places()?;
    let party = scene.party();
    let mut parent = load_parent(scene, parent_id)?;
    parent.placement().expect_held_by(&party)?;
    parent.placement().expect_usable()?;
    let owner = parent.placement().effective().core.custody.owner;
    for id in ids {
        let child = scene.load(id)?;
        if *id == parent_id || parent.around.iter().any(|(container, _)| container == *id) {
            return Err(Refusal::Cycle { child: (*id).clone(), parent: parent_id.clone() }.into());
        }
        child.placement().expect_packable(&party)?;
        if child.item.core.custody.owner != owner {
            let (state, next) = ("owned by another party than the container", "Pack what has one owner.");
            return Err(Refusal::StateForbids { item: (*id).clone(), state, wanted: "packed in it", next }.into());
        }
        put_in(&mut parent, &child.item)?;
        let mut child = child.item;
        child.parent = Some(parent_id.clone());
        scene.take_step(id, child, Operation::Pack, Some(parent_id))?;
    }
    let goods = goods(&body.child_quantities)?;
    fill(&mut parent, &goods, 1)?;
    let from = match scene.place() {
        Some(_) => Some(scene.own_stock()),
        None => account_of(&parent),
    };
    scene.move_goods(&goods, from, None);
    close(scene, parent, Operation::Fill)?;
    Ok(Operation::Pack)
}

/// Counts a child into a container and all around it.
pub(crate) fn put_in(parent: &mut Placed, child: &Item) -> Result<(), Refusal> {
    let brought = brought_by(child);
    parent.item.contents.put_in(&parent.id, child.contents.levels)?;
    parent.item.contents.add(&brought)?;
    let mut levels = parent.item.contents.levels.saturating_add(1);
    for (id, container) in &mut parent.around {
        container.contents.deepen(id, levels)?;
        container.contents.add(&brought)?;
        levels = container.contents.levels.saturating_add(1);
    }
    Ok(())
}

/// Counts a child out of a container and all around it.
pub(crate) fn take_out(parent: &mut Placed, child: &Item) {
    let brought = brought_by(child);
    parent.item.contents.take_out();
    parent.item.contents.remove(&brought);
    for (_, container) in &mut parent.around {
        container.contents.remove(&brought);
    }
}

/// Where what is in a container stands in the books.
fn account_of(container: &Placed) -> Option<Account> {
    Account::of(container.placement().effective())
}

/// Counts goods into (1) or out of (-1) a container and all around it.
fn fill(parent: &mut Placed, goods: &Goods, sign: i128) -> Result<(), Refusal> {
    for (name, amount) in goods {
        let left = parent.item.contents.count_goods(name, sign * i128::from(*amount));
        if left < 0 {
            let text = |amount: i128| crate::stock::amount_text(name, amount);
            let (found, needed) = (text(left + i128::from(*amount)), text(i128::from(*amount)));
            return Err(Refusal::Balance { what: format!("{name} in {}", parent.id), found, needed });
        }
        for (_, container) in &mut parent.around {
            container.contents.count_goods(name, sign * i128::from(*amount));
        }
    }
    Ok(())
}

/// Takes items and goods out of a container; everything when none is named.
pub(crate) fn unpack(
    scene: &mut Scene<'_, '_>,
    parent_id: &ItemId,
    ids: &[&ItemId],
    body: &Aggregation,
) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Unpack)?;
    scene.expect_own_places()?;
    let mut parent = load_parent(scene, parent_id)?;
    parent.placement().expect_held_by(&scene.party())?;
    let everything = ids.is_empty() && body.child_quantities.is_empty();
    let all = if everything { children(scene, parent_id)? } else { Vec::new() };
    for id in all.iter().chain(ids.iter().copied()) {
        remove(scene, &mut parent, id, Operation::Unpack)?;
    }
    // What is left after that lies directly in this container.
    let goods = if everything {
        parent.item.contents.goods.iter().map(|inside| (inside.goods.clone(), inside.amount)).collect()
    } else {
        goods(&body.child_quantities)?
    };
    fill(&mut parent, &goods, -1)?;
    // They stay what they were in it: in stock, or held back, or lost.
    let to = account_of(&parent);
    scene.move_goods(&goods, None, to);
    close(scene, parent, Operation::Empty)?;
    Ok(Operation::Unpack)
}

/// Takes one item out of its container, with the step that it takes.
pub(crate) fn remove(
    scene: &mut Scene<'_, '_>,
    parent: &mut Placed,
    id: &ItemId,
    operation: Operation,
) -> Result<(), Refused> {
    let child = scene.find(id)?.filter(|child| child.parent.as_ref() == Some(&parent.id));
    let Some(mut child) = child else {
        return Err(Refusal::ChildNotInParent { child: id.clone(), parent: parent.id.clone() }.into());
    };
    take_out(parent, &child);
    child.leave_container(&parent.placement().effective().core);
    inherit_flags(scene, parent, id, &mut child)?;
    scene.take_step(id, child, operation, Some(&parent.id))
}

/// What speaks against a container speaks against what comes out of it.
pub(crate) fn inherit_flags(
    scene: &mut Scene<'_, '_>,
    parent: &Placed,
    id: &ItemId,
    child: &mut Item,
) -> Result<(), Refused> {
    let around = parent.around.iter().map(|(id, item)| (id, item));
    for (container, flagged) in std::iter::once((&parent.id, &parent.item)).chain(around) {
        if let Some(lot) = &flagged.birth.lot
            && let Some((number, _)) = scene.recall_of_lot(lot)?
        {
            child.core.raise(Flag::Recalled);
            scene.recalled.put(id.path(), number);
        }
        for flag in &flagged.core.flags {
            child.core.raise(*flag);
            if *flag == Flag::Recalled
                && let Some(number) = scene.recalled(container)?
            {
                scene.recalled.put(id.path(), number);
            }
        }
    }
    Ok(())
}

/// Keeps a container, and what is around it.
fn close(scene: &mut Scene<'_, '_>, parent: Placed, operation: Operation) -> Result<(), Refused> {
    keep_around(scene, &parent)?;
    scene.finish(&parent.id, parent.item, operation)
}

/// Keeps what is around a container whose contents have changed.
pub(crate) fn keep_around(scene: &mut Scene<'_, '_>, parent: &Placed) -> Result<(), Refused> {
    for (id, container) in &parent.around {
        scene.keep(id, container.clone())?;
    }
    Ok(())
}

/// What is packed directly in a container, by the books as they were before the event.
pub(crate) fn children(scene: &Scene<'_, '_>, parent: &ItemId) -> Result<Vec<ItemId>, Refused> {
    let mut found = Vec::new();
    let mut from = None;
    loop {
        let page = ITEMS.lookup(scene.ctx, "parent", &(parent.path(),), from, 1000)?;
        for (path, _) in page.entries {
            found.push(path.parse()?);
        }
        from = page.next;
        if from.is_none() || found.len() > CHILDREN_MAX {
            break;
        }
    }
    theriac_domain::event::TooLarge::check("items to take out at once", found.len(), EVENT_ITEMS_MAX)
        .map_err(Refusal::from)?;
    Ok(found)
}

/// Compares what an event has seen in a container with what the books say is in it.
pub(crate) fn look_inside(
    scene: &mut Scene<'_, '_>,
    parent_id: &ItemId,
    ids: &[&ItemId],
) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Observe)?;
    scene.expect_own_places()?;
    let parent = load_parent(scene, parent_id)?;
    parent.placement().expect_held_by(&scene.party())?;
    for id in ids {
        let child = scene.load(id)?;
        if child.item.parent.as_ref() != Some(parent_id) {
            return Err(Refusal::ChildNotInParent { child: (*id).clone(), parent: parent_id.clone() }.into());
        }
    }
    let mut seen = BTreeSet::new();
    seen.extend(ids.iter().copied());
    let seen = u32::try_from(seen.len()).unwrap_or(u32::MAX);
    let complete = scene.event.disposition == Some(theriac_domain::Disposition::CompletenessVerified);
    if complete && seen != parent.item.contents.children {
        let (what, found) = (format!("Items in {parent_id}"), seen.to_string());
        return Err(Refusal::Balance { what, found, needed: parent.item.contents.children.to_string() }.into());
    }
    scene.finish(parent_id, parent.item, Operation::Observe)?;
    Ok(Operation::Observe)
}
