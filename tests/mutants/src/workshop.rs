//! A copy of the crates that matter, in which mutants are made and tried.

use crate::{Edit, Mutant, Test};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The crates that the copy holds: those that mutants are made in, and what they use.
const CRATES: [&str; 12] = [
    "host/types",
    "host/crypto",
    "host/consensus",
    "host/ordering",
    "chaincode/gs1",
    "chaincode/domain",
    "chaincode/rules",
    "chaincode/trace",
    "sdk/chaincode",
    "sdk/chaincode-index",
    "sdk/chaincode-macros",
    "sdk/epcis",
];

/// What their tests read besides.
const FIXTURES: &str = "network/fixtures";

/// Length of what is repeated of a failure, in characters.
const WORDS_MAX: usize = 160;

/// Why nothing can be said about a mutant.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// A file or process could not be had.
    #[error("{what} {path}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The source changed since the mutant was written down.
    #[error("{file} holds {count} times, not once: {before}")]
    Moved {
        /// The file.
        file: &'static str,
        /// How often.
        count: usize,
        /// The words.
        before: &'static str,
    },
    /// What the compiler said.
    #[error("{name} does not compile:\n{output}")]
    DoesNotCompile {
        /// The test that was built.
        name: &'static str,
        /// All of its output.
        output: String,
    },
    /// A test fails without any mutant, or is not there.
    #[error("not every one of these is there and passes on the unchanged source: {names}\n{output}")]
    FailsAnyway {
        /// The tests.
        names: String,
        /// All of their output.
        output: String,
    },
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its test noticed, and said this first.
    Killed(String),
    /// Its test passed.
    Survived,
}

/// The copy.
#[derive(Debug)]
pub struct Workshop {
    copy: PathBuf,
    target: PathBuf,
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WorkshopError {
    let path = path.to_owned();
    move |source| WorkshopError::Io { what, path, source }
}

impl Workshop {
    /// Copies the crates below a folder, which may hold an earlier copy and what was built of it.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn set_up(source: &Path, folder: &Path) -> Result<Self, WorkshopError> {
        let workshop = Self { copy: folder.join("source"), target: folder.join("target") };
        for folder in CRATES.into_iter().chain([FIXTURES]) {
            copy_folder(&source.join(folder), &workshop.copy.join(folder))?;
        }
        for file in ["Cargo.lock", "clippy.toml", "rust-toolchain.toml"] {
            copy_file(&source.join(file), &workshop.copy.join(file))?;
        }
        let manifest = source.join("Cargo.toml");
        let manifest = fs::read_to_string(&manifest).map_err(failed("cannot read", &manifest))?;
        write_changed(&workshop.copy.join("Cargo.toml"), &with_members(&manifest, &CRATES))?;
        Ok(workshop)
    }

    /// Makes sure that tests of one file pass as things are.
    ///
    /// # Errors
    /// When one does not, or is not there.
    pub fn check_unchanged(&self, tests: &[Test]) -> Result<(), WorkshopError> {
        let Some(first) = tests.first() else { return Ok(()) };
        let names: Vec<_> = tests.iter().map(|test| test.name).collect();
        let output = self.run(first, &names)?;
        let text = text_of(&output);
        if output.status.success() && text.contains(&format!("{} passed", names.len())) {
            return Ok(());
        }
        Err(WorkshopError::FailsAnyway { names: names.join(", "), output: text })
    }

    /// Makes a mutant, runs its test, and unmakes it.
    ///
    /// # Errors
    /// When it cannot be made, or does not compile.
    pub fn attempt(&self, mutant: &Mutant) -> Result<Verdict, WorkshopError> {
        let unchanged = mutant.edits.iter().map(|edit| self.change(edit)).collect::<Result<Vec<_>, _>>()?;
        let output = self.run(&mutant.killed_by, &[mutant.killed_by.name]);
        // Backwards: of two edits of a file the first one saw it as it was.
        for (path, text) in unchanged.into_iter().rev() {
            write_changed(&path, &text)?;
        }
        let output = output?;
        Ok(if output.status.success() { Verdict::Survived } else { Verdict::Killed(first_words(&text_of(&output))) })
    }

    /// Returns the file and what it held before.
    fn change(&self, edit: &Edit) -> Result<(PathBuf, String), WorkshopError> {
        let path = self.copy.join(edit.file);
        let text = fs::read_to_string(&path).map_err(failed("cannot read", &path))?;
        write_changed(&path, &edit.apply(&text)?)?;
        Ok((path, text))
    }

