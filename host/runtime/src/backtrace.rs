//! Where in a chaincode a call broke off, in the names of its source. For people only.

use std::fmt::Write as _;
use wasmtime::WasmBacktrace;

/// The functions that were running, one to a line, the innermost first. Packages without names show numbers.
pub fn backtrace(error: &wasmtime::Error) -> Option<String> {
    let frames = error.downcast_ref::<WasmBacktrace>()?.frames();
    let mut lines = String::new();
    for frame in frames {
        let name = match frame.func_name() {
            Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
            None => format!("function {}", frame.func_index()),
        };
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{name}");
    }
    (!lines.is_empty()).then_some(lines)
}
