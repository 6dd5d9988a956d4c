//! Where replicas and clients stand, and how far apart that is.
//!
//! Round trips between cities of 18 October to 16 November 2025 as IBM publishes them for its own network
//! (ibm-cloud-docs, "network latency between regions"), rounded, and the mean of the two directions. Portland and San
//! Jose are no regions of IBM; the round trips to them are what the large clouds' own tables usually show for Oregon and
//! northern California. Half a round trip is taken for each way.

/// A set of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// What it is called in tables and files.
    pub name: &'static str,
    /// The places; replicas and clients are dealt out to them in turn, the primary to the first.
    pub places: &'static [&'static str],
    /// Round trips in milliseconds, one row per place after the first, up to the place before it.
    round_trips_ms: &'static [&'static [u64]],
    /// How long a collector waits for the fast path before it starts the slow one, in milliseconds: the better of two
    /// settings. On one continent the votes of all are soon in, and waiting for them saves the slow path. Around the
    /// world two rounds among the nearer replicas take no longer than one with the farthest, so both paths start at
    /// once.
    pub fast_wait_ms: u64,
}

/// Between two machines of one place.
const WITHIN_PLACE_NS: u64 = 500_000;

/// North America.
pub const CONTINENT: Deployment = Deployment {
    name: "continent",
    places: &["Washington", "Dallas", "Toronto", "Portland", "San Jose"],
    round_trips_ms: &[&[32], &[20, 34], &[66, 46, 60], &[62, 38, 66, 22]],
    fast_wait_ms: 150,
};

/// Five continents.
pub const WORLD: Deployment = Deployment {
    name: "world",
    places: &[
        "Washington",
        "Dallas",
        "Toronto",
        "Frankfurt",
        "London",
        "Madrid",
        "Montreal",
        "Chennai",
        "Osaka",
        "Sydney",
        "Tokyo",
        "Sao Paulo",
    ],
    round_trips_ms: &[
        &[32],
        &[20, 34],
        &[86, 122, 93],
        &[76, 112, 82, 13],
        &[88, 118, 106, 29, 27],
        &[16, 42, 10, 89, 79, 102],
        &[237, 246, 220, 142, 143, 152, 217],
        &[148, 150, 143, 235, 246, 260, 151, 111],
        &[214, 185, 214, 250, 260, 274, 222, 125, 124],
        &[141, 142, 136, 224, 236, 250, 146, 100, 9, 118],
        &[116, 142, 128, 194, 185, 204, 124, 354, 289, 324, 282],
    ],
    fast_wait_ms: 20,
};

impl Deployment {
    /// Nanoseconds of one way between two machines by their places in the deal.
    pub fn one_way_ns(&self, a: usize, b: usize) -> u64 {
        let (a, b) = (a % self.places.len(), b % self.places.len());
        if a == b {
            return WITHIN_PLACE_NS;
        }
        self.round_trips_ms[a.max(b) - 1][a.min(b)] * 1_000_000 / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_a_figure_for_every_pair() {
        for deployment in [CONTINENT, WORLD] {
            let n = deployment.places.len();
            assert_eq!(deployment.round_trips_ms.len(), n - 1);
            for a in 0..n {
                for b in 0..n {
                    assert_eq!(deployment.one_way_ns(a, b), deployment.one_way_ns(b, a));
                }
            }
            let rows = deployment.round_trips_ms.iter().enumerate();
            assert!(rows.into_iter().all(|(index, row)| row.len() == index + 1), "{}", deployment.name);
        }
    }

    #[test]
    fn places_repeat_after_the_last() {
        assert_eq!(WORLD.one_way_ns(0, 12), WITHIN_PLACE_NS);
        assert_eq!(WORLD.one_way_ns(11, 7 + 12), 177_000_000);
    }
}
