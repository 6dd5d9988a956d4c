//! The functions of `_membership`, their arguments and results. All are borsh.

use super::proposals;
use super::records::{self, Epochs, ProposalRecord};
use crate::chaincode::CallKind;
use crate::refusal::Stop;
use crate::system::{MEMBERSHIP, SystemCall};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{MESSAGE_BYTES_MAX, SCAN_ENTRIES_MAX};
use theriac_types::{Configuration, Digest, Epoch, ProposedConfiguration, Text, encode};

/// `propose`: proposes a configuration and approves it for the caller's organisation. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Propose {
    /// The whole of it.
    pub configuration: ProposedConfiguration,
    /// Why.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

/// `approve`: approves a proposal for the caller's organisation. Returns [`super::Tally`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Approve {
    /// The proposal.
    pub number: u64,
    /// Its digest: what was looked at is what is approved.
    pub digest: Digest,
}

/// `withdraw`: takes back a proposal of the caller's organisation. Returns nothing.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Withdraw {
    /// The proposal.
    pub number: u64,
}

/// `status`: returns [`Status`].
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpStatus {}

/// Which replicas keep the ledger, and which will.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Status {
    /// The running and the decided epoch.
    pub epochs: Epochs,
    /// The running configuration.
    pub running: Configuration,
    /// The decided one that has not begun.
    pub pending: Option<Configuration>,
}

/// `configuration`: returns `Option<Configuration>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpConfiguration {
    /// The epoch.
    pub epoch: Epoch,
}

/// `proposal`: returns `Option<ProposalDetails>`.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct LookUpProposal {
    /// Its number.
    pub number: u64,
}

/// A proposal with what it proposes.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProposalDetails {
    /// How far it has come.
    pub record: ProposalRecord,
    /// What it proposes.
    pub configuration: ProposedConfiguration,
}

/// `proposals`: returns `Vec<ProposalRecord>`, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ListProposals {
    /// Those after the proposal of this number; 0 for all.
    pub after: u64,
    /// Most to return; 1000 at most.
    pub limit: u32,
}

/// Calls a function.
pub(crate) fn call(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    match (call.function.as_str(), call.kind) {
        ("status", _) => {
            let LookUpStatus {} = call.argument()?;
            Ok(encode(&status(call)?))
        }
        ("configuration", _) => {
            let LookUpConfiguration { epoch } = call.argument()?;
            Ok(encode(&records::configuration(call.state, epoch)?))
        }
        ("proposal", _) => {
            let LookUpProposal { number } = call.argument()?;
            let found = (records::proposal(call.state, number)?, records::proposed(call.state, number)?);
            let details = match found {
                (Some(record), Some(configuration)) => Some(ProposalDetails { record, configuration }),
                _ => None,
            };
            Ok(encode(&details))
        }
        ("proposals", _) => {
            let ListProposals { after, limit } = call.argument()?;
            let limit = (limit as usize).min(SCAN_ENTRIES_MAX);
            Ok(encode(&records::proposals(call.state, after, limit)?))
        }
        (_, CallKind::Query) => Err(call.unknown_function(MEMBERSHIP)),
        ("propose", _) => proposals::propose(call),
        ("approve", _) => proposals::approve(call),
        ("withdraw", _) => proposals::withdraw(call),
        _ => Err(call.unknown_function(MEMBERSHIP)),
    }
}

fn status(call: &SystemCall<'_, '_>) -> Result<Status, Stop> {
    let epochs = records::epochs(call.state)?;
    // A query reads what a height left behind; who decides on the height above is what matters.
    let height = match call.kind {
        CallKind::Transaction | CallKind::Migration => call.height,
        CallKind::Query => call.height.next(),
    };
    let running = records::known(call.state, epochs.at(height).epoch)?;
    let pending = epochs.pending(height).map(|next| records::known(call.state, next.epoch)).transpose()?;
    Ok(Status { epochs, running, pending })
}
