//! A switch in this process, between the network namespaces of the peers: it loses, delays and cuts.
//!
//! Kernels have `netem` for loss and delay, but many, small ones above all, are built without it. Here each namespace's
//! link ends in a macvtap device, whose file gives and takes Ethernet frames, so that any rule for a frame is a few
//! lines of Rust and needs nothing but `ip`.
//!
//! ```text
//! namespace of peer 0: eth0 ─ veth ─ macvtap ─ /dev/tapN ─┐
//! namespace of peer 1: eth0 ─ veth ─ macvtap ─ /dev/tapN ─┼─ switch
//! this test:           veth ─ veth ─ macvtap ─ /dev/tapN ─┘
//! ```

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Every macvtap frame begins with the header that virtio network devices use.
const VIRTIO_HEADER_BYTES: usize = 10;
/// The longest frame: one segment after the senders are told not to leave segmentation to their devices.
const FRAME_BYTES_MAX: usize = 70_000;
/// Frames that may be under way on one line; further ones are lost, as in any switch.
const QUEUE_FRAMES_MAX: usize = 4096;
/// `O_NONBLOCK` of Linux.
const NON_BLOCKING: i32 = 0o4000;

/// What a line does to frames from one place to another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line {
    /// Of a hundred frames, how many are lost. Address resolution is spared.
    pub lost_percent: u8,
    /// How long a frame is under way.
    pub delay: Duration,
    /// How much longer it may take; order is kept.
    pub jitter: Duration,
    /// What does not pass at all.
    pub cut: Cut,
}

/// What does not pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cut {
    /// Everything passes.
    #[default]
    Nothing,
    /// TCP segments that carry data: the other direction goes on, its acknowledgements pass.
    Data,
    /// Every frame; TCP then fails in the other direction too.
    Everything,
}

type Lines = Arc<Mutex<BTreeMap<(usize, usize), Line>>>;

