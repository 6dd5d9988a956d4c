//! `theriac document put`.

use super::sealing::{Audience, SealedFile, members, put_lists};
use super::shown;
use crate::arguments::Global;
use crate::commands::tx::refused;
use crate::failure::Failure;
use crate::output::{self, Format};
use crate::session::{self, parse};
use clap::Args;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use theriac_client::system::documents::{DocumentRecord, NewDocument};
use theriac_client::{Network, Proven, ReadError};
use theriac_types::limits::ANCHOR_DOCUMENTS_MAX;
use theriac_types::{ChaincodeName, Content, Text};
use tokio::task::{JoinError, JoinSet};

/// What to put.
#[derive(Debug, Args)]
pub struct Put {
    /// The files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Their media type; by their extension when left out.
    #[arg(long, value_name = "TYPE/SUBTYPE")]
    media_type: Option<String>,
    /// What the document is called on the ledger; the file's own name when left out.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The chaincode that says who may have them from a peer (its query `may_have`); every member when left out.
    #[arg(long, value_name = "CHAINCODE")]
    guard: Option<String>,
    /// A member who may read them; can be given several times. The files are encrypted before they leave, for these members
    /// and for you.
    #[arg(long = "reader", value_name = "ORGANISATION/MEMBER")]
    readers: Vec<String>,
}

/// What is the same for all files.
struct Terms {
    guard: Option<ChaincodeName>,
    /// Who opens them; everybody when none is named.
    audience: Option<Audience>,
}

/// A file on its way.
struct Outgoing {
    path: PathBuf,
    file_name: Text<255>,
    media_type: Text<127>,
    bytes: u64,
}

/// Puts files, as many at a time as one anchor takes.
pub async fn run(global: &Global, options: Put) -> Result<(), Failure> {
    if options.name.is_some() && options.files.len() > 1 {
        return Err(Failure::usage("INVALID_ARGUMENT", "--name names one file, and there are several: leave it out"));
    }
    let guard: Option<ChaincodeName> = options.guard.as_deref().map(parse).transpose()?;
    let files = options.files.iter().map(|path| outgoing(path, &options)).collect::<Result<Vec<_>, _>>()?;
    let named = members(&options.readers)?;
    let (network, audience) = if named.is_empty() {
        (session::network(global)?, None)
    } else {
        let (network, identity) = session::network_and_identity(global)?;
        let audience = Audience::of(&network, named.into_iter().chain([identity.member.clone()])).await?;
        (network, Some(audience))
    };
    // With each sealed document goes its list of readers.
    let together = if audience.is_some() { ANCHOR_DOCUMENTS_MAX / 2 } else { ANCHOR_DOCUMENTS_MAX };
    let terms = Terms { guard, audience };
    let mut rows = Vec::new();
    let mut progress = Progress::new(global, &files);
    for files in files.chunks(together) {
        let put = put(&network, files, &terms, &mut progress).await;
        match put {
            Ok(anchored) => rows.extend(anchored),
            Err(failure) if rows.is_empty() => return Err(failure),
            Err(failure) => {
                progress.clear();
                output::rows(global.output, COLUMNS, &rows)?;
                return Err(failure.with("anchored", rows.len() as u64).partial());
            }
        }
    }
    progress.clear();
    output::rows(global.output, COLUMNS, &rows)
}

/// Documents that are looked up at the same time.
const QUESTIONS_AT_ONCE: usize = 32;

const COLUMNS: &[&str] = &["cid", "file_name", "bytes", "height", "held_by"];

/// Puts and anchors files together.
async fn put(
    network: &Network,
    files: &[Outgoing],
    terms: &Terms,
    progress: &mut Progress,
) -> Result<Vec<Value>, Failure> {
    let mut put = network.put_documents()?;
    let mut sealed = Vec::new();
    for file in files {
        if terms.audience.is_some() {
            sealed.push(SealedFile::of(&file.path)?);
        }
        let path = sealed.last().map_or(&*file.path, |sealed| sealed.file.path());
        let source = tokio::fs::File::open(path).await.map_err(|error| super::unreadable(path, &error))?;
        let sent = put.document(source, |bytes| progress.show(bytes.min(file.bytes))).await;
        sent.map_err(|error| super::unreadable(path, &error))?;
        progress.done(file.bytes);
    }
    let contents = put.finish().await?;
    let lists = lists_for(network, &sealed, &contents, terms.audience.as_ref()).await?;
    let mut fresh: Vec<(Content, Option<Content>, &Outgoing)> = Vec::new();
    let mut rows = Vec::new();
    let known = known(network, &contents).await?;
    for (index, ((content, file), known)) in contents.into_iter().zip(files).zip(known).enumerate() {
        if let Some(known) = known {
            let mut row = shown::record(&content.cid, &known);
            row["anchored"] = json!("before");
            rows.push(row);
        } else if !fresh.iter().any(|(other, _, _)| *other == content) {
            fresh.push((content, lists.get(index).cloned(), file));
        }
    }
    if fresh.is_empty() {
        return Ok(rows);
    }
    let documents = fresh.iter().map(|(content, _, _)| content.clone());
    let contents: Vec<Content> = documents.chain(fresh.iter().filter_map(|(_, list, _)| list.clone())).collect();
    let held = network.hold_documents(&contents).await?;
    for sentence in shown::failures(&held) {
        eprintln!("note: {sentence}");
    }
    let document = |(content, list, file): &(Content, Option<Content>, &Outgoing)| NewDocument {
        content: content.clone(),
        media_type: file.media_type.clone(),
        file_name: file.file_name.clone(),
        guard: terms.guard.clone(),
        readers: list.clone(),
    };
    let committed = network.anchor_documents(fresh.iter().map(document).collect(), &held).await?;
    refused(&committed)?;
    let mut held_by: Vec<u16> = held.receipts.iter().map(|receipt| receipt.replica.0).collect();
    held_by.sort_unstable();
    rows.extend(fresh.iter().map(|(content, list, file)| {
        json!({
            "cid": &*content.cid,
            "file_name": &*file.file_name,
            "media_type": &*file.media_type,
            "bytes": content.bytes,
            "sha2_256": content.sha2_256.to_string(),
            "height": committed.height().0,
            "transaction": committed.id().to_string(),
            "held_by": held_by,
            "anchored": "now",
            "sealed": list.is_some(),
        })
    }));
    Ok(rows)
}

