//! How fast documents go in and out, beside hashing the same file once, and how much memory that takes.
//!
//! `cargo run --release -p theriac-documents --example figures -- [FOLDER [MEBIBYTES [DOCUMENTS]]]`: a file of 1,024 MiB
//! and 10,000 documents of 50,000 bytes by default, below a folder that should be on the disk to be measured.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;
use theriac_crypto::ContentHasher;
use theriac_documents::{Expected, Options, Store};

const MIB: u64 = 1024 * 1024;
const DOCUMENT_BYTES: usize = 50_000;
const DOCUMENTS_IN_A_BATCH: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let below = arguments.next().unwrap_or_else(|| ".".to_owned());
    let mib: u64 = arguments.next().map_or(Ok(1024), |text| text.parse())?;
    let documents: usize = arguments.next().map_or(Ok(10_000), |text| text.parse())?;
    let folder = tempfile::Builder::new().prefix("figures-").tempdir_in(below)?;
    one_long(folder.path(), mib)?;
    many_short(folder.path(), documents)
}

fn one_long(folder: &Path, mib: u64) -> Result<(), Box<dyn Error>> {
    let path = folder.join("file");
    write_file(&path, mib)?;
    let store = Store::open(&folder.join("long"), Options::default())?;
    let idle = peak_bytes();
    let Measured((), hashing) = measure("hash the file once", mib, None, || hash(&path))?;
    let name = store_and_read(&store, &path, mib, hashing)?;
    let archive = folder.join("archive");
    measure("export", mib, Some(hashing), || Ok(store.export(&name, &mut File::create(&archive)?)?))?;
    let other = Store::open(&folder.join("other"), Options::default())?;
    measure("import", mib, Some(hashing), || Ok(other.import(&mut File::open(&archive)?, 0)?))?;
    drop(other);
    fs::remove_dir_all(folder.join("other"))?;
    let other = Store::open(&folder.join("other"), Options::default())?;
    measure("hand block by block to another store", mib, Some(hashing), || {
        let mut incoming = other.receive(name, Expected::default(), 0)?;
        loop {
            let missing = incoming.missing(16)?;
            if missing.is_empty() {
                return Ok(incoming.finish()?);
            }
            for block in missing {
                incoming.put(&block.cid, &store.block(&block.cid)?.ok_or("the block is gone")?)?;
            }
        }
    })?;
    measure("scrub", mib, Some(hashing), || {
        let mut from = None;
        loop {
            from = store.scrub(from, 8 * MIB)?.next;
            if from.is_none() {
                return Ok(());
            }
        }
    })?;
    println!("peak memory above idle: {} MiB", (peak_bytes() - idle) / MIB);
    Ok(())
}

fn store_and_read(
    store: &Store,
    path: &Path,
    mib: u64,
    hashing: f64,
) -> Result<theriac_documents::Cid, Box<dyn Error>> {
    let name = measure("put", mib, Some(hashing), || Ok(store.put(&mut File::open(path)?, 0)?))?.0;
    measure("put what is here", mib, Some(hashing), || Ok(store.put(&mut File::open(path)?, 0)?))?;
    measure("get", mib, Some(hashing), || Ok(store.read_all(&name.cid, &mut io::sink())?))?;
    let copy = path.with_extension("copy");
    measure("get into a file", mib, Some(hashing), || Ok(store.read_all(&name.cid, &mut File::create(&copy)?)?))?;
    fs::remove_file(copy)?;
    Ok(name.cid)
}

fn many_short(folder: &Path, documents: usize) -> Result<(), Box<dyn Error>> {
    let path = folder.join("short");
    let store = Store::open(&path, Options::default())?;
    let mut contents = vec![0; DOCUMENT_BYTES];
    let began = Instant::now();
    let mut names = Vec::new();
    while names.len() < documents {
        let mut batch = store.batch(0);
        for number in names.len()..documents.min(names.len() + DOCUMENTS_IN_A_BATCH) {
            contents[..8].copy_from_slice(&(number as u64).to_le_bytes());
            batch.put(&mut &contents[..])?;
        }
        names.extend(batch.commit()?);
    }
    each("put in batches of 100", documents, began);
    let began = Instant::now();
    for name in &names {
        store.read_all(&name.cid, &mut io::sink())?;
    }
    each("get", documents, began);
    let began = Instant::now();
    for number in 0..200_u64 {
        contents[8..16].copy_from_slice(&(number + 1).to_le_bytes());
        store.put(&mut &contents[..], 0)?;
    }
    each("put one by one", 200, began);
    drop(store);
    let began = Instant::now();
    let store = Store::open(&path, Options::default())?;
    each("open", documents, began);
    let began = Instant::now();
    store.collect(1, 0, &|_| false)?;
    each("collect", documents, began);
    Ok(())
}

fn measure<T>(
    what: &str,
    mib: u64,
    beside: Option<f64>,
    work: impl FnOnce() -> Result<T, Box<dyn Error>>,
) -> Result<Measured<T>, Box<dyn Error>> {
    let (began, before) = (Instant::now(), busy_seconds());
    let result = work()?;
    let busy = busy_seconds() - before;
    let rate = mib as f64 / began.elapsed().as_secs_f64();
    let share = beside.map_or(String::new(), |beside| format!("{:4.0} % of hashing", 100.0 * rate / beside));
    println!("{what:40} {rate:7.0} MiB/s {busy:6.2} s of processor {share}");
    Ok(Measured(result, rate))
}

struct Measured<T>(T, f64);

fn each(what: &str, count: usize, began: Instant) {
    println!("{what:40} {:7.0} documents/s", count as f64 / began.elapsed().as_secs_f64());
}

fn hash(path: &Path) -> Result<(), Box<dyn Error>> {
    let (mut file, mut hasher, mut buffer) = (File::open(path)?, ContentHasher::default(), vec![0; 1 << 20]);
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            std::hint::black_box(hasher.finish());
            return Ok(());
        }
        hasher.update(&buffer[..length]);
    }
}

/// Bytes that no chunk repeats.
fn write_file(path: &Path, mib: u64) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut state = 1_u64;
    for _ in 0..mib * MIB / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        file.write_all(&state.to_le_bytes())?;
    }
    file.into_inner()?.sync_all()
}

/// Processor time of all threads so far, where the system tells: on a busy machine that says more than the time passed.
fn busy_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory that this process ever had, where the system tells.
fn peak_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
