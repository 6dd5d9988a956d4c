//! Every dependency comes from crates.io itself: the lock file of a mirror or of a git branch is of no use elsewhere.

use crate::Finding;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Finds packages of the lock file that come from anywhere else.
pub fn check(lockfile: &str) -> Vec<Finding> {
    let sources = lockfile.lines().enumerate().filter_map(|(i, l)| Some((i + 1, l.strip_prefix("source = ")?)));
    sources
        .map(|(line, source)| (line, source.trim_matches('"')))
        .filter(|(_, source)| *source != CRATES_IO)
        .map(|(line, source)| Finding::at("Cargo.lock", line, format!("comes from {source}, not from crates.io")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_source_and_a_mirror_are_found() {
        let line = |source| format!("[[package]]\nname = \"a\"\nsource = \"{source}\"\n");
        assert_eq!(check(&line(CRATES_IO)), []);
        assert_eq!(check(&line("git+https://example.org/a")).len(), 1);
        assert_eq!(check(&line("registry+https://mirror.example.org/index")).len(), 1);
    }
}
