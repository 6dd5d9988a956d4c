//! `_lifecycle`: which chaincode runs, decided by the organisations.
//!
//! An administrator proposes a package under a name; every peer checks it. Its organisation thereby approves it, others
//! approve with the package's id, and once more than half of the active organisations that have an administrator did,
//! the version is active from the next height on, or from the height the proposal names. Freezing, unfreezing and
//! going back to an earlier approved version are decided in the same way, by calling the function; a regulator may
//! freeze alone. A decision that has not begun is replaced by a later one. Nothing is ever deleted: packages, versions
//! and every step stay readable.

mod calls;
mod decisions;
mod proposals;
mod records;
mod tally;

pub(crate) use calls::call;
pub(crate) use records::{active_version, is_query, load_module, write_policy};

pub use calls::{
    Approve, Freeze, ListChaincodes, ListSteps, LookUpPackage, LookUpStatus, LookUpVersion, Propose, Rollback, Unfreeze,
};
pub use records::{
    Action, Activation, ChaincodeRecord, Motion, PackageBytes, Policy, Sequence, Step, VersionRecord, VersionStatus,
    chaincode_key, chaincodes_prefix, description_key, module_key, step_key, version_key,
};
pub(in crate::system) use tally::count;

pub use tally::{Count, Tally, count_at};
