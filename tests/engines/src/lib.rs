//! The sandbox of `host/runtime`, file by file, over another release of wasmtime.

#[path = "../../../host/runtime/src/ahead.rs"]
mod ahead;
#[path = "../../../host/runtime/src/artefact.rs"]
mod artefact;
#[path = "../../../host/runtime/src/backtrace.rs"]
mod backtrace;
#[path = "../../../host/runtime/src/bindings.rs"]
mod bindings;
#[path = "../../../host/runtime/src/call.rs"]
mod call;
#[path = "../../../host/runtime/src/compiled.rs"]
mod compiled;
#[path = "../../../host/runtime/src/description.rs"]
mod description;
#[path = "../../../host/runtime/src/gas.rs"]
pub mod gas;
#[path = "../../../host/runtime/src/imports.rs"]
mod imports;
#[path = "../../../host/runtime/src/meter.rs"]
mod meter;
#[path = "../../../host/runtime/src/outcome.rs"]
mod outcome;
#[path = "../../../host/runtime/src/release.rs"]
mod release;
#[path = "../../../host/runtime/src/sandbox.rs"]
mod sandbox;
#[path = "../../../host/runtime/src/scope.rs"]
mod scope;
#[path = "../../../host/runtime/src/sealed.rs"]
mod sealed;
#[path = "../../../host/runtime/src/settings.rs"]
mod settings;
#[path = "../../../host/runtime/src/slots.rs"]
mod slots;

pub use call::Diagnosed;
pub use sandbox::{Options, Sandbox, SandboxError};
pub use settings::{Code, QUERIES_MAX, THREAD_STACK_BYTES};
