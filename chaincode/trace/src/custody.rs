//! Hand-over in two steps, and what is seen in between: ship, void, carry, observe. Receipts: [`crate::receipt`].

use crate::goods::{Goods, account, goods};
use crate::look::{Look, Placed};
use crate::packing::children;
use crate::party::{expect_active, resolve};
use crate::record::{GoodsLine, Shipment, ShipmentState};
use crate::refused::Refused;
use crate::scene::Scene;
use crate::stock::{Account, amount_text};
use crate::tables::{EVENTS, SHIPMENTS};
use theriac_domain::event::{Object, SourceDestination};
use theriac_domain::item::{EventId, Operation, Phase, Position, State, Transit};
use theriac_domain::vocabulary::{BusinessTransactionType, SourceDestinationType as Kind};
use theriac_domain::{Disposition, Gln, Item, ItemId, Place, Refusal};

/// Most open shipments that are looked through for goods without serial numbers.
pub(crate) const OPEN_SHIPMENTS_MAX: u32 = 500;

/// First half of a hand-over.
pub(crate) fn ship(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    let back = goes_back(scene);
    let operation = if back { Operation::Return } else { Operation::Ship };
    scene.expect_right(operation)?;
    scene.expect_own_places()?;
    for source in &scene.event.sources {
        scene.play.actor.expect_place(scene.ctx, Some(&source.place))?;
    }
    let (consignee, new_owner) = addressee(scene)?;
    let goods = goods(&body.quantities)?;
    if ids.is_empty() && goods.values().all(|amount| *amount == 0) {
        return Err(Refusal::Incomplete { what: "items, or amounts of goods" }.into());
    }
    if !back {
        scene.expect_unstopped_goods(&goods)?;
    }
    scene.with_counterpart(consignee);
    let party = scene.party();
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_shippable(&party, back)?;
        let custody = &placed.item.core.custody;
        if let Some(new_owner) = new_owner
            && custody.owner != party
            && custody.owner != new_owner
        {
            return Err(Refusal::NotOwner { item: id.to_string(), owner: custody.owner }.into());
        }
        if back && !was_held_by(scene, id, &placed.item, &consignee)? {
            return Err(Refusal::ReturnToStranger { item: (*id).clone(), to: consignee }.into());
        }
        let mut item = placed.item;
        item.ship(Transit { shipment: scene.id, consignee, since: scene.now().height });
        scene.finish(id, item, operation)?;
    }
    scene.take_goods(&goods, Phase::InTransit, None);
    let lines = goods.into_iter().map(|(goods, shipped)| GoodsLine { goods, shipped, received: 0 });
    let shipment = Shipment {
        from: party,
        to: consignee,
        new_owner,
        destination: place_of(&scene.event.destinations, &Kind::Location).cloned(),
        carriers: carriers(scene),
        back,
        references: scene.event.transactions.iter().map(|reference| reference.id.clone()).collect(),
        shipped_ms: scene.now().time_ms,
        height: scene.now().height,
        items: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        missing: ids.iter().map(|id| (*id).clone()).collect(),
        goods: lines.collect(),
        state: ShipmentState::Open,
        case: None,
    };
    scene.shipments.put(scene.id, shipment);
    Ok(operation)
}

