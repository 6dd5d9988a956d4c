//! People's way in: `theriac NOUN VERB`.
//!
//! Standard output is data, standard error is messages. `-o json` and `-o jsonl` are for programs, `-o table` is for
//! people; with either of the first two an error is one JSON object on standard error. Exit codes are in [`exit`].

mod arguments;
mod commands;
mod epcis_file;
mod exit;
mod explain;
mod failure;
mod output;
mod session;

use arguments::Arguments;
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// Runs the command that the process' arguments name.
pub fn main() -> ExitCode {
    // Another provider cannot be installed yet: this is the first thing the process does.
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let format = arguments.global.output;
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print(format);
            ExitCode::from(failure.exit.code())
        }
    }
}

/// Help and version are data; anything else that clap has to say is a mistake in the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Nobody reads on: there is nobody to tell.
        drop(error.print());
        return ExitCode::SUCCESS;
    }
    if output::json_is_asked_for(std::env::args()) {
        let message = error.to_string();
        let message = message.strip_prefix("error: ").unwrap_or(&message).trim();
        Failure::usage("USAGE", message).print(output::Format::Json);
    } else {
        drop(error.print());
    }
    ExitCode::from(exit::Exit::Usage.code())
}
