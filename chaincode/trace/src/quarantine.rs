//! What holds items up, and gives them free: quarantine, release, the check of what was sent back.

use crate::flags::take_flag;
use crate::goods::{Goods, class_name, goods};
use crate::look::{Look, Placed};
use crate::refused::Refused;
use crate::scene::Scene;
use crate::tables::JOURNEYS;
use theriac_domain::event::Object;
use theriac_domain::item::{Flag, Item, LotId, Operation, Phase, Reason, State, Stop};
use theriac_domain::{Disposition, Gln, ItemId, Refusal};

/// Most sensors that follow one item.
const JOURNEYS_MAX: u32 = 1_000;

/// Whether an inspection that ends so holds the item back.
pub(crate) fn holds_back(disposition: Option<&Disposition>) -> bool {
    matches!(
        disposition,
        Some(
            Disposition::Damaged
                | Disposition::Expired
                | Disposition::NonConformant
                | Disposition::NonSellableOther
                | Disposition::NoPedigreeMatch
                | Disposition::MismatchClass
                | Disposition::MismatchInstance
                | Disposition::MismatchQuantity
        )
    )
}

/// Holds items back. A regulator may hold back what others have.
pub(crate) fn hold(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Hold)?;
    let Some(because) = scene.event.disposition.clone() else {
        return Err(Refusal::Incomplete { what: "a reason (disposition)" }.into());
    };
    let watches = scene.play.actor.has_role("regulator");
    if !watches {
        scene.expect_own_places()?;
    }
    for id in ids {
        let placed = scene.load(id)?;
        if !watches {
            placed.placement().expect_held_by(&scene.party())?;
        }
        // What is on its way a regulator locks; holding it back would lose the hand-over.
        placed.placement().expect_at_rest()?;
        placed.placement().expect_usable()?;
        placed.placement().expect_free()?;
        let mut item = placed.item;
        item.hold(because.clone(), scene.now());
        scene.finish(id, item, Operation::Hold)?;
    }
    scene.take_goods(&goods(&body.quantities)?, Phase::Quarantined, None);
    Ok(Operation::Hold)
}

/// Gives items in quarantine free. One person alone may not; what was too warm, its maker has to give free too.
pub(crate) fn release(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Release)?;
    scene.expect_own_places()?;
    let goods = goods(&body.quantities)?;
    scene.expect_unstopped_goods(&goods)?;
    expect_persons_for(scene, &goods)?;
    let mut reports: Vec<Vec<String>> = goods.keys().map(|name| vec![class_name(name).to_owned()]).collect();
    let (from, to) = (scene.own_quarantine(), scene.own_stock());
    scene.move_goods(&goods, Some(from), Some(to));
    for id in ids {
        let mut placed = scene.load(id)?;
        placed.placement().expect_held_by(&scene.party())?;
        placed.placement().expect_free()?;
        if may_be_found(scene, &placed) {
            find_again(scene, id, placed)?;
            continue;
        }
        // What was too warm may be looked at where it is.
        if !placed.item.core.has(Flag::Excursion) {
            placed.placement().expect_quarantined("released")?;
        }
        expect_released_by_maker(scene, &placed)?;
        if let Some(stop) = placed.stops.iter().find(|stop| **stop != Stop::Flagged(Flag::Excursion)) {
            return Err(stop.refusal(id).into());
        }
        expect_persons(scene)?;
        take_flag(scene, &mut placed, Flag::Excursion)?;
        forget_journeys(scene, id)?;
        let mut item = placed.item;
        need_reports(&mut reports, id, &item);
        if matches!(item.core.state, State::Quarantined { .. }) {
            item.release();
        }
        scene.finish(id, item, Operation::Release)?;
    }
    expect_reports(scene, &reports)?;
    Ok(Operation::Release)
}

/// Adds what reports may be about that release an item: the item with each lot that it is of, or that is in it.
fn need_reports(reports: &mut Vec<Vec<String>>, id: &ItemId, item: &Item) {
    let own = item.birth.lot.iter().chain(item.contents.lots.iter().map(|inside| &inside.lot)).map(LotId::path);
    let counted = item.contents.goods.iter().map(|inside| class_name(&inside.goods).to_owned());
    let before = reports.len();
    reports.extend(own.chain(counted).map(|lot| vec![id.path(), lot]));
    if reports.len() == before {
        reports.push(vec![id.path()]);
    }
}

