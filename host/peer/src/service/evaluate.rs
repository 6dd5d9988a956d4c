//! Queries: chaincode asked about the state of this peer.

use super::{admit, parse};
use crate::core::Core;
use crate::refusal::Refusal;
use prost::bytes::Bytes;
use theriac_ledger::{BlockStore, Query, evaluate};
use theriac_proto::gateway::v1::{EvaluateRequest, EvaluateResponse};
use theriac_types::{Height, Outcome, encode};

/// Answers a query. Runs chaincode: call it where that may take its time.
pub fn answer(core: &Core, request: &EvaluateRequest) -> Result<EvaluateResponse, Refusal> {
    let asked = admit::check_question(core, "query", &request.query)?;
    let height = parse::height(request.height, core.chain.certified())?;
    let body = &asked.body;
    let query =
        Query { creator: &body.creator, chaincode: &body.chaincode, function: &body.function, args: &body.args };
    let answer = evaluate(core.chain.store(), &*core.engine, &query, Some(height))?;
    if answer.outcome != Outcome::Valid {
        return Err(Refusal::query(answer));
    }
    Ok(EvaluateResponse {
        height: height.0,
        result: answer.result.into(),
        package_id: answer.judges.first().map(|judge| Bytes::copy_from_slice(&judge.package.0.0)).unwrap_or_default(),
        gas: answer.used.gas,
        host_gas: answer.used.host_gas,
        commitment: commitment(core, height)?,
    })
}

/// The certified commitment of a height; empty for genesis, which needs none. A peer that has just fetched a state has no
/// certificate of its height, and answers nothing before the next height is certified.
pub fn commitment(core: &Core, height: Height) -> Result<Bytes, Refusal> {
    if let Some(block) = core.chain.recent_block(height) {
        return Ok(block.commitment());
    }
    if height == Height(0) {
        return Ok(Bytes::new());
    }
    let certified = core.chain.store().certificate(height)?;
    certified.map(|certified| encode(&certified).into()).ok_or(Refusal::NotYet { height, certified: Height(0) })
}
