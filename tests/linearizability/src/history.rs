//! What clients did and saw: the words of a history, and what one register makes of an action.

use std::fmt;

/// A client. It waits for the end of an operation before it begins the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Client(pub u16);

/// A register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub u32);

/// What a register holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(pub u64);

/// A moment on the clock that all clients share. Only order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(pub u64);

/// What a client asks of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Tell what it holds.
    Read,
    /// Hold this.
    Write(Value),
    /// Hold the new value if it holds the expected one; tell what it held in either case.
    CompareAndSwap {
        /// What it must hold; none when it must be empty.
        expected: Option<Value>,
        /// What it holds then.
        new: Value,
    },
}

/// What a register answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// What it held when it was read or compared; none when it was empty.
    Held(Option<Value>),
    /// It was written.
    Written,
}

/// How an operation ended for its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// With an answer.
    Answered {
        /// When.
        at: Tick,
        /// What.
        answer: Answer,
    },
    /// With the certainty that it had no effect and never will have.
    Refused,
    /// Without an answer: it may take effect at any moment after its invocation, or never.
    Unanswered,
}

/// One operation of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// Whose.
    pub client: Client,
    /// On which register.
    pub key: Key,
    /// What was asked.
    pub action: Action,
    /// When it was asked.
    pub invoked: Tick,
    /// How it ended.
    pub ending: Ending,
}

impl Action {
    /// What a register that holds `held` answers, and what it holds then.
    pub fn apply(self, held: Option<Value>) -> (Answer, Option<Value>) {
        match self {
            Self::Read => (Answer::Held(held), held),
            Self::Write(value) => (Answer::Written, Some(value)),
            Self::CompareAndSwap { expected, new } => {
                (Answer::Held(held), if held == expected { Some(new) } else { held })
            }
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "client {} from {}", self.client.0, self.invoked.0)?;
        match self.ending {
            Ending::Answered { at, answer } => write!(f, " to {}: {:?} gave {answer:?}", at.0, self.action),
            Ending::Refused => write!(f, ": {:?} was refused", self.action),
            Ending::Unanswered => write!(f, ": {:?} got no answer", self.action),
        }
    }
}
