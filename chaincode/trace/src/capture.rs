//! Events in, operations out: which business step with which action means what.

use crate::goods::expect_none;
use crate::look::Look;
use crate::refused::Refused;
use crate::scene::{Closed, EventPlace, Play, Scene, hex};
use crate::statements::container;
use crate::tables::NUMBERS;
use crate::{
    birth, count, custody, endings, flags, packing, quarantine, recall, receipt, repackage, sense, statements, undo,
};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::TransactionContext;
use theriac_domain::event::{Aggregation, Body, Object, TooLarge, Transformation};
use theriac_domain::item::{Flag, Operation};
use theriac_domain::limits::CAPTURE_EVENTS_MAX;
use theriac_domain::{Action, BusinessStep, Disposition, Epc, Event, ItemId, Refusal};

/// Events to take, in their order.
#[derive(Debug, Clone, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Capture {
    /// The events.
    pub events: Vec<Event>,
    /// What becomes of the others when one is refused.
    pub on_error: OnError,
    /// Keeps the events as they are stated. No rule judges them, and no item is changed: for what happened elsewhere.
    pub as_record: bool,
}

/// What becomes of the other events when one is refused (EPCIS 2.0, capture error behaviour).
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum OnError {
    /// None of them takes effect.
    Rollback,
    /// They are taken all the same.
    Proceed,
    /// Those before it take effect, those after it are not looked at.
    Stop,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Captured {
    /// For each event that was looked at, in order.
    pub events: Vec<CapturedEvent>,
}

/// What one event did.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CapturedEvent {
    /// Its name on the ledger, in hexadecimal; none of a refused one.
    pub event: Option<String>,
    /// The operation; none of a refused one.
    pub operation: Option<String>,
    /// How many items it named.
    pub items: u32,
    /// The case that it opened.
    pub case: Option<String>,
    /// Why it was refused, or what somebody should know.
    pub remarks: Vec<Remark>,
}

/// Something about an event, with a stable code.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Remark {
    /// The code.
    pub code: String,
    /// A sentence.
    pub message: String,
}

/// What the numbers of events are counted under.
const EVENTS: &str = "event";

pub(crate) fn capture(ctx: &mut TransactionContext<'_>, capture: &Capture) -> Result<Captured, Refused> {
    let found = capture.events.len();
    TooLarge::check("events of one transaction", found, CAPTURE_EVENTS_MAX).map_err(Refusal::from)?;
    let play = Play::open(ctx)?;
    let mut number = NUMBERS.get(ctx, &EVENTS.to_owned())?.unwrap_or(0);
    let mut events = Vec::with_capacity(found);
    for (index, event) in (0u16..).zip(&capture.events) {
        match take(ctx, &play, event, EventPlace { index, number }, capture.as_record) {
            Ok(closed) => {
                events.push(closed.shown());
                number = number.saturating_add(1);
            }
            Err(refused) if capture.on_error == OnError::Rollback => {
                return Err(if found > 1 { refused.about(usize::from(index) + 1) } else { refused });
            }
            // A transaction that does nothing at all is refused, so that its receipt tells why.
            Err(refused) if found == 1 || (index == 0 && capture.on_error == OnError::Stop) => return Err(refused),
            Err(refused) => {
                events.push(refused.shown());
                if capture.on_error == OnError::Stop {
                    break;
                }
            }
        }
    }
    NUMBERS.put(ctx, &EVENTS.to_owned(), &number)?;
    Ok(Captured { events })
}

fn take(
    ctx: &mut TransactionContext<'_>,
    play: &Play,
    event: &Event,
    place: EventPlace,
    as_record: bool,
) -> Result<Closed, Refused> {
    let mut scene = Scene::open(ctx, play, event, place)?;
    if as_record {
        statements::state(&mut scene)?;
        return scene.close(Operation::Record, false);
    }
    let operation = match &event.error {
        Some(declaration) => undo::undo(&mut scene, declaration)?,
        None => perform(&mut scene, event)?,
    };
    scene.close(operation, true)
}

