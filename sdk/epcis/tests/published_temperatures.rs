//! Temperatures in documents and mean kinetic temperatures, read from the folder that `THERIAC_CONFORMANCE_DATA` names.
#![allow(clippy::unwrap_used, clippy::disallowed_types, clippy::disallowed_methods)]

mod common;

use common::{documents, folder};
use theriac_domain::event::Statistic;
use theriac_domain::kinetic::KineticMean;
use theriac_epcis::parse;

fn mean(readings: &[(i32, u32)]) -> KineticMean {
    let mut mean = KineticMean::default();
    readings.iter().for_each(|(hundredths, seconds)| mean.add(*hundredths, *seconds).unwrap());
    mean
}

#[test]
fn published_means_are_met_within_a_hundredth() {
    let Some(folder) = std::env::var_os("THERIAC_CONFORMANCE_DATA").map(std::path::PathBuf::from) else {
        println!("skipped: THERIAC_CONFORMANCE_DATA is unset; set it to the folder of published documents");
        return;
    };
    let text = std::fs::read_to_string(folder.join("own-vectors/mkt_vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 6);
    for vector in vectors {
        let numbers =
            |name: &str| vector[name].as_array().map(|list| list.iter().map(|n| n.as_f64().unwrap()).collect());
        let celsius: Vec<f64> = numbers("celsius").unwrap();
        let minutes = numbers("minutes").unwrap_or_else(|| vec![1.0; celsius.len()]);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let reading = |(celsius, minutes): (&f64, &f64)| ((celsius * 100.0).round() as i32, *minutes as u32);
        let readings: Vec<(i32, u32)> = celsius.iter().zip(&minutes).map(reading).collect();
        let (found, told) = (mean(&readings).hundredths().unwrap(), vector["mkt_celsius"].as_f64().unwrap());
        assert!((f64::from(found) / 100.0 - told).abs() <= 0.01, "{vector}: {found}");
    }
}

#[test]
fn temperatures_of_published_documents_are_read() {
    let Some(folder) = folder() else { return };
    let mut readings = Vec::new();
    for path in documents(&folder) {
        let Ok(document) = parse(&std::fs::read(&path).unwrap()) else { continue };
        for event in &document.events {
            readings.extend(event.temperatures().unwrap_or_else(|e| unreachable!("{}: {e}", path.display())));
        }
    }
    let of = |statistic| readings.iter().filter(|reading| reading.statistic == statistic).count();
    println!("{} readings of {} devices", readings.len(), readings.iter().filter(|r| r.device.is_some()).count());
    assert!(readings.len() >= 80 && of(Statistic::Value) > 20 && of(Statistic::Least) > 5 && of(Statistic::Mean) > 5);
    assert!(readings.iter().any(|reading| reading.hundredths == 2610));
}
