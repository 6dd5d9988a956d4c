//! What regulators and companies change often, apart from the units it judges.
//!
//! Chaincode `trace` asks [`rules`] for the rules in force before it judges events, and keeps their version with every
//! event. To change a rule, edit [`in_force`], give it a new version, and deploy this chaincode again: it takes effect at
//! the height that the organisations approve, and no unit is touched. Temperatures that a product bears and times that
//! a lane takes are data: they are set by transactions, and each has a version of its own.

mod lanes;
mod limits;
mod refused;
mod standing;

pub use lanes::{Lane, LaneEntry, LaneQuery};
pub use limits::SetLimits;
pub use standing::in_force;

use theriac_chaincode::chaincode;
use theriac_domain::rules::{LimitsQuery, ProductLimits, Rules};

/// The functions that can be called.
#[chaincode(name = "rules", state_version = 1, tables(LIMITS, LANES), errors(Fault))]
pub mod rules {
    use super::*;
    use crate::lanes::LANES;
    use crate::limits::LIMITS;
    use crate::refused::Fault;
    use theriac_chaincode::{QueryContext, Refusal, TransactionContext};

    /// The rules in force.
    #[query]
    fn current(_ctx: &QueryContext) -> Result<Rules, Refusal> {
        Ok(in_force())
    }

    /// What a product bears; none when nobody set it.
    #[query]
    fn product_limits(ctx: &QueryContext, query: LimitsQuery) -> Result<Option<ProductLimits>, Refusal> {
        LIMITS.get(ctx, &query.gtin)
    }

    /// How long goods may be on their way between two parties; none when nobody set it.
    #[query]
    fn lane(ctx: &QueryContext, query: LaneQuery) -> Result<Option<LaneEntry>, Refusal> {
        LANES.get(ctx, &(query.from, query.to))
    }

    /// The same, as one number: what chaincode asks for.
    #[query]
    fn lane_hours(ctx: &QueryContext, lane: (String, String)) -> Result<Option<u32>, Refusal> {
        Ok(LANES.get(ctx, &lane)?.map(|entry| entry.hours))
    }

    /// Sets what a product bears. For its maker, and for regulators.
    #[transaction]
    fn set_product_limits(ctx: &mut TransactionContext, wanted: SetLimits) -> Result<ProductLimits, Refusal> {
        limits::set(ctx, wanted)
    }

    /// Sets how long goods may be on their way between two parties. For the shipper, and for regulators.
    #[transaction]
    fn set_lane(ctx: &mut TransactionContext, wanted: Lane) -> Result<LaneEntry, Refusal> {
        lanes::set(ctx, wanted)
    }
}
