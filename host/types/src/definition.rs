//! A definition: everything that organisations agree on when they put a version of a chaincode in force.

use crate::limits::{DEFINITION_POLICIES_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX};
use crate::{Budget, Digest, FunctionName, Height, List, PackageId, Policy, Text};
use borsh::{BorshDeserialize, BorshSerialize};

/// What one version of a chaincode is, and under which rules it runs. Its digest is what organisations approve.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Definition {
    /// What people call this version.
    pub label: Text<NAME_BYTES_MAX>,
    /// The package; it is on the ledger already.
    pub package: PackageId,
    /// Whose signatures its transactions need.
    pub endorsement: Endorsement,
    /// What one of its transactions may use.
    pub budget: Budget,
    /// First height at which it may judge; 0 for as soon as it is approved.
    pub not_before: Height,
    /// Digest of its source, if stated.
    pub source: Option<Digest>,
    /// Why, and what else people should know who decide about it.
    pub notes: Text<MESSAGE_BYTES_MAX>,
}

/// Whose signatures a transaction of a chaincode needs.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Endorsement {
    /// For every function that has no policy of its own.
    pub chaincode: Policy,
    /// Policies of single functions, each instead of the chaincode's. Ascending by function, each once.
    pub functions: List<FunctionPolicy, DEFINITION_POLICIES_MAX>,
}

/// The policy of one function.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FunctionPolicy {
    /// The function.
    pub function: FunctionName,
    /// Whose signatures it needs.
    pub policy: Policy,
}

impl Endorsement {
    /// The creator's signature is enough for everything.
    pub fn anyone() -> Self {
        Self { chaincode: Policy::anyone(), functions: List::default() }
    }

    /// The policy of a function.
    pub fn of(&self, function: &FunctionName) -> &Policy {
        let own = self.functions.binary_search_by(|known| known.function.cmp(function));
        own.map_or(&self.chaincode, |index| &self.functions[index].policy)
    }

    /// Every policy in it, the chaincode's first.
    pub fn policies(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.chaincode).chain(self.functions.iter().map(|function| &function.policy))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_without_a_policy_of_its_own_has_the_chaincodes() {
        let policy = |text: &str| text.parse::<Policy>().expect("a policy");
        let name = |text: &str| FunctionName::new(text).expect("a name");
        let own = |function: &str, text: &str| FunctionPolicy { function: name(function), policy: policy(text) };
        let functions = List::new(vec![own("recall", "role:regulator"), own("ship", "any")]).expect("two");
        let endorsement = Endorsement { chaincode: policy("maker"), functions };
        for (function, expected) in [("recall", "role:regulator"), ("ship", "any"), ("receive", "maker")] {
            assert_eq!(endorsement.of(&name(function)), &policy(expected), "{function}");
        }
    }
}
