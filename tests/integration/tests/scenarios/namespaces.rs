//! Network namespaces, one per peer, joined by a [`Switch`], and what removes them whatever happens to the test.

use crate::switch::{Cut, Line, Switch};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Namespaces laid out by this process so far.
static LAID_OUT: AtomicU32 = AtomicU32::new(0);

/// One namespace per peer. The test itself has the last place at the switch.
pub struct Namespaces {
    prefix: String,
    subnet: [u8; 3],
    peers: usize,
    // Dropped in this order: the switch holds the devices that the guard removes.
    pub switch: Switch,
    _guard: Guard,
}

impl Namespaces {
    /// Makes namespaces for so many peers.
    ///
    /// # Errors
    /// Why this machine cannot: no root, no `ip`, no macvtap.
    pub fn lay_out(peers: usize, seed: u64) -> Result<Self, String> {
        let number = LAID_OUT.fetch_add(1, Ordering::Relaxed);
        let id = std::process::id();
        // Interface names are short: 15 bytes.
        let prefix = format!("th{id:x}{}", char::from(b'a' + u8::try_from(number % 26).unwrap()));
        let subnet = free_subnet(id)?;
        let guard = Guard::new(&removal(&prefix, peers)).map_err(|error| error.to_string())?;
        run_script(&creation(&prefix, subnet, peers))?;
        let device = |place: usize| {
            let path = format!("/sys/class/net/{prefix}m{place}/ifindex");
            let index = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            Ok(PathBuf::from(format!("/dev/tap{}", index.trim())))
        };
        let devices = (0..=peers).map(device).collect::<Result<Vec<_>, String>>()?;
        let switch = Switch::start(&devices, seed).map_err(|error| format!("{devices:?}: {error}"))?;
        Ok(Self { prefix, subnet, peers, switch, _guard: guard })
    }

    /// Where each peer is to listen.
    pub fn addresses(&self) -> Vec<IpAddr> {
        (0..self.peers).map(|peer| IpAddr::V4(address(self.subnet, peer))).collect()
    }

    /// The test's own place at the switch.
    pub fn place_of_the_test(&self) -> usize {
        self.peers
    }

    /// Writes a program that runs `binary` in the namespace of the peer whose configuration it is called with.
    pub fn launcher(&self, folder: &Path, binary: &Path) -> PathBuf {
        let (prefix, binary) = (&self.prefix, binary.display());
        let script = format!(
            "#!/bin/sh\n# peer run --config .../peer-N/peer.toml\nfolder=${{4%/*}}\n\
             exec ip netns exec {prefix}n${{folder##*-}} {binary} \"$@\"\n"
        );
        let path = folder.join("launcher");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path
    }

    /// Sets every line between peers; those to the test stay perfect.
    pub fn between_peers(&self, line: Line) {
        for from in 0..self.peers {
            (0..self.peers).filter(|to| *to != from).for_each(|to| self.switch.set(from, to, line));
        }
    }

    /// Cuts every line from one peer to the others.
    pub fn silence(&self, from: usize, cut: Cut) {
        let others = (0..self.peers).filter(|to| *to != from);
        others.for_each(|to| self.switch.set(from, to, Line { cut, ..Line::default() }));
    }

    /// Cuts every line from the other peers to this one.
    pub fn deafen(&self, to: usize, cut: Cut) {
        let others = (0..self.peers).filter(|from| *from != to);
        others.for_each(|from| self.switch.set(from, to, Line { cut, ..Line::default() }));
    }
}

/// A subnet that this machine has no address in, of 198.18.0.0/15, which is set aside for measuring networks.
fn free_subnet(start: u32) -> Result<[u8; 3], String> {
    const SUBNETS: u32 = 512;
    let listed = Command::new("ip").args(["-4", "-oneline", "address", "show"]).output();
    let listed = listed.map_err(|error| format!("ip: {error}"))?.stdout;
    let taken = String::from_utf8_lossy(&listed);
    let subnet = |place: u32| [198, 18 + u8::try_from(place / 256).unwrap(), u8::try_from(place % 256).unwrap()];
    let mut subnets = (0..SUBNETS).map(|offset| subnet((start + offset) % SUBNETS));
    let free = |[a, b, c]: &[u8; 3]| !taken.contains(&format!(" {a}.{b}.{c}."));
    subnets.find(free).ok_or_else(|| "every subnet of 198.18.0.0/15 is taken".to_owned())
}

