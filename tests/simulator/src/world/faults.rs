//! Peers die, stand still and start again; and at some time all of that ends.

use super::World;
use super::event::Event;
use crate::fetch::Fetch;
use crate::plan::fault::{Blow, Crash, CrashPoint};
use theriac_types::View;

impl World {
    pub(super) fn crash(&mut self, crash: Crash) {
        let index = usize::from(crash.replica.0);
        let is_over = self.now_us >= self.plan.base.end_us;
        let peer = &mut self.peers[index];
        if !peer.up {
            return;
        }
        peer.down_us = crash.down_us;
        peer.dies_again = crash.again.filter(|_| !is_over);
        match crash.point {
            CrashPoint::Idle => self.die(index),
            _ if is_over || peer.running.is_none() => self.die(index),
            point => peer.disk.borrow_mut().arm(point),
        }
    }

    /// The process is gone, with everything that was not durable.
    pub(super) fn die(&mut self, index: usize) {
        let now_us = self.now_us;
        let peer = &mut self.peers[index];
        let id = peer.id;
        peer.running = None;
        peer.up = false;
        peer.run += 1;
        peer.inbox.clear();
        peer.turn_at_us = None;
        peer.paused_until_us = 0;
        peer.fetch.iter_mut().for_each(Fetch::resume);
        let mut disk = peer.disk.borrow_mut();
        disk.crash(&mut self.random);
        self.coverage.note("crash", disk.died.take().unwrap_or("between turns"));
        disk.lost.take().into_iter().for_each(|lost| self.coverage.note("what was not synced", lost));
        drop(disk);
        if let Some(down_us) = peer.down_us.take() {
            self.schedule(now_us + down_us, Event::Restart { peer: index });
        }
        self.trace.add(now_us, "crash", &id, || format!("{id}"));
    }

    pub(super) fn restart(&mut self, index: usize) {
        if self.peers[index].up {
            return;
        }
        let (id, at_us) = (self.peers[index].id, self.now_us);
        self.trace.add(at_us, "restart", &id, || id.to_string());
        self.figures.restarts += 1;
        if self.peers[index].fetch.is_some() {
            self.coverage.note("restart", "in a state transfer");
        }
        self.start(index, None);
        let Some(ordering) = &self.peers[index].running else { return };
        let replica = ordering.replica();
        let state = match (replica.is_active(), replica.view() > View(0)) {
            (false, _) => "in a view change",
            (true, true) => "in a later view",
            (true, false) => "in the first view",
        };
        self.coverage.note("restart", state);
    }

    /// Strikes whoever leads the highest view that an honest replica is in. A liar goes on lying instead of crashing.
    pub(super) fn strike(&mut self, blow: Blow) {
        let (at_us, end_us) = (self.now_us, self.plan.base.end_us);
        let replicas = self.honest().filter_map(|peer| peer.running.as_ref()).map(|ordering| ordering.replica());
        let leading = replicas.filter(|replica| replica.is_active()).map(|replica| (replica.view(), replica.primary()));
        let Some((_, primary)) = leading.max().filter(|_| at_us < end_us) else { return };
        self.trace.add(at_us, "strike", &primary, || format!("{primary}  {blow:?}"));
        match blow {
            Blow::Crash(..) if self.peers[usize::from(primary.0)].liar.is_some() => {}
            Blow::Crash(point, down_us) => {
                self.crash(Crash { at_us, replica: primary, point, down_us: Some(down_us), again: None });
            }
            Blow::Pause(for_us) => self.pause(usize::from(primary.0), (at_us + for_us).min(end_us)),
            Blow::Isolate(for_us) => self.network.isolate(primary, at_us + for_us),
        }
    }

    /// The process stands still: what comes in meanwhile waits, in its order. Of two pauses at a time the first one counts:
    /// what waits for another end would be overtaken (seeds 16 and 20,099).
    pub(super) fn pause(&mut self, index: usize, until_us: u64) {
        let at_us = self.now_us;
        let peer = &mut self.peers[index];
        if at_us < peer.paused_until_us {
            return;
        }
        peer.paused_until_us = until_us;
        let id = peer.id;
        self.trace.add(at_us, "pause", &(id, until_us), || format!("{id} until {} ms", until_us / 1000));
        if self.peers[index].turn_at_us.take().is_some() {
            self.plan_turn(index, until_us);
        }
    }

    /// From now on nothing goes wrong any more, but what a liar does.
    pub(super) fn end_faults(&mut self) {
        for peer in &mut self.peers {
            let mut disk = peer.disk.borrow_mut();
            disk.disarm();
            self.figures.appended.push(disk.appended.clone());
            peer.dies_again = None;
        }
        self.schedule_probe();
    }
}