/// Refuses, where the rules ask for reports, what no report releases or one rejects.
fn expect_reports(scene: &Scene<'_, '_>, reports: &[Vec<String>]) -> Result<(), Refused> {
    if !scene.play.rules.release_needs_report {
        return Ok(());
    }
    Ok(scene.ctx.ask("inspection", "expect_released", reports)?)
}

/// Whether an item was lost, and a regulator signs that it has turned up.
pub(crate) fn may_be_found(scene: &Scene<'_, '_>, placed: &Placed) -> bool {
    let lost = matches!(placed.item.core.state, State::Decommissioned { reason: Reason::Lost, .. });
    lost && scene.is_signed_by_role("regulator")
}

/// Nobody knows where it was: what turned up again is held back until it is given free like anything else.
fn find_again(scene: &mut Scene<'_, '_>, id: &ItemId, placed: Placed) -> Result<(), Refused> {
    let mut item = placed.item;
    item.hold(Disposition::Unknown, scene.now());
    scene.finish(id, item, Operation::Release)
}

/// Refuses until the maker, or a regulator, has signed that what was too warm or too cold may be used.
fn expect_released_by_maker(scene: &Scene<'_, '_>, placed: &Placed) -> Result<(), Refused> {
    if !placed.item.core.has(Flag::Excursion) {
        return Ok(());
    }
    let maker = placed.item.birth.by;
    if scene.is_signed_by_role("regulator") || scene.is_signed_by_party(&maker)? {
        return Ok(());
    }
    let missing = format!("the maker, {maker}, or a regulator");
    Err(Refusal::SecondPersonNeeded { what: "The release of what was too warm or too cold", missing }.into())
}

/// What sensors report from now on is held against the limits anew.
fn forget_journeys(scene: &mut Scene<'_, '_>, id: &ItemId) -> Result<(), Refused> {
    let page = JOURNEYS.scan(scene.ctx, &(id.path(),), None, JOURNEYS_MAX)?;
    for (key, _) in page.entries {
        scene.journeys.delete(key);
    }
    Ok(())
}

fn expect_persons_for(scene: &Scene<'_, '_>, goods: &Goods) -> Result<(), Refused> {
    if goods.is_empty() { Ok(()) } else { expect_persons(scene) }
}

/// Refuses until as many people have signed as a release needs.
pub(crate) fn expect_persons(scene: &Scene<'_, '_>) -> Result<(), Refused> {
    let needed = usize::from(scene.play.rules.release_persons);
    let signed = 1 + scene.ctx.cosigners().len();
    if signed >= needed {
        return Ok(());
    }
    let missing = format!("{} more", needed - signed);
    Err(Refusal::SecondPersonNeeded { what: "A release from quarantine", missing }.into())
}

/// Finds that what was sent back may be sold again: it is what it seems to be, and nothing speaks against it.
pub(crate) fn check_return(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::CheckReturn)?;
    scene.expect_own_places()?;
    let mut reports = Vec::new();
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_held_by(&scene.party())?;
        placed.placement().expect_free()?;
        placed.placement().expect_quarantined("sold again")?;
        placed.placement().expect_unstopped()?;
        let mut item = placed.item;
        need_reports(&mut reports, id, &item);
        item.release();
        scene.finish(id, item, Operation::CheckReturn)?;
    }
    expect_reports(scene, &reports)?;
    Ok(Operation::CheckReturn)
}

impl Scene<'_, '_> {
    /// Whether anybody who signed has the role.
    pub fn is_signed_by_role(&self, role: &str) -> bool {
        self.play.actor.has_role(role) || self.ctx.cosigners().iter().any(|signer| signer.has_role(role))
    }

    /// Whether anybody who signed does so for the party.
    pub fn is_signed_by_party(&self, party: &Gln) -> Result<bool, Refused> {
        if self.party() == *party {
            return Ok(true);
        }
        for signer in self.ctx.cosigners() {
            if crate::tables::PARTIES.get(self.ctx, &signer.organisation)?.is_some_and(|known| known.gln == *party) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
