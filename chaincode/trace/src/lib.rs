//! The life of medicines as chaincode: who may do what to a pack, a case, a pallet, and what became of each.
//!
//! **Input** is the canonical EPCIS event ([`theriac_domain::event`]). `capture` maps business step and action to an
//! operation, checks it against the state machine ([`theriac_domain::item`]) and the rules in force (chaincode `rules`),
//! and writes what it changes. Events of one transaction take effect all or none; or, asked so, each for itself.
//!
//! **State.** One key per unit or logistic unit (table `unit`, key: the canonical path of its Digital Link), one per
//! event, lot, shipment, recall and case, and, written at registration only, one per party, number, product and sensor.
//! Beside the items that it names, an event writes itself, an entry per lot that it concerns, and the books (table
//! `stock`): how much of each lot is where. A packed item has no holder of its own: holder, owner and transit state are
//! looked up in its outermost container, at most [`theriac_domain::limits::LEVELS_MAX`] reads away, and an item takes
//! them over when it is taken out. So shipping a pallet writes the pallet, its shipment, and a row of the books per lot
//! in it; recalling a lot writes the lot.
//!
//! **Documents.** Events come in documents, and a document says more than its events: who sent it to whom, master data,
//! a transaction statement. `keep_document` keeps that, once its events are on the ledger, under the hash of what it says
//! and of the events' names; with the events it gives the document again.
//!
//! **History.** Records carry the steps of the block that wrote them, and the ledger keeps every version of a key, so
//! the versions are the history. What happened to an item inside a container is in the container's versions: `history`
//! follows it there for as long as it was packed. A record also has one digest of all its item's steps
//! ([`theriac_domain::item::Life`]): with the record's proof and the steps from `life`, a client proves a whole history.
//!
//! **Parties.** An organisation's administrator binds its GLNs and company prefixes to it. From then on only it can
//! commission items under these prefixes, and only it holds what is held by these GLNs.

mod alias;
mod birth;
mod capture;
mod cases;
mod count;
mod custody;
mod device;
mod document;
mod endings;
mod extensions;
mod flags;
mod goods;
mod history;
mod licence;
mod life;
mod look;
mod notices;
mod packing;
mod party;
mod quarantine;
mod recall;
mod receipt;
mod reconciliation;
mod record;
mod refused;
mod repackage;
mod scene;
mod search;
mod sense;
mod serials;
mod settlement;
mod staged;
mod statements;
mod stock;
mod tables;
mod undo;
mod verify;
mod view;

pub use alias::{AliasOf, SetAliases};
pub use capture::{Capture, Captured, CapturedEvent, OnError, Remark};
pub use device::RegisterDevice;
pub use document::{DocumentEntry, DocumentNameQuery, DocumentPage, DocumentQuery, FoundDocument, Kept};
pub use history::{History, HistoryStep};
pub use licence::{Licence, LicenseParty};
pub use life::{LifeMark, LifePage, LifeQuery};
pub use notices::{CaseNotice, Notice};
pub use party::{PartyQuery, PartyView, RegisterParty};
pub use reconciliation::{
    Amounts, CasePage, LotQuery, LotView, NumberQuery, OpenCaseQuery, RecallView, Reconcile, Reconciled, ShipmentPage,
    ShipmentQuery, ShipmentView, StockPage, StockQuery, StockView,
};
pub use record::{
    Case, CaseKind, CaseNote, CaseState, Device, DocumentRecord, EventRecord, GoodsLine, Journey, Product, Recall,
    SerialRange, SerialRule, Shipment, ShipmentState,
};
pub use search::{CapturedAt, CapturedQuery, EventNameQuery, EventPage, EventQuery, FoundEvent};
pub use serials::{Allotment, SetSerials};
pub use settlement::{CaseView, CloseCase, NoteCase, OpenCase};
pub use verify::{VerifyAnswer, VerifyQuery};
pub use view::{CodeQuery, ContentView, LogisticUnitView, UnitView};

use theriac_chaincode::chaincode;

