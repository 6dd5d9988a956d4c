//! A refusal on its way out: the domain's, or the SDK's own.

use theriac_domain::{IdentifierError, Refusal};

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
