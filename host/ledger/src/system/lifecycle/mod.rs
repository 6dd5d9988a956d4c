//! `_lifecycle`: which chaincode runs, decided by the organisations.
//!
//! A package is uploaded, and named by the digest of its bytes from then on. An administrator proposes a definition:
//! the package together with whose signatures it needs, what it may use, and from when on it shall judge. Its
//! organisation thereby approves it, others approve the definition's digest, and once the lifecycle policy is satisfied
//! (a majority, until the organisations decide otherwise) its activation is set for a height.
//!
//! An activation takes place at the end of the block below its height: everything at that height already follows the
//! new version, queries of the state below included. When the new version keeps its data in another form the migration
//! runs then, and either all of it takes effect together with the version or nothing does, the version is void and
//! the old one stays. Going back to an earlier approved version works in the same way, with the migration that the
//! version in force offers.
//!
//! Freezing, thawing, going back and another lifecycle policy are decided by calling the function; a regulator may
//! freeze alone. A decision that has not begun is replaced by a later one. Nothing is ever deleted: packages, versions
//! and every step stay readable.

mod activation;
mod calls;
mod decisions;
mod indexes;
mod packages;
mod policy;
mod proposals;
mod queue;
mod records;
mod rules;
mod steps;
mod tally;

pub(crate) use activation::{Migrated, due, settle};
pub(crate) use calls::call;
pub(crate) use packages::{description, load_module, record as package_record};
pub(crate) use policy::write_policy;
pub(crate) use rules::{Rules, is_query, rules};
pub(crate) use tally::voters;

pub use calls::{
    Approve, ChangePolicy, Freeze, ListChaincodes, ListSteps, LookUpPackage, LookUpPolicy, LookUpStatus, LookUpVersion,
    Propose, Rollback, Thaw, Upload,
};
pub use packages::{PackageBytes, PackageRecord, description_key, module_key, package_key};
pub use policy::{PolicyRecord, PolicyVote, policy_key, policy_votes_prefix};
pub use records::{
    Activation, Approval, ChaincodeRecord, MigrationPlan, Motion, Pending, Sequence, VersionRecord, VersionStatus,
    chaincode_key, chaincodes_prefix, version_key,
};
pub use steps::{Action, MigrationReport, Step, step_key, steps_prefix};
pub(in crate::system) use tally::majority;

pub use tally::{Count, Tally, tally_at};
