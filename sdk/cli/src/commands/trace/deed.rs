//! `theriac trace do`: one event, made of a few words.

use super::capture::capture_one;
use crate::arguments::Global;
use crate::failure::Failure;
use crate::session::parse;
use clap::{Args, ValueEnum};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_domain::event::{
    Aggregation, Body, BusinessTransaction, ExtensionField, MasterData, Object, SourceDestination,
};
use theriac_domain::time::EventTime;
use theriac_domain::vocabulary::{BusinessTransactionType, SourceDestinationType};
use theriac_domain::{Action, BusinessStep, Disposition, Epc, Event, IdentifierError, ItemId, Place, ScannedCode};

/// What to do with which items.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace do commission '(01)09506000134376(21)A1' --lot LOT24A --expiry 2028-05-31 --at 9506000100012
  theriac trace do pack '(01)09506000134376(21)A1' --into '(00)095060000000000015' --as maker/operator
  theriac trace do ship '(00)095060000000000015' --to 9506010000005 --as maker/operator
  theriac trace do receive '(00)095060000000000015' --at 9506010000012 --as distributor/operator
  theriac trace do decommission '(01)09506000134376(21)A1' --because damaged --as pharmacy/operator")]
pub struct Do {
    /// What to do.
    #[arg(value_enum)]
    deed: Deed,
    /// The items: whatever a scanner sent or a person typed.
    #[arg(required = true)]
    codes: Vec<String>,
    /// The container to pack into, or to take out of.
    #[arg(long, value_name = "CODE")]
    into: Option<String>,
    /// To whom: a party's GLN.
    #[arg(long, value_name = "GLN")]
    to: Option<String>,
    /// Where: a location's GLN, or a canonical path such as 414/GLN/254/DOCK.
    #[arg(long, value_name = "PLACE")]
    at: Option<String>,
    /// The lot of newborns.
    #[arg(long)]
    lot: Option<String>,
    /// The last day of use of newborns, YYYY-MM-DD.
    #[arg(long)]
    expiry: Option<String>,
    /// Why, as a disposition: damaged, expired, stolen, unknown, no_pedigree_match, or urn:theriac:disp:exported.
    #[arg(long, value_name = "WORD")]
    because: Option<String>,
    /// A despatch advice's identifier, such as urn:epcglobal:cbv:bt:GLN:NUMBER.
    #[arg(long, value_name = "URI")]
    advice: Option<String>,
    /// Take everything in a container along.
    #[arg(long)]
    recursive: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deed {
    /// Give items their identity.
    Commission,
    /// Put items into a container.
    Pack,
    /// Take items out of a container.
    Unpack,
    /// Hand over: the first half.
    Ship,
    /// Take the first half back.
    Void,
    /// Hand over: the second half.
    Receive,
    /// Send back to somebody who held it before.
    Return,
    /// Find that what was sent back may be sold again.
    CheckReturn,
    /// Hold back.
    Hold,
    /// Give free what was held back.
    Release,
    /// Say that it is doubtful.
    Suspect,
    /// Give to a patient.
    Dispense,
    /// Give a part of it to a patient.
    DispensePartly,
    /// Take out of the supply chain.
    Decommission,
    /// Destroy.
    Destroy,
}

pub async fn run(global: &Global, wanted: &Do) -> Result<(), Failure> {
    capture_one(global, &wanted.event()?).await
}

impl Do {
    fn event(&self) -> Result<Event, Failure> {
        let (action, step, disposition) = self.deed.words();
        let because = self.because.as_deref().map(parse::<Disposition>).transpose()?;
        let items = self.codes.iter().map(|code| item(code)).collect::<Result<Vec<_>, _>>()?;
        let mut event = blank(self.body(action, items)?);
        event.step = Some(step);
        event.disposition = because.or(disposition);
        event.location = self.place()?.map(Into::into);
        event.read_point.clone_from(&event.location);
        if let Some(to) = &self.to {
            let place: Place = identifier(&format!("417/{to}"))?;
            event.destinations = vec![SourceDestination { kind: SourceDestinationType::OwningParty, place }];
        }
        if let Some(advice) = &self.advice {
            let kind = Some(BusinessTransactionType::DespatchAdvice);
            event.transactions = vec![BusinessTransaction { kind, id: parse(advice)? }];
        }
        if self.recursive {
            let name = "urn:theriac:recursive".to_owned();
            event.extensions = vec![ExtensionField { name, json: "true".to_owned() }];
        }
        Ok(event)
    }

