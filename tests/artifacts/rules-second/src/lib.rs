//! Chaincode `rules` as its developers would deploy it again: the sources of `chaincode/rules`, with an undo window of
//! seven days instead of ten.

#[path = "../../../../chaincode/rules/src/lanes.rs"]
mod lanes;
#[path = "../../../../chaincode/rules/src/limits.rs"]
mod limits;
#[path = "../../../../chaincode/rules/src/refused.rs"]
mod refused;
#[path = "../../../../chaincode/rules/src/standing.rs"]
mod standing;

use lanes::{LANES, Lane, LaneEntry, LaneQuery};
use limits::{LIMITS, SetLimits};
use refused::Fault;
use theriac_chaincode::chaincode;
use theriac_domain::rules::{LimitsQuery, ProductLimits, Rules};

/// The functions that can be called.
#[chaincode(name = "rules", state_version = 1, tables(LIMITS, LANES), errors(Fault))]
pub mod rules {
    use super::*;
    use theriac_chaincode::{QueryContext, Refusal, TransactionContext};

    /// The rules in force.
    #[query]
    fn current(_ctx: &QueryContext) -> Result<Rules, Refusal> {
        Ok(Rules { version: "2".to_owned(), undo_days: 7, ..standing::in_force() })
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
