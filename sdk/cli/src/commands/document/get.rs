//! `theriac document get`.

use super::{anchored, share, shown, unwritable};
use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::Args;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use theriac_client::Network;
use theriac_client::sealed::{DocumentKey, open};
use theriac_types::{Content, Text};

/// What to get.
#[derive(Debug, Args)]
pub struct Get {
    /// Its CID.
    cid: String,
    /// The file to write, or `-` for the standard output; the name on the ledger, in this folder, when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
    /// Of a document that is sealed: its encrypted bytes, as peers keep them.
    #[arg(long)]
    sealed: bool,
}

/// Gets a document. A file appears once all of it is verified; the standard output has the bytes of a document that is not
/// sealed before that, and the exit code tells.
pub async fn run(global: &Global, options: Get) -> Result<(), Failure> {
    let network = session::network(global)?;
    let found = anchored(&network, &options.cid).await?;
    let cid = Text::new(&*options.cid).map_err(|error| Failure::usage("DOCUMENT_NAME_INVALID", error.to_string()))?;
    let content = found.record.content(cid);
    let key = if options.sealed { None } else { key(global, &network, &options.cid).await? };
    if options.out.as_deref() == Some(Path::new("-")) {
        return to_stdout(&network, &content, key.as_ref()).await;
    }
    let path = options.out.clone().unwrap_or_else(|| PathBuf::from(&*found.record.file_name));
    if path.exists() && !options.force {
        let message =
            format!("{} is there: choose another name with --out, or replace it with --force", path.display());
        return Err(Failure::new(Exit::Precondition, "FILE_EXISTS", message));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = fetched(&network, &content, folder).await?;
    if let Some(key) = &key {
        let plain = NamedTempFile::new_in(folder).map_err(|error| unwritable(folder, &error))?;
        opened(key, &mut file, &mut plain.as_file())?;
        file = plain;
    }
    file.as_file().sync_all().map_err(|error| unwritable(&path, &error))?;
    file.persist(&path).map_err(|error| unwritable(&path, &error.error))?;
    let mut value = shown::record(&options.cid, &found);
    value["file"] = path.display().to_string().into();
    if key.is_some() {
        value["opened"] = true.into();
    }
    output::record(global.output, &value)
}

/// The key of a document that is sealed.
async fn key(global: &Global, network: &Network, cid: &str) -> Result<Option<DocumentKey>, Failure> {
    if network.document_readers(cid).await?.is_none() {
        return Ok(None);
    }
    let (_, list) = share::current(network, cid).await?;
    let identity = share::opener(global)?;
    let readers = network.readers_list(cid, &list).await?;
    Ok(Some(identity.document_key(&readers)?))
}

async fn to_stdout(network: &Network, content: &Content, key: Option<&DocumentKey>) -> Result<(), Failure> {
    let mut stdout = std::io::stdout();
    if let Some(key) = key {
        let mut file = fetched(network, content, &std::env::temp_dir()).await?;
        return opened(key, &mut file, &mut stdout);
    }
    let take = async |piece: &[u8]| {
        stdout.write_all(piece).map_err(|error| unwritable(Path::new("the standard output"), &error))
    };
    network.read_document(content, take).await
}

/// Gets the bytes into a file without a name, verified.
async fn fetched(network: &Network, content: &Content, folder: &Path) -> Result<NamedTempFile, Failure> {
    let mut file = NamedTempFile::new_in(folder).map_err(|error| unwritable(folder, &error))?;
    let take = async |piece: &[u8]| file.write_all(piece).map_err(|error| unwritable(folder, &error));
    network.read_document(content, take).await?;
    Ok(file)
}

/// Decrypts a file.
fn opened(key: &DocumentKey, sealed: &mut NamedTempFile, sink: &mut dyn Write) -> Result<(), Failure> {
    sealed.rewind().map_err(|error| unwritable(sealed.path(), &error))?;
    let mut sink = BufWriter::with_capacity(1 << 20, sink);
    open(key, &mut BufReader::with_capacity(1 << 20, sealed.as_file()), &mut sink)?;
    Ok(())
}
