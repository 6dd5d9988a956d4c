//! Reads the list of sources that the compiler leaves beside a module.

use std::path::PathBuf;

/// The files on the right of `module: file file …`, where a space within a name is written `\ `.
pub fn sources(listing: &str) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for line in listing.lines() {
        let Some((_, files)) = line.split_once(": ") else { continue };
        let mut name = String::new();
        for word in files.split(' ') {
            if let Some(begun) = word.strip_suffix('\\') {
                name.push_str(begun);
                name.push(' ');
                continue;
            }
            name.push_str(word);
            if !name.is_empty() {
                sources.push(PathBuf::from(std::mem::take(&mut name)));
            }
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_in_names_are_kept() {
        let listing = "/t/a.wasm: /s/lib.rs /my\\ files/b.rs /wit/a.wit\n\n";
        let expected = ["/s/lib.rs", "/my files/b.rs", "/wit/a.wit"].map(PathBuf::from);
        assert_eq!(sources(listing), expected);
        assert_eq!(sources(""), Vec::<PathBuf>::new());
    }
}