/// A running switch. It ends when dropped.
pub struct Switch {
    lines: Lines,
    lost: Arc<AtomicU64>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Switch {
    /// Starts a switch between these devices, in the order of their places.
    pub fn start(devices: &[PathBuf], seed: u64) -> io::Result<Self> {
        let open = |path: &PathBuf| File::options().read(true).write(true).custom_flags(NON_BLOCKING).open(path);
        let devices = devices.iter().map(open).collect::<io::Result<Vec<_>>>()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (lines, lost) = (Lines::default(), Arc::new(AtomicU64::new(0)));
        let (stop, stopped) = oneshot::channel();
        let (shared_lines, shared_lost) = (lines.clone(), lost.clone());
        let thread = std::thread::spawn(move || {
            let run = async move {
                let core = Rc::new(Core::new(devices, shared_lines, shared_lost, seed));
                for (place, device) in core.devices.iter().enumerate() {
                    let frames = Receiver::from_file_unchecked(device.try_clone().unwrap()).unwrap();
                    tokio::task::spawn_local(carry(core.clone(), place, frames));
                }
                drop(stopped.await);
            };
            tokio::task::LocalSet::new().block_on(&runtime, run);
        });
        Ok(Self { lines, lost, stop: Some(stop), thread: Some(thread) })
    }

    /// Sets the line from one place to another.
    pub fn set(&self, from: usize, to: usize, line: Line) {
        self.lines.lock().unwrap().insert((from, to), line);
    }

    /// Frames lost or cut so far.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

type Queue = mpsc::Sender<(Instant, Vec<u8>)>;

struct Core {
    devices: Vec<File>,
    lines: Lines,
    lost: Arc<AtomicU64>,
    random: RefCell<ChaCha8Rng>,
    /// Where each hardware address was seen last.
    known: RefCell<BTreeMap<[u8; 6], usize>>,
    /// Frames that are delayed, by line, with the moment the last of them is due.
    queues: RefCell<BTreeMap<(usize, usize), (Queue, Instant)>>,
}

/// Reads frames from one place for as long as it is there. The receiver, meant for pipes, waits for any file that can
/// be waited for, and reads it.
async fn carry(core: Rc<Core>, from: usize, frames: Receiver) {
    let mut frame = vec![0; FRAME_BYTES_MAX];
    while frames.readable().await.is_ok() {
        match frames.try_read(&mut frame) {
            Ok(length) => core.on_frame(from, &frame[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return,
        }
    }
}

impl Core {
    fn new(devices: Vec<File>, lines: Lines, lost: Arc<AtomicU64>, seed: u64) -> Self {
        Self {
            devices,
            lines,
            lost,
            random: RefCell::new(ChaCha8Rng::seed_from_u64(seed)),
            known: RefCell::default(),
            queues: RefCell::default(),
        }
    }

    fn on_frame(self: &Rc<Self>, from: usize, bytes: &[u8]) {
        let Some(frame) = Frame::parse(bytes) else { return };
        self.known.borrow_mut().insert(frame.source, from);
        let known = self.known.borrow().get(&frame.target).copied();
        let everywhere = frame.target[0] & 1 == 1 || known.is_none();
        for to in 0..self.devices.len() {
            if to != from && (everywhere || known == Some(to)) {
                self.pass((from, to), &frame, bytes);
            }
        }
    }

    fn pass(self: &Rc<Self>, way: (usize, usize), frame: &Frame, bytes: &[u8]) {
        let line = self.lines.lock().unwrap().get(&way).copied().unwrap_or_default();
        let cut = line.cut == Cut::Everything || (line.cut == Cut::Data && frame.carries_data);
        if cut || (!frame.resolves && self.below(100) < u64::from(line.lost_percent)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        } else if line.delay.is_zero() && line.jitter.is_zero() {
            self.deliver(way.1, bytes);
        } else {
            let jitter = Duration::from_micros(self.below(1 + u64::try_from(line.jitter.as_micros()).unwrap()));
            self.queue(way, Instant::now() + line.delay + jitter, bytes);
        }
    }

    fn queue(self: &Rc<Self>, way: (usize, usize), due: Instant, bytes: &[u8]) {
        let mut queues = self.queues.borrow_mut();
        let (queue, last) = queues.entry(way).or_insert_with(|| (self.start_queue(way.1), due));
        *last = due.max(*last);
        if queue.try_send((*last, bytes.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn start_queue(self: &Rc<Self>, to: usize) -> Queue {
        let (queue, mut frames) = mpsc::channel::<(Instant, Vec<u8>)>(QUEUE_FRAMES_MAX);
        let core = Rc::downgrade(self);
        tokio::task::spawn_local(async move {
            while let Some((due, frame)) = frames.recv().await {
                tokio::time::sleep_until(due).await;
                let Some(core) = core.upgrade() else { return };
                core.deliver(to, &frame);
            }
        });
        queue
    }

    /// A device that takes no more, or is gone, loses the frame, as the network does.
    fn deliver(&self, to: usize, frame: &[u8]) {
        if (&self.devices[to]).write(frame).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn below(&self, bound: u64) -> u64 {
        self.random.borrow_mut().next_u64() % bound
    }
}

/// What the switch looks at in a frame.
struct Frame {
    source: [u8; 6],
    target: [u8; 6],
    /// Whether it asks for a hardware address or tells one.
    resolves: bool,
    /// Whether it is a TCP segment with data.
    carries_data: bool,
}

impl Frame {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let ethernet = bytes.get(VIRTIO_HEADER_BYTES..)?;
        let target = ethernet.get(..6)?.try_into().ok()?;
        let source = ethernet.get(6..12)?.try_into().ok()?;
        let kind = ethernet.get(12..14)?;
        let carries_data = kind == [8, 0] && tcp_data_bytes(&ethernet[14..]).is_some_and(|bytes| bytes > 0);
        Some(Self { source, target, resolves: kind == [8, 6], carries_data })
    }
}

/// How much data a TCP segment in an IPv4 packet carries; none when it is something else.
fn tcp_data_bytes(packet: &[u8]) -> Option<usize> {
    const TCP: u8 = 6;
    let header_bytes = usize::from(packet.first()? & 15) * 4;
    let total_bytes = usize::from(u16::from_be_bytes(packet.get(2..4)?.try_into().ok()?));
    if *packet.get(9)? != TCP {
        return None;
    }
    let tcp_header_bytes = usize::from(packet.get(header_bytes + 12)? >> 4) * 4;
    total_bytes.checked_sub(header_bytes + tcp_header_bytes)
}
