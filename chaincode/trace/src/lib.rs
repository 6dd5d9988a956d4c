//! The drug lifecycle.

use theriac_chaincode::{QueryContext, Refusal, chaincode};

/// The functions.
#[chaincode(name = "trace", state_version = 1)]
pub mod trace {
    use super::*;

    /// The height that a query reads at.
    #[query]
    fn height(ctx: &QueryContext) -> Result<u64, Refusal> {
        Ok(ctx.height())
    }
}