/// Hands in the list of readers of each sealed document.
async fn lists_for(
    network: &Network,
    sealed: &[SealedFile],
    contents: &[Content],
    audience: Option<&Audience>,
) -> Result<Vec<Content>, Failure> {
    let Some(audience) = audience else { return Ok(Vec::new()) };
    let lists = sealed.iter().zip(contents).map(|(file, content)| file.readers(network, &content.cid, audience));
    put_lists(network, &lists.collect::<Result<Vec<_>, _>>()?).await
}

/// What the ledger names already, in order.
async fn known(network: &Network, contents: &[Content]) -> Result<Vec<Option<Proven<DocumentRecord>>>, Failure> {
    let mut found = vec![None; contents.len()];
    let mut questions = JoinSet::new();
    for (index, content) in contents.iter().enumerate() {
        while questions.len() >= QUESTIONS_AT_ONCE {
            note(&mut found, questions.join_next().await)?;
        }
        let (network, cid) = (network.clone(), content.cid.clone());
        questions.spawn(async move { (index, network.document(&cid).await) });
    }
    while let Some(answer) = questions.join_next().await {
        note(&mut found, Some(answer))?;
    }
    Ok(found)
}

type Answer = (usize, Result<Option<Proven<DocumentRecord>>, ReadError>);

fn note(
    found: &mut [Option<Proven<DocumentRecord>>],
    answer: Option<Result<Answer, JoinError>>,
) -> Result<(), Failure> {
    if let Some(Ok((index, answer))) = answer {
        found[index] = answer?;
    }
    Ok(())
}

fn outgoing(path: &Path, options: &Put) -> Result<Outgoing, Failure> {
    let metadata = std::fs::metadata(path).map_err(|error| super::unreadable(path, &error))?;
    if !metadata.is_file() {
        let message = format!("{} is no file: name the files in it", path.display());
        return Err(Failure::usage("INVALID_ARGUMENT", message));
    }
    let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let too_long = |what: &str, error: &dyn std::fmt::Display| {
        Failure::usage("DOCUMENT_NAME_INVALID", format!("the {what} of {}: {error}", path.display()))
    };
    let file_name = options.name.clone().unwrap_or(own);
    let file_name = Text::new(file_name).map_err(|error| too_long("name", &error))?;
    let media_type = options.media_type.clone().unwrap_or_else(|| media_type(path).to_owned());
    let media_type = Text::new(media_type).map_err(|error| too_long("media type", &error))?;
    Ok(Outgoing { path: path.to_owned(), file_name, media_type, bytes: metadata.len() })
}

/// What a file most likely is, by its extension.
fn media_type(path: &Path) -> &'static str {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("pdf") => "application/pdf",
        Some("json") => "application/json",
        Some("jsonld") => "application/ld+json",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv",
        Some("txt") => "text/plain",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("zip") => "application/zip",
        Some("docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

/// One line that changes, for people who wait.
struct Progress {
    shows: bool,
    total: u64,
    before: u64,
    shown: u64,
}

impl Progress {
    fn new(global: &Global, files: &[Outgoing]) -> Self {
        let shows = global.output == Format::Table && std::io::stderr().is_terminal();
        Self { shows, total: files.iter().map(|file| file.bytes).sum(), before: 0, shown: u64::MAX }
    }

    fn show(&mut self, bytes: u64) {
        let (done, total) = (self.before + bytes, self.total.max(1));
        let percent = done.saturating_mul(100) / total;
        if self.shows && percent != self.shown {
            self.shown = percent;
            let filled = usize::try_from(percent.min(100) * 30 / 100).unwrap_or(30);
            let mebibytes = |bytes: u64| bytes / (1024 * 1024);
            let bar = format!("{}{}", "#".repeat(filled), ".".repeat(30 - filled));
            eprint!("\r[{bar}] {percent:3} %  {} of {} MiB", mebibytes(done), mebibytes(total));
            drop(std::io::stderr().flush());
        }
    }

    fn done(&mut self, bytes: u64) {
        self.before += bytes;
    }

    fn clear(&self) {
        if self.shows {
            eprint!("\r\u{1b}[K");
        }
    }
}
