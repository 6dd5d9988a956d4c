//! How much memory a long document takes. Alone in its process, whose peak it measures.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod common;

use common::{Scene, Stream};
use std::fs;
use std::io;
use theriac_documents::Options;

const MIB: u64 = 1024 * 1024;

/// The most memory that this process ever had.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn a_long_document_takes_no_more_memory_than_a_few_chunks() {
    let scene = Scene::with(Options::default());
    let idle = peak_bytes();
    let length = 256 * MIB;
    let name = scene.store.put(&mut Stream::new(1, length), 0).unwrap();
    assert_eq!(scene.store.read_all(&name.cid, &mut io::sink()).unwrap(), length);
    assert!(scene.store.export(&name.cid, &mut io::sink()).unwrap() > length);
    let taken = peak_bytes() - idle;
    assert!(taken < 32 * MIB, "{} MiB", taken / MIB);
    assert!(taken >= MIB, "a chunk was in memory, or nothing was measured");
}
