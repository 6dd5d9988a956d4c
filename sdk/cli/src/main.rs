//! The `theriac` binary.

fn main() -> std::process::ExitCode {
    theriac_cli::main()
}
