//! Steps in a chaincode's life, for people and programs.

use crate::commands::chaincode::show::action;
use serde_json::{Value, json};
use theriac_client::system::lifecycle::{Action, Motion, Sequence, Step};
use theriac_domain::EventTime;

/// A time in milliseconds since 1970, as people read it.
pub fn instant(time_ms: u64) -> String {
    let utc_ms = i64::try_from(time_ms).unwrap_or(i64::MAX);
    EventTime { utc_ms, offset_minutes: 0 }.to_string()
}

/// One step.
pub fn step(step: &Step) -> Value {
    json!({
        "height": step.height.0,
        "time": instant(step.time_ms),
        "what": action(&step.action),
        "by": step.member.to_string(),
        "transaction": step.tx_id.to_string(),
        "reason": &*step.reason,
    })
}

/// Whether a step is about a version.
pub fn touches(action: &Action, version: Sequence) -> bool {
    match action {
        Action::Proposed { sequence, .. } | Action::Approved(sequence) => *sequence == version,
        Action::Decided(activation)
        | Action::Replaced(activation)
        | Action::Activated { activation, .. }
        | Action::Void { activation, .. } => activation.sequence == version,
        Action::Voted(Motion::Rollback { to, .. }) | Action::Carried(Motion::Rollback { to, .. }) => *to == version,
        Action::Voted(_) | Action::Carried(_) | Action::PolicyVoted(_) | Action::PolicyChanged(_) => false,
    }
}