/// The functions that can be called.
#[chaincode(
    name = "trace",
    state_version = 2,
    tables(
        ITEMS,
        EVENTS,
        NUMBERS,
        SUBJECT_EVENTS,
        DOCUMENT_EVENTS,
        DOCUMENTS,
        EVENT_DOCUMENTS,
        LOTS,
        STOCK,
        SHIPMENTS,
        RECALLS,
        RECALLED,
        CASES,
        PRODUCTS,
        DEVICES,
        JOURNEYS,
        ALIASES,
        PARTIES,
        GLNS,
        PREFIXES,
        CHINA_PRODUCTS
    ),
    events(
        Reserved,
        Commissioned,
        Packed,
        Unpacked,
        Shipped,
        ShippingVoided,
        Carried,
        Sensed,
        Received,
        Rejected,
        Observed,
        Counted,
        Sampled,
        Held,
        Released,
        Recalled,
        RecallCancelled,
        Suspected,
        Condemned,
        Locked,
        DispensedPartly,
        Dispensed,
        Returned,
        ReturnChecked,
        Decommissioned,
        Destroyed,
        Repackaged,
        Referred,
        Associated,
        Undone,
        Recorded,
        CaseChanged,
        BrokenChain
    ),
    errors(Codes)
)]
pub mod trace {
    use super::*;
    use crate::notices::*;
    use crate::refused::Codes;
    use crate::scene::Play;
    use crate::tables::*;
    use theriac_chaincode::{QueryContext, Refusal, TransactionContext};
    use theriac_domain::Envelope;

    /// Binds GLNs, company prefixes and Chinese product codes to the caller's organisation.
    #[transaction]
    fn register_party(ctx: &mut TransactionContext, registration: RegisterParty) -> Result<PartyView, Refusal> {
        Ok(party::register(ctx, &registration)?)
    }

    /// Gives a party a licence, or withdraws it. For regulators.
    #[transaction]
    fn license_party(ctx: &mut TransactionContext, wanted: LicenseParty) -> Result<PartyView, Refusal> {
        let play = Play::open(ctx)?;
        Ok(licence::license(ctx, &play.actor, &wanted)?)
    }

    /// Takes events and does what they say.
    #[transaction]
    fn capture(ctx: &mut TransactionContext, capture: Capture) -> Result<Captured, Refusal> {
        Ok(capture::capture(ctx, &capture)?)
    }

    /// Keeps what a document says beside its events, all of which are on the ledger.
    #[transaction]
    fn keep_document(ctx: &mut TransactionContext, envelope: Envelope) -> Result<Kept, Refusal> {
        let play = Play::open(ctx)?;
        Ok(document::keep(ctx, &play, envelope)?)
    }

    /// Sets what a product's serial numbers look like, and who else may use some of them.
    #[transaction]
    fn set_serials(ctx: &mut TransactionContext, wanted: SetSerials) -> Result<Product, Refusal> {
        let play = Play::open(ctx)?;
        Ok(serials::set(ctx, &play.actor, wanted)?)
    }

    /// Says that units bear Chinese codes too.
    #[transaction]
    fn set_aliases(ctx: &mut TransactionContext, wanted: SetAliases) -> Result<u32, Refusal> {
        let play = Play::open(ctx)?;
        Ok(alias::set(ctx, &play.actor, &wanted)?)
    }

    /// Registers a sensor.
    #[transaction]
    fn register_device(ctx: &mut TransactionContext, wanted: RegisterDevice) -> Result<Device, Refusal> {
        let play = Play::open(ctx)?;
        Ok(device::register(ctx, &play.actor, &wanted)?)
    }

    /// Opens a case.
    #[transaction]
    fn open_case(ctx: &mut TransactionContext, wanted: OpenCase) -> Result<CaseView, Refusal> {
        let play = Play::open(ctx)?;
        Ok(settlement::open(ctx, &play, wanted)?)
    }

    /// Notes what was done about a case.
    #[transaction]
    fn note_case(ctx: &mut TransactionContext, wanted: NoteCase) -> Result<CaseView, Refusal> {
        let play = Play::open(ctx)?;
        Ok(settlement::note(ctx, &play, wanted)?)
    }

    /// Settles a case.
    #[transaction]
    fn close_case(ctx: &mut TransactionContext, wanted: CloseCase) -> Result<CaseView, Refusal> {
        let play = Play::open(ctx)?;
        Ok(settlement::close(ctx, &play, wanted)?)
    }

    /// Opens cases about shipments that are on their way for too long.
    #[transaction]
    fn reconcile(ctx: &mut TransactionContext, wanted: Reconcile) -> Result<Reconciled, Refusal> {
        let play = Play::open(ctx)?;
        Ok(reconciliation::reconcile(ctx, &play, &wanted)?)
    }

    /// The present state of a unit or logistic unit.
    #[query]
    fn unit(ctx: &QueryContext, query: CodeQuery) -> Result<UnitView, Refusal> {
        Ok(view::unit(ctx, &query)?)
    }

    /// The present state of a container with everything in it.
    #[query]
    fn logistic_unit(ctx: &QueryContext, query: CodeQuery) -> Result<LogisticUnitView, Refusal> {
        Ok(view::logistic_unit(ctx, &query)?)
    }

