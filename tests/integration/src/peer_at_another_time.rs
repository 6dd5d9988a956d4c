//! A peer whose time of day is the machine's, and so much more as a file above its network's folder says.
//!
//! Tests let days pass with it: all peers of a network read the same file, and go on running while it changes.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_peer::{Clock, PeerConfig, run_until_signal_by};

/// The file: milliseconds, in decimal digits. Without it no time has passed.
const FILE: &str = "ahead-ms";

static PATH: OnceLock<PathBuf> = OnceLock::new();

/// As the launcher calls it: `peer run --config NETWORK/peer-N/peer.toml`.
fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [noun, verb, option, config] = arguments.as_slice() else { return ExitCode::FAILURE };
    let config = Path::new(config);
    let folder = config.ancestors().nth(3);
    let (true, Some(folder)) = (noun == "peer" && verb == "run" && option == "--config", folder) else {
        return ExitCode::FAILURE;
    };
    PATH.get_or_init(|| folder.join(FILE));
    theriac_peer::logging::start();
    match PeerConfig::load(config).and_then(|config| run_until_signal_by(Clock::telling(unix_ms), config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}: {error}", error.code());
            ExitCode::FAILURE
        }
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ahead = PATH.get().and_then(|path| std::fs::read_to_string(path).ok());
    let ahead: u64 = ahead.map_or(0, |text| text.parse().expect("the test writes digits, and the whole file at once"));
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).saturating_add(ahead)
}