fn perform(scene: &mut Scene<'_, '_>, event: &Event) -> Result<Operation, Refused> {
    match &event.body {
        Body::Object(body) => {
            let ids = items(scene, &body.epcs)?;
            let ids = each(&ids);
            let operation = object(scene, body, &ids)?;
            sense::take_in(scene, &ids)?;
            Ok(operation)
        }
        Body::Aggregation(body) => aggregation(scene, body),
        Body::Transaction(body) => statements::refer(scene, body),
        Body::Association(body) => statements::associate(scene, body),
        Body::Transformation(body) => transformation(scene, body),
    }
}

fn object(scene: &mut Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<Operation, Refused> {
    use BusinessStep as B;
    let event = scene.event;
    let step = event.step.as_ref();
    if ids.is_empty() && body.quantities.is_empty() && step != Some(&B::SensorReporting) {
        return Err(Refusal::Incomplete { what: "identifiers of units or logistic units, or quantities" }.into());
    }
    let free_again = matches!(event.disposition, Some(Disposition::Available | Disposition::Conformant));
    match (body.action, step) {
        (Action::Add, Some(B::Commissioning | B::CreatingClassInstance)) => birth::commission(scene, body, ids),
        (Action::Observe, Some(B::Reserving)) => {
            expect_none(&body.quantities, Operation::Reserve)?;
            birth::reserve(scene, ids)
        }
        (Action::Observe, Some(B::Shipping)) if is_rejection(scene, ids)? => {
            expect_none(&body.quantities, Operation::Reject)?;
            custody::reject(scene, ids)
        }
        (Action::Observe, Some(B::Shipping | B::Consigning)) => custody::ship(scene, body, ids),
        (Action::Observe, Some(B::Departing)) if !event.destinations.is_empty() && !on_its_way(scene, ids)? => {
            custody::ship(scene, body, ids)
        }
        (Action::Observe, Some(B::VoidShipping)) => custody::void_shipping(scene, body, ids),
        (Action::Observe, Some(B::Receiving | B::Accepting)) => receipt::receive(scene, body, ids),
        (Action::Observe, Some(B::Loading | B::Departing | B::Transporting | B::Arriving | B::Unloading)) => {
            custody::carry(scene, ids)
        }
        (Action::Observe, Some(B::SensorReporting)) => sense::report(scene, ids),
        (Action::Observe, Some(B::Dispensing | B::RetailSelling)) => endings::dispense(scene, body, ids),
        (Action::Observe, Some(B::Holding)) => match flags::raised(event)? {
            Some(Flag::Recalled) => recall::recall(scene, body, ids),
            Some(flag) => flags::raise(scene, flag, body, ids),
            None => match flags::lowered(event)? {
                Some(Flag::Recalled) => recall::cancel(scene, body, ids),
                Some(flag) => flags::lower(scene, flag, body, ids),
                None => quarantine::hold(scene, body, ids),
            },
        },
        (Action::Observe, Some(B::Inspecting)) => match flags::lowered(event)? {
            Some(Flag::Recalled) => recall::cancel(scene, body, ids),
            Some(flag) => flags::lower(scene, flag, body, ids),
            None if quarantine::holds_back(event.disposition.as_ref()) => quarantine::hold(scene, body, ids),
            None if event.disposition == Some(Disposition::SellableNotAccessible) => {
                expect_none(&body.quantities, Operation::CheckReturn)?;
                quarantine::check_return(scene, ids)
            }
            None if free_again && held_back(scene, body, ids)? => quarantine::release(scene, body, ids),
            None => custody::observe(scene, ids),
        },
        (Action::Observe, Some(B::StockTaking | B::CycleCounting)) => count::count(scene, body, ids),
        (
            Action::Observe,
            Some(B::Storing | B::Stocking | B::Picking | B::StagingOutbound | B::EnteringExiting | B::Collecting),
        ) => custody::observe(scene, ids),
        (Action::Delete, Some(B::Sampling)) => endings::sample(scene, body, ids),
        (Action::Delete, Some(B::Decommissioning)) => endings::decommission(scene, body, ids),
        (Action::Delete, Some(B::Destroying)) => endings::destroy(scene, body, ids),
        _ => Err(unsupported_step(event).into()),
    }
}

fn aggregation(scene: &mut Scene<'_, '_>, body: &Aggregation) -> Result<Operation, Refused> {
    use BusinessStep as B;
    let parent = &scene.resolved(container(body.parent.as_ref())?)?;
    let ids = items(scene, &body.children)?;
    let ids = each(&ids);
    let named = !ids.is_empty() || !body.child_quantities.is_empty();
    match (body.action, &scene.event.step) {
        (Action::Add, Some(B::Packing | B::Loading)) if named => packing::pack(scene, parent, &ids, body),
        (Action::Delete, Some(B::Unpacking | B::Unloading)) => packing::unpack(scene, parent, &ids, body),
        (Action::Observe, Some(_)) => packing::look_inside(scene, parent, &ids),
        _ => Err(unsupported_step(scene.event).into()),
    }
}

fn transformation(scene: &mut Scene<'_, '_>, body: &Transformation) -> Result<Operation, Refused> {
    let (inputs, outputs) = (items(scene, &body.inputs)?, items(scene, &body.outputs)?);
    let (inputs, outputs) = (each(&inputs), each(&outputs));
    match &scene.event.step {
        Some(BusinessStep::Repackaging) => repackage::repackage(scene, body, &inputs, &outputs),
        _ => Err(unsupported_step(scene.event).into()),
    }
}

/// Whether the event sends back what is on its way to the party that says so.
fn is_rejection(scene: &Scene<'_, '_>, ids: &[&ItemId]) -> Result<bool, Refused> {
    if !custody::goes_back(scene) {
        return Ok(false);
    }
    let Some(first) = ids.first() else { return Ok(false) };
    let placed = scene.load(first)?;
    Ok(placed.placement().expect_receivable_by(&scene.party()).is_ok())
}

fn on_its_way(scene: &Scene<'_, '_>, ids: &[&ItemId]) -> Result<bool, Refused> {
    let Some(first) = ids.first() else { return Ok(false) };
    let placed = scene.load(first)?;
    Ok(matches!(placed.placement().effective().core.state, theriac_domain::item::State::InTransit(_)))
}

/// Whether it is held back what the event finds good. Goods without serial numbers are, when they become available.
fn held_back(scene: &Scene<'_, '_>, body: &Object, ids: &[&ItemId]) -> Result<bool, Refused> {
    let Some(first) = ids.first() else {
        let counted = body.quantities.iter().any(|quantity| quantity.quantity.is_some());
        return Ok(counted && scene.event.disposition == Some(Disposition::Available));
    };
    let placed = scene.load(first)?;
    let warmed = placed.item.core.has(Flag::Excursion);
    let found = quarantine::may_be_found(scene, &placed);
    Ok(warmed || found || placed.placement().expect_quarantined("released").is_ok())
}

/// The items that an event names, each under the code that the ledger keeps it by.
fn items(scene: &Scene<'_, '_>, epcs: &[Epc]) -> Result<Vec<ItemId>, Refused> {
    epcs.iter().map(|epc| scene.resolved(container(Some(epc))?)).collect()
}

/// The items as operations take them.
fn each(items: &[ItemId]) -> Vec<&ItemId> {
    items.iter().collect()
}

fn unsupported(what: &str) -> Refusal {
    Refusal::Unsupported { what: what.to_owned() }
}

fn unsupported_step(event: &Event) -> Refusal {
    let step = event.step.as_ref().map_or("no business step", BusinessStep::as_str);
    let action = event.action().map_or("no action", Action::as_str);
    unsupported(&format!("{} with {action} and {step}", event.body.as_str()))
}

impl Closed {
    fn shown(self) -> CapturedEvent {
        let remark =
            |warning: crate::scene::Warning| Remark { code: warning.code.to_owned(), message: warning.message };
        CapturedEvent {
            event: Some(hex(&self.id)),
            operation: Some(self.operation.as_str().to_owned()),
            items: self.items,
            case: self.case,
            remarks: self.warnings.into_iter().map(remark).collect(),
        }
    }
}

impl Refused {
    fn shown(self) -> CapturedEvent {
        let theriac_chaincode::Refusal { code, message, .. } = self.into();
        let remarks = vec![Remark { code, message }];
        CapturedEvent { event: None, operation: None, items: 0, case: None, remarks }
    }
}
