//! A disk that runs full under a peer.

use crate::field::{Field, REGISTERS};
use crate::namespaces::{Guard, not_run, run_script};
use crate::workload::Workload;
use std::path::{Path, PathBuf};
use std::time::Instant;
use theriac_client::Network;
use theriac_network::ProcessState;
use theriac_types::encode;

/// Room that is left on the disk at first: what a peer writes within seconds.
const ROOM_MIB: u64 = 24;
/// Room when the operator has made some.
const ENLARGED_MIB: u64 = 1024;
/// Registers of one transaction that fills the disk.
const SPAN: u32 = 2000;

/// A folder moved to a file system of its own, in memory.
struct SmallDisk {
    path: PathBuf,
    _guard: Guard,
}

impl SmallDisk {
    fn below(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let guard = Guard::new(&format!("umount --lazy {shown}")).map_err(|error| error.to_string())?;
        run_script(&format!(
            "set -e; size=$(($(du -sm {shown} | cut -f1) + {ROOM_MIB}))\n\
             mv {shown} {shown}.before; mkdir {shown}\n\
             mount -t tmpfs -o size=${{size}}m,mode=700 theriac-test {shown}\n\
             cp -a {shown}.before/. {shown}; rm -r {shown}.before"
        ))?;
        Ok(Self { path: path.to_owned(), _guard: guard })
    }

    fn enlarge(&self) {
        run_script(&format!("mount -o remount,size={ENLARGED_MIB}m {}", self.path.display())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_whose_disk_is_full_says_so_and_stops_and_the_others_go_on() {
    let mut field = Field::up().await;
    let victim = 3;
    field.network.kill(victim).await.unwrap();
    let data = field.network.folder().peer(usize::from(victim)).join("data");
    let disk = match SmallDisk::below(&data) {
        Ok(disk) => disk,
        Err(why) => return not_run("a peer whose disk is full", &why),
    };
    field.network.restart(victim).await.unwrap();
    let workload = Workload::start_at(&field, 40, &[0, 1, 2]);
    let writer = field.client(0, std::time::Duration::from_secs(20));
    let mut filled = 0;
    while field.network.state(victim).unwrap() != ProcessState::Gone {
        fill(&writer, filled, SPAN).await;
        filled += SPAN;
        assert!(filled < 2_000_000, "the disk is larger than thought");
    }
    let stopped = Instant::now();
    let log = field.network.log_tail(victim, 50).unwrap();
    let words = log.iter().rfind(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("no error: {log:#?}"));
    assert!(words.contains("No space left on device"), "{words}");
    workload.goes_on(100).await;
    println!("after {filled} registers: {words}");
    disk.enlarge();
    field.network.restart(victim).await.unwrap();
    field.agree(&[0, 1, 2, 3]).await;
    workload.goes_on(50).await;
    let record = workload.finish().await;
    record.is_linearizable();
    field.agree(&[0, 1, 2, 3]).await;
    record.is_kept_by(&field, &[0, 1, 2, 3]).await;
    println!("longest silence of the others {:?}", record.longest_silence(stopped).0);
}

/// Sets so many registers from one on, beyond those that clients use.
pub async fn fill(network: &Network, first: u32, count: u32) {
    const BEYOND: u32 = 1000;
    let contract = network.contract(REGISTERS.parse().unwrap());
    let filled = contract.submit_and_wait(&"fill".parse().unwrap(), encode(&(BEYOND + first, count))).await;
    filled.unwrap().valid().unwrap();
}
