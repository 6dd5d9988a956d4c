//! The system chaincodes: who may act (`_identity`), which rules apply (`_lifecycle`), which replicas keep the ledger
//! (`_membership`), and which documents it names (`_documents`). They are part of the peer, called like any other
//! chaincode, and keep their records in the world state under their own names.

pub mod documents;
pub mod identity;
pub mod lifecycle;
pub mod membership;
pub(crate) mod record;

use crate::authorise::Standing;
use crate::chaincode::{CallKind, ChaincodeEngine};
use crate::refusal::{Refusal, Stop};
use crate::view::Overlay;
use borsh::BorshDeserialize;
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{ChaincodeName, ChannelId, FunctionName, Height, MemberId, Outcome, Role, TxId};

/// Name of the chaincode that keeps names of documents.
pub const DOCUMENTS: &str = "_documents";
/// Name of the chaincode that keeps organisations and members.
pub const IDENTITY: &str = "_identity";
/// Name of the chaincode that keeps chaincode.
pub const LIFECYCLE: &str = "_lifecycle";
/// Name of the chaincode that keeps configurations.
pub const MEMBERSHIP: &str = "_membership";

/// One call of a system chaincode.
pub(crate) struct SystemCall<'a, 'b> {
    pub kind: CallKind,
    pub function: &'a FunctionName,
    pub args: &'a [u8],
    pub caller: &'a MemberId,
    pub standing: &'a Standing,
    pub channel: &'a ChannelId,
    pub tx_id: TxId,
    pub height: Height,
    pub time_ms: u64,
    pub engine: &'a dyn ChaincodeEngine,
    pub state: &'a mut Overlay<'b>,
}

impl SystemCall<'_, '_> {
    /// Decodes the argument strictly.
    fn argument<T: BorshDeserialize>(&self) -> Result<T, Refusal> {
        theriac_types::decode(self.args, ARGS_BYTES_MAX)
            .map_err(|e| Refusal::argument(format!("the argument of {} does not decode: {e}", self.function)))
    }

    /// The caller acts as an administrator of its organisation.
    fn administrator(&self, action: &str) -> Result<(), Refusal> {
        if self.standing.member.roles.contains(&Role::Administrator) {
            return Ok(());
        }
        let message = format!(
            "only an administrator may {action}; {} is none: ask an administrator of {}",
            self.caller, self.caller.org
        );
        Err(Refusal::policy(message))
    }

    fn unknown_function(&self, chaincode: &str) -> Stop {
        let how = match self.kind {
            CallKind::Transaction | CallKind::Migration => "function",
            CallKind::Query => "query",
        };
        Refusal::argument(format!("{chaincode} has no {how} {}", self.function)).into()
    }
}

/// Calls a system chaincode; the result is borsh.
pub(crate) fn call(name: &ChaincodeName, call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    match name.as_str() {
        DOCUMENTS => documents::call(call),
        IDENTITY => identity::call(call),
        LIFECYCLE => lifecycle::call(call),
        MEMBERSHIP => membership::call(call),
        _ => {
            let message = format!(
                "there is no system chaincode {name}; there are {DOCUMENTS}, {IDENTITY}, {LIFECYCLE} and {MEMBERSHIP}"
            );
            Err(Refusal::new(Outcome::UnknownChaincode, message).into())
        }
    }
}
