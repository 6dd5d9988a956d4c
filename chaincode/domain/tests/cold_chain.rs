//! Journeys of a vaccine that is kept at 2 to 8 degrees.
#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use theriac_domain::cold_chain::{ColdChain, Finding, Limits, Outside, Reading, ReadingError};
use theriac_domain::kinetic::KineticError;

const HOUR: u32 = 3600;
const BEGAN: i64 = 1_772_000_000;
const VACCINE: Limits =
    Limits { coldest: 200, warmest: 800, excursion_seconds: 2 * HOUR, mean: Some(800), gap_seconds: 2 * HOUR };

/// Readings each so many hours after the one before.
fn journey(readings: &[(u32, i32)]) -> ColdChain {
    let (mut chain, mut at) = (ColdChain::default(), BEGAN);
    for (hours, hundredths) in readings {
        at += i64::from(hours * HOUR);
        chain.add(&VACCINE, HOUR, Reading { at, hundredths: *hundredths }).unwrap();
    }
    chain
}

#[test]
fn a_warm_truck_shows_its_peak_its_hours_and_its_mean() {
    let chain = journey(&[490, 520, 610, 790, 940, 1320, 880, 600].map(|hundredths| (1, hundredths)));
    assert_eq!(chain.above(), Outside { readings: 3, seconds: 3 * 3600 });
    assert_eq!((chain.below(), chain.readings()), (Outside::default(), 8));
    assert_eq!((chain.extremes(), chain.mean()), (Some((490, 1320)), Some(812)));
    let findings = [Finding::Excursion { seconds: 3 * 3600 }, Finding::Mean { hundredths: 812 }];
    assert_eq!(chain.findings(&VACCINE), findings);
}

#[test]
fn a_short_excursion_and_all_within_the_limits_are_well() {
    assert_eq!(journey(&[(1, 200), (1, 500), (1, 800)]).findings(&VACCINE), []);
    // Both sides of the limits are one excursion, and a reading within them ends it.
    assert_eq!(journey(&[(1, 500), (1, 810), (1, 190), (1, 500), (1, 810)]).findings(&VACCINE), []);
    let long = journey(&[(1, 500), (1, 810), (1, 190), (1, 190)]);
    assert_eq!(long.findings(&VACCINE), [Finding::Excursion { seconds: 3 * 3600 }]);
    assert_eq!((long.above().readings, long.below().readings), (1, 2));
    assert_eq!(ColdChain::default().findings(&VACCINE), []);
}

#[test]
fn nobody_looking_is_a_finding_of_its_own() {
    let chain = journey(&[(1, 500), (5, 500)]);
    assert_eq!(chain.findings(&VACCINE), [Finding::Gap { seconds: 5 * 3600 }]);
    // What is outside before and after a gap was outside in it; the mean knows of no gap.
    let outside = journey(&[(1, 810), (5, 810)]);
    let findings = outside.findings(&VACCINE);
    assert_eq!(findings[0], Finding::Excursion { seconds: 6 * 3600 });
    assert_eq!(findings[2], Finding::Gap { seconds: 5 * 3600 });
    assert_eq!((outside.above().seconds, outside.mean()), (2 * 3600, Some(810)));
}

#[test]
fn what_is_no_next_reading_is_refused_and_changes_nothing() {
    let mut chain = journey(&[(1, 500), (1, 510)]);
    let before = chain;
    let at = chain.last().unwrap().at;
    for early in [at, at - 1, i64::MIN] {
        let refused = chain.add(&VACCINE, HOUR, Reading { at: early, hundredths: 500 });
        assert_eq!(refused, Err(ReadingError::Order { at: early, last: at }));
    }
    let absurd = chain.add(&VACCINE, HOUR, Reading { at: at + 1, hundredths: 20_000 });
    assert_eq!(absurd, Err(ReadingError::Mean(KineticError::Temperature { hundredths: 20_000 })));
    assert_eq!(chain, before);
}

proptest! {
    #[test]
    fn readings_however_wild_are_counted_once_each(
        readings in vec((1..i64::from(u32::MAX), -12_000..12_000_i32), 0..40), interval in any::<u32>()
    ) {
        let (mut chain, mut at, mut taken) = (ColdChain::default(), 0, 0);
        for (later, hundredths) in readings {
            at += later;
            taken += u32::from(chain.add(&VACCINE, interval, Reading { at, hundredths }).is_ok());
        }
        prop_assert_eq!(chain.readings(), taken);
        prop_assert!(chain.above().readings + chain.below().readings <= taken);
        if let Some((mean, (coldest, warmest))) = chain.mean().zip(chain.extremes()) {
            prop_assert!((coldest..=warmest).contains(&mean));
        }
    }
}
