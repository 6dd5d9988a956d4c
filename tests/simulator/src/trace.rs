//! The trace of a run: everything that happens, folded into one digest. Two runs of one seed must give the same.

use borsh::BorshSerialize;
use std::fmt::Write as _;
use theriac_crypto::{Domain, hash};
use theriac_types::Digest;

/// Folds this many bytes at a time.
const FOLD_BYTES: usize = 64 * 1024;

/// The digest so far, and the text when somebody wants to read it.
#[derive(Debug)]
pub struct Trace {
    digest: Digest,
    buffer: Vec<u8>,
    events: u64,
    lines: Option<String>,
}

impl Trace {
    /// An empty trace, kept as text too when asked for.
    pub fn new(keep_text: bool) -> Self {
        let lines = keep_text.then(String::new);
        Self { digest: Digest::ZERO, buffer: Vec::with_capacity(FOLD_BYTES), events: 0, lines }
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
        let bytes = theriac_types::encode(&(at_us, kind));
        self.buffer.extend_from_slice(&bytes);
        self.buffer.extend_from_slice(&theriac_types::encode(content));
        if self.buffer.len() >= FOLD_BYTES {
            self.fold();
        }
        if let Some(lines) = &mut self.lines {
            // Writing to a string does not fail.
            let _ = writeln!(lines, "{:>10.3} ms  {kind}  {}", Milliseconds(at_us), text());
        }
    }

    /// Events so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// The digest of everything, and the text.
    pub fn finish(mut self) -> (Digest, Option<String>) {
        self.fold();
        (self.digest, self.lines)
    }

    fn fold(&mut self) {
        self.digest = hash(Domain::Trace, &[&self.digest.0, &self.buffer]);
        self.buffer.clear();
    }
}

struct Milliseconds(u64);

impl std::fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}
