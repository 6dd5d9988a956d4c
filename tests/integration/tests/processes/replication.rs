//! Peers that are killed while documents come to them: what the ledger names is lost nowhere, and half of it seen nowhere.

use crate::common::{Scene, files_below, until};
use theriac_client::Network;
use theriac_client::documents::Extent;
use theriac_client::system::documents::NewDocument;
use theriac_types::{Content, Text};

/// How often a peer is killed; `THERIAC_CRASHES` says otherwise.
const CRASHES: u32 = 8;
/// Peers that hold each document: all of them.
const COPIES: u16 = 4;

fn crashes() -> u32 {
    std::env::var("THERIAC_CRASHES").ok().and_then(|number| number.parse().ok()).unwrap_or(CRASHES)
}

/// A document of one to four MiB, another one for each number.
fn document(number: u32) -> Vec<u8> {
    let bytes = (1 << 20) + (number.wrapping_mul(2_654_435_761) >> 10) % (3 << 20);
    (0..bytes).map(|at| (at.wrapping_mul(number | 1).wrapping_add(at >> 7) >> 3) as u8).collect()
}

async fn put(network: &Network, bytes: &[u8]) -> Content {
    let mut put = network.put_documents().unwrap();
    put.document(bytes, |_| {}).await.unwrap();
    put.finish().await.unwrap().remove(0)
}

async fn anchor(network: &Network, content: &Content) {
    let held = network.hold_documents(std::slice::from_ref(content)).await.unwrap();
    let document = NewDocument {
        content: content.clone(),
        media_type: Text::new("application/octet-stream").unwrap(),
        file_name: Text::new("report.bin").unwrap(),
        guard: None,
        readers: None,
    };
    assert!(network.anchor_documents(vec![document], &held).await.unwrap().valid().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_killed_while_documents_come_has_them_in_the_end() {
    let mut scene = Scene::up().await;
    let asked = scene.network.gateway_to(0, Some("maker/admin")).unwrap().network();
    assert!(asked.keep_copies(COPIES).await.unwrap().valid().is_ok());
    let network = scene.network.gateway_to(0, Some("maker/operator")).unwrap().network();
    let mut contents: Vec<Content> = Vec::new();
    let mut pause = 2_463_534_242_u32;
    for number in 0..crashes() {
        let content = put(&network, &document(number)).await;
        anchor(&network, &content).await;
        contents.push(content);
        // Between at once and when it has most likely come.
        pause ^= pause << 13;
        pause ^= pause >> 17;
        pause ^= pause << 5;
        tokio::time::sleep(std::time::Duration::from_millis(u64::from(pause % 120))).await;
        let victim = u16::try_from(1 + number % 3).unwrap();
        scene.network.kill(victim).await.unwrap();
        scene.network.restart(victim).await.unwrap();
    }
    for peer in 0..COPIES {
        let network = scene.network.gateway_to(peer, Some("maker/operator")).unwrap().network();
        for (number, content) in (0..).zip(&contents) {
            until(&format!("document {number} is whole at peer {peer}"), || async {
                let (_, copies) = network.document_copies(&content.cid).await.unwrap();
                copies[usize::from(peer)].extent == Extent::Whole
            })
            .await;
            let mut bytes = Vec::new();
            let take = async |piece: &[u8]| {
                bytes.extend_from_slice(piece);
                Ok::<_, theriac_client::ReadError>(())
            };
            network.read_document(content, take).await.unwrap();
            assert!(bytes == document(number), "document {number} at peer {peer}");
        }
        let folder = scene.network.folder().peer(usize::from(peer)).join("data/documents");
        assert_eq!(files_below(&folder.join("temporary")).len(), 0, "nothing is left on its way at peer {peer}");
        let journal = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap_or_default();
        assert!(!journal.contains("\"lost\""), "nothing was lost at peer {peer}: {journal}");
    }
}
