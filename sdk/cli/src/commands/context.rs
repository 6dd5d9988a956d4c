//! `theriac context`.

use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session::{context_path, contexts_folder, network_folder};
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::Path;
use theriac_client::Context;
use theriac_client::context::CONTEXT_FILE;

/// What to do with contexts.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Lists the named contexts and the local network's.
    #[command(before_help = "Examples:\n  theriac context list")]
    List,
    /// Shows one: peers, genesis, who signs.
    #[command(before_help = "Examples:\n  theriac context show\n  theriac context show --context hospital")]
    Show,
}

pub fn run(global: &Global, verb: &Verb) -> Result<(), Failure> {
    match verb {
        Verb::List => list(global),
        Verb::Show => {
            let path = context_path(global);
            output::record(global.output, &shown("", &path, &Context::load(&path)?))
        }
    }
}

fn list(global: &Global) -> Result<(), Failure> {
    let mut found = Vec::new();
    let local = network_folder(global).join(CONTEXT_FILE);
    if let Ok(context) = Context::load(&local) {
        found.push(shown("(local network)", &local, &context));
    }
    let folder = contexts_folder();
    let mut files: Vec<_> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            let message = format!("{} cannot be listed: {error}", folder.display());
            return Err(Failure::new(Exit::Internal, "FILE_UNREADABLE", message));
        }
    };
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json")) {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        found.push(shown(&name, path, &Context::load(path)?));
    }
    output::rows(global.output, &["name", "peers", "identity", "file"], &found)
}

fn shown(name: &str, path: &Path, context: &Context) -> Value {
    json!({
        "name": name,
        "file": path.display().to_string(),
        "peers": context.peers.iter().map(|peer| peer.address.clone()).collect::<Vec<_>>(),
        "genesis": context.genesis.display().to_string(),
        "identities": context.identities.display().to_string(),
        "identity": context.identity,
    })
}
