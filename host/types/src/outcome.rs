//! The outcome codes of a transaction.

use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// How a transaction ended. Only `Valid` changes the world state.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
        #[borsh(use_discriminant = false)]
        pub enum Outcome { $($(#[$doc])* $name),+ }

        impl Outcome {
            /// Every outcome, in the order of its encoding.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

outcomes! {
    /// Executed; its writes took effect.
    Valid = "VALID",
    /// The chaincode refused, with a code of its own.
    ChaincodeRejected = "CHAINCODE_REJECTED",
    /// It used more gas than one transaction may.
    OutOfGas = "OUT_OF_GAS",
    /// The chaincode broke off: a panic, a bad access, too deep a call stack.
    Trapped = "TRAPPED",
    /// It exceeded a limit: memory, result, events, keys or values.
    LimitExceeded = "LIMIT_EXCEEDED",
    /// Too few of the required signers, or none with the required role.
    PolicyUnsatisfied = "POLICY_UNSATISFIED",
    /// A system chaincode found the state not ready for this.
    PreconditionFailed = "PRECONDITION_FAILED",
    /// Its creator has used this nonce before.
    Duplicate = "DUPLICATE",
    /// Ordered after its last valid height, or valid for longer than allowed.
    Expired = "EXPIRED",
    /// A signature does not verify.
    BadSignature = "BAD_SIGNATURE",
    /// Its signer is no active member, or signs with a key that is not the member's.
    NotAMember = "NOT_A_MEMBER",
    /// No chaincode of that name.
    UnknownChaincode = "UNKNOWN_CHAINCODE",
    /// The chaincode has no active version at this height.
    VersionNotActive = "VERSION_NOT_ACTIVE",
    /// The chaincode is frozen.
    Frozen = "FROZEN",
    /// The chaincode has no such function, or the argument does not decode.
    InvalidArgument = "INVALID_ARGUMENT",
}

impl Outcome {
    /// Whether the transaction was admitted: then its creator has used up its nonce, whatever came of it.
    pub fn is_admitted(self) -> bool {
        !matches!(self, Self::Duplicate | Self::Expired | Self::BadSignature | Self::NotAMember)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_encodings_are_stable() {
        for (index, outcome) in Outcome::ALL.iter().enumerate() {
            assert_eq!(crate::encode(outcome), [index as u8]);
        }
        assert_eq!(Outcome::ALL.len(), 15);
        assert!(crate::decode::<Outcome>(&[15], 1).is_err());
        assert_eq!(Outcome::NotAMember.code(), "NOT_A_MEMBER");
    }
}
