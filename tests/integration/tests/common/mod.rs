//! A network of real processes in a temporary folder, and the binary's commands.

#![allow(dead_code, clippy::unwrap_used)]

pub mod front;
pub mod tap;

use serde_json::Value;
use std::ffi::OsStr;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use theriac_domain::Event;
use theriac_network::{LocalNetwork, UpOptions, up};

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

pub fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_theriac-under-test"))
}

pub struct Scene {
    pub network: LocalNetwork,
    _folder: TempDir,
}

impl Scene {
    pub async fn up() -> Self {
        Self::up_with(binary()).await
    }

    /// The same with peers that another program runs.
    pub async fn up_with(peer: PathBuf) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let options = UpOptions::on_loopback(folder.path().join("network"), 4, peer);
        let (network, _) = up(&options).await.unwrap();
        Self { network, _folder: folder }
    }

    pub fn dir(&self) -> &Path {
        self.network.folder().path()
    }

    /// Runs a command on this network.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(self.dir(), arguments)
    }
}

/// No test leaves a process behind, not even one that fails.
impl Drop for Scene {
    fn drop(&mut self) {
        for process in self.network.processes() {
            if let Some(pid) = process.pid {
                drop(Command::new("kill").args(["-KILL", &pid.to_string()]).status());
            }
        }
    }
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// The output as JSON of a command that succeeded.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic_with(self, &error))
    }

    /// The error as JSON of a command that failed with this code.
    pub fn error(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{self:?}");
        let last = self.stderr.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|error| panic_with(self, &error))
    }
}

fn panic_with(ran: &Ran, error: &serde_json::Error) -> Value {
    assert!(error.to_string().is_empty(), "{error}: {ran:?}");
    Value::Null
}

pub fn run<S: AsRef<OsStr>>(dir: &Path, arguments: &[S]) -> Ran {
    let output = Command::new(binary())
        .args(arguments)
        .args(["-o", "json", "--dir"])
        .arg(dir)
        .env_remove("THERIAC_DIR")
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Whether bytes contain others.
pub fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Every file below a folder; what vanishes meanwhile is left out.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |path: PathBuf| if path.is_dir() { files_below(&path) } else { vec![path] };
    entries.flat_map(|entry| below(entry.path())).collect()
}

/// Looks again until the condition holds.
pub async fn until<F, R>(what: &str, condition: F)
where
    F: Fn() -> R,
    R: Future<Output = bool>,
{
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < PATIENCE, "waited too long: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The birth of one pack of the maker's.
pub fn birth(serial: &str) -> Vec<Event> {
    let document = format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-02T08:00:00Z",
        "epcisBody":{{"eventList":[{{"type":"ObjectEvent","action":"ADD","bizStep":"commissioning",
        "disposition":"active","eventTime":"2026-03-02T08:00:00Z","eventTimeZoneOffset":"+00:00",
        "epcList":["https://id.gs1.org/01/09506000134376/21/{serial}"],
        "readPoint":{{"id":"https://id.gs1.org/414/9506000100012"}},
        "bizLocation":{{"id":"https://id.gs1.org/414/9506000100012"}},
        "ilmd":{{"cbvmda:lotNumber":"LOT1","cbvmda:itemExpirationDate":"2032-05-31"}}}}]}}}}"#
    );
    theriac_epcis::parse(document.as_bytes()).unwrap().events
}