    fn run(&self, test: &Test, names: &[&str]) -> Result<Output, WorkshopError> {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let mut command = Command::new(&cargo);
        command
            .args(["test", "--offline", "--quiet", "--manifest-path"])
            .arg(self.copy.join(test.krate).join("Cargo.toml"));
        match test.target {
            Some(target) => command.args(["--test", target]),
            None => command.arg("--lib"),
        };
        command.args(["--", "--exact"]).args(names).env("CARGO_TARGET_DIR", &self.target);
        // Compiled a hundred times and run once each: quickly made is quicker than quick.
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "false");
        command.env("CARGO_INCREMENTAL", "1").env("RUSTFLAGS", "-Awarnings");
        let output = command.output().map_err(failed("cannot run", &cargo))?;
        if String::from_utf8_lossy(&output.stderr).contains("could not compile") {
            return Err(WorkshopError::DoesNotCompile { name: test.name, output: text_of(&output) });
        }
        Ok(output)
    }
}

impl Edit {
    /// The text with the mutant's words in place of the others.
    ///
    /// # Errors
    /// When the words are not there, or more than once.
    pub fn apply(&self, text: &str) -> Result<String, WorkshopError> {
        match text.matches(self.before).count() {
            1 => Ok(text.replacen(self.before, self.after, 1)),
            count => Err(WorkshopError::Moved { file: self.file, count, before: self.before }),
        }
    }
}

fn text_of(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// What the first test to fail said, in one line; nothing when it said nothing.
fn first_words(output: &str) -> String {
    let mut lines = output.lines().skip_while(|line| !line.contains("panicked at")).skip(1);
    lines.next().unwrap_or_default().chars().take(WORDS_MAX).collect()
}

/// A workspace's manifest with other members.
fn with_members(manifest: &str, members: &[&str]) -> String {
    let (before, rest) = manifest.split_once("members = [").unwrap_or((manifest, "]"));
    let (_, after) = rest.split_once(']').unwrap_or_default();
    format!("{before}members = {members:?}{after}")
}

/// Copies what differs and leaves the rest as it is, so that it is not compiled anew. What is gone goes.
fn copy_folder(from: &Path, to: &Path) -> Result<(), WorkshopError> {
    fs::create_dir_all(to).map_err(failed("cannot create", to))?;
    let names = |folder: &Path| -> Result<Vec<_>, WorkshopError> {
        let entries = fs::read_dir(folder).map_err(failed("cannot list", folder))?;
        let names: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.file_name())).collect();
        names.map_err(failed("cannot list", folder))
    };
    let wanted = names(from)?;
    for name in names(to)?.into_iter().filter(|name| !wanted.contains(name)) {
        let path = to.join(name);
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        gone.map_err(failed("cannot remove", &path))?;
    }
    for name in wanted {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() { copy_folder(&from, &to)? } else { copy_file(&from, &to)? }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), WorkshopError> {
    let bytes = fs::read(from).map_err(failed("cannot read", from))?;
    if fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(to, bytes).map_err(failed("cannot write", to))
}

fn write_changed(path: &Path, text: &str) -> Result<(), WorkshopError> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(failed("cannot write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_needs_its_words_exactly_once() {
        let edit = Edit { file: "a.rs", before: "a < b", after: "a <= b" };
        assert_eq!(edit.apply("if a < b {").map_err(|error| error.to_string()), Ok("if a <= b {".to_owned()));
        for text in ["if a > b {", "a < b < a < b"] {
            assert!(edit.apply(text).is_err());
        }
    }

    #[test]
    fn what_a_test_said_first_is_repeated() {
        let output =
            "running 1 test\n\nthread 'a' panicked at src/a.rs:1:2:\ntwo values\nthread 'b' panicked at b:\nno\n";
        assert_eq!(first_words(output), "two values");
        assert_eq!(first_words("running 1 test"), "");
    }

    #[test]
    fn the_copys_workspace_has_the_members_that_are_copied() {
        let manifest = "[workspace]\nmembers = [\n    \"a\",\n    \"b\",\n]\n\n[profile.release]\n";
        assert_eq!(with_members(manifest, &["b"]), "[workspace]\nmembers = [\"b\"]\n\n[profile.release]\n");
    }
}
