//! Builds the packages that come with the peer.

use std::process::ExitCode;

const PACKAGES: [&str; 3] = ["rules", "trace", "inspection"];

fn main() -> ExitCode {
    for name in PACKAGES {
        if let Err(error) = theriac_chaincode_build::embed(format!("../{name}"), name) {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
