//! How warm something was: readings against the limits of a product.
//!
//! A reading stands for the time since the one before it, and never for longer than the interval that its device reports
//! in: what happened in a gap is unknown, and told as a gap. Takes each reading once, in the order of time.

use crate::kinetic::{KineticError, KineticMean};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// What a product bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Limits {
    /// Coldest, in hundredths of a degree Celsius.
    pub coldest: i32,
    /// Warmest, in hundredths of a degree Celsius.
    pub warmest: i32,
    /// Longest time outside of both without a break, in seconds.
    pub excursion_seconds: u32,
    /// Warmest mean kinetic temperature, in hundredths of a degree Celsius, where there is one.
    pub mean: Option<i32>,
    /// Longest time without a reading, in seconds.
    pub gap_seconds: u32,
}

impl Limits {
    /// What two products bear that travel together: of each the stricter.
    pub fn strictest(&self, other: &Self) -> Self {
        Self {
            coldest: self.coldest.max(other.coldest),
            warmest: self.warmest.min(other.warmest),
            excursion_seconds: self.excursion_seconds.min(other.excursion_seconds),
            mean: [self.mean, other.mean].into_iter().flatten().min(),
            gap_seconds: self.gap_seconds.min(other.gap_seconds),
        }
    }
}

/// One reading of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Reading {
    /// When, in seconds since 1970.
    pub at: i64,
    /// Hundredths of a degree Celsius.
    pub hundredths: i32,
}

/// Why a reading is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// It is not later than the last one.
    #[error("the reading of second {at} is not later than that of second {last}: hand readings in by their time")]
    Order {
        /// Its time.
        at: i64,
        /// The last one's.
        last: i64,
    },
    /// It is no temperature, or too much for one mean.
    #[error(transparent)]
    Mean(#[from] KineticError),
}

/// What is wrong with a cold chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub enum Finding {
    /// It was too warm or too cold for too long.
    Excursion {
        /// Longest time outside without a break, in seconds.
        seconds: u64,
    },
    /// All in all it was too warm.
    Mean {
        /// The mean kinetic temperature, in hundredths of a degree Celsius.
        hundredths: i32,
    },
    /// For too long nobody looked.
    Gap {
        /// Longest time without a reading, in seconds.
        seconds: u64,
    },
}

/// The readings of one journey or one place, summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct ColdChain {
    last: Option<Reading>,
    /// Coldest and warmest reading.
    extremes: Option<(i32, i32)>,
    readings: u32,
    below: Outside,
    above: Outside,
    /// Outside on either side, without a break up to the last reading, and the longest such time.
    excursion_seconds: u64,
    longest_excursion: u64,
    longest_gap: u64,
    mean: KineticMean,
}

/// Readings on one side of the limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Outside {
    /// How many.
    pub readings: u32,
    /// What they stand for, in seconds.
    pub seconds: u64,
}

impl ColdChain {
    /// Takes in a reading of a device that reports each so many seconds.
    ///
    /// # Errors
    /// For a reading that is no later than the last one, or no temperature; nothing has changed then.
    pub fn add(&mut self, limits: &Limits, interval_seconds: u32, reading: Reading) -> Result<(), ReadingError> {
        let Reading { at, hundredths } = reading;
        let since = match self.last {
            Some(Reading { at: last, .. }) if at <= last => return Err(ReadingError::Order { at, last }),
            Some(Reading { at: last, .. }) => Some(at.abs_diff(last)),
            None => None,
        };
        let stands_for = since.and_then(|since| u32::try_from(since).ok()).unwrap_or(u32::MAX).min(interval_seconds);
        self.mean.add(hundredths, stands_for)?;
        let seconds = u64::from(stands_for);
        let side = match hundredths {
            _ if hundredths < limits.coldest => Some(&mut self.below),
            _ if hundredths > limits.warmest => Some(&mut self.above),
            _ => None,
        };
        self.excursion_seconds = match &side {
            // Between two readings outside it was outside, however long nobody looked.
            Some(_) if self.excursion_seconds > 0 => self.excursion_seconds.saturating_add(since.unwrap_or(seconds)),
            Some(_) => seconds.max(1),
            None => 0,
        };
        if let Some(side) = side {
            side.readings = side.readings.saturating_add(1);
            side.seconds = side.seconds.saturating_add(seconds);
        }
        self.longest_excursion = self.longest_excursion.max(self.excursion_seconds);
        self.longest_gap = self.longest_gap.max(since.unwrap_or(0));
        let (coldest, warmest) = self.extremes.unwrap_or((hundredths, hundredths));
        self.extremes = Some((coldest.min(hundredths), warmest.max(hundredths)));
        self.readings = self.readings.saturating_add(1);
        self.last = Some(reading);
        Ok(())
    }

    /// What is wrong by these limits, worst first; nothing where all is well.
    pub fn findings(&self, limits: &Limits) -> Vec<Finding> {
        let excursion = (self.longest_excursion > u64::from(limits.excursion_seconds))
            .then_some(Finding::Excursion { seconds: self.longest_excursion });
        let too_warm = self.mean().zip(limits.mean).filter(|(mean, most)| mean > most);
        let gap =
            (self.longest_gap > u64::from(limits.gap_seconds)).then_some(Finding::Gap { seconds: self.longest_gap });
        excursion.into_iter().chain(too_warm.map(|(hundredths, _)| Finding::Mean { hundredths })).chain(gap).collect()
    }

    /// The mean kinetic temperature, in hundredths of a degree Celsius; none without a reading.
    pub fn mean(&self) -> Option<i32> {
        self.mean.hundredths()
    }

    /// The coldest and the warmest reading, in hundredths of a degree Celsius.
    pub fn extremes(&self) -> Option<(i32, i32)> {
        self.extremes
    }

    /// How many readings there are.
    pub fn readings(&self) -> u32 {
        self.readings
    }

    /// The last reading.
    pub fn last(&self) -> Option<Reading> {
        self.last
    }

    /// What was too cold.
    pub fn below(&self) -> Outside {
        self.below
    }

    /// What was too warm.
    pub fn above(&self) -> Outside {
        self.above
    }
}
