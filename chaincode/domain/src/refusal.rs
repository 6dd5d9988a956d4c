//! Everything the rules of a medicine's life refuse: a stable code, the identifiers, and the next step to take.

use crate::event::TooLarge;
use crate::identifier::{Gln, IdentifierError, ItemId};
use crate::item::LotId;
use crate::time::{Date, EventTime};

/// Defines the refusals: each with its sentence, its stable code, and what the code means wherever it appears.
macro_rules! refusals {
    ($($(#[$attribute:meta])* $name:ident $({ $($field:ident: $kind:ty),+ $(,)? })? = $code:literal $meaning:literal,)+) => {
        /// Why an event, a registration or a question was refused. Nothing has changed.
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[allow(missing_docs, reason = "the sentences say what the fields are")]
        pub enum Refusal {
            #[error(transparent)]
            Identifier(#[from] IdentifierError),
            #[error(transparent)]
            TooLarge(#[from] TooLarge),
            $($(#[$attribute])* $name $({ $($field: $kind),+ })?,)+
        }

        impl Refusal {
            /// The stable code.
            pub fn code(&self) -> &'static str {
                match self {
                    Self::Identifier(error) => error.code(),
                    Self::TooLarge(_) => "CAPTURE_LIMIT",
                    $(Self::$name { .. } => $code,)+
                }
            }

            /// Every code that is not an identifier's, with what it means and what to do; as declared, some twice.
            pub const CODES: &'static [(&'static str, &'static str)] = &[
                ("CAPTURE_LIMIT", "The document holds more than may be captured at once. Split it."),
                $(($code, $meaning),)+
            ];
        }
    };
}

refusals! {
    #[error("{identifier} is licensed to {}, not to you. Use your own numbers, or register your prefix.", .holder.as_deref().unwrap_or("nobody on this ledger"))]
    PrefixNotLicensed { identifier: String, holder: Option<String> } = "ID_PREFIX_NOT_LICENSED"
        "The company prefix belongs to another organisation, or to none on this ledger. Use your own numbers, or register your prefix.",
    #[error("{identifier} is already registered to {holder}. Ask its administrator, or check the number.")]
    AlreadyRegistered { identifier: String, holder: String } = "ID_ALREADY_REGISTERED"
        "The number is registered to another party. Check the number, or ask that party's administrator.",
    #[error("{who} is registered to no party on this ledger. Its administrator calls register_party first.")]
    PartyUnknown { who: String } = "PARTY_UNKNOWN"
        "The organisation or GLN is registered to no party. Its administrator calls register_party.",
    #[error("{who} has no licence in force ({state}). A regulator calls license_party.")]
    LicenceInactive { who: String, state: String } = "LICENCE_INACTIVE"
        "The party's licence was never given, has ended, or was withdrawn. A regulator calls license_party.",
    #[error("This needs the role {needed}; {who} has {has}. Ask somebody who has it.")]
    RoleDenied { needed: String, who: String, has: String } = "ROLE_DENIED"
        "Your organisation may not do this. Ask somebody who may.",
    #[error("{what} needs a second signature: {missing}. Ask them to sign the transaction too.")]
    SecondPersonNeeded { what: &'static str, missing: String } = "SECOND_PERSON_NEEDED"
        "One person alone may not decide this. Have the transaction signed by those whom the message names.",
    #[error("{item}: not commissioned on this ledger. Treat as suspect.")]
    UnitUnknown { item: ItemId } = "UNIT_UNKNOWN"
        "The pack was never commissioned on this ledger. Treat it as suspect.",
    #[error("{item}: serial already commissioned {date} by {by} in block {height}. Never use a serial twice; take a new one.")]
    DuplicateCommission { item: ItemId, by: Gln, date: Date, height: u64 } = "UNIT_DUPLICATE_COMMISSION"
        "The serial number was given to a pack before. Never use a serial twice; take a new one.",
    #[error("{item}: the serial number is not of the kind that was set for this product: {rule}. Draw a new one.")]
    SerialRule { item: ItemId, rule: String } = "SERIAL_RULE"
        "The product's serial numbers have a form, and this one has another. Draw serial numbers with `theriac trace serials`.",
    #[error("GTIN {gtin}: {issued} of {space} serial numbers are given out; one more could be guessed too easily. Set longer serial numbers.")]
    SerialGuessable { gtin: String, issued: u128, space: u128 } = "SERIAL_GUESSABLE"
        "So many serial numbers of this form are given out that one can be guessed. Set a longer form for the product.",
    #[error("{lot}: no such lot on this ledger. Check the lot number.")]
    LotUnknown { lot: LotId } = "LOT_UNKNOWN"
        "Nothing of this lot was commissioned on this ledger. Check the lot number.",
    #[error("{item}: the code says lot {said}, the ledger says {known}. Treat as suspect.")]
    LotMismatch { item: String, said: String, known: String } = "LOT_MISMATCH"
        "The code states another lot than the ledger. Scan again; treat the pack as suspect.",
    #[error("{item}: expiry {said} is stated, the ledger says {known}. Treat as suspect, or correct the event.")]
    ExpiryMismatch { item: String, said: String, known: String } = "EXPIRY_MISMATCH"
        "Another expiry date is stated than the ledger has. Scan again, or correct the event; treat the pack as suspect.",
    #[error("{item}: expired {expiry}. Put it into quarantine and have it destroyed.")]
    UnitExpired { item: ItemId, expiry: Date } = "UNIT_EXPIRED"
        "The pack's expiry date is over. Put it into quarantine and have it destroyed.",
    #[error("{item}: recalled in block {since}, recall {number}. Put it into quarantine and send it back.")]
    UnitRecalled { item: ItemId, number: String, since: u64 } = "UNIT_RECALLED"
        "The pack, its lot, or something in the container was recalled. Put it into quarantine and send it back.",
    #[error("{goods}: recalled in block {since}, recall {number}. Put it into quarantine and send it back.")]
    GoodsRecalled { goods: String, number: String, since: u64 } = "UNIT_RECALLED"
        "The pack, its lot, or something in the container was recalled. Put it into quarantine and send it back.",
    #[error("{goods}: expired {expiry}. Put it into quarantine and have it destroyed.")]
    GoodsExpired { goods: String, expiry: Date } = "UNIT_EXPIRED"
        "The pack's expiry date is over. Put it into quarantine and have it destroyed.",
    #[error("{item}: {flag}. Put it into quarantine and follow its case.")]
    UnitSuspect { item: ItemId, flag: &'static str } = "UNIT_SUSPECT"
        "Somebody doubts that the pack is what it seems to be. Put it into quarantine and follow its case.",
    #[error("{item}: {count} of the items in it are flagged. Unpack it, and put them into quarantine.")]
    FlaggedInside { item: ItemId, count: u32 } = "UNIT_SUSPECT"
        "Somebody doubts that the pack is what it seems to be. Put it into quarantine and follow its case.",
    #[error("{item}: stopped by its maker or a regulator. Keep it; ask them.")]
    UnitLocked { item: ItemId } = "UNIT_LOCKED"
        "The pack's maker or a regulator stopped it. Keep it, and ask them.",
    #[error("{item}: it was too warm or too cold on its way. Keep it until your quality assurance and its maker release it.")]
    ColdExcursion { item: ItemId } = "COLD_EXCURSION"
        "The pack left the temperatures that its product bears. Keep it until quality assurance and its maker release it.",
    #[error("{item}: nobody measured its temperature for {minutes} minutes, {limit} are allowed. Look for the missing readings.")]
    ColdGap { item: ItemId, minutes: u64, limit: u64 } = "COLD_GAP"
        "For longer than its product allows nobody measured the temperature. Look for the missing readings.",
    #[error("A sensor's report: {problem}. Correct it.")]
    Sensor { problem: String } = "SENSOR_READING"
        "A sensor reports what can be no temperature, or has no unit. Correct the report.",
    #[error("{item}: in quarantine ({because}) since block {since}. Release it first, or have it destroyed.")]
    UnitQuarantined { item: ItemId, because: String, since: u64 } = "UNIT_QUARANTINED"
        "The pack is held back. It may only be destroyed, sent back, or released by those who may.",
    #[error("{item}: {state} since block {since}; nothing can follow. Treat another such pack as suspect.")]
    UnitTerminal { item: ItemId, state: &'static str, since: u64 } = "UNIT_TERMINAL"
        "The pack has left the supply chain; nothing can follow. Treat another pack with this code as suspect.",
    #[error("{item}: held by {holder} since block {since}, not by you.")]
    NotHolder { item: ItemId, holder: Gln, since: u64 } = "NOT_HOLDER"
        "Another party holds it. Ask the holder to ship it to you, and receive it.",
    #[error("{item}: owned by {owner}, not by you.")]
    NotOwner { item: String, owner: Gln } = "NOT_OWNER"
        "Another party owns it. Ask the owner.",
    #[error("{item}: no shipment to you is open. Ask the shipper for the shipping event.")]
    ShipNotOpen { item: ItemId } = "SHIP_NOT_OPEN"
        "No shipment of it to you is open. Ask the shipper for the shipping event.",
    #[error("{item}: in transit to {consignee} since block {since}. It is received there, or its shipping is voided, first.")]
    AlreadyInTransit { item: ItemId, consignee: Gln, since: u64 } = "ALREADY_IN_TRANSIT"
        "It is on its way to a consignee. It is received there, or its shipping is voided, first.",
    #[error("{item}: addressed to {consignee}, not to {by}. Do not accept it; tell the shipper.")]
    WrongConsignee { item: ItemId, consignee: Gln, by: Gln } = "WRONG_CONSIGNEE"
        "It is addressed to another party. Do not accept it; tell the shipper.",
    #[error("{item}: {to} never held it. What goes back goes to somebody who did.")]
    ReturnToStranger { item: ItemId, to: Gln } = "RETURN_TO_STRANGER"
        "Goods are sent back only to somebody who held them before. Check the consignee.",
    #[error("{item}: already received by {by} in block {height}; your receipt was refused. Check for a second pack of this code.")]
    DoubleReceipt { item: ItemId, by: Gln, height: u64 } = "DOUBLE_RECEIPT"
        "It was received already: there may be two packs with one code. Look for a second pack of this code.",
    #[error("{child}: already packed in {parent}. Unpack it there first.")]
    ChildAlreadyPacked { child: ItemId, parent: ItemId } = "AGG_CHILD_ALREADY_PACKED"
        "It is packed in another container. Unpack it there first.",
    #[error("{child}: not in {parent}. Count the contents and compare.")]
    ChildNotInParent { child: ItemId, parent: ItemId } = "AGG_CHILD_NOT_IN_PARENT"
        "It is not in that container. Count the contents and compare.",
    #[error("{child}: contains {parent}, so it cannot be packed into it.")]
    Cycle { child: ItemId, parent: ItemId } = "AGG_CYCLE"
        "A container cannot be packed into what it contains. Check which code is the container's.",
    #[error("{parent}: this container was never commissioned. Commission it first.")]
    ParentUnknown { parent: ItemId } = "AGG_PARENT_UNKNOWN"
        "The container was never commissioned. Commission it first.",
    #[error("{child}: packed in {top}. Move that, or unpack it first.")]
    ChildDirectMove { child: ItemId, top: ItemId } = "AGG_CHILD_DIRECT_MOVE"
        "It is packed in a container; only the outermost one moves. Move that, or unpack first.",
    #[error("{item}: still contains {children} items. Unpack them first.")]
    NotEmpty { item: ItemId, children: u32 } = "AGG_NOT_EMPTY"
        "The container still holds something. Unpack it first.",
    #[error("{parent}: packing would nest more than {levels} levels deep. Unpack a level.")]
    TooDeep { parent: ItemId, levels: u8 } = "AGG_TOO_DEEP"
        "Containers are packed into each other more deeply than the ledger follows. Unpack some of them first.",
    #[error("{shipment}: {missing} of {expected} did not arrive: {list}. Ask the shipper, or receive what there is without strict receipts.")]
    Short { shipment: String, expected: u32, missing: u32, list: String } = "QTY_SHORT"
        "Less arrived than was shipped. A case is open; settle it with the shipper.",
    #[error("{list}: not in the shipment of {expected} items. Put it aside, and ask the shipper.")]
    Over { expected: u32, list: String } = "QTY_OVER"
        "More arrived than was shipped. A case is open; settle it with the shipper.",
    #[error("{what}: {found} are there, {needed} are needed. Count again.")]
    Balance { what: String, found: String, needed: String } = "QTY_BALANCE"
        "Quantities do not add up. Count again, and correct the event.",
    #[error("{item}: {state}, so it cannot be {wanted}. {next}")]
    StateForbids { item: ItemId, state: &'static str, wanted: &'static str, next: &'static str } = "UNIT_STATE"
        "The pack's state does not allow this step. Do first what the sentence says.",
    #[error("The event's time {event} lies ahead of the ledger's by more than {seconds} seconds. Correct the clock.")]
    TimeInFuture { event: EventTime, seconds: u32 } = "TIME_IN_FUTURE"
        "The event's time lies ahead of the ledger's. Correct the clock of the device.",
    #[error("{item}: the event's time {event} lies before that of the previous event, {previous}. Capture in order.")]
    TimeBeforePrevious { item: ItemId, event: EventTime, previous: EventTime } = "TIME_BEFORE_PREVIOUS"
        "The event's time lies before that of the item's previous event. Capture events in order.",
    #[error("The sensor's time {reading} {problem}. Correct the clock of the sensor.")]
    SensorTime { reading: EventTime, problem: &'static str } = "SENSOR_TIME"
        "A sensor's time lies after its event's, or before its last reading. Correct the clock of the sensor.",
    #[error("{device} is registered to nobody. Its owner calls register_device.")]
    DeviceUnknown { device: String } = "DEVICE_UNKNOWN"
        "The sensor is registered to nobody on this ledger. Its owner calls register_device.",
    #[error("{item}: {what} lies longer back than {days} days. Open a case instead.")]
    UndoWindow { item: ItemId, what: &'static str, days: u16 } = "UNDO_WINDOW_EXPIRED"
        "It was done too long ago to be taken back. Open a case instead.",
    #[error("{item}: done at {there}, so it can only be taken back there.")]
    UndoElsewhere { item: ItemId, there: String } = "UNDO_OTHER_LOCATION"
        "It was done by another party or at another place, and can be taken back only there. Ask the party that did it.",
    #[error("{item}: {what} cannot be taken back. Open a case instead.")]
    UndoForbidden { item: String, what: String } = "UNDO_NOT_REVERSIBLE"
        "This can never be taken back, or other events have built on it. Open a case instead.",
    #[error("{item}: other events followed, so it cannot be taken back. Open a case instead.")]
    BuiltUpon { item: ItemId } = "UNDO_NOT_REVERSIBLE"
        "This can never be taken back, or other events have built on it. Open a case instead.",
    #[error("This event was captured in block {height} as {event}. Send it once; or let two events differ.")]
    DuplicateEvent { event: String, height: u64 } = "EVENT_DUPLICATE"
        "The same event was captured before. Nothing is to do; two events that differ in nothing are one.",
    #[error("The error declaration: {problem}")]
    Declaration { problem: &'static str } = "ERRDECL_INVALID"
        "An error declaration repeats an event of the same author word for word, and adds the declaration. Correct it.",
    #[error("{what} {number}: {problem}")]
    Unfit { what: &'static str, number: String, problem: String } = "RECORD_STATE"
        "The recall, case, device or product is not in a state for this, or exists already. Do what the sentence says.",
    #[error("{what} {number} is not on this ledger. Check the number.")]
    RecordUnknown { what: &'static str, number: String } = "RECORD_UNKNOWN"
        "No such recall, case, shipment, event, product or record is on this ledger. Check the number.",
    #[error("Event {number} of the document, {event}, is not on this ledger. Capture it; then hand it in again.")]
    DocumentIncomplete { number: usize, event: String } = "DOCUMENT_INCOMPLETE"
        "A document is kept whole, when each of its events is on the ledger. Capture what is missing; then hand it in again.",
    #[error("The event lacks {what}.")]
    Incomplete { what: &'static str } = "EPCIS_VALIDATION"
        "The document breaks a rule of EPCIS 2.0, or lacks what the ledger needs. Correct the place that the message names.",
    #[error("{what}: this ledger does not take such events.")]
    Unsupported { what: String } = "EVENT_UNSUPPORTED"
        "The ledger has no rule for this kind of event. Leave out, or express otherwise, what the message names; or capture it as a record.",
}
