//! The mean kinetic temperature of readings: the one temperature that would have harmed a product as much as all of them.
//!
//! `T = (ΔH/R) / -ln(Σ wᵢ·e^(-ΔH/(R·Tᵢ)) / Σ wᵢ)` with `ΔH/R` of 10,000 K and times as weights (USP <1160>). Everything is
//! integers, so each machine finds the same hundredth; and a sum of integers does not depend on the order of its parts.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// Coldest temperature that is taken in, in hundredths of a degree Celsius.
pub const COLDEST: i32 = -10_000;
/// Warmest temperature that is taken in, in hundredths of a degree Celsius.
pub const WARMEST: i32 = 10_000;
/// Longest time of all readings together, in seconds: the sum has room for no more.
pub const SECONDS_MAX: u64 = 1 << 38;

/// Hundredths of a kelvin at 0 °C.
const ZERO_CELSIUS: i32 = 27_315;
/// `ΔH/R`, in hundredths of a kelvin.
const ACTIVATION: u128 = 1_000_000;
/// Bits behind the point of exponents and of what exponentials are made from.
const POINT: u32 = 62;
const ONE: u128 = 1 << POINT;
/// `ln 2 · 2^62`.
const LN_2: u128 = 3_196_577_161_300_663_915;
/// Bits behind the point of sums. The smallest term, of 100 degrees of frost, has 37 bits there, and the largest 82.
const SUM_POINT: u32 = 120;
/// Terms after which both series are exact to the last bit: `0.7^24 / 24!`, and `1 / 3^43`.
const TERMS: u128 = 24;

/// Why a reading is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KineticError {
    /// Nothing that medicine meets.
    #[error("{hundredths} hundredths of a degree are no temperature between {COLDEST} and {WARMEST}")]
    Temperature {
        /// The reading.
        hundredths: i32,
    },
    /// More time than there is.
    #[error("the readings cover more than {SECONDS_MAX} seconds")]
    Time,
}

/// Readings, summed up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct KineticMean {
    /// `Σ wᵢ·e^(-ΔH/(R·Tᵢ)) · 2^120`.
    sum: u128,
    seconds: u64,
}

impl KineticMean {
    /// Takes in so many seconds at a temperature, in hundredths of a degree Celsius.
    ///
    /// # Errors
    /// For what is no temperature, and beyond [`SECONDS_MAX`]; nothing has changed then.
    pub fn add(&mut self, hundredths: i32, seconds: u32) -> Result<(), KineticError> {
        if !(COLDEST..=WARMEST).contains(&hundredths) {
            return Err(KineticError::Temperature { hundredths });
        }
        let seconds = u64::from(seconds);
        let all = self.seconds.checked_add(seconds).filter(|all| *all <= SECONDS_MAX).ok_or(KineticError::Time)?;
        let kelvin = u128::from((hundredths + ZERO_CELSIUS).unsigned_abs());
        self.sum += exponential(divided(ACTIVATION << POINT, kelvin)) * u128::from(seconds);
        self.seconds = all;
        Ok(())
    }

    /// The mean, in hundredths of a degree Celsius; none of no time.
    pub fn hundredths(&self) -> Option<i32> {
        let mean = self.sum.checked_div(u128::from(self.seconds))?;
        let kelvin = divided(ACTIVATION << POINT, exponent(mean));
        Some(i32::try_from(kelvin).ok()? - ZERO_CELSIUS)
    }

    /// The time of all readings.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }
}

/// The nearest whole number to a quotient.
fn divided(dividend: u128, divisor: u128) -> u128 {
    (dividend + divisor / 2) / divisor
}

/// `e^-x · 2^120` of `x · 2^62`.
fn exponential(x: u128) -> u128 {
    let (halvings, rest) = (x / LN_2, x % LN_2);
    let (mut term, mut even, mut odd) = (ONE, 0, 0);
    for place in 0..TERMS {
        if place % 2 == 0 {
            even += term
        } else {
            odd += term
        }
        term = ((term * rest) >> POINT) / (place + 1);
    }
    // At most 83 halvings, of what the coldest reading gives.
    ((even - odd) << (SUM_POINT - POINT)) >> halvings
}

/// `x · 2^62` of `e^-x · 2^120`, which is neither 0 nor more than 2^120.
fn exponent(power: u128) -> u128 {
    // power / 2^120 = fraction / 2^62 / 2^halvings, with a fraction of 1 to 2.
    let halvings = SUM_POINT - power.ilog2();
    let fraction = match power.ilog2().checked_sub(POINT) {
        Some(extra) => power >> extra,
        None => power << (POINT - power.ilog2()),
    };
    // ln f = 2·artanh((f - 1) / (f + 1))
    let ratio = ((fraction - ONE) << POINT) / (fraction + ONE);
    let square = (ratio * ratio) >> POINT;
    let (mut odd_power, mut sum) = (ratio, 0);
    for place in 0..TERMS {
        sum += odd_power / (2 * place + 1);
        odd_power = (odd_power * square) >> POINT;
    }
    u128::from(halvings) * LN_2 - 2 * sum
}
