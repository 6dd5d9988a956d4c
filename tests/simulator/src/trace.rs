//! The trace of a run: everything that happens, folded into one digest. Two runs of one seed must give the same.

use crate::mix::Mixer;
use borsh::BorshSerialize;
use std::fmt;
use theriac_crypto::{Domain, hash_value};
use theriac_types::Digest;

/// One line of a trace, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in simulated microseconds.
    pub at_us: u64,
    /// What kind of thing happened.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>6}.{:03} ms  {:<9} {}", self.at_us / 1000, self.at_us % 1000, self.kind, self.text)
    }
}

/// The digest so far, and the lines when somebody wants to read them.
#[derive(Debug)]
pub struct Trace {
    mixer: Mixer,
    events: u64,
    lines: Option<Vec<Line>>,
}

impl Trace {
    /// An empty trace, kept as lines too when asked for.
    pub fn new(keep_lines: bool) -> Self {
        Self { mixer: Mixer::new(0), events: 0, lines: keep_lines.then(Vec::new) }
    }

    /// Adds an event: when, what, and its content.
    pub fn add<T: BorshSerialize + ?Sized>(
        &mut self,
        at_us: u64,
        kind: &'static str,
        content: &T,
        text: impl FnOnce() -> String,
    ) {
        self.events += 1;
        self.mixer.word(at_us);
        self.mixer.add(kind);
        self.mixer.add(content);
        if let Some(lines) = &mut self.lines {
            lines.push(Line { at_us, kind, text: text() });
        }
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The digest of everything, and the lines.
    pub fn finish(self) -> (Digest, Vec<Line>) {
        (hash_value(Domain::Trace, &self.mixer.finish()), self.lines.unwrap_or_default())
    }
}
