//! Documents on a running network: put at one peer, held by several, read at any, lost and repaired.

use crate::common::{Ran, Scene, until};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use theriac_client::documents::{Extent, Held};
use theriac_client::system::documents::NewDocument;
use theriac_client::{Network, ReadError};
use theriac_types::{Content, Text};

/// The CID that IPFS gives to [`published`] in the profile `unixfs-v1-2025`.
const PUBLISHED: &str = "bafybeiayq7kb5k2mbs3g4dbhbh6aelpxxz2blgyozh7w72lmxieutsgdie";

/// A file of three chunks and a half whose name is known elsewhere.
fn published() -> Vec<u8> {
    (0..3_500_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn network_of(scene: &Scene, peer: u16) -> Network {
    scene.network.gateway_to(peer, Some("maker/operator")).unwrap().network()
}

async fn put(network: &Network, files: &[Vec<u8>]) -> Vec<Content> {
    let mut put = network.put_documents().unwrap();
    for file in files {
        put.document(&file[..], |_| {}).await.unwrap();
    }
    put.finish().await.unwrap()
}

fn named(content: &Content) -> NewDocument {
    NewDocument {
        content: content.clone(),
        media_type: Text::new("application/octet-stream").unwrap(),
        file_name: Text::new("report.bin").unwrap(),
        guard: None,
        readers: None,
    }
}

async fn anchor(network: &Network, contents: &[Content]) -> Held {
    let held = network.hold_documents(contents).await.unwrap();
    assert_eq!((held.receipts.len(), &held.failures[..]), (2, &[][..]), "f + 1 of four, and nobody else is asked");
    let committed = network.anchor_documents(contents.iter().map(named).collect(), &held).await.unwrap();
    assert!(committed.valid().is_ok());
    held
}

async fn read(network: &Network, content: &Content) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let take = async |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok::<_, ReadError>(())
    };
    network.read_document(content, take).await?;
    Ok(bytes)
}

/// How much each peer says that it has.
async fn extents(network: &Network, content: &Content) -> Vec<Extent> {
    let (_, copies) = network.document_copies(&content.cid).await.unwrap();
    copies.into_iter().map(|copy| copy.extent).collect()
}

fn blocks_of(scene: &Scene, peer: usize) -> Vec<PathBuf> {
    let folder = scene.network.folder().peer(peer).join("data/documents/blocks");
    let shards = fs::read_dir(folder).into_iter().flatten().map(|shard| shard.unwrap().path());
    let mut files: Vec<PathBuf> =
        shards.flat_map(|shard| fs::read_dir(shard).unwrap().map(|file| file.unwrap().path())).collect();
    files.sort();
    files
}

