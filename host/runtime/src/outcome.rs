//! What a call's end means. Only coarse classes and our own words come out: the engine's differ between versions.

use crate::bindings::theriac::chaincode::types::{Failure, Refusal};
use crate::imports::{Ended, Sandboxed};
use crate::release::left_component;
use crate::settings::MEMORY_BYTES_MAX;
use theriac_ledger::{CallOutcome, HostError};
use wasmtime::Trap;

const TOO_DEEP: &str = "its functions call each other too deeply: use loops, or smaller steps";

/// What the guest gave back.
pub type Returned = Result<Vec<u8>, Failure>;

/// The outcome of a call that returned.
pub fn of_return(returned: Returned) -> CallOutcome {
    match returned {
        Ok(result) => CallOutcome::Returned(result),
        Err(Failure::Refused(Refusal { code, message })) => CallOutcome::Refused { code, message },
        Err(Failure::UnknownFunction(message) | Failure::InvalidArgument(message)) => {
            CallOutcome::InvalidArgument { message }
        }
    }
}

/// The outcome of a call that broke off.
pub fn of_break(error: &wasmtime::Error, sandboxed: &mut Sandboxed) -> CallOutcome {
    if let Some(ended) = sandboxed.ended.take() {
        return of_end(ended);
    }
    match error.downcast_ref::<Trap>() {
        // A guest may import nothing while it only makes room for a value, so there it cannot say that its gas is used
        // up. One that calls something else there gets the same answer: it has no business to.
        _ if left_component(error) => CallOutcome::OutOfGas,
        // A guest that is refused memory breaks off by itself; the limit is why.
        _ if sandboxed.memory_refused => CallOutcome::LimitExceeded {
            message: format!("it asked for more than {MEMORY_BYTES_MAX} bytes of memory: handle less at a time"),
        },
        // The injected limit comes long before this one, which is here for what no measurement foresaw.
        Some(Trap::StackOverflow) => trapped(TOO_DEEP),
        Some(_) => trapped("it broke off by itself: a panic without a message, or a bad memory access"),
        None => trapped("it handed over a malformed value: build it with theriac-chaincode"),
    }
}

fn of_end(ended: Ended) -> CallOutcome {
    match ended {
        Ended::OutOfGas => CallOutcome::OutOfGas,
        Ended::TooDeep => trapped(TOO_DEEP),
        Ended::Panicked(message) => CallOutcome::Trapped { message },
        Ended::Host(error @ HostError::Limit { .. }) => CallOutcome::LimitExceeded { message: error.to_string() },
        Ended::Host(
            error @ (HostError::NotAllowed { .. }
            | HostError::Undeclared { .. }
            | HostError::Unendorsed { .. }
            | HostError::Callee { .. }),
        ) => CallOutcome::Trapped { message: error.to_string() },
        Ended::Host(HostError::Unreadable { reason }) | Ended::NoMemory(reason) => CallOutcome::Unavailable { reason },
        Ended::OutsideCall => trapped("it reads or writes while it describes itself: a description may not"),
    }
}

fn trapped(message: &str) -> CallOutcome {
    CallOutcome::Trapped { message: message.to_owned() }
}
