//! `_membership`: which replicas keep the ledger, decided by the organisations.
//!
//! An administrator proposes a whole new configuration; its organisation thereby approves it, others approve with the
//! proposal's digest, and once more than half of the active organisations that have an administrator did, it is
//! decided. Nothing can stop it then: at height `h` of the decision the running epoch gets its last height, the first
//! multiple of [`CHECKPOINT_SLOTS`](theriac_types::limits::CHECKPOINT_SLOTS) from `h` +
//! [`WINDOW_SLOTS`](theriac_types::limits::WINDOW_SLOTS) on, so that no replica can have voted beyond it before it
//! executed the decision. Until then no other change is taken.
//!
//! What a change has to keep:
//!
//! - **The state.** At most `f + c` of the running epoch's replicas leave in one step. The checkpoint of the last
//!   height is signed by `2f + c + 1` of them, `f + c + 1` of those are honest and hold the state on their disks; so
//!   one of these is among the new epoch's, from whom the others can fetch it. A greater change takes several steps.
//! - **Memory.** A replica that lost its disk may not vote under its old key again, for nobody knows what that key has
//!   signed: it comes back with a new one. A key that was left behind is refused for ever. A replica that goes on
//!   keeps its key, and with it its organisation.
//! - **Names.** Keys and link certificates are each one replica's only, and every organisation with a replica is
//!   active.
//!
//! Former configurations stay in the state, each with its epoch.

mod calls;
mod check;
mod proposals;
mod records;
mod step;

pub(crate) use calls::call;
pub(crate) use check::check_replicas;
pub(crate) use records::{edge, running, write_genesis};

pub use calls::{
    Approve, ListProposals, LookUpConfiguration, LookUpProposal, LookUpStatus, ProposalDetails, Propose, Status,
    Withdraw,
};
pub use check::ConfigurationError;
pub use proposals::{Tally, last_height};
pub use records::{
    EpochMark, Epochs, ProposalRecord, ProposalStatus, configuration_at, configuration_key, epochs_at, epochs_key,
    governing, proposal_key, proposals_prefix, proposed_key,
};
pub use step::NEWCOMERS_MAX;
