//! The lengths that the types of an event leave open.

use super::{Body, Event, ExtensionField, MasterData, Quantity, SensorElement, SensorReport, Site};
use crate::identifier::Epc;
use crate::limits::{EVENT_ITEMS_MAX, EVENT_LIST_MAX, OPAQUE_BYTES_MAX, SENSOR_REPORTS_MAX, TEXT_BYTES_MAX};

/// An event with more of something than is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found} {what} at once, at most {max} are allowed. Split it.")]
pub struct TooLarge {
    /// Of what.
    pub what: &'static str,
    /// How many there are.
    pub found: usize,
    /// How many there may be.
    pub max: usize,
}

impl TooLarge {
    /// Refuses more than `max`.
    ///
    /// # Errors
    /// When there are more.
    pub fn check(what: &'static str, found: usize, max: usize) -> Result<(), Self> {
        if found > max { Err(Self { what, found, max }) } else { Ok(()) }
    }
}

impl Event {
    /// Checks the lengths that the types leave open.
    ///
    /// # Errors
    /// What there is too much of.
    pub fn check_limits(&self) -> Result<(), TooLarge> {
        let lists: &[(&[Epc], &[Quantity])] = &match &self.body {
            Body::Object(body) => [(&body.epcs[..], &body.quantities[..]), (&[], &[])],
            Body::Aggregation(body) => [(&body.children[..], &body.child_quantities[..]), (&[], &[])],
            Body::Transaction(body) => [(&body.epcs[..], &body.quantities[..]), (&[], &[])],
            Body::Transformation(body) => {
                [(&body.inputs[..], &body.input_quantities[..]), (&body.outputs[..], &body.output_quantities[..])]
            }
            Body::Association(body) => [(&body.children[..], &body.child_quantities[..]), (&[], &[])],
        };
        for (epcs, quantities) in lists {
            TooLarge::check("identifiers", epcs.len(), EVENT_ITEMS_MAX)?;
            TooLarge::check("quantities", quantities.len(), EVENT_ITEMS_MAX)?;
            for quantity in *quantities {
                text("characters of a unit of measure", quantity.unit.as_deref())?;
            }
        }
        let marks = self.marks.iter().map(|marks| marks.set.len() + marks.unset.len()).sum();
        let corrections = self.error.as_ref().map_or(0, |error| error.corrected_by.len());
        for (what, found) in [
            ("business transactions", self.transactions.len()),
            ("sources", self.sources.len()),
            ("destinations", self.destinations.len()),
            ("certifications", self.certifications.len()),
            ("namespaces", self.namespaces.len()),
            ("persistent dispositions", marks),
            ("corrective events", corrections),
        ] {
            TooLarge::check(what, found, EVENT_LIST_MAX)?;
        }
        for namespace in &self.namespaces {
            text("characters of a prefix", Some(&namespace.prefix))?;
        }
        self.check_sensors()?;
        TooLarge::check("bytes of extensions", self.opaque_bytes(), OPAQUE_BYTES_MAX)
    }

    fn check_sensors(&self) -> Result<(), TooLarge> {
        let reports = self.sensors.iter().map(|element| element.reports.len() + 1).sum();
        TooLarge::check("sensor reports", reports, SENSOR_REPORTS_MAX)?;
        for report in self.sensors.iter().flat_map(|element| &element.reports) {
            let SensorReport { kind, exception, component, unit, text: words, hexadecimal, .. } = report;
            for written in [kind, exception, component, unit, words, hexadecimal] {
                text("characters of a sensor report", written.as_deref())?;
            }
        }
        Ok(())
    }

    /// How many bytes of it nothing on the ledger interprets.
    fn opaque_bytes(&self) -> usize {
        let master_data = match &self.body {
            Body::Object(body) => body.master_data.as_ref(),
            Body::Transformation(body) => body.master_data.as_ref(),
            _ => None,
        };
        let sensors = self.sensors.iter().map(opaque_bytes_of_element);
        let sites = [&self.read_point, &self.location].into_iter().flatten().map(|site: &Site| bytes(&site.extensions));
        bytes(&self.extensions)
            + master_data.map_or(0, |data: &MasterData| bytes(&data.others))
            + self.error.as_ref().map_or(0, |error| bytes(&error.extensions))
            + sensors.chain(sites).sum::<usize>()
    }
}

fn opaque_bytes_of_element(element: &SensorElement) -> usize {
    bytes(&element.extensions)
        + element.metadata.as_ref().map_or(0, |metadata| bytes(&metadata.extensions))
        + element.reports.iter().map(|report| bytes(&report.extensions)).sum::<usize>()
}

/// Each field counts for a little more than its bytes, so that empty ones are bounded too.
fn bytes(extensions: &[ExtensionField]) -> usize {
    extensions.iter().map(|field| field.name.len() + field.json.len() + size_of::<u64>()).sum()
}

fn text(what: &'static str, text: Option<&str>) -> Result<(), TooLarge> {
    TooLarge::check(what, text.map_or(0, str::len), TEXT_BYTES_MAX)
}
