//! `theriac document get`.

use super::{anchored, shown};
use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

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
}

/// Gets a document. A file appears once all of it is verified; the standard output has its bytes before that, and the
/// exit code tells.
pub async fn run(global: &Global, options: Get) -> Result<(), Failure> {
    let network = session::network(global)?;
    let found = anchored(&network, &options.cid).await?;
    if options.out.as_deref() == Some(Path::new("-")) {
        let take = async |piece: &[u8]| {
            std::io::stdout().write_all(piece).map_err(|error| unwritable(Path::new("the standard output"), &error))
        };
        return network.read_document(&options.cid, &found.record, take).await;
    }
    let path = options.out.clone().unwrap_or_else(|| PathBuf::from(&*found.record.file_name));
    if path.exists() && !options.force {
        let message =
            format!("{} is there: choose another name with --out, or replace it with --force", path.display());
        return Err(Failure::new(Exit::Precondition, "FILE_EXISTS", message));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(|error| unwritable(folder, &error))?;
    let take = async |piece: &[u8]| file.write_all(piece).map_err(|error| unwritable(&path, &error));
    network.read_document(&options.cid, &found.record, take).await?;
    file.as_file().sync_all().map_err(|error| unwritable(&path, &error))?;
    file.persist(&path).map_err(|error| unwritable(&path, &error.error))?;
    let mut value = shown::record(&options.cid, &found);
    value["file"] = path.display().to_string().into();
    output::record(global.output, &value)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot write {}: {error}; make room there, or choose another place", path.display());
    Failure::new(Exit::Internal, "OUTPUT_FAILED", message)
}
