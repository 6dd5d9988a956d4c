//! `network/setup` on machines that lack something: every tool it calls is a stand-in here, nothing is installed.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const REAL_TOOLS: &[&str] = &["bash", "cat", "cut", "dirname", "env", "head", "mkdir", "sed", "sort", "tail", "touch"];
const LIBCLANG: &str = "system/usr/lib/llvm-14/lib/libclang.so";
const CLANG_HEADER: &str = "system/usr/lib/llvm-14/lib/clang/14/include/stddef.h";
const WASM_LIBRARY: &str = "sysroot/lib/rustlib/wasm32-unknown-unknown/lib";

/// A folder that plays the machine: its `bin` is the whole PATH, its `system` the root of the file system.
struct Machine {
    folder: PathBuf,
}

struct Answer {
    code: Option<i32>,
    text: String,
    calls: String,
}

impl Machine {
    /// A machine where nothing is missing, used by root.
    fn complete(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(folder.join("bin")).unwrap();
        for tool in REAL_TOOLS {
            symlink(find_on_path(tool), folder.join("bin").join(tool)).unwrap();
        }
        let machine = Self { folder };
        for file in [LIBCLANG, CLANG_HEADER, &format!("{WASM_LIBRARY}/libcore.rlib")] {
            machine.file(file);
        }
        let rustup = r#"case "$*" in *sysroot*) echo "$MACHINE/sysroot" ;; esac"#;
        for (tool, body) in [("id", "echo 0"), ("c++", ""), ("cc", ""), ("apt-get", ""), ("rustup", rustup)] {
            machine.tool(tool, body);
        }
        machine
    }

