//! Documents sealed for named readers: nobody else reads them, whatever disk or wire they have, and erased means erased.

use crate::common::tap::Tap;
use crate::common::{Ran, Scene, files_below, holds, run, until};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A report of many different lines that all begin with these words.
fn report(words: &str) -> String {
    (0..6_000_u32).map(|line| format!("{words} {line} {:x}\n", line.wrapping_mul(2_654_435_761))).collect()
}

const PRIVATE: &[u8] = b"private finding";
const PUBLIC: &[u8] = b"public finding";

/// Peers that have these bytes in any file.
fn on_disk_of(scene: &Scene, what: &[u8]) -> Vec<usize> {
    let has = |peer: &usize| {
        let files = files_below(&scene.network.folder().peer(*peer));
        files.iter().any(|file| fs::read(file).is_ok_and(|bytes| holds(&bytes, what)))
    };
    (0..4).filter(has).collect()
}

/// A context whose wires are listened to.
async fn tapped(scene: &Scene) -> (PathBuf, Vec<Tap>) {
    let mut context: Value = serde_json::from_slice(&fs::read(scene.dir().join("context.json")).unwrap()).unwrap();
    let mut taps = Vec::new();
    for peer in context["peers"].as_array_mut().unwrap() {
        let tap = Tap::before(peer["address"].as_str().unwrap().to_owned()).await;
        peer["address"] = tap.address.to_string().into();
        taps.push(tap);
    }
    let path = scene.dir().join("tapped.json");
    fs::write(&path, context.to_string()).unwrap();
    (path, taps)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sealed_is_in_the_clear_on_no_disk_and_no_wire() {
    let scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("private.txt"), report("private finding")).unwrap();
    fs::write(path("public.txt"), report("public finding")).unwrap();
    let (context, taps) = tapped(&scene).await;
    let context = context.display().to_string();
    let dir = scene.dir().to_owned();
    let on = async |arguments: Vec<String>| -> Ran {
        let (dir, context) = (dir.clone(), context.clone());
        let arguments = [arguments, vec!["--context".to_owned(), context]].concat();
        tokio::task::spawn_blocking(move || run(&dir, &arguments)).await.unwrap()
    };
    let words = |text: &str| text.split(' ').map(ToOwned::to_owned).collect::<Vec<String>>();
    // Without encryption all of it is found: the search finds what is there.
    on(words(&format!("document put {} --as maker/operator", path("public.txt")))).await.json();
    let put = format!("document put {} --reader pharmacy/operator --as maker/operator", path("private.txt"));
    let put = on(words(&put)).await.json();
    assert_eq!((&put[0]["sealed"], &put[0]["file_name"]), (&true.into(), &"private.txt".into()), "{put}");
    let cid = put[0]["cid"].as_str().unwrap();
    let get = async |who: &str, more: &str| {
        on(words(&format!("document get {cid} --out {} --force --as {who}{more}", path("copy.txt")))).await
    };
    for reader in ["pharmacy/operator", "maker/operator"] {
        assert_eq!(get(reader, "").await.json()["opened"], true);
        assert_eq!(fs::read_to_string(path("copy.txt")).unwrap(), report("private finding"));
    }
    let refused = get("carrier/operator", "").await.error(5);
    assert_eq!(refused["reason"], "READER_UNKNOWN", "{refused}");
    get("carrier/operator", " --sealed").await.json();
    assert!(!holds(&fs::read(path("copy.txt")).unwrap(), PRIVATE), "encrypted bytes");

    assert!(on_disk_of(&scene, PUBLIC).len() >= 2);
    assert_eq!(on_disk_of(&scene, PRIVATE), [0_usize; 0]);
    assert!(taps.iter().any(|tap| tap.heard(PUBLIC)));
    assert!(taps.iter().all(|tap| !tap.heard(PRIVATE)));
    assert!(taps.iter().map(Tap::bytes).sum::<usize>() > 4 * report("private finding").len(), "all went by");
}

/// The wrapped keys of a document's readers, as its list has them.
fn wraps(scene: &Scene) -> Vec<(usize, PathBuf)> {
    let of_peer = |peer: usize| {
        let blocks = scene.network.folder().peer(peer).join("data/documents");
        let lists = files_below(&blocks).into_iter().filter(|file| holds(&fs::read(file).unwrap_or_default(), WRAP));
        lists.map(move |file| (peer, file)).collect::<Vec<_>>()
    };
    (0..4).flat_map(of_peer).collect()
}

