//! Builds the test chaincodes.

use std::process::ExitCode;
use theriac_chaincode_build::embed;

fn main() -> ExitCode {
    match embed("key-value", "key-value").and_then(|()| embed("misbehaving", "misbehaving")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