    /// Everything that happened to an item, alone and inside containers.
    #[query]
    fn history(ctx: &QueryContext, query: CodeQuery) -> Result<History, Refusal> {
        Ok(history::history(ctx, &query)?)
    }

    /// An item's own steps, exactly as the digest in its record covers them.
    #[query]
    fn life(ctx: &QueryContext, query: LifeQuery) -> Result<LifePage, Refusal> {
        Ok(life::life(ctx, &query)?)
    }

    /// Whether a code is registered as it is printed, and whether the pack may be sold.
    #[query]
    fn verify(ctx: &QueryContext, query: VerifyQuery) -> Result<VerifyAnswer, Refusal> {
        Ok(verify::verify(ctx, &query)?)
    }

    /// A lot: where it is, and whether the books add up.
    #[query]
    fn lot(ctx: &QueryContext, query: LotQuery) -> Result<LotView, Refusal> {
        Ok(reconciliation::lot(ctx, &query)?)
    }

    /// What a party has, or what is at a site.
    #[query]
    fn stock(ctx: &QueryContext, query: StockQuery) -> Result<StockPage, Refusal> {
        Ok(reconciliation::stock(ctx, &query)?)
    }

    /// A recall, and where what was recalled is.
    #[query]
    fn recall(ctx: &QueryContext, query: NumberQuery) -> Result<RecallView, Refusal> {
        Ok(reconciliation::recall(ctx, &query)?)
    }

    /// A case.
    #[query]
    fn case(ctx: &QueryContext, query: NumberQuery) -> Result<CaseView, Refusal> {
        Ok(reconciliation::case(ctx, &query)?)
    }

    /// The cases that nobody has settled, the oldest first.
    #[query]
    fn open_cases(ctx: &QueryContext, query: OpenCaseQuery) -> Result<CasePage, Refusal> {
        Ok(reconciliation::open_cases(ctx, &query)?)
    }

    /// Shipments of a party, or of all.
    #[query]
    fn shipments(ctx: &QueryContext, query: ShipmentQuery) -> Result<ShipmentPage, Refusal> {
        Ok(reconciliation::shipments(ctx, &query)?)
    }

    /// Events by what they are about, where, when and by whom.
    #[query]
    fn events(ctx: &QueryContext, query: EventQuery) -> Result<EventPage, Refusal> {
        Ok(search::events(ctx, &query)?)
    }

    /// An event by its name on the ledger.
    #[query]
    fn event(ctx: &QueryContext, query: EventNameQuery) -> Result<FoundEvent, Refusal> {
        Ok(search::event(ctx, &query)?)
    }

    /// Events by their names on the ledger, in the order of the names: all, or as many as one answer holds.
    #[query]
    fn events_named(ctx: &QueryContext, query: CapturedQuery) -> Result<Vec<FoundEvent>, Refusal> {
        Ok(search::events_named(ctx, &query)?)
    }

    /// A document by its name on the ledger.
    #[query]
    fn document(ctx: &QueryContext, query: DocumentNameQuery) -> Result<FoundDocument, Refusal> {
        Ok(document::document(ctx, &query)?)
    }

    /// Documents: those that hold an event, those of a party, or all.
    #[query]
    fn documents(ctx: &QueryContext, query: DocumentQuery) -> Result<DocumentPage, Refusal> {
        Ok(document::documents(ctx, &query)?)
    }

    /// In which block each of some events was captured.
    #[query]
    fn captured(ctx: &QueryContext, query: CapturedQuery) -> Result<Vec<Option<CapturedAt>>, Refusal> {
        Ok(search::captured(ctx, &query)?)
    }

    /// The party behind an organisation or a GLN.
    #[query]
    fn party(ctx: &QueryContext, query: PartyQuery) -> Result<PartyView, Refusal> {
        Ok(party::party(ctx, &query)?)
    }

    /// The organisation that may number a product, by its GTIN.
    #[query]
    fn licensee(ctx: &QueryContext, gtin: String) -> Result<Option<String>, Refusal> {
        let gtin = gtin.parse().map_err(crate::refused::Refused::from)?;
        Ok(party::licensee(ctx, &gtin)?)
    }

    /// The organisation behind a GLN.
    #[query]
    fn organisation_of(ctx: &QueryContext, gln: String) -> Result<Option<String>, Refusal> {
        let gln = gln.parse().map_err(crate::refused::Refused::from)?;
        Ok(party::organisation_of_gln(ctx, &gln)?)
    }

    /// What was set for a product, by its GTIN.
    #[query]
    fn product(ctx: &QueryContext, gtin: String) -> Result<Option<Product>, Refusal> {
        PRODUCTS.get(ctx, &gtin)
    }
}
