//! `theriac document`.

mod get;
mod put;
mod sealing;
mod share;
mod shown;

use crate::arguments::Global;
use crate::commands::tx::refused;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fs::File;
use std::path::{Path, PathBuf};
use theriac_client::Network;
use theriac_client::Proven;
use theriac_client::system::documents::DocumentRecord;
use theriac_documents::{Cid, Name};

/// What to do with documents.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Stores files at a peer, has other peers hold them, and names them on the ledger.
    #[command(before_help = "Examples:
  theriac document put report.pdf --as maker/berta
  theriac document put reports/*.pdf --media-type application/pdf --as maker/berta
  theriac document put report.pdf --guard inspection --as lab/carla
  theriac document put report.pdf --reader agency/inspector --as lab/carla")]
    Put(put::Put),
    /// Reads a document from the peers, and verifies it against the ledger.
    #[command(before_help = "Examples:
  theriac document get bafy… --out report.pdf
  theriac document get bafy… --out - | less
  theriac document get bafy… --as agency/inspector")]
    Get(get::Get),
    /// Says what the ledger knows of a document, and which peers hold it.
    #[command(before_help = "Examples:\n  theriac document stat bafy…")]
    Stat {
        /// Its CID.
        cid: String,
    },
    /// Lists the documents that the ledger names, by CID; proven.
    #[command(before_help = "Examples:
  theriac document list
  theriac document list --after bafy… --limit 1000")]
    List(List),
    /// Prints the CID of a file, and its SHA-256. Asks nobody.
    #[command(before_help = "Examples:\n  theriac document cid report.pdf")]
    Cid {
        /// The file.
        file: PathBuf,
    },
    /// Lets more members read a sealed document, or fewer: wraps its key anew, and replaces the list of readers at all peers.
    #[command(before_help = "Examples:
  theriac document share bafy… --reader agency/inspector --as maker/berta
  theriac document share bafy… --remove carrier/driver --as maker/berta")]
    Share(share::Share),
    /// Makes a sealed document unreadable: its keys are destroyed at all peers. The ledger still says that it was there.
    #[command(before_help = "Examples:
  theriac document erase bafy… --reason 'the patient asked for it' --as maker/berta")]
    Erase(share::Erase),
    /// Says, for an organisation, how many peers should hold each document; the most that any asks for counts.
    #[command(before_help = "Examples:
  theriac document keep 3 --as maker/admin
  theriac document keep 0 --as maker/admin")]
    Keep {
        /// How many; 0 asks for no more than are needed.
        copies: u16,
    },
    /// Checks that a file is the one that the ledger names: its bytes, and who anchored it when.
    #[command(before_help = "Examples:
  theriac document verify report.pdf
  theriac document verify report.pdf bafy…")]
    Verify {
        /// The file.
        file: PathBuf,
        /// The CID that it should have.
        cid: Option<String>,
    },
}

/// Which documents.
#[derive(Debug, Args)]
pub struct List {
    /// Begin after this CID.
    #[arg(long, value_name = "CID", default_value = "")]
    after: String,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

/// Runs one command.
pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    match verb {
        Verb::Put(options) => put::run(global, options).await,
        Verb::Get(options) => get::run(global, options).await,
        Verb::Stat { cid } => stat(global, &cid).await,
        Verb::List(options) => list(global, &options).await,
        Verb::Cid { file } => {
            let name = name_of(&file)?;
            output::record(global.output, &shown::name(&name))
        }
        Verb::Share(options) => share::share(global, &options).await,
        Verb::Erase(options) => share::erase(global, &options).await,
        Verb::Keep { copies } => keep(global, copies).await,
        Verb::Verify { file, cid } => verify(global, &file, cid.as_deref()).await,
    }
}

async fn stat(global: &Global, cid: &str) -> Result<(), Failure> {
    let network = session::network(global)?;
    let found = anchored(&network, cid).await?;
    let (epoch, copies) = network.document_copies(cid).await?;
    let mut value = shown::record(cid, &found);
    value["epoch"] = json!(epoch.0);
    value["copies"] = copies.iter().map(shown::copy).collect();
    if let Some(readers) = network.document_readers(cid).await? {
        let record = &readers.record;
        value["readers_version"] = json!(record.version);
        match &record.list {
            Some(list) => {
                let readers = network.readers_list(cid, list).await?;
                value["readers"] = readers.iter().map(|reader| reader.member.to_string()).collect();
            }
            None => value["erased"] = json!(share::erased(cid, record).message()),
        }
    }
    output::record(global.output, &value)
}

async fn keep(global: &Global, copies: u16) -> Result<(), Failure> {
    let committed = session::network(global)?.keep_copies(copies).await?;
    refused(&committed)?;
    let value = json!({
        "copies": copies,
        "height": committed.height().0,
        "transaction": committed.id().to_string(),
    });
    output::record(global.output, &value)
}

async fn list(global: &Global, options: &List) -> Result<(), Failure> {
    let network = session::network(global)?;
    if !options.after.is_empty() {
        parse_cid(&options.after)?;
    }
    let found = network.documents(&options.after, options.limit).await?;
    let rows: Vec<Value> = found.iter().map(|(cid, record)| shown::record(cid, record)).collect();
    output::rows(global.output, &["cid", "file_name", "bytes", "media_type", "by", "height"], &rows)
}

async fn verify(global: &Global, file: &Path, cid: Option<&str>) -> Result<(), Failure> {
    let name = name_of(file)?;
    let found = name.cid.to_string();
    if let Some(cid) = cid {
        parse_cid(cid)?;
        if cid != found {
            let message = format!("{} is {found}, not {cid}: it is another file, or it was changed", file.display());
            return Err(Failure::new(crate::exit::Exit::Unverified, "DOCUMENT_MISMATCH", message).with("cid", found));
        }
    }
    let network = session::network(global)?;
    let record = anchored(&network, &found).await?;
    output::record(global.output, &shown::record(&found, &record))
}

/// What the ledger says of a document, or that it names none such.
async fn anchored(network: &Network, cid: &str) -> Result<Proven<DocumentRecord>, Failure> {
    parse_cid(cid)?;
    network.document(cid).await?.ok_or_else(|| {
        let message = format!("the ledger names no document {cid}: check the CID, or put it first");
        Failure::not_found("DOCUMENT_UNKNOWN", message)
    })
}

fn parse_cid(cid: &str) -> Result<Cid, Failure> {
    cid.parse().map_err(of_document)
}

/// Names a file as every peer does.
fn name_of(file: &Path) -> Result<Name, Failure> {
    let mut source = File::open(file).map_err(|error| unreadable(file, &error))?;
    Name::of(&mut source).map_err(of_document)
}

fn unreadable(file: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot read {}: {error}; check the name and its permissions", file.display());
    Failure::not_found("FILE_FAILED", message)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot write {}: {error}; make room there, or choose another place", path.display());
    Failure::new(crate::exit::Exit::Internal, "OUTPUT_FAILED", message)
}

fn of_document(error: theriac_documents::DocumentError) -> Failure {
    Failure::usage(error.code(), error.to_string())
}
