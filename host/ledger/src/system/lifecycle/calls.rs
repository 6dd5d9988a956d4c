//! The functions of `_lifecycle`, their arguments and results. All are borsh.

use super::records::{self, PackageBytes, Sequence};
use super::{decisions, proposals};
use crate::chaincode::CallKind;
use crate::refusal::Stop;
use crate::system::{LIFECYCLE, SystemCall};
use crate::view::View;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{MESSAGE_BYTES_MAX, NAME_BYTES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{ChaincodeName, Digest, Height, PackageId, Text, encode};

/// `propose`: proposes a package and approves it for the caller's organisation. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Propose {
    /// The chaincode, new or known.
    pub name: ChaincodeName,
    /// What people call this version.
    pub label: Text<NAME_BYTES_MAX>,
    /// The core module, with its component-type section.
    pub module: PackageBytes,
    /// Digest of its source.
    pub source: Option<Digest>,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
    /// First height at which it may become active; 0 for as soon as it is approved.
    pub not_before: Height,
}

/// `approve`: approves a proposed version for the caller's organisation. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Approve {
    /// The chaincode.
    pub name: ChaincodeName,
    /// The version.
    pub sequence: Sequence,
    /// Its package: what was looked at is what is approved.
    pub package: PackageId,
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

/// `unfreeze`: votes for taking the chaincode's transactions again. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Unfreeze {
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
    /// The chaincode.
    pub name: ChaincodeName,
    /// Those after the step of this number; 0 for all.
    pub after: u64,
    /// Most to return; 1000 at most.
    pub limit: u32,
}

/// `description`: returns `Option<Vec<u8>>`, what the package says of itself.
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
            Ok(encode(&records::steps(call.state, &name, after, page(limit))?))
        }
        ("description", _) => {
            let LookUpPackage { package } = call.argument()?;
            Ok(encode(&call.state.get(&records::description_key(&package))?))
        }
        (_, CallKind::Query) => Err(call.unknown_function(LIFECYCLE)),
        ("propose", _) => proposals::propose(call),
        ("approve", _) => proposals::approve(call),
        ("freeze", _) => decisions::freeze(call),
        ("unfreeze", _) => decisions::unfreeze(call),
        ("rollback", _) => decisions::rollback(call),
        _ => Err(call.unknown_function(LIFECYCLE)),
    }
}

fn page(limit: u32) -> usize {
    (limit as usize).min(SCAN_ENTRIES_MAX)
}