    /// Adds or replaces a tool that notes its call and then runs `body`.
    fn tool(&self, name: &str, body: &str) {
        let path = self.folder.join("bin").join(name);
        fs::write(&path, format!("#!/bin/bash\necho \"{name} $*\" >> \"$MACHINE/calls\"\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn file(&self, path: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }

    /// Takes a tool, file or folder away.
    fn without(self, path: &str) -> Self {
        let path = self.folder.join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap()
        } else {
            fs::remove_file(path).unwrap()
        }
        self
    }

    fn setup(&self, arguments: &[&str]) -> Answer {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../network/setup");
        let output = Command::new(script)
            .args(arguments)
            .env_clear()
            .env("PATH", self.folder.join("bin"))
            .env("HOME", &self.folder)
            .env("MACHINE", &self.folder)
            .env("THERIAC_SETUP_ROOT", self.folder.join("system"))
            .output()
            .unwrap();
        Answer {
            code: output.status.code(),
            text: String::from_utf8_lossy(&output.stderr).into_owned(),
            calls: fs::read_to_string(self.folder.join("calls")).unwrap_or_default(),
        }
    }
}

fn find_on_path(tool: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|file| file.exists()).unwrap()
}

#[test]
fn nothing_is_installed_and_little_is_said_when_all_is_there() {
    let answer = Machine::complete("all").setup(&[]);
    assert_eq!(answer.code, Some(0), "{}", answer.text);
    assert_eq!(answer.text, "setup: ready\n");
    assert!(!answer.calls.contains("apt-get") && !answer.calls.contains("install"), "{}", answer.calls);
}

#[test]
fn root_on_debian_gets_libclang_after_one_update() {
    let machine = Machine::complete("debian-root").without(LIBCLANG);
    machine.tool("apt-get", &format!(r#"[ "$1" = update ] || touch "$MACHINE/{LIBCLANG}""#));
    let answer = machine.setup(&[]);
    assert_eq!(answer.code, Some(0), "{}", answer.text);
    let updates = answer.calls.matches("apt-get update").count();
    assert_eq!((updates, answer.calls.matches("apt-get install").count()), (1, 1), "{}", answer.calls);
    assert!(answer.calls.contains("libclang-dev") && !answer.calls.contains("g++"), "{}", answer.calls);

    let again = machine.setup(&[]);
    assert_eq!(again.text, "setup: ready\n", "a second run finds everything");
}

#[test]
fn clang_without_its_headers_counts_as_missing() {
    let answer = Machine::complete("headers").without(CLANG_HEADER).setup(&["--check"]);
    assert_eq!(answer.code, Some(3), "{}", answer.text);
    assert!(answer.text.contains("libclang-dev"), "{}", answer.text);
}

#[test]
fn an_ordinary_user_without_sudo_is_told_the_command() {
    let machine = Machine::complete("user").without(LIBCLANG).without("bin/c++");
    machine.tool("id", "echo 1000");
    let answer = machine.setup(&[]);
    assert_eq!(answer.code, Some(3));
    let command = "sudo apt-get update && sudo apt-get install -y --no-install-recommends g++ libclang-dev";
    assert!(answer.text.contains(command), "{}", answer.text);
    assert!(!answer.calls.contains("apt-get"), "{}", answer.calls);
}

#[test]
fn an_ordinary_user_with_sudo_gets_the_package() {
    let machine = Machine::complete("sudo").without(LIBCLANG);
    machine.tool("id", "echo 1000");
    machine.tool("sudo", &format!(r#"case "$*" in *install*) touch "$MACHINE/{LIBCLANG}" ;; esac"#));
    let answer = machine.setup(&[]);
    assert_eq!(answer.code, Some(0), "{}", answer.text);
    assert!(answer.calls.contains("sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install"), "{}", answer.calls);
}

#[test]
fn without_network_the_failed_step_and_the_way_on_are_named() {
    let machine = Machine::complete("offline").without(LIBCLANG).without(WASM_LIBRARY);
    machine.tool("apt-get", "echo 'Temporary failure resolving the mirror'; exit 100");
    let rustup = r#"case "$*" in *sysroot*) echo "$MACHINE/sysroot" ;; target*) echo 'no route'; exit 1 ;; esac"#;
    machine.tool("rustup", rustup);
    let answer = machine.setup(&[]);
    assert_eq!(answer.code, Some(1));
    for part in [
        "Temporary failure resolving the mirror",
        "apt-get update && apt-get install -y --no-install-recommends libclang-dev",
        "no route",
        "rustup target add --toolchain",
    ] {
        assert!(answer.text.contains(part), "{part} is not in: {}", answer.text);
    }
}

#[test]
fn the_wasm_target_is_added_and_only_looked_for_with_check() {
    let machine = Machine::complete("wasm").without(WASM_LIBRARY);
    let looked = machine.setup(&["--check"]);
    assert_eq!(looked.code, Some(3), "{}", looked.text);
    assert!(!looked.calls.contains("target add"), "{}", looked.calls);
    assert!(looked.text.contains("rustup target add --toolchain"), "{}", looked.text);

    let body = format!(
        r#"case "$*" in *sysroot*) echo "$MACHINE/sysroot" ;; target*) mkdir "$MACHINE/{WASM_LIBRARY}" ;; esac"#
    );
    machine.tool("rustup", &body);
    let added = machine.setup(&[]);
    assert_eq!(added.code, Some(0), "{}", added.text);
    assert!(added.calls.contains("wasm32-unknown-unknown"), "{}", added.calls);
}

#[test]
fn a_target_that_rustup_only_believes_to_have_is_no_success() {
    let answer = Machine::complete("believed").without(WASM_LIBRARY).setup(&[]);
    assert_eq!(answer.code, Some(1), "{}", answer.text);
    assert!(answer.text.contains("rustup toolchain uninstall"), "{}", answer.text);
}

#[test]
fn without_rustup_a_new_enough_toolchain_will_do() {
    let machine = Machine::complete("own-rust").without("bin/rustup");
    machine.tool("cargo", "");
    let rustc = |version: &str| {
        format!(r#"case "$*" in *sysroot*) echo "$MACHINE/sysroot" ;; *) echo rustc {version} ;; esac"#)
    };
    machine.tool("rustc", &rustc("1.99.0"));
    assert_eq!(machine.setup(&[]).code, Some(0));
    machine.tool("rustc", &rustc("1.85.1"));
    let answer = machine.setup(&[]);
    assert_eq!(answer.code, Some(3));
    assert!(answer.text.contains("found 1.85.1") && answer.text.contains("https://rustup.rs"), "{}", answer.text);
}

#[test]
fn other_systems_get_their_own_command() {
    for (tool, command) in [
        ("dnf", "sudo dnf install -y clang-devel"),
        ("zypper", "sudo zypper install -y clang-devel"),
        ("pacman", "sudo pacman -S --needed --noconfirm clang"),
        ("apk", "sudo apk add clang-dev"),
        ("xcode-select", "xcode-select --install"),
    ] {
        let machine = Machine::complete(tool).without("bin/apt-get").without(LIBCLANG);
        machine.tool("id", "echo 1000");
        machine.tool(tool, "");
        let answer = machine.setup(&[]);
        assert_eq!(answer.code, Some(3), "{tool}");
        assert!(answer.text.contains(command), "{tool}: {}", answer.text);
    }
}

#[test]
fn an_unknown_option_is_a_usage_error() {
    let answer = Machine::complete("usage").setup(&["--force"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.text.contains("Usage: network/setup"), "{}", answer.text);
}
