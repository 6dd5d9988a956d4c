//! Captures any number of events.

use crate::ask::took_effect;
use crate::documents::event_name;
use crate::rehearse::exhausted;
use crate::split::{fit, lengths, split};
use crate::{Trace, TraceError};
use std::collections::VecDeque;
use std::ops::Range;
use theriac_domain::Event;
use theriac_domain::item::EventId;
use theriac_trace::{Capture, Captured, CapturedEvent, OnError, Remark};
use theriac_types::TxId;

/// How events are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureOptions {
    /// What becomes of the others when one is refused. Events that are to take effect all or none, and need more than one
    /// transaction, are rehearsed first, and captured only if all would take effect.
    pub on_error: OnError,
    /// Keeps the events as they are stated; no rule judges them.
    pub as_record: bool,
}

/// How far a capture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events whose outcome is known.
    pub done: usize,
    /// All events.
    pub total: usize,
}

/// What became of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventOutcome {
    /// Its name on the ledger.
    pub id: EventId,
    /// What became of it.
    pub captured: CapturedAs,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapturedAs {
    /// It took effect now.
    New {
        /// What it did.
        operation: String,
        /// How many items it named.
        items: u32,
        /// The case that it opened.
        case: Option<String>,
        /// What somebody should know.
        remarks: Vec<Remark>,
        /// In which block.
        height: u64,
        /// In which transaction.
        transaction: TxId,
    },
    /// It was on the ledger before.
    Before {
        /// In which block it was captured.
        height: u64,
    },
    /// It was refused.
    Refused {
        /// A stable code.
        code: String,
        /// A sentence.
        message: String,
        /// In which block; none when it was refused in a rehearsal.
        height: Option<u64>,
        /// In which transaction; none when it was refused in a rehearsal.
        transaction: Option<TxId>,
    },
    /// It was not looked at, because another was refused.
    Skipped,
}

impl Trace {
    /// Captures events in their order, in as few transactions as they fit, and tells how far it is.
    ///
    /// # Errors
    /// When the ledger cannot be asked or an outcome is not known: then the same call goes on where this one ended. When
    /// all events are to take effect or none, and are more than a peer rehearses. A refused event is no error but an
    /// outcome.
    pub async fn capture(
        &self,
        events: &[Event],
        options: CaptureOptions,
        mut progress: impl FnMut(Progress),
    ) -> Result<Vec<EventOutcome>, TraceError> {
        let ids: Vec<EventId> = events.iter().map(event_name).collect();
        let lengths = lengths(events);
        let mut outcomes: Vec<Option<CapturedAs>> = vec![None; events.len()];
        for (at, known) in self.captured(&ids).await?.into_iter().enumerate() {
            // What was only kept as it was stated can still be judged.
            let known = known.filter(|known| known.judged || options.as_record);
            outcomes[at] = known.map(|known| CapturedAs::Before { height: known.height });
        }
        let waiting: Vec<usize> = (0..events.len()).filter(|at| outcomes[*at].is_none()).collect();
        let waiting_lengths: Vec<usize> = waiting.iter().map(|at| lengths[*at]).collect();
        let mut done = events.len() - waiting.len();
        progress(Progress { done, total: events.len() });
        let mut parts: VecDeque<Range<usize>> = split(&waiting_lengths).into();
        // One transaction takes effect all or none by itself.
        let mut rehearsal_due = options.on_error == OnError::Rollback && !fit(&waiting_lengths);
        loop {
            if std::mem::take(&mut rehearsal_due) {
                let waiting_events: Vec<Event> = waiting.iter().map(|at| events[*at].clone()).collect();
                let rehearsed = self.rehearse(&waiting_events, options.as_record).await?;
                if let Some((at, Remark { code, message })) = rehearsed.refusal() {
                    let (code, message) = (code.clone(), message.clone());
                    outcomes[waiting[at]] =
                        Some(CapturedAs::Refused { code, message, height: None, transaction: None });
                    break;
                }
                parts = rehearsed.parts.into();
            }
            let Some(part) = parts.pop_front() else { break };
            let chosen = &waiting[part.clone()];
            match self.capture_part(events, chosen, options).await? {
                Part::Known(known) => {
                    let refused = known.iter().any(|outcome| matches!(outcome, CapturedAs::Refused { .. }));
                    for (at, outcome) in chosen.iter().zip(known) {
                        outcomes[*at] = Some(outcome);
                    }
                    done += chosen.len();
                    progress(Progress { done, total: events.len() });
                    if refused && options.on_error != OnError::Proceed {
                        break;
                    }
                }
                Part::TooLong if options.on_error == OnError::Rollback && part.len() == waiting.len() => {
                    rehearsal_due = true;
                }
                Part::TooLong => {
                    let middle = part.start + part.len() / 2;
                    parts.push_front(middle..part.end);
                    parts.push_front(part.start..middle);
                }
            }
        }
        Ok(together(ids, outcomes))
    }

    async fn capture_part(
        &self,
        events: &[Event],
        chosen: &[usize],
        options: CaptureOptions,
    ) -> Result<Part, TraceError> {
        let CaptureOptions { on_error, as_record } = options;
        let argument = Capture { events: chosen.iter().map(|at| events[*at].clone()).collect(), on_error, as_record };
        let committed = self.submit("capture", &argument).await?;
        let (height, transaction) = (committed.height().0, committed.id());
        if took_effect(committed.receipt()) {
            let captured: Captured =
                borsh::from_slice(&committed.receipt().result).map_err(|_| TraceError::Form { function: "capture" })?;
            let mut known: Vec<CapturedAs> =
                captured.events.into_iter().map(|event| outcome(event, height, transaction)).collect();
            known.resize(chosen.len(), CapturedAs::Skipped);
            return Ok(Part::Known(known));
        }
        let exhausted = exhausted(committed.receipt());
        if exhausted && chosen.len() > 1 {
            return Ok(Part::TooLong);
        }
        let (code, mut message) = (committed.reason().to_owned(), committed.receipt().message.to_string());
        if exhausted {
            message.push_str(
                ". One transaction cannot judge so many items: state the event in several of 300 items each.",
            );
        }
        let refused = CapturedAs::Refused { code, message, height: Some(height), transaction: Some(transaction) };
        if on_error == OnError::Stop {
            let mut known = vec![CapturedAs::Skipped; chosen.len()];
            known[0] = refused;
            return Ok(Part::Known(known));
        }
        // None of them took effect; the message says which one was refused.
        Ok(Part::Known(vec![refused; chosen.len()]))
    }
}

fn together(ids: Vec<EventId>, outcomes: Vec<Option<CapturedAs>>) -> Vec<EventOutcome> {
    let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or(CapturedAs::Skipped));
    ids.into_iter().zip(outcomes).map(|(id, captured)| EventOutcome { id, captured }).collect()
}

/// What became of a transaction.
enum Part {
    /// Its events' outcomes.
    Known(Vec<CapturedAs>),
    /// It took more than a transaction may: shorter ones may do.
    TooLong,
}

fn outcome(event: CapturedEvent, height: u64, transaction: TxId) -> CapturedAs {
    let CapturedEvent { operation, items, case, mut remarks, .. } = event;
    match operation {
        Some(operation) => CapturedAs::New { operation, items, case, remarks, height, transaction },
        None => {
            let Remark { code, message } =
                remarks.pop().unwrap_or(Remark { code: String::new(), message: String::new() });
            CapturedAs::Refused { code, message, height: Some(height), transaction: Some(transaction) }
        }
    }
}
