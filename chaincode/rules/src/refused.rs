//! What this chaincode refuses.

use theriac_chaincode::{Caller, ChaincodeError};

/// Why a rule is not set.
#[derive(Debug, ChaincodeError)]
pub enum Fault {
    /// Only a party of this kind may set the rule. Ask one that may.
    #[code("ROLE_DENIED")]
    #[message("This needs the role {needed}; {who} has not got it. Ask somebody who has it.")]
    RoleDenied {
        /// Which roles would do.
        needed: &'static str,
        /// Who asked.
        who: String,
    },
    /// The product or the party belongs to somebody else. Ask them.
    #[code("NOT_OWNER")]
    #[message("{what} belongs to {owner}. Ask them to set it.")]
    NotOwner {
        /// Of what.
        what: String,
        /// Whose it is.
        owner: String,
    },
    /// The values contradict each other, or are out of bounds. Correct them.
    #[code("RULE_INVALID")]
    #[message("{problem} Correct it.")]
    RuleInvalid {
        /// What is wrong.
        problem: &'static str,
    },
}

/// A member as people name it.
pub(crate) fn who(caller: &Caller) -> String {
    format!("{}/{}", caller.organisation, caller.member)
}
