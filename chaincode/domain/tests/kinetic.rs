//! The mean kinetic temperature, beside its formula in floating point and values worked out elsewhere.
// Floats check the integers here.
#![allow(clippy::unwrap_used, clippy::disallowed_types, clippy::disallowed_methods)]

use proptest::collection::vec;
use proptest::prelude::*;
use theriac_domain::kinetic::{COLDEST, KineticError, KineticMean, SECONDS_MAX, WARMEST};

fn mean(readings: &[(i32, u32)]) -> KineticMean {
    let mut mean = KineticMean::default();
    readings.iter().for_each(|(hundredths, seconds)| mean.add(*hundredths, *seconds).unwrap());
    mean
}

/// The formula, in hundredths of a degree.
fn formula(readings: &[(i32, u32)]) -> f64 {
    let kelvin = |hundredths: i32| f64::from(hundredths) / 100.0 + 273.15;
    let time: f64 = readings.iter().map(|(_, seconds)| f64::from(*seconds)).sum();
    let sum: f64 = readings.iter().map(|(t, seconds)| f64::from(*seconds) * (-10_000.0 / kelvin(*t)).exp()).sum();
    (10_000.0 / -(sum / time).ln() - 273.15) * 100.0
}

#[test]
fn a_steady_temperature_is_its_own_mean() {
    for hundredths in COLDEST..=WARMEST {
        assert_eq!(mean(&[(hundredths, 60), (hundredths, 1)]).hundredths(), Some(hundredths));
    }
}

#[test]
fn warm_hours_weigh_more_than_cold_ones() {
    // The truck of a vaccine for 2 to 8 degrees, hour by hour.
    let truck = [490, 520, 610, 790, 940, 1320, 880, 600].map(|hundredths| (hundredths, 3600));
    assert_eq!(mean(&truck).hundredths(), Some(812));
    // Ten minutes beside the cold chain, in a day.
    assert_eq!(mean(&[(400, 1430 * 60), (2500, 10 * 60)]).hundredths(), Some(460));
    assert_eq!(mean(&[(200, 1), (800, 1)]).hundredths(), Some(554));
    assert_eq!(KineticMean::default().hundredths(), None);
    assert_eq!(mean(&[(2500, 0)]).hundredths(), None);
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let mut readings = mean(&[(2000, 60)]);
    for hundredths in [COLDEST - 1, WARMEST + 1, i32::MIN, i32::MAX] {
        assert_eq!(readings.add(hundredths, 1), Err(KineticError::Temperature { hundredths }));
    }
    let mut full = KineticMean::default();
    while full.seconds() < SECONDS_MAX - u64::from(u32::MAX) {
        full.add(WARMEST, u32::MAX).unwrap();
    }
    assert_eq!(full.add(WARMEST, u32::MAX).and_then(|()| full.add(WARMEST, u32::MAX)), Err(KineticError::Time));
    assert_eq!(full.hundredths(), Some(WARMEST));
    assert_eq!(readings, mean(&[(2000, 60)]));
}

proptest! {
    #[test]
    fn it_is_the_formula_between_its_extremes_in_any_order(
        readings in vec((COLDEST..=WARMEST, 1..1_000_000_u32), 1..60)
    ) {
        let found = mean(&readings);
        let hundredths = found.hundredths().unwrap();
        let coldest = readings.iter().map(|(hundredths, _)| *hundredths).min().unwrap();
        let warmest = readings.iter().map(|(hundredths, _)| *hundredths).max().unwrap();
        prop_assert!((coldest..=warmest).contains(&hundredths));
        prop_assert!((f64::from(hundredths) - formula(&readings)).abs() <= 0.501, "{} {}", hundredths, formula(&readings));
        let backwards: Vec<_> = readings.iter().rev().copied().collect();
        prop_assert_eq!(mean(&backwards), found);
    }
}
