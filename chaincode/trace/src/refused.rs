//! A refusal on its way out: the domain's, or the SDK's own.

use theriac_chaincode::ErrorCodes;
use theriac_domain::{Gs1Error, IdentifierError, Refusal};

/// Carries the refusal that the receipt shows.
#[derive(Debug)]
pub(crate) struct Refused(theriac_chaincode::Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(theriac_chaincode::Refusal::new(refusal.code(), refusal.to_string()))
    }
}

impl From<IdentifierError> for Refused {
    fn from(error: IdentifierError) -> Self {
        Refusal::from(error).into()
    }
}

impl From<Gs1Error> for Refused {
    fn from(error: Gs1Error) -> Self {
        IdentifierError::from(error).into()
    }
}

impl From<theriac_chaincode::Refusal> for Refused {
    fn from(refusal: theriac_chaincode::Refusal) -> Self {
        Self(refusal)
    }
}

impl From<Refused> for theriac_chaincode::Refusal {
    fn from(refused: Refused) -> Self {
        refused.0
    }
}

impl Refused {
    /// The same, saying which event of several it is about.
    pub fn about(self, number: usize) -> Self {
        let theriac_chaincode::Refusal { code, message, .. } = self.0;
        Self(theriac_chaincode::Refusal::new(&code, format!("Event {number}: {message}")))
    }
}

/// Everything that this chaincode refuses with. The message of a refusal names the identifiers besides.
pub(crate) struct Codes;

impl ErrorCodes for Codes {
    fn codes() -> Vec<(&'static str, &'static str)> {
        Refusal::CODES.iter().chain(IdentifierError::CODES).copied().collect()
    }
}
