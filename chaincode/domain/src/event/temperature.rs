//! Temperatures that sensors report, in hundredths of a degree Celsius: integers only, in units that convert exactly.
//!
//! A `value` is what a device showed at one moment. `minValue`, `maxValue` and `meanValue` sum up an interval and give
//! a reading each, told apart by [`Statistic`]: whoever looks for excursions takes all but the mean, since an interval
//! whose mean is fine may have frozen. Deviations and percentiles are no readings. What stands beside
//! `ERROR_CONDITION` is none either: there the device says that it does not work.

use super::{Event, SensorElement, SensorReport};
use crate::Decimal;
use crate::text::{Uri, shortened};
use crate::time::EventTime;
use std::fmt;

/// What a reading says of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The one value of a moment.
    Value,
    /// The least of many.
    Least,
    /// The greatest of many.
    Greatest,
    /// The mean of many.
    Mean,
}

/// A temperature that a device reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemperatureReading {
    /// When: the report's time, or its element's, or the end of the element's interval, or its start, or the event's
    /// time, the first of them that is given.
    pub time: EventTime,
    /// Hundredths of a degree Celsius, rounded half away from zero.
    pub hundredths: i32,
    /// The device, where it is named.
    pub device: Option<Uri>,
    /// What the reading says.
    pub statistic: Statistic,
}

/// A reported temperature that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemperatureError {
    /// It has no unit.
    #[error("the temperature {value} has no unit: give uom CEL, KEL or FAH")]
    UnitMissing {
        /// The number.
        value: Decimal,
    },
    /// Its unit is none of temperature.
    #[error("the temperature {value} is in the unit {unit:?}: give uom CEL, KEL or FAH")]
    UnitUnknown {
        /// The number.
        value: Decimal,
        /// The unit, shortened.
        unit: String,
    },
    /// Nothing is that cold, or it is far too warm for a number of hundredths.
    #[error("{value} {unit} is no temperature: from absolute zero up to 20000000 degrees are")]
    Impossible {
        /// The number.
        value: Decimal,
        /// The unit.
        unit: TemperatureUnit,
    },
}

/// A unit of temperature (UN/ECE Recommendation 20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemperatureUnit {
    /// Degrees Celsius, `CEL`.
    Celsius,
    /// Kelvin, `KEL`.
    Kelvin,
    /// Degrees Fahrenheit, `FAH`.
    Fahrenheit,
}

impl fmt::Display for TemperatureUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Celsius => "CEL",
            Self::Kelvin => "KEL",
            Self::Fahrenheit => "FAH",
        })
    }
}

impl TemperatureUnit {
    fn read(text: &str) -> Option<Self> {
        [Self::Celsius, Self::Kelvin, Self::Fahrenheit].into_iter().find(|unit| unit.to_string() == text)
    }

    /// Hundredths of a degree Celsius, rounded half away from zero.
    fn hundredths(self, value: Decimal) -> Option<i32> {
        let (digits, scale) = value.parts();
        let (digits, one) = (i128::from(digits), 10i128.checked_pow(u32::from(scale))?);
        // A value has at most 18 digits, and so has what it is divided by: all of this fits 128 bits.
        let (over, under) = match self {
            Self::Celsius => (digits * 100, one),
            Self::Kelvin => (digits * 100 + i128::from(ABSOLUTE_ZERO) * one, one),
            Self::Fahrenheit => ((digits - 32 * one) * 500, 9 * one),
        };
        let rounded = (2 * over.abs() + under) / (2 * under) * over.signum();
        i32::try_from(rounded).ok().filter(|hundredths| *hundredths >= ABSOLUTE_ZERO)
    }
}

impl SensorReport {
    /// Whether it reports a temperature.
    pub fn is_temperature(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        let name = NAMESPACES.iter().find_map(|namespace| kind.strip_prefix(namespace)).unwrap_or(kind);
        matches!(name, "Temperature" | "MT-Temperature")
    }
}

impl SensorElement {
    /// The temperatures in it, report by report; each in the order value, least, greatest, mean.
    ///
    /// # Errors
    /// The first that has no unit or a wrong one, or that nothing can have.
    pub fn temperatures(&self, event_time: EventTime) -> Result<Vec<TemperatureReading>, TemperatureError> {
        let mut readings = Vec::new();
        let is_sound = |report: &&SensorReport| report.exception.as_deref() != Some("ERROR_CONDITION");
        for report in self.reports.iter().filter(|report| report.is_temperature()).filter(is_sound) {
            let (time, device) = (self.time_of(report, event_time), self.device_of(report));
            let values = [
                (Statistic::Value, report.value),
                (Statistic::Least, report.min),
                (Statistic::Greatest, report.max),
                (Statistic::Mean, report.mean),
            ];
            for (statistic, value) in values {
                let Some(value) = value else { continue };
                let hundredths = hundredths(value, report.unit.as_deref())?;
                readings.push(TemperatureReading { time, hundredths, device: device.cloned(), statistic });
            }
        }
        Ok(readings)
    }

    fn time_of(&self, report: &SensorReport, event_time: EventTime) -> EventTime {
        let of_all = self.metadata.as_ref().and_then(|all| all.time.or(all.end).or(all.start));
        report.time.or(of_all).unwrap_or(event_time)
    }

    fn device_of<'a>(&'a self, report: &'a SensorReport) -> Option<&'a Uri> {
        report.source.device.as_ref().or_else(|| self.metadata.as_ref()?.source.device.as_ref())
    }
}

