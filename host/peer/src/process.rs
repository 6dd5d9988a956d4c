//! What the operating system knows of this process.

/// Milliseconds in a clock tick of `/proc`: Linux promises 100 ticks a second to every process.
const TICK_MS: u64 = 10;

/// Processor time used since the start, in milliseconds; 0 where the system does not tell.
pub fn cpu_ms() -> u64 {
    std::fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_ticks(&stat)).unwrap_or(0) * TICK_MS
}

/// Memory in use, in bytes; 0 where the system does not tell.
pub fn resident_bytes() -> u64 {
    std::fs::read_to_string("/proc/self/status").ok().and_then(|status| resident_kib(&status)).unwrap_or(0) * 1024
}

/// User and system time: the 12th and 13th field after the name, which may itself hold spaces and brackets.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    user.checked_add(system)
}

fn resident_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_behind_an_awkward_name() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 25 17 0 0 20 0 9 0 100 1000 200";
        assert_eq!(cpu_ticks(stat), Some(42));
        assert_eq!(resident_kib("Name:\tx\nVmRSS:\t    1234 kB\n"), Some(1234));
        assert_eq!((cpu_ticks("nothing"), resident_kib("")), (None, None));
    }
}
