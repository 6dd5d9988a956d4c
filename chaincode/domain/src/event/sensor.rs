//! What sensors measured (EPCIS 2.0, 7.3.7): kept as it was said; the cold chain reads temperatures out of it.

use super::ExtensionField;
use crate::Decimal;
use crate::text::Uri;
use crate::time::EventTime;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};

/// Reports that belong together.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SensorElement {
    /// What all reports have in common.
    pub metadata: Option<SensorMetadata>,
    /// The reports, at least one.
    pub reports: Vec<SensorReport>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// What all reports of an element have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SensorMetadata {
    /// When it was measured.
    pub time: Option<EventTime>,
    /// From when on.
    pub start: Option<EventTime>,
    /// Until when.
    pub end: Option<EventTime>,
    /// Where the values come from.
    pub source: SensorSource,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}

/// Where values come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SensorSource {
    /// The device.
    pub device: Option<Uri>,
    /// What is known of the device.
    pub device_metadata: Option<Uri>,
    /// The values as the device gave them.
    pub raw_data: Option<Uri>,
    /// How they were worked on.
    pub processing_method: Option<Uri>,
    /// Rules they were held against.
    pub business_rules: Option<Uri>,
}

/// One thing that was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct SensorReport {
    /// What was measured: a word of the GS1 web vocabulary such as `Temperature`, or a URI.
    pub kind: Option<String>,
    /// Set when the device reports trouble: `ALARM_CONDITION` or `ERROR_CONDITION`.
    pub exception: Option<String>,
    /// Where the value comes from, as far as the element does not say it.
    pub source: SensorSource,
    /// When it was measured, unless the element says it.
    pub time: Option<EventTime>,
    /// Which organism was looked for.
    pub microorganism: Option<Uri>,
    /// Which substance was looked for.
    pub substance: Option<Uri>,
    /// What coordinates refer to.
    pub coordinate_system: Option<Uri>,
    /// Which part of a compound value this is, such as `x` or `latitude`.
    pub component: Option<String>,
    /// The value.
    pub value: Option<Decimal>,
    /// The least of many.
    pub min: Option<Decimal>,
    /// The greatest of many.
    pub max: Option<Decimal>,
    /// The mean of many.
    pub mean: Option<Decimal>,
    /// The standard deviation of many.
    pub deviation: Option<Decimal>,
    /// A percentile's rank.
    pub percentile_rank: Option<Decimal>,
    /// A percentile's value.
    pub percentile_value: Option<Decimal>,
    /// Unit of measure of all these (UN/ECE Recommendation 20), such as `CEL`.
    pub unit: Option<String>,
    /// A value in words.
    pub text: Option<String>,
    /// A truth value.
    pub boolean: Option<bool>,
    /// Bytes, in hexadecimal.
    pub hexadecimal: Option<String>,
    /// A value that is a URI.
    pub uri: Option<Uri>,
    /// Fields outside the standard.
    pub extensions: Vec<ExtensionField>,
}
