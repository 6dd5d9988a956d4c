//! Compiled packages outlive the peer in a folder, and a folder that anyone touched is as good as an empty one.

#![allow(clippy::unwrap_used)]

#[path = "../../check/tests/support/programs.rs"]
mod programs;
mod support;

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::{MapHost, call, context};
use theriac_crypto::names::package_id;
use theriac_ledger::{Call, CallKind, CallOutcome, ChaincodeEngine, Entry};
use theriac_runtime::{Code, Options, Sandbox};
use theriac_test_artifacts::{KEY_VALUE, REGISTERS};
use theriac_types::{Budget, FunctionName, PackageId};

const PATIENCE: Duration = Duration::from_secs(60);

fn sandbox(folder: &Path, code: Code) -> Sandbox {
    Sandbox::with(Options { folder: Some(folder.to_owned()), code }).unwrap()
}

/// Calls the package, which must return, and says whether its module had to be loaded.
fn loads(sandbox: &Sandbox) -> bool {
    let loaded = Cell::new(false);
    let load = || {
        loaded.set(true);
        Ok(KEY_VALUE.to_vec())
    };
    let (function, args) = (FunctionName::new("set").unwrap(), borsh::to_vec(&("a", "1")).unwrap());
    let entry = Entry::Function { name: &function, args: &args };
    let limits = Budget { gas: 10_000_000, host_gas: 10_000_000 };
    let call = Call { kind: CallKind::Transaction, ordered: true, entry, context: &context(), limits };
    let result = sandbox.call(package_id(KEY_VALUE), &load, &call, &mut MapHost::default());
    assert!(matches!(result.outcome, CallOutcome::Returned(_)), "{result:?}");
    loaded.get()
}

/// The one compiled package in the folder.
fn kept(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.extension().is_some_and(|extension| extension == "compiled")).unwrap()
}

#[test]
fn a_package_is_compiled_once_and_found_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = sandbox(folder.path(), Code::Fast);
    assert!(loads(&first));
    assert!(!loads(&first), "from memory");
    assert!(!loads(&sandbox(folder.path(), Code::Fast)), "from the folder");
    assert!(loads(&sandbox(folder.path(), Code::Plain)), "compiled in another way, it is another one");
}

#[test]
fn a_tampered_or_foreign_file_is_compiled_anew() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(loads(&sandbox(folder.path(), Code::Fast)));
    let file = kept(folder.path());
    let whole = fs::read(&file).unwrap();
    for place in [0, 32, whole.len() - 1] {
        let mut tampered = whole.clone();
        tampered[place] ^= 0x40;
        fs::write(&file, tampered).unwrap();
        assert!(loads(&sandbox(folder.path(), Code::Fast)), "byte {place}");
        assert!(!loads(&sandbox(folder.path(), Code::Fast)), "and written again");
    }
    fs::write(&file, b"").unwrap();
    assert!(loads(&sandbox(folder.path(), Code::Fast)));

    assert!(loads(&sandbox(other.path(), Code::Fast)));
    fs::copy(kept(other.path()), &file).unwrap();
    assert!(loads(&sandbox(folder.path(), Code::Fast)), "another peer's file");
    fs::remove_file(folder.path().join("key")).unwrap();
    assert!(loads(&sandbox(folder.path(), Code::Fast)), "a new key trusts no old file");
}

#[test]
fn a_prepared_package_needs_nothing_when_it_is_called() {
    let sandbox = Sandbox::new().unwrap();
    sandbox.prepare(package_id(KEY_VALUE), KEY_VALUE);
    let started = Instant::now();
    while sandbox.compiled() == 0 {
        assert!(started.elapsed() < PATIENCE, "it is compiled in the background");
        std::thread::yield_now();
    }
    assert!(!loads(&sandbox));
    // What is no package is forgotten, and what comes after it is compiled.
    sandbox.prepare(PackageId(theriac_types::Digest::ZERO), b"no package");
    sandbox.prepare(package_id(REGISTERS), REGISTERS);
    while sandbox.compiled() == 1 {
        assert!(started.elapsed() < PATIENCE, "it is compiled in the background");
        std::thread::yield_now();
    }
}

#[test]
fn whoever_makes_a_package_ready_waits_until_it_is() {
    let sandbox = Sandbox::new().unwrap();
    sandbox.prepare(package_id(KEY_VALUE), KEY_VALUE);
    sandbox.make_ready(package_id(KEY_VALUE), &|| Ok(KEY_VALUE.to_vec()));
    assert_eq!(sandbox.compiled(), 1);
    assert!(!loads(&sandbox));
}

#[test]
fn many_threads_that_want_one_package_compile_it_once() {
    let sandbox = Sandbox::new().unwrap();
    let loaded = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                if loads(&sandbox) {
                    loaded.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                }
            });
        }
    });
    assert_eq!(loaded.into_inner(), 1);
}

#[test]
fn memory_holds_only_packages_in_use() {
    let sandbox = Sandbox::new().unwrap();
    for seed in 0..40 {
        call(&sandbox, &programs::package(seed), &mut MapHost::default(), "any", &1_u64);
    }
    assert_eq!(sandbox.compiled(), 32);
}
