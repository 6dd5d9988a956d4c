//! Words and marks that the house style bans, because they hide what a thing is or that work is unfinished.

use crate::{Finding, SourceFile};

/// Where a rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Rust, protobuf and WIT sources.
    Code,
    /// Every file but the lock file.
    Everywhere,
}

/// How a pattern is found in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    /// Anywhere.
    Text(&'static str),
    /// Not within a longer word of letters and digits; `_` ends a word.
    Word(&'static str),
    /// Anywhere but in the implementation of a trait, whose names are its author's.
    OwnText(&'static str),
}

impl Pattern {
    fn text(self) -> &'static str {
        let (Self::Text(text) | Self::Word(text) | Self::OwnText(text)) = self;
        text
    }
}

struct Rule {
    pattern: Pattern,
    scope: Scope,
    why: &'static str,
}

const fn rule(pattern: Pattern, scope: Scope, why: &'static str) -> Rule {
    Rule { pattern, scope, why }
}

const UNFINISHED: &str = "unfinished work is an issue, not a mark in the code";
const MACHINE: &str = "a path of one machine";
const HOST: &str = "the address of a package registry belongs into the user's configuration";

/// The patterns are put together from halves, so that this file does not contain what it looks for.
const RULES: &[Rule] = &[
    rule(Pattern::Text(concat!("Man", "ager")), Scope::Code, "says nothing: name what it does"),
    rule(Pattern::Word(concat!("ut", "ils")), Scope::Code, "says nothing: name the question the module answers"),
    rule(Pattern::OwnText(concat!("fn g", "et_")), Scope::Code, "a getter is named after what it returns"),
    rule(Pattern::Text(concat!("#[ig", "nore")), Scope::Code, "a test runs, or it is deleted"),
    rule(Pattern::Text(concat!("to", "do!")), Scope::Code, UNFINISHED),
    rule(Pattern::Text(concat!("unimple", "mented!")), Scope::Code, UNFINISHED),
    rule(Pattern::Word(concat!("TO", "DO")), Scope::Everywhere, UNFINISHED),
    rule(Pattern::Word(concat!("FIX", "ME")), Scope::Everywhere, UNFINISHED),
    rule(Pattern::Word(concat!("XX", "X")), Scope::Everywhere, UNFINISHED),
    rule(Pattern::Text(concat!("/ro", "ot/")), Scope::Everywhere, MACHINE),
    rule(Pattern::Text(concat!("/ho", "me/")), Scope::Everywhere, MACHINE),
    rule(Pattern::Text(concat!("/wo", "rk/")), Scope::Everywhere, MACHINE),
    rule(Pattern::Text(concat!("index.cra", "tes.io")), Scope::Everywhere, HOST),
    rule(Pattern::Text(concat!("static.cra", "tes.io")), Scope::Everywhere, HOST),
];

/// A run of this many equal signs in a comment is a banner.
const BANNER_LENGTH: usize = 5;

/// Finds banned words, marks and banners.
pub fn check(files: &[SourceFile]) -> Vec<Finding> {
    files.iter().filter(|f| f.path != "Cargo.lock").flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let code = [".rs", ".proto", ".wit"].iter().any(|e| file.has_extension(e));
    let mut findings = Vec::new();
    let mut in_trait_impl = false;
    for (index, line) in file.text.lines().enumerate() {
        // Formatted code closes a block in the column where it began.
        if line.starts_with("impl") {
            in_trait_impl = line.contains(" for ");
        } else if line.starts_with('}') {
            in_trait_impl = false;
        }
        for rule in RULES.iter().filter(|r| code || r.scope == Scope::Everywhere) {
            let exempt = in_trait_impl && matches!(rule.pattern, Pattern::OwnText(_));
            if occurs(rule.pattern, line) && !exempt {
                findings.push(Finding::at(&file.path, index + 1, format!("`{}`: {}", rule.pattern.text(), rule.why)));
            }
        }
        if (code && is_banner(line, "//")) || (file.is_shell() && is_banner(line, "#")) {
            findings.push(Finding::at(&file.path, index + 1, "a banner: let the file be short enough to need none"));
        }
    }
    findings
}

fn occurs(pattern: Pattern, line: &str) -> bool {
    match pattern {
        Pattern::Text(text) | Pattern::OwnText(text) => line.contains(text),
        Pattern::Word(word) => line.match_indices(word).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + word.len()..].chars().next();
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        }),
    }
}

fn is_banner(line: &str, comment: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix(comment) else { return false };
    let signs: Vec<char> = rest.chars().collect();
    signs.windows(BANNER_LENGTH).any(|run| "-=*#/~_".contains(run[0]) && run.iter().all(|c| *c == run[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> usize {
        check(&[SourceFile::new(path, line)]).len()
    }

    #[test]
    fn every_rule_finds_its_pattern() {
        for rule in RULES {
            let text = rule.pattern.text();
            assert_eq!(found("host/a/src/b.rs", &format!("let x; {text} y")), 1, "{text}");
            let expected = usize::from(rule.scope == Scope::Everywhere);
            assert_eq!(found("README.md", &format!("see {text} here")), expected, "{text} in prose");
        }
    }

    #[test]
    fn a_word_within_a_longer_word_is_no_finding() {
        assert_eq!(found("a.rs", concat!("mod ut", "ilsation;")), 0);
        assert_eq!(found("a.rs", concat!("mod my_ut", "ils;")), 1);
        assert_eq!(found("a.rs", concat!("// XX", "XL")), 0);
    }

    #[test]
    fn another_authors_trait_may_name_its_functions() {
        let getter = concat!("    fn g", "et_node(&self) {}\n}\n");
        assert_eq!(found("a.rs", &format!("impl jmt::TreeReader for Pages {{\n{getter}")), 0);
        assert_eq!(found("a.rs", &format!("impl jmt::TreeReader for Pages {{\n}}\n\nimpl Pages {{\n{getter}")), 1);
    }

    #[test]
    fn the_lock_file_may_name_what_it_must() {
        assert_eq!(found("Cargo.lock", concat!("name = \"FIX", "ME\"")), 0);
    }

    #[test]
    fn banners_are_found_in_comments_only() {
        let line = "-".repeat(BANNER_LENGTH);
        assert_eq!(found("a.rs", &format!("    // {line} Handlers {line}")), 1);
        assert_eq!(found("tests/run", &format!("#!/usr/bin/env bash\n# {line}")), 1);
        assert_eq!(found("a.rs", &format!("let line = \"{line}\";")), 0);
        assert_eq!(found("a.rs", "/// A table of two columns -- and a dash."), 0);
    }
}