impl Event {
    /// The temperatures that its sensors report, in their order.
    ///
    /// # Errors
    /// As [`SensorElement::temperatures`].
    pub fn temperatures(&self) -> Result<Vec<TemperatureReading>, TemperatureError> {
        let mut readings = Vec::new();
        for element in &self.sensors {
            readings.extend(element.temperatures(self.time)?);
        }
        Ok(readings)
    }
}

fn hundredths(value: Decimal, unit: Option<&str>) -> Result<i32, TemperatureError> {
    let Some(text) = unit else { return Err(TemperatureError::UnitMissing { value }) };
    let Some(unit) = TemperatureUnit::read(text) else {
        return Err(TemperatureError::UnitUnknown { value, unit: shortened(text) });
    };
    unit.hundredths(value).ok_or(TemperatureError::Impossible { value, unit })
}

/// The coldest there is, in hundredths of a degree Celsius.
const ABSOLUTE_ZERO: i32 = -27_315;
/// Spellings of the GS1 web vocabulary, in which the drafts of CBV 2.0 called it `MT-Temperature`.
const NAMESPACES: &[&str] = &["gs1:", "https://gs1.org/voc/", "https://ref.gs1.org/voc/"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::SensorMetadata;

    fn report(value: &str, unit: Option<&str>) -> SensorReport {
        let value = Some(value.parse().expect("a decimal"));
        SensorReport { kind: Some("Temperature".into()), value, unit: unit.map(str::to_owned), ..Default::default() }
    }

    fn element(reports: Vec<SensorReport>) -> SensorElement {
        SensorElement { metadata: None, reports, extensions: Vec::new() }
    }

    const NOON: EventTime = EventTime { utc_ms: 43_200_000, offset_minutes: 60 };

    fn converted(value: &str, unit: Option<&str>) -> Result<Vec<i32>, TemperatureError> {
        let readings = element(vec![report(value, unit)]).temperatures(NOON)?;
        Ok(readings.into_iter().map(|reading| reading.hundredths).collect())
    }

    #[test]
    fn three_units_give_the_same_hundredths() {
        for (value, unit, hundredths) in [
            ("5.2", "CEL", 520),
            ("278.35", "KEL", 520),
            ("41.36", "FAH", 520),
            ("0", "KEL", -27_315),
            ("-459.67", "FAH", -27_315),
            ("-40", "FAH", -4_000),
            ("100", "FAH", 3_778),
            ("0.005", "CEL", 1),
            ("-0.005", "CEL", -1),
            ("-0.0049", "CEL", 0),
            ("273.145", "KEL", -1),
            ("32.009", "FAH", 1),
            ("31.991", "FAH", -1),
            ("0.000000000000000001", "CEL", 0),
        ] {
            assert_eq!(converted(value, Some(unit)), Ok(vec![hundredths]), "{value} {unit}");
        }
    }

    #[test]
    fn what_is_no_temperature_is_told() {
        assert!(matches!(converted("5", None), Err(TemperatureError::UnitMissing { .. })));
        for unit in ["C", "cel", "A93", ""] {
            assert!(matches!(converted("5", Some(unit)), Err(TemperatureError::UnitUnknown { .. })), "{unit}");
        }
        for (value, unit) in [("-273.16", "CEL"), ("-1", "KEL"), ("999999999999999999", "FAH"), ("30000000", "CEL")] {
            let found = converted(value, Some(unit)).map_err(|error| error.to_string());
            assert!(found.is_err_and(|text| text.starts_with(&format!("{value} {unit} is no"))), "{value} {unit}");
        }
    }

    #[test]
    fn each_statistic_is_a_reading_and_exceptions_are_none() {
        let all = SensorReport {
            min: "2".parse().ok(),
            max: "8.004".parse().ok(),
            mean: "5".parse().ok(),
            percentile_value: "7".parse().ok(),
            value: None,
            ..report("0", Some("CEL"))
        };
        let broken = SensorReport { exception: Some("ERROR_CONDITION".into()), ..report("99", Some("CEL")) };
        let other = SensorReport { kind: Some("RelativeHumidity".into()), ..report("60", Some("P1")) };
        let readings = element(vec![all, broken, other]).temperatures(NOON).expect("good readings");
        let found: Vec<_> = readings.iter().map(|r| (r.statistic, r.hundredths)).collect();
        assert_eq!(found, [(Statistic::Least, 200), (Statistic::Greatest, 800), (Statistic::Mean, 500)]);
    }

    #[test]
    fn time_and_device_come_from_the_nearest_that_names_them() {
        let at = |utc_ms| EventTime { utc_ms, offset_minutes: 0 };
        let device = |text: &str| text.parse::<Uri>().ok();
        let mut own = report("5", Some("CEL"));
        own.time = Some(at(3));
        own.source.device = device("urn:x:own");
        let mut metadata = SensorMetadata { start: Some(at(1)), end: Some(at(2)), ..Default::default() };
        metadata.source.device = device("urn:x:all");
        let mut element = element(vec![own, report("6", Some("CEL"))]);
        assert_eq!(element.temperatures(NOON).expect("good")[1].time, NOON);
        element.metadata = Some(metadata);
        let found: Vec<_> = element.temperatures(NOON).expect("good").into_iter().map(|r| (r.time, r.device)).collect();
        assert_eq!(found, [(at(3), device("urn:x:own")), (at(2), device("urn:x:all"))]);
    }
}
