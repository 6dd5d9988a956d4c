//! Builds the packages that come with the peer.

use std::process::ExitCode;

fn main() -> ExitCode {
    match theriac_chaincode_build::embed("../trace", "trace") {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
