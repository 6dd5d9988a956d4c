//! Every source file begins by saying which question it answers.

use crate::{Finding, SourceFile};

/// Shortest first line that can say anything.
const WORDS_MIN: usize = 2;

/// Finds files below a `src` folder that do not begin with a `//!` line of at least two words.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|f| f.has_extension(".rs") && f.path.contains("/src/") && !f.path.ends_with("/tests.rs"))
        .filter(|f| !says_something(&f.text))
        .map(|f| Finding::new(&f.path, "begins without a `//!` line that says what it is for"))
        .collect()
}

fn says_something(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with("#!["));
    first.and_then(|l| l.strip_prefix("//!")).is_some_and(|doc| doc.split_whitespace().count() >= WORDS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_module_doc_is_found() {
        for bad in ["", "use std::fmt;\n//! Too late to say.\n", "//! .\n", "// An ordinary comment here.\n"] {
            assert_eq!(check(&[SourceFile::new("host/x/src/lib.rs", bad)]).len(), 1, "{bad:?}");
        }
        for good in ["//! Says what it is.\n", "#![allow(missing_docs)]\n\n//! Says what it is.\n"] {
            assert_eq!(check(&[SourceFile::new("host/x/src/lib.rs", good)]), [], "{good:?}");
        }
        for tests in ["host/x/tests/story.rs", "host/x/src/codec/tests.rs"] {
            assert_eq!(check(&[SourceFile::new(tests, "")]), [], "tests are named after their story");
        }
    }
}
