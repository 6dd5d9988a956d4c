//! The `theriac` binary once more: cargo builds it together with the tests that start it, wherever they are run from.

fn main() -> std::process::ExitCode {
    theriac_cli::main()
}
