//! `theriac chaincode new`: a project that builds, tests and deploys as it stands.

use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use clap::Args;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// What to make, and where.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac chaincode new custody
  theriac chaincode new custody --folder rules --sdk-git https://example.org/theriac.git")]
pub struct New {
    /// What the chaincode and its crate are called.
    name: String,
    /// The folder to make; one of this name, here, when left out.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The SDK's folder: sdk/chaincode of a checkout. That of the checkout that this program was built from when left
    /// out.
    #[arg(long, value_name = "DIR", conflicts_with = "sdk_git")]
    sdk: Option<PathBuf>,
    /// A repository to take the SDK from instead.
    #[arg(long, value_name = "URL")]
    sdk_git: Option<String>,
}

/// A file of the template, with its place in the project.
struct Template {
    place: &'static str,
    text: &'static str,
}

macro_rules! template {
    ($($place:literal $file:literal),+) => {
        /// The template is a project itself, which tests build.
        const TEMPLATE: &[Template] =
            &[$(Template { place: $place, text: include_str!(concat!("../../../template/", $file)) }),+];
    };
}

template! {
    "Cargo.toml" "Cargo.toml",
    "rust-toolchain.toml" "rust-toolchain.toml",
    ".gitignore" "gitignore",
    "README.md" "README.md",
    "src/lib.rs" "src/lib.rs",
    "tests/rules.rs" "tests/rules.rs",
    "tests/properties.rs" "tests/properties.rs",
    "tests/scenario.json" "tests/scenario.json"
}

/// What the template calls itself.
const TEMPLATE_NAME: &str = "custody";
/// How the template names the SDK.
const TEMPLATE_SDK: &str = "path = \"../../chaincode\"";
/// Where the SDK was when this program was built.
const BUILT_FROM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../chaincode");
/// Longest name of a chaincode.
const NAME_BYTES_MAX: usize = 64;
/// Names that the crate would share with a part of the language, or with what it is made of.
const TAKEN: [&str; 12] = [
    "alloc",
    "borsh",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "proc-macro",
    "std",
    "test",
    "theriac-chaincode",
    "theriac_chaincode",
];
/// The language's own words.
const WORDS: &str = " abstract as async await become box break const continue crate do dyn else enum extern false \
    final fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static struct \
    super trait true try type typeof unsafe unsized use virtual where while yield ";

pub fn run(global: &Global, options: &New) -> Result<(), Failure> {
    let name = options.name.as_str();
    check_name(name)?;
    let folder = options.folder.clone().unwrap_or_else(|| PathBuf::from(name));
    check_folder(&folder)?;
    let sdk = Sdk::find(options)?;
    for Template { place, text } in TEMPLATE {
        write(&folder.join(place), &filled_in(text, name, &sdk))?;
    }
    if let Some(lock) = sdk.lock() {
        write(&folder.join("Cargo.lock"), &lock)?;
    }
    let shown = json!({
        "chaincode": name,
        "folder": folder.display().to_string(),
        "sdk": sdk.dependency(),
        "next": [
            format!("cd {}", folder.display()),
            "theriac chaincode test".to_owned(),
            "theriac chaincode build".to_owned(),
        ],
    });
    output::record(global.output, &shown)
}

/// A name that is right for the ledger, for cargo and for Rust.
fn check_name(name: &str) -> Result<(), Failure> {
    let wrong = |why: &str| {
        let message = format!(
            "{name:?} cannot be the chaincode's name: {why}. Take a word of a-z, 0-9, - and _ that begins with a letter"
        );
        Err(Failure::usage("NAME_INVALID", message))
    };
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    match name {
        "" => wrong("it is empty"),
        _ if name.len() > NAME_BYTES_MAX => wrong("it is longer than 64 characters"),
        _ if !name.starts_with(|first: char| first.is_ascii_lowercase()) => wrong("it does not begin with a letter"),
        _ if !name.bytes().all(allowed) => wrong("it holds another character"),
        _ if WORDS.contains(&format!(" {name} ")) => wrong("it is a word of the language Rust"),
        _ if TAKEN.contains(&name) => wrong("a part of Rust or of the SDK is called so"),
        _ => Ok(()),
    }
}

fn check_folder(folder: &Path) -> Result<(), Failure> {
    let occupied = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => folder.exists(),
    };
    if !occupied {
        return Ok(());
    }
    let message = format!("{} is there already, and not an empty folder. Name another: --folder DIR", folder.display());
    Err(Failure::new(Exit::Precondition, "FOLDER_OCCUPIED", message))
}

/// Where the project finds the SDK.
enum Sdk {
    Folder(PathBuf),
    Git(String),
}

