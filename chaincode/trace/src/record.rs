//! What the ledger keeps beside units and parties.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_domain::cold_chain::{ColdChain, Limits};
use theriac_domain::item::{EventId, LifeStep, LotId, Operation, Reason, Step};
use theriac_domain::{Date, Envelope, Event, Gln, ItemId, Place, Uri};

/// An event as it was captured.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct EventRecord {
    /// What it did.
    pub operation: Operation,
    /// Its number on the ledger: later events have higher ones.
    pub number: u64,
    /// In which block.
    pub height: u64,
    /// That block's time: the event's record time, in milliseconds since 1970.
    pub recorded_ms: u64,
    /// The transaction.
    pub transaction: [u8; 32],
    /// The event's place in what that transaction captured.
    pub index: u16,
    /// The organisation and the member who said so, as `organisation/member`.
    pub said_by: String,
    /// The party for which it was said.
    pub party: Gln,
    /// The other party of a hand-over.
    pub counterpart: Option<Gln>,
    /// The version of the rules that judged it; none of what is kept as it was stated.
    pub rules: Option<String>,
    /// When it happened, in milliseconds since 1970; events before that count as its beginning.
    pub time_ms: u64,
    /// The business step, as in the event.
    pub step: Option<String>,
    /// Where the things are afterwards, as in the event.
    pub location: Option<String>,
    /// Where it was seen, as in the event.
    pub read_point: Option<String>,
    /// The name its author gave it.
    pub event_id: Option<String>,
    /// The case that it opened.
    pub case: Option<CaseId>,
    /// The event that declares it wrong.
    pub wrong: Option<EventId>,
    /// The event itself.
    pub event: Event,
}

impl EventRecord {
    /// A step that the event made in an item's life.
    pub(crate) fn life_step(&self, height: u64, step: Step) -> LifeStep {
        let Step { operation, event, time, container } = step;
        LifeStep {
            operation,
            event,
            time,
            container,
            number: self.number,
            height,
            transaction: self.transaction,
            said_by: self.said_by.clone(),
            party: self.party,
            counterpart: self.counterpart,
            rules: self.rules.clone(),
            case: self.case.clone(),
        }
    }
}

/// A document as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct DocumentRecord {
    /// In which block.
    pub height: u64,
    /// That block's time, in milliseconds since 1970.
    pub recorded_ms: u64,
    /// The transaction.
    pub transaction: [u8; 32],
    /// The organisation and the member who handed it in, as `organisation/member`.
    pub said_by: String,
    /// The party for which they did.
    pub party: Gln,
    /// What it says beside its events, and which they are.
    pub envelope: Envelope,
}

/// A lot of a product.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct LotRecord {
    /// The party that makes it.
    pub maker: Gln,
    /// Its last day of use.
    pub expiry: Option<Date>,
    /// How many units were commissioned.
    pub units: u64,
    /// The number of the recall that is in force for it.
    pub recall: Option<String>,
    /// Since which block.
    pub recalled_since: u64,
}

/// How much of some goods one party has at one site. Units count one each; goods without serial numbers in thousandths
/// of their unit.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct StockRow {
    /// Who has it.
    pub holder: Gln,
    /// Where.
    pub site: Option<Gln>,
    /// Where somebody can use it.
    pub in_stock: u64,
    /// Handed over, not yet received.
    pub in_transit: u64,
    /// Held back.
    pub quarantined: u64,
    /// Given to patients.
    pub dispensed: u64,
    /// Physically destroyed.
    pub destroyed: u64,
    /// Taken out of the supply chain, by reason; ascending.
    pub decommissioned: Vec<(Reason, u64)>,
}

/// A hand-over.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Shipment {
    /// Who ships.
    pub from: Gln,
    /// Who alone may receive.
    pub to: Gln,
    /// The owner once it is received; none when ownership stays.
    pub new_owner: Option<Gln>,
    /// Where it goes.
    pub destination: Option<Place>,
    /// Who may carry it: those whose bills of lading it names.
    pub carriers: Vec<Gln>,
    /// Whether it goes back to somebody who held it before.
    pub back: bool,
    /// Orders, despatch advices and the like.
    pub references: Vec<Uri>,
    /// When, in milliseconds since 1970.
    pub shipped_ms: u64,
    /// In which block.
    pub height: u64,
    /// How many items were shipped.
    pub items: u32,
    /// Items that have not arrived.
    pub missing: Vec<ItemId>,
    /// Goods without serial numbers.
    pub goods: Vec<GoodsLine>,
    /// What has become of it.
    pub state: ShipmentState,
    /// The case about what differs.
    pub case: Option<CaseId>,
}

