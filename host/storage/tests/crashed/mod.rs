//! What a crash leaves of a store's folder.

use std::fs;
use std::path::Path;

/// Copies a folder as a crash would leave it, with the last bytes of its write-ahead log missing.
pub fn crash(from: &Path, to: &Path, missing: u64) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name == "LOCK" {
            continue;
        }
        fs::copy(entry.path(), to.join(&name)).unwrap();
        if name.ends_with(".log") {
            let file = fs::OpenOptions::new().write(true).open(to.join(&name)).unwrap();
            file.set_len(file.metadata().unwrap().len().saturating_sub(missing)).unwrap();
        }
    }
}
