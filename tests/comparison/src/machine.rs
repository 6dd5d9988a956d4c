//! A machine: cores that are busy, a network card that takes its time, and how long each was at work.

/// What machines can do. The same for every replica and client of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hardware {
    /// Cores that receive, check signatures and send, besides the one of consensus and the one of the ledger.
    pub workers: usize,
    /// Of the network card, each way, in megabits per second.
    pub card_mbps: u64,
    /// Of one connection, in megabits per second.
    pub link_mbps: u64,
    /// Making a log or a block durable, in nanoseconds.
    pub sync_ns: u64,
    /// Executing one write, in nanoseconds.
    pub operation_ns: u64,
}

/// Bytes around a message: TCP/IP headers, a TLS record, framing.
const ENVELOPE_BYTES: u64 = 100;
/// Headers of the further packets of a long message, per KiB.
const HEADERS_PER_KIB: u64 = 40;

/// Length on the wire of a message of so many bytes.
pub fn on_wire(bytes: u64) -> u64 {
    bytes + ENVELOPE_BYTES + bytes / 1024 * HEADERS_PER_KIB
}

/// Nanoseconds that so many bytes take at a rate.
pub fn transmission_ns(bytes: u64, mbps: u64) -> u64 {
    bytes * 8_000 / mbps
}

/// Something that does one thing at a time, in the order it was asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Server {
    free_at: u64,
    /// Nanoseconds at work since the last reset.
    pub busy_ns: u64,
}

impl Server {
    /// Takes a job that comes at some time, and says when it is done.
    pub fn take(&mut self, at: u64, work_ns: u64) -> u64 {
        self.free_at = self.free_at.max(at) + work_ns;
        self.busy_ns += work_ns;
        self.free_at
    }

    /// When it has nothing left to do.
    pub fn free_at(&self) -> u64 {
        self.free_at
    }
}

/// Several of them with one queue.
#[derive(Debug, Clone)]
pub struct Pool(Vec<Server>);

impl Pool {
    /// So many.
    pub fn new(servers: usize) -> Self {
        Self(vec![Server::default(); servers.max(1)])
    }

    /// Gives a job to whoever is free first, and says when it is done.
    pub fn take(&mut self, at: u64, work_ns: u64) -> u64 {
        let first = self.0.iter_mut().min_by_key(|server| server.free_at).expect("there is at least one");
        first.take(at, work_ns)
    }

    /// Work of all of them, in nanoseconds.
    pub fn busy_ns(&self) -> u64 {
        self.0.iter().map(|server| server.busy_ns).sum()
    }

    /// How many there are.
    pub fn servers(&self) -> u64 {
        self.0.len() as u64
    }

    fn reset(&mut self) {
        self.0.iter_mut().for_each(|server| server.busy_ns = 0);
    }
}

/// One machine.
#[derive(Debug, Clone)]
pub struct Machine {
    /// Its place in the deal to regions.
    pub place: usize,
    /// Cores for messages and signatures.
    pub workers: Pool,
    /// The core of consensus.
    pub core: Server,
    /// The core of the ledger.
    pub ledger: Server,
    /// The card's way out.
    pub up: Server,
    /// The card's way in.
    pub down: Server,
}

impl Machine {
    /// An idle one.
    pub fn new(place: usize, hardware: &Hardware) -> Self {
        let idle = Server::default();
        Self { place, workers: Pool::new(hardware.workers), core: idle, ledger: idle, up: idle, down: idle }
    }

    /// Starts to count work anew.
    pub fn reset(&mut self) {
        self.workers.reset();
        for server in [&mut self.core, &mut self.ledger, &mut self.up, &mut self.down] {
            server.busy_ns = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_server_lets_jobs_wait() {
        let mut server = Server::default();
        assert_eq!([server.take(0, 5), server.take(2, 5), server.take(20, 1)], [5, 10, 21]);
        assert_eq!(server.busy_ns, 11);
    }

    #[test]
    fn a_pool_works_side_by_side() {
        let mut pool = Pool::new(2);
        assert_eq!([pool.take(0, 5), pool.take(0, 5), pool.take(0, 5)], [5, 5, 10]);
        assert_eq!(pool.busy_ns(), 15);
    }

    #[test]
    fn a_gigabit_takes_eight_nanoseconds_a_byte() {
        assert_eq!(transmission_ns(1_000, 1_000), 8_000);
        assert_eq!(on_wire(48), 148);
    }
}
