//! Waiting for the outcome of a transaction, no longer than the client does and no longer than it makes sense.

use crate::core::{Core, blocking};
use crate::limits::{PROGRESS_MAX, WAIT_MARGIN, WAIT_MAX};
use crate::refusal::Refusal;
use crate::waiting::Found;
use std::sync::Arc;
use std::time::Duration;
use theriac_proto::ledger::v1::ProvenReceipt;
use theriac_types::TxId;
use tokio::sync::oneshot;
use tokio::time::{Instant, interval, sleep_until};
use tonic::metadata::MetadataMap;

/// When to answer at the latest: shortly before the client's own deadline.
pub fn deadline(metadata: &MetadataMap) -> Instant {
    let asked = metadata.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse_timeout);
    let wait = asked.unwrap_or(WAIT_MAX).min(WAIT_MAX);
    Instant::now() + wait.saturating_sub(WAIT_MARGIN)
}

/// At most eight digits and a unit, as gRPC writes it.
fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

/// Waits for a transaction handed in here.
pub async fn outcome(
    core: &Core,
    id: TxId,
    mut answer: oneshot::Receiver<Found>,
    deadline: Instant,
) -> Result<ProvenReceipt, Refusal> {
    let mut looks = interval(PROGRESS_MAX);
    looks.reset();
    loop {
        tokio::select! {
            biased;
            found = &mut answer => {
                // Hung up on only by a peer that stops.
                let found = found.map_err(|_| Refusal::Stopping)?;
                return proven(&found);
            }
            () = sleep_until(deadline) => return Err(Refusal::Pending { id }),
            _ = looks.tick() => core.check_quorum(Some(id))?,
        }
    }
}

/// The proven receipt of a transaction that is decided already, or of one that may be decided later.
pub async fn status(core: &Arc<Core>, id: TxId, no_wait: bool, deadline: Instant) -> Result<ProvenReceipt, Refusal> {
    // Registered first: what is decided between the look and the wait is not missed.
    let answer = core.chain.waiting.answer(id);
    let chain = core.chain.clone();
    if let Some(found) = blocking(move || Ok(chain.find(id)?)).await? {
        return proven(&found);
    }
    if no_wait {
        let (reason, kind) = ("TRANSACTION_UNKNOWN", "transaction");
        return Err(Refusal::Unknown { reason, kind, name: id.to_string() });
    }
    outcome(core, id, answer, deadline).await
}

/// The receipt with its proofs.
pub fn proven((block, index): &Found) -> Result<ProvenReceipt, Refusal> {
    block
        .proven(*index)
        .ok_or_else(|| Refusal::Failed { reason: format!("height {} has no transaction {index}", block.height()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        let check = |text, expected| assert_eq!(parse_timeout(text), expected, "{text}");
        check("15S", Some(Duration::from_secs(15)));
        check("1500m", Some(Duration::from_millis(1500)));
        check("99999999H", Some(Duration::from_secs(99_999_999 * 3600)));
        for wrong in ["", "S", "1", "1x", "-1S", "123456789S", "é", "1é"] {
            check(wrong, None);
        }
    }
}