/// Whether the party held the item before; of a container that it never had, whether it held everything in it.
fn was_held_by(scene: &Scene<'_, '_>, id: &ItemId, item: &Item, party: &Gln) -> Result<bool, Refused> {
    if item.core.custody.was_held_by(party) {
        return Ok(true);
    }
    if item.contents.children == 0 {
        return Ok(false);
    }
    for child in children(scene, id)? {
        let Some(packed) = scene.find(&child)? else { continue };
        if !was_held_by(scene, &child, &packed, party)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the event says that goods go back to where they came from.
pub(crate) fn goes_back(scene: &Scene<'_, '_>) -> bool {
    let authorised = scene.event.transactions.iter();
    scene.event.disposition == Some(Disposition::Returned)
        || authorised.clone().any(|reference| reference.kind == Some(BusinessTransactionType::ReturnAuthorisation))
}

/// To whom the event says that goods go, and who owns them then.
fn addressee(scene: &Scene<'_, '_>) -> Result<(Gln, Option<Gln>), Refused> {
    let destination = |kind: Kind| place_of(&scene.event.destinations, &kind);
    let new_owner = destination(Kind::OwningParty).and_then(Place::gln);
    let consignee = destination(Kind::PossessingParty).and_then(Place::gln).or(new_owner);
    let Some(consignee) = consignee.or_else(|| destination(Kind::Location).and_then(Place::gln)) else {
        return Err(Refusal::Incomplete { what: "a consignee: a destination with a GLN" }.into());
    };
    let consignee = resolve(scene.ctx, consignee)?;
    if consignee == scene.party() {
        return Err(Refusal::Incomplete { what: "a consignee other than the shipper" }.into());
    }
    expect_active(scene.ctx, &consignee, &scene.play.rules, scene.now())?;
    let new_owner = new_owner.map(|gln| resolve(scene.ctx, gln)).transpose()?;
    Ok((consignee, new_owner))
}

/// Who carries: whoever issued the bills of lading. Their identifiers name the issuer's GLN (CBV 2.0, 8.5.2).
fn carriers(scene: &Scene<'_, '_>) -> Vec<Gln> {
    let bills = scene.event.transactions.iter();
    let bills = bills.filter(|reference| reference.kind == Some(BusinessTransactionType::BillOfLading));
    let issuer = |id: &str| id.strip_prefix("urn:epcglobal:cbv:bt:")?.split(':').next()?.parse().ok();
    let mut carriers: Vec<Gln> =
        bills.filter_map(|bill| issuer(bill.id.as_str())).filter_map(|gln| resolve(scene.ctx, &gln).ok()).collect();
    carriers.dedup();
    carriers
}

/// Takes the first half back.
pub(crate) fn void_shipping(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::VoidShipping)?;
    scene.expect_own_places()?;
    for id in ids {
        let placed = scene.load(id)?;
        let transit = expect_shipped_by(scene, &placed)?;
        placed.placement().expect_free()?;
        let mut item = placed.item;
        item.void_shipping();
        scene.finish(id, item, Operation::VoidShipping)?;
        arrived(scene, &transit, id)?;
        close_case(scene, &transit.shipment)?;
    }
    void_goods(scene, goods(&body.quantities)?)?;
    Ok(Operation::VoidShipping)
}

/// The hand-over that the party began: it need not hold what it owns and ships.
fn expect_shipped_by(scene: &Scene<'_, '_>, placed: &Placed) -> Result<Transit, Refused> {
    let (id, core) = (&placed.id, &placed.placement().effective().core);
    let State::InTransit(transit) = core.state.clone() else {
        placed.placement().expect_held_by(&scene.party())?;
        return Err(Refusal::ShipNotOpen { item: id.clone() }.into());
    };
    let shipment = scene.shipments.get(scene.ctx, &transit.shipment)?;
    if shipment.is_none_or(|shipment| shipment.from != scene.party()) {
        let (holder, since) = (core.custody.holder, core.custody.since);
        return Err(Refusal::NotHolder { item: id.clone(), holder, since }.into());
    }
    if transit.consignee == core.custody.holder {
        let what = "The rejection of a shipment".to_owned();
        return Err(Refusal::UndoForbidden { item: id.to_string(), what }.into());
    }
    Ok(transit)
}

/// Takes goods without serial numbers back from the party's shipments, the youngest first.
fn void_goods(scene: &mut Scene<'_, '_>, mut left: Goods) -> Result<(), Refused> {
    if left.is_empty() {
        return Ok(());
    }
    let mut open = Vec::new();
    for state in [ShipmentState::Open, ShipmentState::Partly] {
        let fields = (scene.party().to_string(), state as u8);
        open.extend(SHIPMENTS.lookup(scene.ctx, "from", &fields, None, OPEN_SHIPMENTS_MAX)?.entries);
    }
    open.sort_by_key(|(id, shipment)| (std::cmp::Reverse(shipment.shipped_ms), *id));
    for (id, mut shipment) in open {
        let mut taken = Goods::new();
        for line in &mut shipment.goods {
            let Some(amount) = left.get_mut(&line.goods) else { continue };
            let part = (*amount).min(line.shipped.saturating_sub(line.received));
            line.shipped -= part;
            *amount -= part;
            *taken.entry(line.goods.clone()).or_default() += part;
        }
        taken.retain(|_, amount| *amount > 0);
        if !taken.is_empty() {
            let from = account_of_shipper(scene, &id, &shipment)?;
            let to = Account { position: Position { phase: Phase::InStock, ..from.position }, reason: None };
            scene.move_goods(&taken, Some(from), Some(to));
            shipment.settle();
            scene.shipments.put(id, shipment);
            close_case(scene, &id)?;
        }
    }
    match left.into_iter().find(|(_, amount)| *amount > 0) {
        None => Ok(()),
        Some((goods, amount)) => {
            let text = |amount: u64| amount_text(&goods, i128::from(amount));
            let what = format!("{} on its way from you", goods.trim_end_matches('#'));
            Err(Refusal::Balance { what, found: "less".to_owned(), needed: format!("{} more", text(amount)) }.into())
        }
    }
}

/// Settles the case about a shipment for which nobody waits any more.
pub(crate) fn close_case(scene: &mut Scene<'_, '_>, shipment: &EventId) -> Result<(), Refused> {
    let shipment = scene.shipments.get(scene.ctx, shipment)?;
    match shipment.filter(|shipment| shipment.state == ShipmentState::Closed).and_then(|shipment| shipment.case) {
        Some(case) => scene.settle_case(&case, "the rest was taken back"),
        None => Ok(()),
    }
}

/// Where goods without serial numbers stand as long as they are on their way: where they were shipped.
pub(crate) fn account_of_shipper(scene: &Scene<'_, '_>, id: &EventId, shipment: &Shipment) -> Result<Account, Refused> {
    let event = EVENTS.get(scene.ctx, id)?;
    let place = event.as_ref().and_then(|record| record.event.place());
    Ok(account(shipment.from, place, Phase::InTransit, None))
}

/// Notes that nobody waits for the item any more; gives the shipment as it is then, without its lists of what is in it.
pub(crate) fn arrived(scene: &mut Scene<'_, '_>, transit: &Transit, id: &ItemId) -> Result<Shipment, Refused> {
    let unknown = || Refusal::ShipNotOpen { item: id.clone() };
    // In place: an event may name as many items as the shipment holds.
    let shipment = scene.shipments.change(scene.ctx, &transit.shipment)?.ok_or_else(unknown)?;
    shipment.missing.retain(|missing| missing != id);
    shipment.settle();
    let lists = (std::mem::take(&mut shipment.missing), std::mem::take(&mut shipment.goods));
    let header = shipment.clone();
    (shipment.missing, shipment.goods) = lists;
    Ok(header)
}

impl Shipment {
    /// Says what has become of it.
    pub(crate) fn settle(&mut self) {
        let complete = self.missing.is_empty() && self.goods.iter().all(|line| line.received >= line.shipped);
        let untouched = self.missing.len() >= self.items as usize && self.goods.iter().all(|line| line.received == 0);
        self.state = match (complete, untouched) {
            (true, _) => ShipmentState::Closed,
            (false, true) => ShipmentState::Open,
            (false, false) => ShipmentState::Partly,
        };
    }
}

/// Notes what is seen of goods on their way: by the shipper, the consignee and the carriers, wherever they are.
pub(crate) fn carry(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Carry)?;
    for id in ids {
        let placed = scene.load(id)?;
        expect_around(scene, id, &placed.placement().effective().core.state)?;
        placed.placement().expect_free()?;
        scene.finish(id, placed.item, Operation::Carry)?;
    }
    Ok(Operation::Carry)
}

