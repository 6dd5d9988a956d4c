//! The words of documents: CBV's as bare words, however they are spelled, and others as URIs.

use super::fields::text;
use crate::json::Json;
use crate::path::Path;
use crate::problem::{Coded, Sink};
use std::str::FromStr;
use theriac_domain::Uri;
use theriac_domain::vocabulary::{
    BusinessStep, BusinessTransactionType, Disposition, ErrorReason, SourceDestinationType, UnknownWord,
};

/// A vocabulary of CBV.
pub(crate) trait Vocabulary: FromStr<Err = UnknownWord> {
    /// What its words begin with in CBV's web vocabulary.
    const WEB_NAME: &'static str;
}

impl Vocabulary for BusinessStep {
    const WEB_NAME: &'static str = "BizStep-";
}
impl Vocabulary for Disposition {
    const WEB_NAME: &'static str = "Disp-";
}
impl Vocabulary for BusinessTransactionType {
    const WEB_NAME: &'static str = "BTT-";
}
impl Vocabulary for SourceDestinationType {
    const WEB_NAME: &'static str = "SDT-";
}
impl Vocabulary for ErrorReason {
    const WEB_NAME: &'static str = "ER-";
}

/// Reads a word: bare, in CBV's web vocabulary, which says the same, or a URI of somebody else's.
pub(crate) fn word<T: Vocabulary>(value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<T> {
    let written = text(value, path, sink)?;
    let bare = WEB_VOCABULARY.iter().find_map(|start| written.strip_prefix(start)?.strip_prefix(T::WEB_NAME));
    let bare = bare.filter(|bare| !bare.contains(':')).and_then(|bare| bare.parse().ok());
    match bare.map_or_else(|| written.parse(), Ok) {
        Ok(word) => Some(word),
        Err(error) => {
            sink.report(path, error.code(), &error);
            None
        }
    }
}

/// A list of words that sensors use.
pub(crate) struct SensorWords {
    kind: &'static str,
    words: &'static [&'static str],
    /// What the words may begin with instead of being bare.
    spellings: &'static [&'static str],
    /// What no URI of somebody else's begins with.
    reserved: &'static [&'static str],
}

impl SensorWords {
    /// Reads a bare word or a URI.
    pub fn read(&self, value: &Json, path: &Path<'_>, sink: &mut Sink) -> Option<String> {
        let written = text(value, path, sink)?;
        let is_word = |text: &str| self.words.contains(&text);
        let bare = self.spellings.iter().find_map(|start| written.strip_prefix(start)).filter(|bare| is_word(bare));
        let word = bare.unwrap_or(written);
        let is_reserved = self.reserved.iter().any(|start| word.starts_with(start));
        if is_word(word) || (!is_reserved && word.parse::<Uri>().is_ok()) {
            return Some(word.to_owned());
        }
        let message =
            format!("{word:?} is no {}; words of your own are written as URIs, GS1's as bare words.", self.kind);
        sink.invalid(path, message);
        None
    }
}

const WEB_VOCABULARY: [&str; 2] = ["cbv:", "https://ref.gs1.org/cbv/"];
const GS1_SPELLINGS: &[&str] = &["gs1:", "https://ref.gs1.org/voc/"];
const GS1_RESERVED: &[&str] =
    &["https://gs1.org/voc/", "http://gs1.org/voc/", "https://www.gs1.org/voc/", "http://www.gs1.org/voc/"];