impl Sdk {
    fn find(options: &New) -> Result<Self, Failure> {
        if let Some(url) = &options.sdk_git {
            if url.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
                return Err(Failure::usage("INVALID_ARGUMENT", format!("{url:?} is no address of a repository")));
            }
            return Ok(Self::Git(url.clone()));
        }
        let (folder, named) = match &options.sdk {
            Some(folder) => (folder.as_path(), true),
            None => (Path::new(BUILT_FROM), false),
        };
        // A checkout's root is as good as the folder within it.
        let candidates = [folder.to_owned(), folder.join("sdk/chaincode")];
        let is_sdk = |folder: &&PathBuf| {
            fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("\"theriac-chaincode\""))
        };
        if let Some(path) = candidates.iter().find(is_sdk).and_then(|folder| folder.canonicalize().ok()) {
            return Ok(Self::Folder(path));
        }
        let advice = "Name it with --sdk CHECKOUT/sdk/chaincode, or take it from a repository with --sdk-git URL";
        let message = match named {
            true => format!("{} is not the SDK. {advice}", folder.display()),
            false => format!("the checkout that this program was built from is gone. {advice}"),
        };
        Err(Failure::not_found("SDK_MISSING", message))
    }

    /// The dependency in the words of a manifest.
    fn dependency(&self) -> String {
        match self {
            Self::Folder(path) => format!("path = {:?}", path.display().to_string()),
            Self::Git(url) => format!("git = {url:?}"),
        }
    }

    /// The versions that the SDK itself is built and tested with. Cargo leaves out of them what the project does not
    /// need.
    fn lock(&self) -> Option<String> {
        let Self::Folder(path) = self else { return None };
        fs::read_to_string(path.ancestors().nth(2)?.join("Cargo.lock")).ok()
    }
}

fn filled_in(text: &str, name: &str, sdk: &Sdk) -> String {
    // In Rust a crate's name has no hyphens; the texts that name it as a crate are paths.
    let in_rust = name.replace('-', "_");
    text.replace(&format!("use {TEMPLATE_NAME}::"), &format!("use {in_rust}::"))
        .replace(TEMPLATE_SDK, &sdk.dependency())
        .replace(&format!("\"{TEMPLATE_NAME}\""), &format!("\"{name}\""))
        .replace(&format!("# {TEMPLATE_NAME}\n"), &format!("# {name}\n"))
        .replace(&format!("{TEMPLATE_NAME}.wasm"), &format!("{name}.wasm"))
        .replace(&format!("deploy {TEMPLATE_NAME}"), &format!("deploy {name}"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|error| {
        Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be written: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_that_cannot_be_are_refused_with_the_reason() {
        for name in ["custody", "a", "cold-chain", "v2_rules"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "2nd", "Custody", "a.b", "a b", "-x", "../x", "match", "core", "gen", &"x".repeat(65)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_project_says_its_own_name_everywhere() {
        let sdk = Sdk::Git("https://example.org/theriac.git".to_owned());
        for Template { place, text } in TEMPLATE {
            let filled = filled_in(text, "cold-chain", &sdk);
            assert!(!filled.contains("custody::") && !filled.contains("../chaincode"), "{place}: {filled}");
        }
        let find = |place: &str| TEMPLATE.iter().find(|one| one.place == place).unwrap().text;
        let manifest: toml::Table = filled_in(find("Cargo.toml"), "cold-chain", &sdk).parse().unwrap();
        assert_eq!(manifest["package"]["name"].as_str(), Some("cold-chain"));
        let dependency = &manifest["dependencies"]["theriac-chaincode"];
        assert_eq!(dependency["git"].as_str(), Some("https://example.org/theriac.git"));
        assert!(filled_in(find("tests/rules.rs"), "cold-chain", &sdk).contains("use cold_chain::{"));
        assert!(filled_in(find("src/lib.rs"), "cold-chain", &sdk).contains("name = \"cold-chain\""));
        assert!(filled_in(find("README.md"), "cold-chain", &sdk).contains("deploy cold-chain cold-chain.wasm"));
    }

    #[test]
    fn what_is_in_a_folder_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_folder(folder.path()).is_ok(), "an empty one will do");
        assert!(check_folder(&folder.path().join("new")).is_ok());
        fs::write(folder.path().join("mine"), "text").unwrap();
        assert!(check_folder(folder.path()).is_err());
        assert!(check_folder(&folder.path().join("mine")).is_err(), "nor a file");
    }

    #[test]
    fn the_sdk_is_found_in_a_checkout_and_its_absence_says_what_to_do() {
        let options = |sdk: Option<&Path>| New {
            name: "x".to_owned(),
            folder: None,
            sdk: sdk.map(Path::to_owned),
            sdk_git: None,
        };
        let found = |sdk| Sdk::find(&options(sdk)).map(|sdk| sdk.dependency());
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert_eq!(found(None).unwrap(), found(Some(&checkout)).unwrap());
        assert!(Sdk::find(&options(None)).unwrap().lock().unwrap().contains("name = \"borsh\""));
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(format!("{:?}", found(Some(elsewhere.path())).unwrap_err()).contains("--sdk-git URL"));
    }
}
