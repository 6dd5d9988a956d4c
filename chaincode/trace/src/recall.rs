//! Recalls: of whole lots, in one record each however many units they have, and of single items with what is in them.

use crate::extensions::text;
use crate::flags::{put_flag, take_flag};
use crate::look::Look;
use crate::record::Recall;
use crate::refused::Refused;
use crate::scene::{Scene, hex};
use theriac_domain::event::Object;
use theriac_domain::item::{Flag, LotId, Operation};
use theriac_domain::{EpcClass, ItemId, Key, Refusal};

/// What a business transaction's identifier is that is the number of a recall.
const RECALL_NUMBER: &str = "urn:theriac:btt:recall";
/// Longest number, in characters: it is a key.
const NUMBER_CHARS_MAX: usize = 100;
/// Longest reason, in characters.
const TEXT_CHARS_MAX: usize = 500;

/// Recalls lots and items.
pub(crate) fn recall(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Recall)?;
    let number = number(scene);
    if scene.recalls.get(scene.ctx, &number)?.is_some() {
        let problem = "There is such a recall already. Give this one another number.".to_owned();
        return Err(Refusal::Unfit { what: "Recall", number, problem }.into());
    }
    let lots = lots(body)?;
    let since = scene.now().height;
    for lot in &lots {
        let mut record = known_lot(scene, lot)?;
        let licensed = scene.play.actor.party.prefixes.iter().any(|prefix| prefix.covers(&Key::Gtin(lot.gtin)));
        if !scene.play.actor.has_role("regulator") && record.maker != scene.party() && !licensed {
            return Err(Refusal::NotOwner { item: lot.to_string(), owner: record.maker }.into());
        }
        expect_unrecalled("Lot", lot.to_string(), record.recall.as_ref())?;
        record.recall = Some(number.clone());
        record.recalled_since = since;
        scene.lots.put(lot.path(), record);
        scene.concern(&lot.path());
    }
    for id in ids {
        let mut placed = scene.load(id)?;
        let maker = placed.item.birth.by;
        if !scene.play.actor.has_role("regulator") && maker != scene.party() {
            return Err(Refusal::NotOwner { item: id.to_string(), owner: maker }.into());
        }
        expect_unrecalled("Item", id.to_string(), scene.recalled.get(scene.ctx, &id.path())?.as_ref())?;
        put_flag(scene, &mut placed, Flag::Recalled)?;
        scene.recalled.put(id.path(), number.clone());
        scene.finish(id, placed.item, Operation::Recall)?;
    }
    let class = text(&scene.event.extensions, "recallClass").and_then(|class| class.parse().ok());
    let recall = Recall {
        by: scene.party(),
        reason: text(&scene.event.extensions, "recallReason")
            .unwrap_or_default()
            .chars()
            .take(TEXT_CHARS_MAX)
            .collect(),
        class: class.filter(|class| (1..=3).contains(class)).unwrap_or(2),
        lots,
        items: ids.iter().map(|id| (*id).clone()).collect(),
        since,
        since_ms: scene.now().time_ms,
        cancelled: None,
    };
    scene.recalls.put(number, recall);
    Ok(Operation::Recall)
}

/// Cancels recalls of lots and items. Regulators only: for everybody else a recall cannot be taken back.
pub(crate) fn cancel(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::CancelRecall)?;
    let mut numbers = std::collections::BTreeSet::new();
    for lot in &lots(body)? {
        let mut record = known_lot(scene, lot)?;
        let number = record.recall.take().ok_or_else(|| unrecalled("Lot", lot.to_string()))?;
        numbers.insert(number);
        scene.lots.put(lot.path(), record);
        scene.concern(&lot.path());
    }
    for id in ids {
        let mut placed = scene.load(id)?;
        if !placed.item.core.has(Flag::Recalled) {
            return Err(unrecalled("Item", id.to_string()).into());
        }
        take_flag(scene, &mut placed, Flag::Recalled)?;
        numbers.extend(scene.recalled.get(scene.ctx, &id.path())?);
        scene.recalled.delete(id.path());
        scene.finish(id, placed.item, Operation::CancelRecall)?;
    }
    for number in numbers {
        if let Some(mut recall) = scene.recalls.get(scene.ctx, &number)?
            && !is_in_force(scene, &number, &recall)?
        {
            recall.cancelled = Some(scene.now().height);
            scene.recalls.put(number, recall);
        }
    }
    Ok(Operation::CancelRecall)
}

/// Whether anything that a recall names is still recalled by it.
fn is_in_force(scene: &Scene<'_, '_>, number: &String, recall: &Recall) -> Result<bool, Refused> {
    for lot in &recall.lots {
        if known_lot(scene, lot)?.recall.as_ref() == Some(number) {
            return Ok(true);
        }
    }
    for id in &recall.items {
        if scene.recalled.get(scene.ctx, &id.path())?.as_ref() == Some(number) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn expect_unrecalled(what: &'static str, number: String, recall: Option<&String>) -> Result<(), Refusal> {
    match recall {
        None => Ok(()),
        Some(recall) => {
            let problem = format!("Recall {recall} is in force for it already. Leave it out.");
            Err(Refusal::Unfit { what, number, problem })
        }
    }
}

fn unrecalled(what: &'static str, number: String) -> Refusal {
    Refusal::Unfit { what, number, problem: "It is not recalled.".to_owned() }
}

fn number(scene: &Scene<'_, '_>) -> String {
    let stated = scene
        .event
        .transactions
        .iter()
        .find(|known| known.kind.as_ref().is_some_and(|kind| kind.as_str() == RECALL_NUMBER));
    let name = stated.and_then(|known| known.id.as_str().rsplit([':', '/']).next());
    match name.filter(|name| !name.is_empty()) {
        Some(name) => name.chars().take(NUMBER_CHARS_MAX).collect(),
        None => format!("R-{}", &hex(&scene.id)[..12]),
    }
}

fn lots(body: &Object) -> Result<Vec<LotId>, Refused> {
    let lot = |class: &EpcClass| match class {
        EpcClass::Lot(gtin, lot) => Ok(LotId { gtin: *gtin, lot: lot.clone() }),
        other => Err(Refusal::Unsupported { what: format!("{other}, which is no lot,") }.into()),
    };
    body.quantities.iter().map(|quantity| lot(&quantity.class)).collect()
}

fn known_lot(scene: &Scene<'_, '_>, lot: &LotId) -> Result<crate::record::LotRecord, Refused> {
    let known = scene.lots.get(scene.ctx, &lot.path())?;
    known.ok_or_else(|| Refusal::LotUnknown { lot: lot.clone() }.into())
}
