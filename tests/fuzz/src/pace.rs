//! How long a parser takes, in time of the processor: other work on the machine does not count.

use rustix::time::{ClockId, clock_gettime};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;

/// An input that takes longer than this for [`BYTES`] is a finding.
const SLOW_NS: u64 = 100_000_000;
/// What a largest input has. Smaller ones are measured by the same rod, from a tenth of it on.
const BYTES: u64 = 64 * 1024;
/// So often what seems slow is done again: once may be chance.
const REPEATED: usize = 4;

/// Runs a parser, and keeps an input that it is slow on in the folder that `THERIAC_FUZZ_SLOW` names.
pub fn timed<T>(bytes: &[u8], parse: impl Fn(&[u8]) -> T) -> T {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).clamp(BYTES / 10, BYTES);
    let most_ns = SLOW_NS / BYTES * length;
    let (result, took_ns) = once(bytes, &parse);
    if took_ns > most_ns {
        let again = (0..REPEATED).map(|_| once(bytes, &parse).1).min().unwrap_or(took_ns);
        if again > most_ns {
            keep(bytes, again);
        }
    }
    result
}

fn once<T>(bytes: &[u8], parse: impl Fn(&[u8]) -> T) -> (T, u64) {
    let began_ns = now_ns();
    let result = parse(bytes);
    (result, now_ns().saturating_sub(began_ns))
}

fn keep(bytes: &[u8], took_ns: u64) {
    let took_ms = took_ns / 1_000_000;
    println!("slow: {took_ms} ms for {} bytes", bytes.len());
    let Some(folder) = std::env::var_os("THERIAC_FUZZ_SLOW") else { return };
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let path = Path::new(&folder).join(format!("{took_ms:05}ms-{:016x}", hasher.finish()));
    std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()));
}

fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    let part = |part: i64| u64::try_from(part).expect("a thread's time begins at zero");
    part(now.tv_sec) * 1_000_000_000 + part(now.tv_nsec)
}