fn journal(scene: &Scene, peer: usize) -> Vec<Value> {
    let path = scene.network.folder().peer(peer).join("data/documents/journal.jsonl");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_put_at_one_peer_is_read_at_every_other() {
    let scene = Scene::up().await;
    let at_zero = network_of(&scene, 0);
    let files = [published(), Vec::new(), b"short".to_vec(), vec![7; 1024 * 1024 + 1]];
    let contents = put(&at_zero, &files).await;
    assert_eq!(&*contents[0].cid, PUBLISHED);
    anchor(&at_zero, &contents).await;
    for peer in 0..4 {
        let network = network_of(&scene, peer);
        for (content, file) in contents.iter().zip(&files) {
            assert!(read(&network, content).await.unwrap() == *file, "{} at peer {peer}", content.cid);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_peer_lost_is_read_elsewhere_and_comes_back() {
    let mut scene = Scene::up().await;
    let at_zero = network_of(&scene, 0);
    let contents = put(&at_zero, &[published(), b"short".to_vec()]).await;
    anchor(&at_zero, &contents).await;
    scene.network.kill(0).await.unwrap();
    fs::remove_dir_all(scene.network.folder().peer(0).join("data/documents")).unwrap();
    let at_three = network_of(&scene, 3);
    assert!(read(&at_three, &contents[0]).await.unwrap() == published(), "while peer 0 is away");
    scene.network.restart(0).await.unwrap();
    let at_zero = network_of(&scene, 0);
    until("peer 0 has everything again", || async {
        let mut whole = true;
        for content in &contents {
            whole &= extents(&at_zero, content).await[0] == Extent::Whole;
        }
        whole
    })
    .await;
    assert!(read(&at_zero, &contents[0]).await.unwrap() == published());
    assert!(journal(&scene, 0).iter().any(|line| line["what"] == "repaired" && line["document"] == PUBLISHED));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_is_found_by_whoever_reads_named_and_repaired() {
    let scene = Scene::up().await;
    let at_zero = network_of(&scene, 0);
    let contents = put(&at_zero, &[published()]).await;
    anchor(&at_zero, &contents).await;
    let victim = blocks_of(&scene, 0).into_iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    flip(&victim);
    assert!(read(&at_zero, &contents[0]).await.unwrap() == published(), "mended on the way");
    until("the loss and the repair are written down", || async {
        let journal = journal(&scene, 0);
        let says = |what: &str| journal.iter().any(|line| line["what"] == what);
        says("lost") && says("repaired")
    })
    .await;
    let lost = journal(&scene, 0).into_iter().find(|line| line["what"] == "lost").unwrap();
    assert_eq!(lost["documents"], serde_json::json!([PUBLISHED]));
    let name = victim.file_name().unwrap().to_string_lossy().into_owned();
    assert!(lost["sentence"].as_str().unwrap().contains(&name), "it names the file: {lost}");
    assert!(scene.network.folder().peer(0).join("data/documents/damaged").join(format!("{name}.0")).exists());
    assert!(read(&at_zero, &contents[0]).await.unwrap() == published());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_is_found_though_nobody_reads() {
    let mut scene = Scene::up().await;
    let at_zero = network_of(&scene, 0);
    let contents = put(&at_zero, &[published()]).await;
    anchor(&at_zero, &contents).await;
    scene.network.kill(0).await.unwrap();
    let victim = blocks_of(&scene, 0).into_iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    flip(&victim);
    scene.network.restart(0).await.unwrap();
    until("found and repaired", || async {
        journal(&scene, 0).iter().any(|line| line["what"] == "repaired" && line["document"] == PUBLISHED)
    })
    .await;
    assert!(journal(&scene, 0).iter().any(|line| line["what"] == "lost"));
    assert_eq!(extents(&network_of(&scene, 1), &contents[0]).await[0], Extent::Whole);
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_peers_hold_a_document_as_an_organisation_asks_for() {
    let scene = Scene::up().await;
    let at_zero = network_of(&scene, 0);
    let contents = put(&at_zero, &[published()]).await;
    anchor(&at_zero, &contents).await;
    let keep = |copies: &str, who: &str| scene.run(&["document", "keep", copies, "--as", who]);
    assert_eq!(keep("5", "maker/admin").error(4)["reason"], "COPIES_TOO_MANY");
    assert_eq!(keep("4", "maker/operator").error(5)["reason"], "POLICY_UNSATISFIED");
    keep("4", "maker/admin").json();
    until("every peer has it", || async {
        extents(&at_zero, &contents[0]).await.iter().all(|extent| *extent == Extent::Whole)
    })
    .await;
    let contents = put(&at_zero, &[b"another".to_vec()]).await;
    assert_eq!(at_zero.hold_documents(&contents).await.unwrap().receipts.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_by_command() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("report.pdf"), published()).unwrap();
    fs::write(path("notes.txt"), "notes").unwrap();
    let on = |arguments: &[&str]| -> Ran { scene.run(arguments) };
    let named = on(&["document", "cid", &path("report.pdf")]).json();
    assert_eq!((&named["cid"], &named["bytes"]), (&PUBLISHED.into(), &3_500_000.into()));

    let missing = on(&["document", "verify", &path("report.pdf")]).error(6);
    assert_eq!(missing["reason"], "DOCUMENT_UNKNOWN", "{missing}");
    let put = on(&["document", "put", &path("report.pdf"), &path("notes.txt"), "--as", "maker/operator"]).json();
    assert_eq!((&put[0]["cid"], &put[0]["media_type"]), (&PUBLISHED.into(), &"application/pdf".into()), "{put}");
    assert_eq!(put[0]["held_by"].as_array().unwrap().len(), 2, "{put}");
    let again = on(&["document", "put", &path("report.pdf"), "--as", "maker/operator"]).json();
    assert_eq!(again[0]["anchored"], "before", "{again}");
    let listed = on(&["document", "list"]).json();
    assert_eq!(listed.as_array().unwrap().len(), 2, "{listed}");
    let after = listed[0]["cid"].as_str().unwrap();
    assert_eq!(on(&["document", "list", "--after", after]).json().as_array().unwrap().len(), 1);

    let stat = on(&["document", "stat", PUBLISHED]).json();
    let whole = stat["copies"].as_array().unwrap().iter().filter(|copy| copy.as_str().unwrap().ends_with("whole"));
    assert_eq!(whole.count(), 2, "{stat}");
    let got = on(&["document", "get", PUBLISHED, "--out", &path("copy.pdf"), "--as", "maker/operator"]).json();
    assert_eq!(got["file_name"], "report.pdf");
    assert!(fs::read(path("copy.pdf")).unwrap() == published());
    let there = on(&["document", "get", PUBLISHED, "--out", &path("copy.pdf"), "--as", "maker/operator"]).error(4);
    assert_eq!(there["reason"], "FILE_EXISTS", "{there}");
    let verified = on(&["document", "verify", &path("copy.pdf"), PUBLISHED]).json();
    assert_eq!(verified["by"], "maker/operator");
    flip(Path::new(&path("copy.pdf")));
    let changed = on(&["document", "verify", &path("copy.pdf"), PUBLISHED]).error(8);
    assert_eq!(changed["reason"], "DOCUMENT_MISMATCH", "{changed}");

    let unknown = on(&["document", "get", "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"]).error(6);
    assert_eq!(unknown["reason"], "DOCUMENT_UNKNOWN", "{unknown}");
    let garbled = on(&["document", "get", "bafy"]).error(2);
    assert_eq!(garbled["reason"], "DOCUMENT_NAME_INVALID", "{garbled}");
    let folder = on(&["document", "put", folder.path().to_str().unwrap(), "--as", "maker/operator"]).error(2);
    assert_eq!(folder["reason"], "INVALID_ARGUMENT", "{folder}");
}
