//! Killed at any moment, a store keeps what it acknowledged, and shows nothing by half.
//!
//! One process works on a folder and says what it has done; this one kills it, looks at what is left, flips a byte now
//! and then, and starts the next. `THERIAC_CRASHES` is how many are killed, `THERIAC_SEED` where they begin.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Scene, Stream, blocks_of, bytes, files, room};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use theriac_crypto::content_digest;
use theriac_documents::{Cid, DocumentError, Expected, Name, Options, Profile, State, Store};
use theriac_types::Digest;

const FOLDER: &str = "THERIAC_DOCUMENTS_TO_CRASH";
const SEED: &str = "THERIAC_SEED";
const DOCUMENTS: u64 = 60;
const GRACE_MS: u64 = 3;

fn options() -> Options {
    Options { profile: Profile::new(512, 4).unwrap(), ..Options::default() }
}

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        let mut word = [0; 8];
        self.0 += 1;
        Stream::new(self.0, 8).read_exact(&mut word).unwrap();
        (u64::from_le_bytes(word) >> 16) % end
    }
}

/// Document of a number: two neighbours begin alike, and so share blocks.
fn contents(number: u64) -> Vec<u8> {
    let length = |number: u64| (number * 397 % 9_000) as usize;
    [bytes(number / 2, length(number / 2)), bytes(1_000 + number, length(number) / 4)].concat()
}

/// Whether the ledger names a document.
fn is_named(number: u64) -> bool {
    !number.is_multiple_of(3)
}

/// Says something to whoever waits to kill this process.
fn say(line: &str) {
    if std::env::var_os(FOLDER).is_none() {
        return;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

/// A source that says so whenever it is read.
struct Telling<'a>(&'a [u8]);

impl Read for Telling<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        say("reading");
        self.0.read(buffer)
    }
}

/// What the other process does until it is killed.
fn work(folder: &Path, seed: u64) {
    let mut dice = Dice(seed << 32);
    let all: Vec<Vec<u8>> = (0..DOCUMENTS).map(contents).collect();
    let cids: Vec<Cid> =
        all.iter().map(|file| Name::in_profile(options().profile, &mut &file[..]).unwrap().cid).collect();
    let named: BTreeSet<Cid> = (0..DOCUMENTS).filter(|number| is_named(*number)).map(|at| cids[at as usize]).collect();
    let store = Store::open(&folder.join("store"), options()).unwrap();
    let mut cursor = None;
    for now_ms in 0.. {
        match dice.below(5) {
            0 => {
                let mut batch = store.batch(now_ms);
                let numbers: Vec<u64> = (0..=dice.below(5)).map(|_| dice.below(DOCUMENTS)).collect();
                numbers.iter().for_each(|number| _ = batch.put(&mut Telling(&all[*number as usize])).unwrap());
                say("committing");
                batch.commit().unwrap();
                numbers.iter().for_each(|number| say(&format!("has {number}")));
            }
            1 => {
                let number = dice.below(DOCUMENTS);
                let archive = fs::read(folder.join(number.to_string())).unwrap();
                if fetch(&store, &blocks_of(&archive), cids[number as usize], now_ms) {
                    say(&format!("has {number}"));
                }
            }
            2 => {
                let done = store.scrub(cursor, dice.below(40_000)).unwrap();
                cursor = done.next;
                say("scrubbed");
            }
            3 => {
                let is_named = |cid: &Cid| {
                    say("asked");
                    named.contains(cid)
                };
                store.collect(now_ms, GRACE_MS, &is_named).unwrap();
                say("collected");
            }
            _ => {
                let cid = cids[dice.below(DOCUMENTS) as usize];
                match store.read_all(&cid, &mut std::io::sink()) {
                    Ok(_) => say("read"),
                    Err(error) => say(error.code()),
                }
            }
        }
    }
}

/// Fetches a document. `false` when a block was damaged on the way.
fn fetch(store: &Store, from: &BTreeMap<Cid, Vec<u8>>, cid: Cid, now_ms: u64) -> bool {
    let mut incoming = store.receive(cid, Expected::default(), now_ms).unwrap();
    loop {
        let missing = incoming.missing(4).unwrap();
        if missing.is_empty() {
            return match incoming.finish() {
                Ok(_) => true,
                Err(DocumentError::Damaged { .. }) => false,
                Err(error) => panic!("{error}"),
            };
        }
        for block in missing {
            say("fetching");
            incoming.put(&block.cid, &from[&block.cid]).unwrap();
        }
        incoming.flush().unwrap();
    }
}

/// Runs a worker and kills it after some of its lines. Gives all of them.
fn run_and_kill(folder: &Path, seed: u64, lines: u64) -> Vec<String> {
    let mut worker = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "whatever_is_killed_keeps_what_it_acknowledged", "--nocapture"])
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(worker.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut all: Vec<String> = said.by_ref().take(lines as usize).collect();
    worker.kill().unwrap();
    all.extend(said);
    let status = worker.wait().unwrap();
    assert_eq!(status.code(), None, "seed {seed}: killed, and not failed before: {:?}", all.last());
    all
}

