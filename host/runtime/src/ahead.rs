//! Compiles packages ahead of their first call, one at a time, on a thread of its own.

use crate::compiled::Compiler;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use theriac_types::PackageId;

/// Most packages that wait. Further hints are dropped: a call compiles what was not made ready.
const WAITING_MAX: usize = 16;

/// The thread, once something is to be compiled.
#[derive(Default)]
pub struct Ahead {
    waiting: OnceLock<Option<SyncSender<(PackageId, Vec<u8>)>>>,
}

impl Ahead {
    /// Hands a package over, unless it is ready or too many wait.
    pub fn prepare(&self, compiler: &Arc<Compiler>, package: PackageId, module: &[u8]) {
        if compiler.holds(package) {
            return;
        }
        // A thread that cannot be had and a full queue lose nothing but time later.
        if let Some(waiting) = self.waiting.get_or_init(|| start(compiler.clone())) {
            let _ = waiting.try_send((package, module.to_vec()));
        }
    }
}

fn start(compiler: Arc<Compiler>) -> Option<SyncSender<(PackageId, Vec<u8>)>> {
    let (waiting, packages) = sync_channel::<(PackageId, Vec<u8>)>(WAITING_MAX);
    let work = move || {
        for (package, module) in packages {
            // What cannot be compiled now says so when it is called.
            let _ = compiler.get(package, || Ok(module));
        }
    };
    thread::Builder::new().name("compile".to_owned()).spawn(work).ok()?;
    Some(waiting)
}
