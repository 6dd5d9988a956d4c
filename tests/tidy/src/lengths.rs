//! No source file answers so many questions that it needs more than 600 lines.

use crate::{Finding, SourceFile};

/// Most lines of a source file.
pub const LINES_MAX: usize = 600;

/// Finds source files that are too long.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    let source = |f: &&SourceFile| [".rs", ".proto", ".wit"].iter().any(|e| f.has_extension(e)) || f.is_shell();
    files
        .iter()
        .filter(source)
        .map(|f| (f, f.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(f, lines)| {
            Finding::new(&f.path, format!("{lines} lines, at most {LINES_MAX}; which question is a second file's?"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_601_lines_is_found_and_one_of_600_is_not() {
        let file = |path, lines| SourceFile::new(path, &"x\n".repeat(lines));
        assert_eq!(check(&[file("a.rs", 600), file("b.proto", 600)]), []);
        assert_eq!(check(&[file("a.rs", 601), file("b.wit", 601), file("data.json", 601)]).len(), 2);
        let script = SourceFile::new("tests/run", &format!("#!/usr/bin/env bash\n{}", "x\n".repeat(600)));
        assert_eq!(check(&[script]).len(), 1);
    }
}
