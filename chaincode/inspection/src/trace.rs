//! What trace answers, as far as this chaincode needs it.

use borsh::BorshDeserialize;
use borsh::io::{Read, Result as IoResult};
use theriac_chaincode::{ReadContext, Refusal};
use theriac_domain::item::{EventId, Operation};
use theriac_domain::{Gln, Gtin, ItemId};

const TRACE: &str = "trace";

/// A party: what trace's `party` answers.
#[derive(Debug, BorshDeserialize)]
pub(crate) struct KnownParty {
    _organisation: String,
    /// The number that stands for it.
    pub gln: String,
    _glns: Vec<String>,
    /// Its company prefixes.
    pub prefixes: Vec<String>,
    _china_products: Vec<String>,
    /// The last day of its licence; none when nobody gave it one, or it was withdrawn.
    pub licensed_until: Option<String>,
}

/// An item: how the answer of trace's `unit` begins.
#[derive(Debug, BorshDeserialize)]
pub(crate) struct KnownUnit {
    /// Its own code, as a Digital Link or URI.
    pub id: String,
    _state: String,
    _because: Option<String>,
    /// Whose it is, a GLN.
    pub owner: String,
    /// Who has it; in transit, the shipper.
    pub holder: String,
    _held_since: u64,
    _place: Option<String>,
    /// Who alone may receive it; only in transit.
    pub consignee: Option<String>,
}

/// An event: how the answer of trace's `event` begins.
#[derive(Debug, BorshDeserialize)]
pub(crate) struct KnownEvent {
    _id: String,
    /// What it did.
    pub operation: Operation,
    _number: u64,
    _height: u64,
    _recorded_ms: u64,
    _transaction: [u8; 32],
    _index: u16,
    _said_by: String,
    /// For whom it was done.
    pub party: Gln,
    /// The other party of a hand-over.
    pub counterpart: Option<Gln>,
}

/// The first fields of an answer. What follows them is trace's own business and may change.
struct Beginning<T>(T);

impl<T: BorshDeserialize> BorshDeserialize for Beginning<T> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let first = T::deserialize_reader(reader)?;
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest)?;
        Ok(Self(first))
    }
}

fn ask<T: BorshDeserialize>(ctx: &ReadContext<'_>, function: &str, name: &str) -> Result<T, Refusal> {
    let Beginning(first) = ctx.ask(TRACE, function, name)?;
    Ok(first)
}

/// The party behind an organisation. Refuses with `PARTY_UNKNOWN`.
pub(crate) fn party(ctx: &ReadContext<'_>, organisation: &str) -> Result<KnownParty, Refusal> {
    ask(ctx, "party", organisation)
}

/// An item as it is now. Refuses with `UNIT_UNKNOWN`.
pub(crate) fn unit(ctx: &ReadContext<'_>, item: &ItemId) -> Result<KnownUnit, Refusal> {
    ask(ctx, "unit", &item.path())
}

/// An event by its name on the ledger. Refuses with `RECORD_UNKNOWN`.
pub(crate) fn event(ctx: &ReadContext<'_>, id: &EventId) -> Result<KnownEvent, Refusal> {
    let name: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    ask(ctx, "event", &name)
}

/// The organisation that may number a product.
pub(crate) fn licensee(ctx: &ReadContext<'_>, gtin: &Gtin) -> Result<Option<String>, Refusal> {
    ask(ctx, "licensee", gtin.as_str())
}

/// The organisation behind a GLN.
pub(crate) fn organisation_of(ctx: &ReadContext<'_>, gln: &Gln) -> Result<Option<String>, Refusal> {
    ask(ctx, "organisation_of", gln.as_str())
}
