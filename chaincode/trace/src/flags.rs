//! What speaks against items whatever their state: recalled, suspect, illegitimate, locked. Events raise and lower flags
//! by their persistent dispositions: the vocabulary's `recalled`, and `urn:theriac:disp:suspect`, `…:illegitimate` and
//! `…:locked`, which it lacks.

use crate::cases::NewCase;
use crate::goods::expect_none;
use crate::look::{Look, Placed};
use crate::packing::keep_around;
use crate::record::CaseKind;
use crate::refused::Refused;
use crate::scene::Scene;
use theriac_domain::event::Object;
use theriac_domain::item::{Flag, Operation, State};
use theriac_domain::{Disposition, Event, ItemId, Refusal};

/// The flag that an event raises.
pub(crate) fn raised(event: &Event) -> Result<Option<Flag>, Refusal> {
    let set = only(event.marks.iter().flat_map(|marks| &marks.set))?;
    Ok(set.or(match &event.disposition {
        Some(Disposition::Recalled) => Some(Flag::Recalled),
        Some(Disposition::NoPedigreeMatch) => Some(Flag::Suspect),
        _ => None,
    }))
}

/// The flag that an event lowers.
pub(crate) fn lowered(event: &Event) -> Result<Option<Flag>, Refusal> {
    only(event.marks.iter().flat_map(|marks| &marks.unset))
}

/// The one flag among persistent dispositions.
fn only<'a>(dispositions: impl Iterator<Item = &'a Disposition>) -> Result<Option<Flag>, Refusal> {
    let mut flags = dispositions.filter_map(Flag::of);
    match (flags.next(), flags.next()) {
        (Some(_), Some(_)) => Err(Refusal::Incomplete { what: "an event of its own for each flag" }),
        (flag, _) => Ok(flag),
    }
}

/// Raises another flag than that of a recall, and opens a case about suspects.
pub(crate) fn raise(
    scene: &mut Scene<'_, '_>,
    flag: Flag,
    body: &Object,
    ids: &[&ItemId],
) -> Result<Operation, Refused> {
    let operation = match flag {
        Flag::Illegitimate => Operation::Condemn,
        Flag::Locked => Operation::Lock,
        _ => Operation::Suspect,
    };
    expect_none(&body.quantities, operation)?;
    scene.expect_right(operation)?;
    for id in ids {
        let mut placed = scene.load(id)?;
        // A code may be doubted after its pack has left: then there is a second pack.
        let alive = placed.placement().expect_alive();
        if flag == Flag::Locked || placed.placement().effective().core.state == State::Reserved {
            alive.clone()?;
        }
        let holds = placed.placement().expect_held_by(&scene.party()).is_ok();
        if !holds {
            expect_watch(scene, &placed)?;
        }
        put_flag(scene, &mut placed, flag)?;
        let mut item = placed.item;
        let quarantined = matches!(item.core.state, State::Quarantined { .. });
        if holds && placed.around.is_empty() && alive.is_ok() && !quarantined && flag != Flag::Locked {
            let because = scene.event.disposition.clone().unwrap_or(Disposition::NoPedigreeMatch);
            item.hold(because, scene.now());
        }
        scene.finish(id, item, operation)?;
    }
    if flag == Flag::Suspect {
        let items: Vec<ItemId> = ids.iter().map(|id| (*id).clone()).collect();
        let findings = crate::extensions::text(&scene.event.extensions, "suspicion").map(str::to_owned);
        let first = items.first().cloned().ok_or(Refusal::Incomplete { what: "identifiers of suspects" })?;
        let refusal = Refusal::UnitSuspect { item: first, flag: flag.as_str() };
        let findings = findings.into_iter().collect();
        let case = NewCase { kind: CaseKind::Suspect, against: None, shipment: None, items, findings };
        scene.open_case(case, &refusal)?;
    }
    Ok(operation)
}

/// Lowers another flag than that of a recall. A doubt is dispelled by the maker or a regulator.
pub(crate) fn lower(
    scene: &mut Scene<'_, '_>,
    flag: Flag,
    body: &Object,
    ids: &[&ItemId],
) -> Result<Operation, Refused> {
    expect_none(&body.quantities, Operation::Release)?;
    scene.expect_right(Operation::Release)?;
    for id in ids {
        let mut placed = scene.load(id)?;
        let maker = placed.item.birth.by;
        if !scene.is_signed_by_role("regulator") && !scene.is_signed_by_party(&maker)? {
            let missing = format!("the maker, {maker}, or a regulator");
            return Err(Refusal::SecondPersonNeeded { what: "Taking a flag off a pack", missing }.into());
        }
        take_flag(scene, &mut placed, flag)?;
        scene.finish(id, placed.item, Operation::Release)?;
    }
    Ok(Operation::Release)
}

/// Refuses those who neither made the item nor watch over it.
pub(crate) fn expect_watch(scene: &Scene<'_, '_>, placed: &Placed) -> Result<(), Refused> {
    if scene.play.actor.has_role("regulator") || placed.item.birth.by == scene.party() {
        return Ok(());
    }
    Ok(placed.placement().expect_held_by(&scene.party())?)
}

/// Puts a flag on an item, and counts it in the containers around.
pub(crate) fn put_flag(scene: &mut Scene<'_, '_>, placed: &mut Placed, flag: Flag) -> Result<(), Refused> {
    let had_any = !placed.item.core.flags.is_empty();
    placed.item.core.raise(flag);
    recount(scene, placed, had_any)
}

/// Takes a flag off an item.
pub(crate) fn take_flag(scene: &mut Scene<'_, '_>, placed: &mut Placed, flag: Flag) -> Result<(), Refused> {
    let had_any = !placed.item.core.flags.is_empty();
    placed.item.core.lower(flag);
    recount(scene, placed, had_any)
}

/// Counts a flagged item in the containers around it, or no longer, given whether it had any flag before.
pub(crate) fn recount(scene: &mut Scene<'_, '_>, placed: &mut Placed, had_any: bool) -> Result<(), Refused> {
    let has_any = !placed.item.core.flags.is_empty();
    if has_any == had_any {
        return Ok(());
    }
    for (_, container) in &mut placed.around {
        let flagged = &mut container.contents.flagged;
        *flagged = if has_any { flagged.saturating_add(1) } else { flagged.saturating_sub(1) };
    }
    keep_around(scene, placed)
}
