//! What would become of events if they were captured now: tried by one peer on the present state, in their order.

use crate::ask::took_effect;
use crate::split::{lengths, split};
use crate::{Trace, TraceError};
use std::ops::Range;
use theriac_domain::Event;
use theriac_trace::{Capture, Captured, CapturedEvent, OnError, Remark};
use theriac_types::{Outcome, Receipt};

/// Most transactions that one rehearsal takes; the limit of peers.
const TRANSACTIONS_MAX: usize = 64;

/// What would become of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WouldBe {
    /// It would take effect.
    Captured {
        /// What it would do.
        operation: String,
        /// How many items it names.
        items: u32,
        /// What somebody should know.
        remarks: Vec<Remark>,
    },
    /// It would be refused.
    Refused(Remark),
    /// It was not tried, because an event before it would be refused.
    Skipped,
}

/// A rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    /// For each event, in order.
    pub events: Vec<WouldBe>,
    /// The transactions that they fit in, as far as all would take effect.
    pub parts: Vec<Range<usize>>,
}

impl Rehearsed {
    /// The first event that would be refused, and why.
    pub fn refusal(&self) -> Option<(usize, &Remark)> {
        self.events.iter().enumerate().find_map(|(at, event)| match event {
            WouldBe::Refused(remark) => Some((at, remark)),
            _ => None,
        })
    }
}

impl Trace {
    /// Has events tried up to the first that would be refused. Nothing is captured, and nothing is promised: others may
    /// come first.
    ///
    /// # Errors
    /// When they are too many, when no peer answers, or when its answer is in another form.
    pub async fn rehearse(&self, events: &[Event], as_record: bool) -> Result<Rehearsed, TraceError> {
        let lengths = lengths(events);
        let mut parts = split(&lengths);
        loop {
            if parts.len() > TRANSACTIONS_MAX {
                return Err(TraceError::TooMuchAtOnce { events: events.len(), bytes: lengths.iter().sum() });
            }
            let signed = parts.iter().map(|part| {
                let capture = Capture { events: events[part.clone()].to_vec(), on_error: OnError::Stop, as_record };
                self.rehearsal("capture", &capture)
            });
            let signed = signed.collect::<Result<Vec<_>, _>>()?;
            let receipts = self.network().rehearse(&signed).await?.receipts;
            if receipts.len() != parts.len() {
                return Err(TraceError::Form { function: "rehearse" });
            }
            let halved = halved(&parts, &receipts);
            if halved.len() > parts.len() {
                parts = halved;
                continue;
            }
            let mut known: Vec<WouldBe> = Vec::with_capacity(events.len());
            for (part, receipt) in parts.iter().zip(&receipts) {
                known.extend(would_be(receipt)?);
                if known.len() < part.end || known.iter().any(|event| matches!(event, WouldBe::Refused(_))) {
                    break;
                }
            }
            known.resize(events.len(), WouldBe::Skipped);
            return Ok(Rehearsed { events: known, parts });
        }
    }
}

/// Whether a transaction took more than it may.
pub(crate) fn exhausted(receipt: &Receipt) -> bool {
    matches!(receipt.outcome, Outcome::OutOfGas | Outcome::LimitExceeded)
}

/// The parts, those of several events that took more than a transaction may in two halves each.
fn halved(parts: &[Range<usize>], receipts: &[Receipt]) -> Vec<Range<usize>> {
    let halves = |(part, receipt): (&Range<usize>, &Receipt)| match part.start + part.len() / 2 {
        middle if part.len() > 1 && exhausted(receipt) => vec![part.start..middle, middle..part.end],
        _ => vec![part.clone()],
    };
    parts.iter().zip(receipts).flat_map(halves).collect()
}

/// What a transaction would make of its events, up to the first that it would refuse.
fn would_be(receipt: &Receipt) -> Result<Vec<WouldBe>, TraceError> {
    if !took_effect(receipt) {
        let code = if receipt.code.is_empty() { receipt.outcome.code().to_owned() } else { receipt.code.to_string() };
        return Ok(vec![WouldBe::Refused(Remark { code, message: receipt.message.to_string() })]);
    }
    let captured: Captured =
        borsh::from_slice(&receipt.result).map_err(|_| TraceError::Form { function: "capture" })?;
    Ok(captured.events.into_iter().map(one).collect())
}

fn one(event: CapturedEvent) -> WouldBe {
    let CapturedEvent { operation, items, mut remarks, .. } = event;
    match operation {
        Some(operation) => WouldBe::Captured { operation, items, remarks },
        None => {
            let nothing = Remark { code: String::new(), message: String::new() };
            WouldBe::Refused(remarks.pop().unwrap_or(nothing))
        }
    }
}
