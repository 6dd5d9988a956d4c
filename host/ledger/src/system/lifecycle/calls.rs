//! The functions of `_lifecycle`, their arguments and results. All are borsh.

use super::packages::{self, PackageBytes, description_key};
use super::records::{self, Sequence};
use super::{decisions, policy, proposals, steps};
use crate::chaincode::CallKind;
use crate::refusal::Stop;
use crate::system::{LIFECYCLE, SystemCall};
use crate::view::View;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{MESSAGE_BYTES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{ChaincodeName, Definition, Digest, PackageId, Policy, Text, encode};

/// `upload`: brings a package to the ledger; a second time it changes nothing. Returns [`super::PackageRecord`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Upload {
    /// The core module, with its component-type section.
    pub module: PackageBytes,
}

/// `propose`: proposes a definition and approves it for the caller's organisation. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Propose {
    /// The chaincode, new or known.
    pub name: ChaincodeName,
    /// The version to be.
    pub definition: Definition,
}

/// `approve`: approves a proposed version for the caller's organisation. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Approve {
    /// The chaincode.
    pub name: ChaincodeName,
    /// The version.
    pub sequence: Sequence,
    /// Digest of its definition: what was looked at is what is approved.
    pub definition: Digest,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `freeze`: votes for refusing the chaincode's transactions. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Freeze {
    /// The chaincode.
    pub name: ChaincodeName,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `thaw`: votes for taking the chaincode's transactions again. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Thaw {
    /// The chaincode.
    pub name: ChaincodeName,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `rollback`: votes for going back to an approved version. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rollback {
    /// The chaincode.
    pub name: ChaincodeName,
    /// The version to go back to.
    pub sequence: Sequence,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `change_policy`: votes for another lifecycle policy; a later vote of the same organisation replaces it. Returns
/// [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChangePolicy {
    /// The policy.
    pub policy: Policy,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `policy`: returns [`super::PolicyRecord`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpPolicy {}

/// `status`: returns `Option<ChaincodeRecord>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpStatus {
    /// The chaincode.
    pub name: ChaincodeName,
}

/// `list`: returns `Vec<ChaincodeRecord>`, ascending by name.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListChaincodes {
    /// Those after this one.
    pub after: Option<ChaincodeName>,
    /// Most to return; 1000 at most.
    pub limit: u32,
}

/// `version`: returns `Option<VersionRecord>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpVersion {
    /// The chaincode.
    pub name: ChaincodeName,
    /// The version.
    pub sequence: Sequence,
}

/// `history`: returns `Vec<Step>`, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListSteps {
    /// The chaincode; `_lifecycle` for the steps of its policy.
    pub name: ChaincodeName,
    /// Those after the step of this number; 0 for all.
    pub after: u64,
    /// Most to return; 1000 at most.
    pub limit: u32,
}

/// `description`: returns `Option<Vec<u8>>`, what the package says of itself. `package`: returns
/// `Option<PackageRecord>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpPackage {
    /// The package.
    pub package: PackageId,
}

/// Calls a function.
pub(crate) fn call(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    match (call.function.as_str(), call.kind) {
        ("status", _) => {
            let LookUpStatus { name } = call.argument()?;
            Ok(encode(&records::chaincode(call.state, &name)?))
        }
        ("list", _) => {
            let ListChaincodes { after, limit } = call.argument()?;
            let after = after.as_ref().map_or("", ChaincodeName::as_str);
            Ok(encode(&records::chaincodes(call.state, after, page(limit))?))
        }
        ("version", _) => {
            let LookUpVersion { name, sequence } = call.argument()?;
            Ok(encode(&records::version(call.state, &name, sequence)?))
        }
        ("history", _) => {
            let ListSteps { name, after, limit } = call.argument()?;
            Ok(encode(&steps::steps(call.state, &name, after, page(limit))?))
        }
        ("description", _) => {
            let LookUpPackage { package } = call.argument()?;
            Ok(encode(&call.state.get(&description_key(&package))?))
        }
        ("package", _) => {
            let LookUpPackage { package } = call.argument()?;
            Ok(encode(&packages::record(call.state, &package)?))
        }
        ("policy", _) => {
            let LookUpPolicy {} = call.argument()?;
            Ok(encode(&policy::record(call.state)?))
        }
        (_, CallKind::Query) => Err(call.unknown_function(LIFECYCLE)),
        ("upload", _) => packages::upload(call),
        ("propose", _) => proposals::propose(call),
        ("approve", _) => proposals::approve(call),
        ("freeze", _) => decisions::freeze(call),
        ("thaw", _) => decisions::thaw(call),
        ("rollback", _) => decisions::rollback(call),
        ("change_policy", _) => policy::change(call),
        _ => Err(call.unknown_function(LIFECYCLE)),
    }
}

fn page(limit: u32) -> usize {
    (limit as usize).min(SCAN_ENTRIES_MAX)
}