/// Refuses those who have nothing to do with an item: neither its holder nor, on its way, its consignee or carrier.
pub(crate) fn expect_around(scene: &Scene<'_, '_>, id: &ItemId, state: &State) -> Result<(), Refused> {
    let party = scene.party();
    let placed = scene.load(id)?;
    if placed.placement().effective().core.custody.holder == party {
        return Ok(());
    }
    if let State::InTransit(transit) = state {
        let shipment = scene.shipments.get(scene.ctx, &transit.shipment)?;
        if transit.consignee == party || shipment.is_some_and(|shipment| shipment.carriers.contains(&party)) {
            return Ok(());
        }
    }
    Ok(placed.placement().expect_held_by(&party)?)
}

/// Notes what its holder sees of an item: stored, moved, inspected and found good.
pub(crate) fn observe(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Observe)?;
    scene.expect_own_places()?;
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_held_by(&scene.party())?;
        placed.placement().expect_alive()?;
        placed.placement().expect_free()?;
        let mut item = placed.item;
        if let Some(site) = &scene.event.location {
            item.core.custody.place = Some(site.place.clone());
        }
        scene.finish(id, item, Operation::Observe)?;
    }
    Ok(Operation::Observe)
}

/// Sends goods back without accepting them.
pub(crate) fn reject(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Reject)?;
    scene.expect_own_places()?;
    let party = scene.party();
    let mut sent: Option<Shipment> = None;
    for id in ids {
        let placed = scene.load(id)?;
        placed.placement().expect_receivable_by(&party)?;
        placed.placement().expect_free()?;
        let State::InTransit(transit) = placed.item.core.state.clone() else {
            return Err(Refusal::ShipNotOpen { item: (*id).clone() }.into());
        };
        let shipment = arrived(scene, &transit, id)?;
        let mut item = placed.item;
        // The goods change direction: who shipped them answers for them still, and alone may receive them.
        item.ship(Transit { shipment: scene.id, consignee: shipment.from, since: scene.now().height });
        scene.with_counterpart(shipment.from);
        scene.finish(id, item, Operation::Reject)?;
        let back = sent.get_or_insert_with(|| Shipment {
            from: party,
            to: shipment.from,
            new_owner: None,
            destination: None,
            carriers: shipment.carriers.clone(),
            back: true,
            references: shipment.references.clone(),
            shipped_ms: scene.now().time_ms,
            height: scene.now().height,
            items: 0,
            missing: Vec::new(),
            goods: Vec::new(),
            state: ShipmentState::Open,
            case: None,
        });
        if back.to != shipment.from {
            return Err(Refusal::Incomplete { what: "one shipper: what came from two goes back in two events" }.into());
        }
        back.items = back.items.saturating_add(1);
        back.missing.push((*id).clone());
    }
    if let Some(back) = sent {
        scene.shipments.put(scene.id, back);
    }
    Ok(Operation::Reject)
}

pub(crate) fn place_of<'a>(list: &'a [SourceDestination], kind: &Kind) -> Option<&'a Place> {
    list.iter().find(|end| end.kind == *kind).map(|end| &end.place)
}
