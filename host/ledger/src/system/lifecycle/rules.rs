//! The rules that judge a call: the version in force, whose signatures it needs, what it may use.

use super::{packages, records};
use crate::refusal::{Refusal, Stop};
use crate::state::ReadError;
use crate::view::View;
use theriac_types::{Budget, ChaincodeName, Endorsement, FunctionKind, FunctionName, Judge, Outcome, PackageId};

/// What judges the calls of a chaincode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    pub judge: Judge,
    pub endorsement: Endorsement,
    /// What one transaction may use.
    pub budget: Budget,
}

/// The rules in force. A state that a block left behind has those of the next block.
pub(crate) fn rules(view: &dyn View, name: &ChaincodeName, transaction: bool) -> Result<Rules, Stop> {
    let Some(record) = records::chaincode(view, name)? else {
        let message = format!("there is no chaincode {name}: check the name, or deploy it");
        return Err(Refusal::new(Outcome::UnknownChaincode, message).into());
    };
    // A frozen chaincode can still be asked: freezing protects the state, and reading does not change it.
    if record.frozen && transaction {
        let message = format!("chaincode {name} is frozen: its organisations can thaw it");
        return Err(Refusal::new(Outcome::Frozen, message).into());
    }
    let Some(active) = record.active else {
        let message = format!("chaincode {name} has no version in force yet: have one approved");
        return Err(Refusal::new(Outcome::VersionNotActive, message).into());
    };
    let definition = records::known_version(view, name, active.sequence)?.definition;
    let judge = Judge { chaincode: name.clone(), sequence: active.sequence, package: active.package };
    Ok(Rules { judge, endorsement: definition.endorsement, budget: definition.budget })
}

/// Whether a package says that a function of its is a query.
pub(crate) fn is_query(view: &dyn View, package: &PackageId, function: &FunctionName) -> Result<bool, ReadError> {
    let description = packages::description(view, package)?;
    let found = description.functions.iter().find(|known| known.name == *function);
    Ok(found.is_some_and(|found| found.kind == FunctionKind::Query))
}
