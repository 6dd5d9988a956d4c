//! The life of medicines as chaincode: who may do what to a pack, a case, a pallet, and what became of each.
//!
//! **Input** is the canonical EPCIS event ([`theriac_domain::event`]). `capture` maps business step and action to an
//! operation, checks it against the state machine ([`theriac_domain::item`]) and writes the items it changes. All events
//! of one transaction take effect, or none.
//!
//! **State.** One key per unit or logistic unit (table `unit`, key: the canonical path of its Digital Link), and, written
//! at registration only, one per party, GLN and company prefix. What an operation writes:
//!
//! | operation | keys written |
//! |---|---|
//! | commission n items | n |
//! | pack or unpack n children | n + 1, and one per enclosing level whose depth grows |
//! | ship, receive, void, carry, of a container with everything in it | 1 |
//! | dispense, inspect, quarantine, decommission, destroy | 1 |
//!
//! Shipping a pallet writes the pallet alone because a packed item has no holder of its own: holder, owner and transit
//! state are looked up in its outermost container, at most [`theriac_domain::limits::LEVELS_MAX`] reads away. An item
//! takes them over into its own record when it is taken out, at which moment its record is written anyway.
//!
//! **History.** Records carry the steps of the block that wrote them, and the ledger keeps every version of a key, so
//! the versions are the history. What happened to an item inside a container is in the container's versions: `history`
//! follows it there for as long as it was packed.
//!
//! **Parties.** An organisation's administrator binds its GLNs and company prefixes to it. From then on only it can
//! commission items under these prefixes, and only it holds what is held by these GLNs.

mod capture;
mod custody;
mod endings;
mod history;
mod packing;
mod party;
mod refused;
mod tables;
mod verify;
mod view;

pub use capture::{Capture, Captured, CapturedEvent, Notice};
pub use history::{History, HistoryStep};
pub use party::{PartyQuery, PartyView, RegisterParty};
pub use verify::{VerifyAnswer, VerifyQuery};
pub use view::{CodeQuery, LogisticUnitView, UnitView};

use theriac_chaincode::chaincode;

/// The functions that can be called.
#[chaincode(name = "trace", state_version = 1)]
pub mod trace {
    use super::*;
    use theriac_chaincode::{QueryContext, Refusal, TransactionContext};

    /// Binds GLNs and company prefixes to the caller's organisation.
    #[transaction]
    fn register_party(ctx: &mut TransactionContext, registration: RegisterParty) -> Result<PartyView, Refusal> {
        Ok(party::register(ctx, &registration)?)
    }

    /// Takes events and does what they say.
    #[transaction]
    fn capture(ctx: &mut TransactionContext, capture: Capture) -> Result<Captured, Refusal> {
        Ok(capture::capture(ctx, &capture)?)
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

    /// Whether a code is registered as it is printed, and whether the pack may be sold.
    #[query]
    fn verify(ctx: &QueryContext, query: VerifyQuery) -> Result<VerifyAnswer, Refusal> {
        Ok(verify::verify(ctx, &query)?)
    }

    /// The party behind an organisation or a GLN.
    #[query]
    fn party(ctx: &QueryContext, query: PartyQuery) -> Result<PartyView, Refusal> {
        Ok(party::party(ctx, &query)?)
    }
}