/// What can be measured (GS1 web vocabulary, as in the EPCIS 2.0 schema, and the radiation doses of its drafts).
pub(crate) const MEASUREMENTS: SensorWords = SensorWords {
    kind: "measurement type",
    spellings: GS1_SPELLINGS,
    reserved: GS1_RESERVED,
    words: &[
        "AbsoluteHumidity",
        "AbsorbedDose",
        "AbsorbedDoseRate",
        "Acceleration",
        "Altitude",
        "AmountOfSubstance",
        "AmountOfSubstancePerUnitVolume",
        "Angle",
        "AngularAcceleration",
        "AngularMomentum",
        "AngularVelocity",
        "Area",
        "Capacitance",
        "Conductance",
        "Conductivity",
        "Count",
        "Density",
        "Dimensionless",
        "DoseEquivalent",
        "DoseEquivalentRate",
        "DynamicViscosity",
        "EffectiveDose",
        "EffectiveDoseRate",
        "ElectricCharge",
        "ElectricCurrent",
        "ElectricCurrentDensity",
        "ElectricFieldStrength",
        "Energy",
        "Exposure",
        "Force",
        "Frequency",
        "Illuminance",
        "Inductance",
        "Irradiance",
        "KinematicViscosity",
        "Length",
        "LinearMomentum",
        "Luminance",
        "LuminousFlux",
        "LuminousIntensity",
        "MagneticFlux",
        "MagneticFluxDensity",
        "MagneticVectorPotential",
        "Mass",
        "MassConcentration",
        "MassFlowRate",
        "MassPerAreaTime",
        "MemoryCapacity",
        "MolalityOfSolute",
        "MolarEnergy",
        "MolarMass",
        "MolarVolume",
        "Power",
        "Pressure",
        "RadiantFlux",
        "RadiantIntensity",
        "Radioactivity",
        "RelativeHumidity",
        "Resistance",
        "Resistivity",
        "SolidAngle",
        "SpecificVolume",
        "Speed",
        "SurfaceDensity",
        "SurfaceTension",
        "Temperature",
        "Time",
        "Torque",
        "Voltage",
        "Volume",
        "VolumeFlowRate",
        "VolumeFraction",
        "VolumetricFlux",
        "Wavenumber",
    ],
};

/// What a device reports instead of a measurement.
pub(crate) const ALERTS: SensorWords = SensorWords {
    kind: "sensor alert type",
    spellings: GS1_SPELLINGS,
    reserved: GS1_RESERVED,
    words: &["ALARM_CONDITION", "ERROR_CONDITION"],
};

/// The parts of a compound value.
pub(crate) const COMPONENTS: SensorWords = SensorWords {
    kind: "component",
    spellings: &["cbv:Comp-", "https://ref.gs1.org/cbv/Comp-"],
    reserved: &["urn:epcglobal:cbv", "https://ns.gs1.org/cbv/", "http://ns.gs1.org/cbv/"],
    words: &[
        "x",
        "y",
        "z",
        "axial_distance",
        "azimuth",
        "height",
        "spherical_radius",
        "polar_angle",
        "elevation_angle",
        "easting",
        "northing",
        "latitude",
        "longitude",
        "altitude",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, read: impl Fn(&Json, &Path<'_>, &mut Sink) -> Option<T>) -> Option<T> {
        read(&Json::Text(text.to_owned()), &Path::Root, &mut Sink::default())
    }

    #[test]
    fn cbv_words_have_several_spellings_and_one_meaning() {
        for text in ["shipping", "cbv:BizStep-shipping", "https://ref.gs1.org/cbv/BizStep-shipping"] {
            assert_eq!(with(text, word::<BusinessStep>), Some(BusinessStep::Shipping), "{text}");
        }
        for (text, is_read) in [
            ("cbv:my_own_step", true),
            ("cbv:BizStep-blessing", true),
            ("https://example.org/steps/shipping", true),
            ("urn:epcglobal:cbv:bizstep:shipping", false),
            ("https://ns.gs1.org/cbv/BizStep-shipping", false),
            ("blessing", false),
        ] {
            let read = with(text, word::<BusinessStep>);
            assert_eq!(matches!(read, Some(BusinessStep::Other(_))), is_read, "{text}");
            assert_eq!(read.is_some(), is_read, "{text}");
        }
    }

    #[test]
    fn sensor_words_are_bare_or_uris() {
        for (words, text, read) in [
            (&MEASUREMENTS, "Temperature", Some("Temperature")),
            (&MEASUREMENTS, "gs1:Temperature", Some("Temperature")),
            (&MEASUREMENTS, "gs1:MT-Temperature", Some("gs1:MT-Temperature")),
            (&MEASUREMENTS, "example:Taste", Some("example:Taste")),
            (&MEASUREMENTS, "Taste", None),
            (&MEASUREMENTS, "https://gs1.org/voc/Temperature", None),
            (&ALERTS, "gs1:ALARM_CONDITION", Some("ALARM_CONDITION")),
            (&ALERTS, "alarm", None),
            (&COMPONENTS, "cbv:Comp-latitude", Some("latitude")),
            (&COMPONENTS, "example:x", Some("example:x")),
            (&COMPONENTS, "urn:epcglobal:cbv:comp:x", None),
            (&COMPONENTS, "w", None),
        ] {
            assert_eq!(with(text, |v, p, s| words.read(v, p, s)).as_deref(), read, "{text}");
        }
    }
}
