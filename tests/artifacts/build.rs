//! Builds the test chaincodes.

use std::process::ExitCode;
use theriac_chaincode_build::embed;

fn main() -> ExitCode {
    let built =
        ["key-value", "misbehaving", "registers", "workloads"].into_iter().try_for_each(|name| embed(name, name));
    match built {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