    fn body(&self, action: Action, items: Vec<Epc>) -> Result<Body, Failure> {
        if matches!(self.deed, Deed::Pack | Deed::Unpack) {
            let Some(into) = &self.into else {
                return Err(Failure::usage("INVALID_ARGUMENT", "Which container? Name it with --into."));
            };
            let parent = Some(item(into)?);
            return Ok(Body::Aggregation(Aggregation {
                action,
                parent,
                children: items,
                child_quantities: Vec::new(),
            }));
        }
        let master_data = (self.deed == Deed::Commission)
            .then(|| {
                let lot = self.lot.as_deref().map(identifier).transpose()?;
                let expiry = self.expiry.as_deref().map(identifier).transpose()?;
                Ok::<_, Failure>(MasterData { lot, expiry, others: Vec::new() })
            })
            .transpose()?;
        Ok(Body::Object(Object { action, epcs: items, quantities: Vec::new(), master_data }))
    }

    fn place(&self) -> Result<Option<Place>, Failure> {
        let path = |place: &String| if place.contains(['/', ':']) { place.clone() } else { format!("414/{place}") };
        self.at.as_ref().map(|place| identifier(&path(place))).transpose()
    }
}

impl Deed {
    fn words(self) -> (Action, BusinessStep, Option<Disposition>) {
        use {Action as A, BusinessStep as B, Disposition as D};
        match self {
            Self::Commission => (A::Add, B::Commissioning, Some(D::Active)),
            Self::Pack => (A::Add, B::Packing, Some(D::InProgress)),
            Self::Unpack => (A::Delete, B::Unpacking, Some(D::InProgress)),
            Self::Ship => (A::Observe, B::Shipping, Some(D::InTransit)),
            Self::Void => (A::Observe, B::VoidShipping, Some(D::InProgress)),
            Self::Receive => (A::Observe, B::Receiving, Some(D::InProgress)),
            Self::Return => (A::Observe, B::Shipping, Some(D::Returned)),
            Self::CheckReturn => (A::Observe, B::Inspecting, Some(D::SellableNotAccessible)),
            Self::Hold => (A::Observe, B::Holding, Some(D::Unknown)),
            Self::Release => (A::Observe, B::Inspecting, Some(D::Available)),
            Self::Suspect => (A::Observe, B::Holding, Some(D::NoPedigreeMatch)),
            Self::Dispense => (A::Observe, B::Dispensing, Some(D::Dispensed)),
            Self::DispensePartly => (A::Observe, B::Dispensing, Some(D::PartiallyDispensed)),
            Self::Decommission => (A::Delete, B::Decommissioning, Some(D::Inactive)),
            Self::Destroy => (A::Delete, B::Destroying, Some(D::Destroyed)),
        }
    }
}

/// An event that happens now, here, and says nothing yet.
pub fn blank(body: Body) -> Event {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Event::new(EventTime { utc_ms: i64::try_from(now).unwrap_or(i64::MAX), offset_minutes: 0 }, body)
}

/// Reads an identifier, or says under its own code what is wrong with it.
fn identifier<T: FromStr<Err: Into<IdentifierError>>>(text: &str) -> Result<T, Failure> {
    text.parse::<T>().map_err(Into::into).map_err(|error| Failure::usage(error.code(), error.to_string()))
}

/// The item that a code names.
pub fn item(code: &str) -> Result<Epc, Failure> {
    // Years with two digits do not matter here: only the item does.
    let scanned = ScannedCode::parse(code, 2026).map_err(|error| Failure::usage(error.code(), error.to_string()))?;
    Ok(Epc::from(scanned.item as ItemId))
}