/// What has become of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum ShipmentState {
    /// Nothing was received.
    Open,
    /// A part was received.
    Partly,
    /// Everything was received, voided or lost.
    Closed,
}

/// Goods without serial numbers in a shipment.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct GoodsLine {
    /// Which goods: a class and its unit of measure, as in the stock.
    pub goods: String,
    /// How much was shipped, in thousandths.
    pub shipped: u64,
    /// How much was received.
    pub received: u64,
}

/// A recall.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Recall {
    /// Who recalls.
    pub by: Gln,
    /// Why, in words.
    pub reason: String,
    /// How serious: 1 may kill, 2 may harm, 3 hardly harms.
    pub class: u8,
    /// Whole lots.
    pub lots: Vec<LotId>,
    /// Single items, with everything in them.
    pub items: Vec<ItemId>,
    /// Since which block.
    pub since: u64,
    /// That block's time, in milliseconds since 1970.
    pub since_ms: u64,
    /// Set when it was cancelled: in which block.
    pub cancelled: Option<u64>,
}

/// A case's number.
pub type CaseId = String;

/// Something that people have to settle.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Case {
    /// What it is about.
    pub kind: CaseKind,
    /// Whether it is settled.
    pub state: CaseState,
    /// Who opened it.
    pub opened_by: Gln,
    /// When, in milliseconds since 1970.
    pub opened_ms: u64,
    /// By when the parties and authorities have to be told, in milliseconds since 1970.
    pub due_ms: u64,
    /// The other party, if one is known.
    pub against: Option<Gln>,
    /// The shipment, if it is about one.
    pub shipment: Option<EventId>,
    /// The items, the first of them when there are many.
    pub items: Vec<String>,
    /// What stands against what: expected and found, in words.
    pub findings: Vec<String>,
    /// What was done since, oldest first.
    pub notes: Vec<CaseNote>,
    /// How it ended, in words.
    pub outcome: Option<String>,
}

/// What a case is about. Names follow the exceptions of the Partnership for DSCSA Governance where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum CaseKind {
    /// Somebody doubts that items are what they seem to be.
    Suspect,
    /// Less arrived than was shipped.
    Underage,
    /// More arrived than was shipped.
    Overage,
    /// Items and their data do not fit.
    DataMisalignment,
    /// Goods came without data.
    MissingData,
    /// Data came without goods: a whole shipment is lost.
    LostShipment,
    /// Goods came damaged.
    Damaged,
    /// It was too warm or too cold.
    Excursion,
    /// The stock that was counted is not the stock in the books.
    StockDifference,
}

/// How far a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, BorshSchema)]
#[borsh(use_discriminant = false)]
pub enum CaseState {
    /// Nobody has settled it.
    Open,
    /// The doubt was confirmed.
    Confirmed,
    /// The doubt was dispelled.
    Cleared,
    /// The parties settled it.
    Settled,
}

/// Something that was done about a case.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CaseNote {
    /// For which party.
    pub by: Gln,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What, in words.
    pub text: String,
    /// Whom it was told.
    pub notified: Vec<String>,
    /// The CIDs of documents that belong to it.
    pub documents: Vec<String>,
}

/// A product.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Product {
    /// What its serial numbers look like; none when any will do.
    pub serials: Option<SerialRule>,
    /// How many serial numbers were given out.
    pub issued: u64,
    /// Ranges of serial numbers that others may use.
    pub ranges: Vec<SerialRange>,
}

/// What a product's serial numbers look like: so many characters, each one of some.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SerialRule {
    /// How many characters, 1 to 20.
    pub length: u8,
    /// The characters that may stand in each place.
    pub alphabet: String,
}

/// Serial numbers of one length, from the first to the last in the order of their characters.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SerialRange {
    /// The party that may use them.
    pub party: Gln,
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
}

/// A sensor.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Device {
    /// Whose it is.
    pub owner: Gln,
    /// How often it reports, in seconds.
    pub interval_seconds: u32,
    /// Until when its calibration holds.
    pub calibrated_until: Option<Date>,
    /// Since which block.
    pub since: u64,
}

/// What one sensor said of one item on one journey.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Journey {
    /// The shipment; none in store.
    pub shipment: Option<EventId>,
    /// What it was held against, and the version of that rule.
    pub limits: Option<(Limits, u32)>,
    /// The readings, summed up.
    pub chain: ColdChain,
}

/// Another code of a unit.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Alias {
    /// The unit.
    pub item: ItemId,
}
