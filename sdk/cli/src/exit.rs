//! Exit codes, stable for scripts.

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// A mistake of this program, or of the machine.
    Internal = 1,
    /// The command or its input cannot be meant like this.
    Usage = 2,
    /// The chaincode refused, or broke off.
    Rejected = 3,
    /// The state does not allow it; a duplicate; too late.
    Precondition = 4,
    /// Not who it should be, or not allowed.
    Permission = 5,
    /// Not there.
    NotFound = 6,
    /// Nobody answers, or not in time: try again.
    Unavailable = 7,
    /// An answer does not prove what it claims.
    Unverified = 8,
    /// Some of it was done.
    Partial = 9,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}

impl Exit {
    /// The code.
    pub fn code(self) -> u8 {
        self as u8
    }
}
