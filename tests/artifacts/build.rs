//! Builds the test chaincodes.

use std::process::ExitCode;
use theriac_chaincode_build::embed;

fn main() -> ExitCode {
    let names = ["key-value", "key-value-second", "misbehaving", "registers", "rules-second", "workloads"];
    match names.into_iter().try_for_each(|name| embed(name, name)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
