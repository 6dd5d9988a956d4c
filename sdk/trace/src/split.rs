//! Cuts a long list of events into transactions.

use std::ops::Range;
use theriac_domain::Event;
use theriac_domain::limits::CAPTURE_EVENTS_MAX;
use theriac_types::limits::ARGS_BYTES_MAX;

/// What a transaction's argument needs beside its events.
const FRAME_BYTES: usize = 64;

/// How long each event is in its canonical bytes.
pub(crate) fn lengths(events: &[Event]) -> Vec<usize> {
    events.iter().map(|event| event.ledger_bytes().len()).collect()
}

/// Whether events of these lengths fit one transaction.
pub(crate) fn fit(lengths: &[usize]) -> bool {
    lengths.len() <= CAPTURE_EVENTS_MAX && lengths.iter().sum::<usize>() + FRAME_BYTES <= ARGS_BYTES_MAX
}

/// The transactions, in order: each as long as it may be.
pub(crate) fn split(lengths: &[usize]) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for end in 1..=lengths.len() {
        if end > start + 1 && !fit(&lengths[start..end]) {
            parts.push(start..end - 1);
            start = end - 1;
        }
    }
    if start < lengths.len() {
        parts.push(start..lengths.len());
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_in_one_part_and_no_part_is_too_long() {
        for (count, length) in
            [(0, 10), (1, 10), (99, 10), (100, 10), (101, 10), (250, 10), (7, 400_000), (3, ARGS_BYTES_MAX)]
        {
            let lengths = vec![length; count];
            let parts = split(&lengths);
            let all: Vec<usize> = parts.iter().cloned().flatten().collect();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            assert!(parts.iter().all(|part| part.len() == 1 || fit(&lengths[part.clone()])));
        }
        assert_eq!(split(&[10; 250]), [0..100, 100..200, 200..250]);
        assert_eq!(split(&[600_000, 600_000, 1, 1]), [0..1, 1..4]);
    }
}
