//! What is announced: one kind of event for each operation, all of one form.

use crate::record::{Case, CaseId, CaseKind, CaseState};
use crate::refused::Refused;
use crate::scene::hex;
use borsh::schema::{Declaration, Definition};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use std::collections::BTreeMap;
use theriac_chaincode::{ChaincodeEvent, TransactionContext};
use theriac_domain::item::{EventId, Operation};
use theriac_domain::text::shortened;
use theriac_domain::{Gln, ItemId};

/// Announced for each event, under the topic `trace.OPERATION`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Notice {
    /// The event's name on the ledger, in hexadecimal.
    pub event: String,
    /// For whom it was done.
    pub party: String,
    /// The other party of a hand-over.
    pub counterpart: Option<String>,
    /// How many items it named.
    pub count: u32,
    /// The first of them, canonical paths; the container first when there is one.
    pub items: Vec<String>,
}

/// Most items named in one announcement.
const NOTICE_ITEMS_MAX: usize = 100;
/// Most findings named in one announcement.
const NOTICE_FINDINGS_MAX: usize = 20;

impl Notice {
    /// About the items that an event named.
    pub(crate) fn new(event: EventId, party: Gln, counterpart: Option<Gln>, items: &[ItemId]) -> Self {
        Self {
            event: hex(&event),
            party: party.to_string(),
            counterpart: counterpart.map(|party| party.to_string()),
            count: u32::try_from(items.len()).unwrap_or(u32::MAX),
            items: items.iter().take(NOTICE_ITEMS_MAX).map(ItemId::path).collect(),
        }
    }

    /// Announces it.
    pub(crate) fn announce(&self, ctx: &mut TransactionContext<'_>, operation: Operation) -> Result<(), Refused> {
        Ok(ctx.emit(&format!("trace.{}", operation.as_str()), self)?)
    }
}

/// Announced when a case is opened or changed, under the topic `trace.case`; and when the books do not add up, under
/// `trace.broken_chain`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct CaseNotice {
    /// The case's number.
    pub case: String,
    /// What it is about.
    pub kind: CaseKind,
    /// How far it is.
    pub state: CaseState,
    /// Who opened it.
    pub opened_by: String,
    /// The other party, if one is known.
    pub against: Option<String>,
    /// What stands against what, each shortened.
    pub findings: Vec<String>,
}

impl CaseNotice {
    /// About a case as it is now.
    pub(crate) fn new(number: &CaseId, case: &Case) -> Self {
        Self {
            case: number.clone(),
            kind: case.kind,
            state: case.state,
            opened_by: case.opened_by.to_string(),
            against: case.against.map(|party| party.to_string()),
            findings: case.findings.iter().take(NOTICE_FINDINGS_MAX).map(|finding| shortened(finding)).collect(),
        }
    }

    /// Announces it; as a broken chain too, when the books do not add up.
    pub(crate) fn announce(&self, ctx: &mut TransactionContext<'_>) -> Result<(), Refused> {
        ctx.emit("trace.case", self)?;
        let breaks_chain = matches!(
            self.kind,
            CaseKind::Underage | CaseKind::Overage | CaseKind::LostShipment | CaseKind::StockDifference
        );
        if breaks_chain && self.state == CaseState::Open {
            ctx.emit("trace.broken_chain", self)?;
        }
        Ok(())
    }
}

/// Kinds of events in one form: they are declared here; what is announced is the form itself.
macro_rules! notices {
    ($form:ident: $($name:ident $topic:literal),+ $(,)?) => {$(
        #[derive(BorshSerialize, ChaincodeEvent)]
        #[topic($topic)]
        pub(crate) struct $name($form);

        impl BorshSchema for $name {
            fn declaration() -> Declaration {
                $form::declaration()
            }
            fn add_definitions_recursively(definitions: &mut BTreeMap<Declaration, Definition>) {
                $form::add_definitions_recursively(definitions);
            }
        }
    )+};
}

notices! {
    Notice:
    Reserved "trace.reserve",
    Commissioned "trace.commission",
    Packed "trace.pack",
    Unpacked "trace.unpack",
    Shipped "trace.ship",
    ShippingVoided "trace.void_shipping",
    Carried "trace.carry",
    Sensed "trace.sense",
    Received "trace.receive",
    Rejected "trace.reject",
    Observed "trace.observe",
    Counted "trace.count",
    Sampled "trace.sample",
    Held "trace.hold",
    Released "trace.release",
    Recalled "trace.recall",
    RecallCancelled "trace.cancel_recall",
    Suspected "trace.suspect",
    Condemned "trace.condemn",
    Locked "trace.lock",
    DispensedPartly "trace.dispense_partly",
    Dispensed "trace.dispense",
    Returned "trace.return",
    ReturnChecked "trace.check_return",
    Decommissioned "trace.decommission",
    Destroyed "trace.destroy",
    Repackaged "trace.repackage_from",
    Referred "trace.refer",
    Associated "trace.associate",
    Undone "trace.undo",
    Recorded "trace.record",
}

notices! {
    CaseNotice:
    CaseChanged "trace.case",
    BrokenChain "trace.broken_chain",
}
