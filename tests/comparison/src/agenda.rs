//! What is to happen, in the order of its time.
//!
//! Millions of events are pending at once when everybody writes to everybody. They wait unsorted in slices of time, and
//! only the slice whose turn has come is sorted.

use std::collections::BTreeMap;

/// Length of a slice, as a power of two of nanoseconds: about 66 microseconds.
const SLICE_BITS: u32 = 16;

#[derive(Debug)]
struct Entry<E> {
    at: u64,
    number: u64,
    event: E,
}

/// Events by time; those of one time in the order they came in.
#[derive(Debug)]
pub struct Agenda<E> {
    /// The slice in turn, descending.
    current: Vec<Entry<E>>,
    /// Its number, once there was one.
    slice: u64,
    later: BTreeMap<u64, Vec<Entry<E>>>,
    added: u64,
}

impl<E> Default for Agenda<E> {
    fn default() -> Self {
        Self { current: Vec::new(), slice: 0, later: BTreeMap::new(), added: 0 }
    }
}

impl<E> Agenda<E> {
    /// Adds an event and returns its number, which no other has. Events of the past happen next.
    pub fn add(&mut self, at: u64, event: E) -> u64 {
        self.added += 1;
        let entry = Entry { at, number: self.added, event };
        let slice = at >> SLICE_BITS;
        if slice <= self.slice {
            let place = self.current.partition_point(|other| other.at > at);
            self.current.insert(place, entry);
        } else {
            self.later.entry(slice).or_default().push(entry);
        }
        self.added
    }

    /// Takes the next event and its time.
    pub fn take_next(&mut self) -> Option<(u64, E)> {
        if self.current.is_empty() {
            let (slice, entries) = self.later.pop_first()?;
            self.slice = slice;
            self.current = entries;
            self.current.sort_unstable_by_key(|entry| std::cmp::Reverse((entry.at, entry.number)));
        }
        self.current.pop().map(|entry| (entry.at, entry.event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_and_then_by_arrival() {
        let mut agenda = Agenda::default();
        let far = 10 << SLICE_BITS;
        for (at, event) in [(far + 1, 'd'), (5, 'a'), (far, 'c'), (5, 'b'), (far + 1, 'e')] {
            agenda.add(at, event);
        }
        let mut seen = Vec::new();
        while let Some((at, event)) = agenda.take_next() {
            if event == 'c' {
                agenda.add(at + 1, 'f');
                agenda.add(at, 'x');
            }
            seen.push(event);
        }
        assert_eq!(seen.into_iter().collect::<String>(), "abcxdef");
    }
}