fn address(subnet: [u8; 3], place: usize) -> Ipv4Addr {
    let [a, b, c] = subnet;
    Ipv4Addr::new(a, b, c, u8::try_from(place + 1).unwrap())
}

fn creation(prefix: &str, subnet: [u8; 3], peers: usize) -> String {
    let mut script = "set -e\n".to_owned();
    for place in 0..=peers {
        let (outer, device, address) =
            (format!("{prefix}q{place}"), format!("{prefix}m{place}"), address(subnet, place));
        // Without segmentation by the device every frame is one packet, which is lost or not.
        let inner = if place < peers {
            let namespace = format!("{prefix}n{place}");
            writeln!(script, "ip netns add {namespace}").unwrap();
            writeln!(script, "ip link add {outer} type veth peer name eth0 netns {namespace}").unwrap();
            writeln!(script, "ip -n {namespace} link set lo up").unwrap();
            (format!("-n {namespace}"), "eth0".to_owned())
        } else {
            writeln!(script, "ip link add {outer} type veth peer name {prefix}h").unwrap();
            (String::new(), format!("{prefix}h"))
        };
        let (namespace, inner) = inner;
        writeln!(script, "ip {namespace} address add {address}/24 dev {inner}").unwrap();
        writeln!(script, "ip {namespace} link set {inner} gso_max_segs 1 up").unwrap();
        writeln!(script, "ip link set {outer} up").unwrap();
        writeln!(script, "ip link add link {outer} name {device} type macvtap mode passthru").unwrap();
        writeln!(script, "ip link set {device} up").unwrap();
    }
    script
}

fn removal(prefix: &str, peers: usize) -> String {
    let mut script = String::new();
    for place in 0..peers {
        let namespace = format!("{prefix}n{place}");
        writeln!(script, "for pid in $(ip netns pids {namespace}); do kill -KILL $pid; done").unwrap();
        writeln!(script, "ip netns delete {namespace}").unwrap();
    }
    // With one end of a pair goes the other, and what lies on it.
    (0..=peers).for_each(|place| writeln!(script, "ip link delete {prefix}q{place}").unwrap());
    script
}

pub fn run_script(script: &str) -> Result<(), String> {
    let output = Command::new("sh").args(["-c", script]).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}

/// Runs a script when it is dropped, or when this process ends in whatever way: then the pipe that the waiting shell
/// reads from is closed by the kernel.
pub struct Guard {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Guard {
    pub fn new(script: &str) -> std::io::Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", &format!("cat > /dev/null\n{script}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // An interrupted terminal ends the test, not what cleans up after it.
            .process_group(0)
            .spawn()?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.pipe.take());
        drop(self.shell.wait());
    }
}

/// Says, past the capture of the test's output, that something was not run.
pub fn not_run(what: &str, why: &str) {
    let line = format!("\nnot run: {what}: {why}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// Set in a process that is to lay out namespaces, write their prefix to this file, and wait to be killed.
const OWNER: &str = "THERIAC_TEST_NAMESPACES_OWNER";

#[test]
fn what_was_laid_out_is_gone_when_its_owner_is_killed() {
    if let Some(file) = std::env::var_os(OWNER) {
        let namespaces = Namespaces::lay_out(2, 0).unwrap();
        std::fs::write(PathBuf::from(&file).with_extension("new"), &namespaces.prefix).unwrap();
        std::fs::rename(PathBuf::from(&file).with_extension("new"), file).unwrap();
        loop {
            std::thread::park();
        }
    }
    let story = "namespaces that outlive their owner";
    if let Err(why) = Namespaces::lay_out(1, 0) {
        return not_run(story, &why);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prefix");
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "namespaces::what_was_laid_out_is_gone_when_its_owner_is_killed"])
        .env(OWNER, &file)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the owner is ready", || file.exists());
    let prefix = std::fs::read_to_string(&file).unwrap();
    let there = || {
        let listed = Command::new("sh").args(["-c", "ip netns list; ip -oneline link show"]).output().unwrap();
        String::from_utf8_lossy(&listed.stdout).contains(&prefix)
    };
    assert!(there());
    owner.kill().unwrap();
    owner.wait().unwrap();
    wait_until("everything is removed", || !there());
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed() < std::time::Duration::from_secs(60), "waited too long: {what}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
