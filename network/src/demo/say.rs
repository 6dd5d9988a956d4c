//! What the demo prints, as it happens.

/// Prints a line to the standard output. A reader that has gone away does not end the demo.
macro_rules! say {
    ($($part:tt)*) => {{
        use std::io::Write;
        drop(writeln!(std::io::stdout(), $($part)*));
    }};
}
pub(super) use say;

use theriac_client::Committed;

/// One line for a transaction.
pub(super) fn transaction(label: &str, by: &str, committed: &Committed) {
    say!(
        "  {label:<16} {by:<12} height {:>3}  {:<4} path {:>6.1} ms  {}",
        committed.height(),
        committed.path().as_str(),
        committed.latency.as_secs_f64() * 1000.0,
        committed.id()
    );
}

/// One line for a transaction that was refused, and its sentence.
pub(super) fn refusal(label: &str, by: &str, committed: &Committed) {
    transaction(label, by, committed);
    sentence(committed.reason(), &committed.receipt().message);
}

/// A refusal's code and sentence.
pub(super) fn sentence(code: &str, message: &str) {
    say!("    refused: {code}. {message}");
}