const WRAP: &[u8] = b"\"wrapped_key\"";

#[tokio::test(flavor = "multi_thread")]
async fn readers_come_and_go_and_erasing_destroys_every_key() {
    let mut scene = Scene::up().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("report.pdf"), "no particles").unwrap();
    let dir = scene.dir().to_owned();
    let on = |arguments: &[&str]| -> Ran { run(&dir, arguments) };
    let report = path("report.pdf");
    let put = ["document", "put", &report, "--reader", "pharmacy/operator", "--as", "maker/operator"];
    let put = on(&put).json();
    let cid = put[0]["cid"].as_str().unwrap().to_owned();
    let get = |who: &str| on(&["document", "get", &cid, "--out", &path("copy.pdf"), "--force", "--as", who]);
    let share = |how: &str, whom: &str, who: &str| on(&["document", "share", &cid, how, whom, "--as", who]);
    assert_eq!(wraps(&scene).len(), 2, "at f + 1 peers");

    assert_eq!(get("carrier/operator").error(5)["reason"], "READER_UNKNOWN");
    assert_eq!(share("--reader", "carrier/operator", "carrier/operator").error(5)["reason"], "POLICY_UNSATISFIED");
    assert_eq!(share("--reader", "carrier/operator", "maker/admin").error(5)["reason"], "READER_UNKNOWN");
    assert_eq!(share("--reader", "carrier/nobody", "maker/operator").error(6)["reason"], "MEMBER_UNKNOWN");
    let shared = share("--reader", "carrier/operator", "maker/operator").json();
    assert_eq!(shared["readers"], serde_json::json!(["carrier/operator", "maker/operator", "pharmacy/operator"]));
    assert_eq!(get("carrier/operator").json()["opened"], true);
    assert_eq!(fs::read_to_string(path("copy.pdf")).unwrap(), "no particles");
    // A reader of another organisation could tell others what it says, and cannot change who is on the list.
    let foreign = share("--remove", "maker/operator", "pharmacy/operator").error(5);
    assert_eq!(foreign["reason"], "POLICY_UNSATISFIED", "{foreign}");
    share("--remove", "pharmacy/operator", "maker/operator").json();
    assert_eq!(get("pharmacy/operator").error(5)["reason"], "READER_UNKNOWN");
    // A peer that was asked for the list may have kept it, too.
    until("only the newest list is kept", || async {
        wraps(&scene).iter().all(|(_, file)| fs::read_to_string(file).is_ok_and(|list| !list.contains("pharmacy")))
    })
    .await;
    assert!(wraps(&scene).len() >= 2);
    let stat = on(&["document", "stat", &cid]).json();
    assert_eq!((&stat["readers_version"], stat["readers"].as_array().unwrap().len()), (&3.into(), 2), "{stat}");

    // One that keeps the list is away when the document is erased.
    let away = wraps(&scene)[0].0;
    scene.network.kill(u16::try_from(away).unwrap()).await.unwrap();
    let erase = |who: &str| on(&["document", "erase", &cid, "--reason", "recalled by its author", "--as", who]);
    assert_eq!(erase("carrier/operator").error(5)["reason"], "POLICY_UNSATISFIED");
    erase("maker/operator").json();
    until("the others destroy theirs", || async { wraps(&scene).iter().all(|(peer, _)| *peer == away) }).await;
    assert_eq!(wraps(&scene).len(), 1, "nobody destroys what is on a dead peer's disk");
    scene.network.restart(u16::try_from(away).unwrap()).await.unwrap();
    until("it destroys its own when it is back", || async { wraps(&scene).is_empty() }).await;

    let gone = get("maker/operator").error(4);
    assert_eq!(gone["reason"], "DOCUMENT_ERASED", "{gone}");
    assert!(gone["message"].as_str().unwrap().contains("recalled by its author"), "{gone}");
    assert_eq!(share("--reader", "carrier/operator", "maker/operator").error(4)["reason"], "DOCUMENT_ERASED");
    let stat = on(&["document", "stat", &cid]).json();
    assert!(stat["erased"].as_str().unwrap().contains("maker/operator erased"), "{stat}");
    assert_eq!(stat["file_name"], "report.pdf", "that it was there stays known");
}
