//! Log lines: plain on a terminal, JSON elsewhere, on standard error.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Environment variable that chooses what is logged, for example `debug` or `theriac_peer::link=debug,info`.
pub const FILTER_VARIABLE: &str = "THERIAC_LOG";

/// Starts logging. A second call changes nothing.
pub fn start() {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error means that logging has started before.
    drop(match std::io::stderr().is_terminal() {
        true => builder.with_target(false).try_init(),
        false => builder.json().flatten_event(true).with_ansi(false).try_init(),
    });
}