/// What must be true of a folder that nobody has open, but for blocks in which a byte was flipped.
fn look_at_files(folder: &Path, flipped: &BTreeSet<Digest>) {
    for path in files(&folder.join("blocks")).keys() {
        assert!(is_good(path) || flipped.contains(&digest_of(path)), "{} is not whole", path.display());
    }
}

fn is_good(path: &Path) -> bool {
    content_digest(&fs::read(path).unwrap()) == digest_of(path)
}

fn digest_of(path: &Path) -> Digest {
    path.file_name().unwrap().to_str().unwrap().parse().unwrap()
}

/// Reads every document. Gives those that are whole.
fn look_at_documents(store: &Store, all: &BTreeMap<Cid, Vec<u8>>, flipped: &BTreeSet<Digest>) -> BTreeSet<Cid> {
    let mut whole = BTreeSet::new();
    for (cid, record) in store.documents(None, usize::MAX).unwrap() {
        let mut found = Vec::new();
        match store.read_all(&cid, &mut found) {
            Ok(_) => assert!(record.state == State::Whole && found == all[&cid], "{cid}"),
            Err(DocumentError::Damaged { block, .. }) => assert!(flipped.contains(block.digest()), "{block} of {cid}"),
            // A document before it needs the same block.
            Err(DocumentError::NotWhole { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        if store.record(&cid).unwrap().unwrap().state == State::Whole {
            assert_eq!(found, all[&cid]);
            whole.insert(cid);
        }
    }
    whole
}

#[test]
fn whatever_is_killed_keeps_what_it_acknowledged() {
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let first_seed = number(SEED, 1);
    if let Some(folder) = std::env::var_os(FOLDER) {
        return work(Path::new(&folder), first_seed);
    }
    let folder = room();
    let scene = Scene::with(options());
    let cids: Vec<Cid> = (0..DOCUMENTS).map(|number| scene.put(&contents(number)).cid).collect();
    let all: BTreeMap<Cid, Vec<u8>> = (0..DOCUMENTS).map(|number| (cids[number as usize], contents(number))).collect();
    for (number, cid) in cids.iter().enumerate() {
        let mut archive = fs::File::create(folder.path().join(number.to_string())).unwrap();
        scene.store.export(cid, &mut archive).unwrap();
    }
    let path = folder.path().join("store");
    let needs = |cid: &Cid, digests: &BTreeSet<Digest>| {
        scene.blocks(cid).iter().any(|(block, _)| digests.contains(block.digest()))
    };
    let mut acknowledged: BTreeSet<Cid> = BTreeSet::new();
    let mut flipped = BTreeSet::new();
    let mut said = BTreeMap::<String, u32>::new();
    for seed in first_seed..first_seed + number("THERIAC_CRASHES", 60) {
        let mut dice = Dice(seed);
        for line in run_and_kill(folder.path(), seed, dice.below(400)) {
            if let Some(number) = line.strip_prefix("has ").map(|number| number.parse::<u64>().unwrap()) {
                acknowledged.extend(is_named(number).then_some(cids[number as usize]));
            }
            *said.entry(line.split(' ').next().unwrap().to_owned()).or_default() += 1;
        }
        look_at_files(&path, &flipped);
        let store = Store::open(&path, options()).unwrap();
        assert_eq!(files(&path.join("temporary")).len(), 0, "seed {seed}");
        let whole = look_at_documents(&store, &all, &flipped);
        for cid in &acknowledged {
            assert!(whole.contains(cid) || needs(cid, &flipped), "seed {seed}: {cid} was acknowledged and is gone");
        }
        let sum = files(&path.join("blocks")).values().sum::<u64>();
        assert_eq!(store.used_bytes(), sum, "seed {seed}");
        // What was acknowledged and damaged comes back from whoever holds it.
        acknowledged.iter().filter(|cid| !whole.contains(cid)).for_each(|cid| assert!(fetch_all(&store, &scene, *cid)));
        drop(store);
        let held = files(&path.join("blocks"));
        flipped.retain(|digest| held.keys().any(|path| path.ends_with(digest.to_string()) && !is_good(path)));
        if dice.below(3) == 0 {
            flipped.extend(flip_some_byte(&path, &mut dice));
        }
    }
    for moment in ["reading", "committing", "fetching", "scrubbed", "asked", "collected", "has", "read"] {
        assert!(said.contains_key(moment), "nobody came to {moment}: {said:?}");
    }
}

fn fetch_all(store: &Store, from: &Scene, cid: Cid) -> bool {
    // Every damaged block that turns up at the end is set aside, and fetched by the next attempt.
    let blocks = from.blocks(&cid).into_iter().collect();
    (0..10).any(|_| fetch(store, &blocks, cid, 0))
}

fn flip_some_byte(folder: &Path, dice: &mut Dice) -> Option<Digest> {
    let blocks: Vec<_> = files(&folder.join("blocks")).into_iter().filter(|(_, length)| *length > 0).collect();
    let (path, length) = blocks.get(dice.below(blocks.len().max(1) as u64) as usize)?;
    let mut block = fs::read(path).unwrap();
    block[dice.below(*length) as usize] ^= 1 << dice.below(8);
    fs::write(path, block).unwrap();
    Some(digest_of(path))
}
