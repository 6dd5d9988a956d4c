//! What sensors report: held against what the products bear. Too warm or too cold flags the items, a gap warns.

use crate::cases::NewCase;
use crate::flags::put_flag;
use crate::goods::gtin_of_goods;
use crate::look::Look;
use crate::record::{CaseKind, Journey};
use crate::refused::Refused;
use crate::scene::Scene;
use crate::tables::{DEVICES, key_of};
use std::collections::{BTreeMap, BTreeSet};
use theriac_domain::cold_chain::{ColdChain, Finding, Limits, Reading, ReadingError};
use theriac_domain::event::{Statistic, TemperatureReading};
use theriac_domain::item::{EventId, Flag, Operation, State};
use theriac_domain::rules::{LimitsQuery, ProductLimits};
use theriac_domain::time::EventTime;
use theriac_domain::{Item, ItemId, Refusal};

/// A report that says nothing else. Only of registered sensors.
pub(crate) fn report(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<Operation, Refused> {
    scene.expect_right(Operation::Sense)?;
    for id in ids {
        let placed = scene.load(id)?;
        crate::custody::expect_around(scene, id, &placed.placement().effective().core.state)?;
        scene.finish(id, placed.item, Operation::Sense)?;
    }
    let readings = readings(scene)?;
    for device in readings.iter().filter_map(|reading| reading.device.as_ref()) {
        if DEVICES.get(scene.ctx, &key_of(scene.ctx, device.as_str()))?.is_none() {
            return Err(Refusal::DeviceUnknown { device: device.to_string() }.into());
        }
    }
    Ok(Operation::Sense)
}

fn readings(scene: &Scene<'_, '_>) -> Result<Vec<TemperatureReading>, Refused> {
    let readings = scene.event.temperatures();
    Ok(readings.map_err(|error| Refusal::Sensor { problem: error.to_string() })?)
}

/// Takes in what the sensors of an event report of its items.
pub(crate) fn take_in(scene: &mut Scene<'_, '_>, ids: &[&ItemId]) -> Result<(), Refused> {
    if scene.event.sensors.is_empty() {
        return Ok(());
    }
    let readings = readings(scene)?;
    if let Some(late) = readings.iter().find(|reading| reading.time.utc_ms > scene.event.time.utc_ms) {
        return Err(Refusal::SensorTime { reading: late.time, problem: "lies after its event's" }.into());
    }
    let mut by_device: BTreeMap<String, Vec<&TemperatureReading>> = BTreeMap::new();
    for reading in &readings {
        let device = reading.device.as_ref().map(|device| key_of(scene.ctx, device.as_str())).unwrap_or_default();
        by_device.entry(device).or_default().push(reading);
    }
    for id in ids {
        let Some(item) = scene.find(id)? else { continue };
        let Some((limits, version)) = limits_of(scene, id, &item)? else { continue };
        for (device, readings) in &by_device {
            follow(scene, id, device, readings, limits, version)?;
        }
    }
    Ok(())
}

/// What everything in an item bears, the strictest of each, and the version of the youngest of these rules; none when
/// it bears everything.
fn limits_of(scene: &Scene<'_, '_>, id: &ItemId, item: &Item) -> Result<Option<(Limits, u32)>, Refused> {
    let own = id.gtin().into_iter();
    let packed = item.contents.lots.iter().map(|inside| &inside.lot.gtin);
    let loose = item.contents.goods.iter().filter_map(|inside| gtin_of_goods(&inside.goods));
    let mut products = BTreeSet::new();
    products.extend(own.chain(packed).copied().chain(loose));
    let mut strictest: Option<(Limits, u32)> = None;
    for gtin in products {
        let query = LimitsQuery { gtin: gtin.to_string() };
        let Some(found): Option<ProductLimits> = scene.ctx.ask("rules", "product_limits", &query)? else { continue };
        strictest = Some(match strictest {
            None => (found.limits, found.version),
            Some((limits, version)) => (limits.strictest(&found.limits), version.max(found.version)),
        });
    }
    Ok(strictest)
}

/// Goes on with the journey of an item as one sensor tells it.
fn follow(
    scene: &mut Scene<'_, '_>,
    id: &ItemId,
    device: &str,
    readings: &[&TemperatureReading],
    limits: Limits,
    version: u32,
) -> Result<(), Refused> {
    let key = (id.path(), device.to_owned());
    let shipment = shipment_of(scene, id)?;
    let known = scene.journeys.get(scene.ctx, &key)?.filter(|known| known.shipment == shipment);
    let mut journey = known.unwrap_or(Journey { shipment, limits: None, chain: ColdChain::default() });
    journey.limits = Some((limits, version));
    let device = DEVICES.get(scene.ctx, &device.to_owned())?;
    let interval = device.map_or_else(|| usual_interval(readings, &limits), |known| known.interval_seconds);
    let before = journey.chain.findings(&limits);
    for reading in decisive(readings, &limits) {
        take(&mut journey.chain, &limits, interval, reading)?;
    }
    let findings = journey.chain.findings(&limits);
    let chain = journey.chain;
    scene.journeys.put(key, journey);
    let warmed = |finding: &&Finding| matches!(finding, Finding::Excursion { .. } | Finding::Mean { .. });
    if findings.iter().any(|finding| warmed(&finding)) && !before.iter().any(|finding| warmed(&finding)) {
        flag(scene, id, &limits, &chain)?;
    }
    let gap = |findings: &[Finding]| {
        findings.iter().find_map(|finding| match finding {
            Finding::Gap { seconds } => Some(*seconds),
            _ => None,
        })
    };
    if let Some(seconds) = gap(&findings).filter(|seconds| gap(&before) != Some(*seconds)) {
        let limit = u64::from(limits.gap_seconds) / 60;
        let refusal = Refusal::ColdGap { item: id.clone(), minutes: seconds / 60, limit };
        scene.warn(&refusal);
    }
    Ok(())
}

/// How often a sensor that nobody registered seems to report: as often as any two of its readings follow each other,
/// and not less often than its product allows.
fn usual_interval(readings: &[&TemperatureReading], limits: &Limits) -> u32 {
    let mut times = BTreeSet::new();
    times.extend(readings.iter().map(|reading| reading.time.utc_ms.div_euclid(1000)));
    let steps = times.iter().zip(times.iter().skip(1)).map(|(before, after)| before.abs_diff(*after));
    let shortest = steps.min().and_then(|shortest| u32::try_from(shortest).ok());
    shortest.unwrap_or(limits.gap_seconds).min(limits.gap_seconds)
}

fn shipment_of(scene: &Scene<'_, '_>, id: &ItemId) -> Result<Option<EventId>, Refused> {
    match &scene.load(id)?.placement().effective().core.state {
        State::InTransit(transit) => Ok(Some(transit.shipment)),
        _ => Ok(None),
    }
}

/// One reading for each time, ascending: that which is outside of the limits, or else the most telling one.
fn decisive(readings: &[&TemperatureReading], limits: &Limits) -> Vec<TemperatureReading> {
    let outside =
        |reading: &TemperatureReading| reading.hundredths < limits.coldest || reading.hundredths > limits.warmest;
    let rank = |reading: &TemperatureReading| {
        let telling = match reading.statistic {
            Statistic::Value => 0,
            Statistic::Mean => 1,
            Statistic::Greatest => 2,
            Statistic::Least => 3,
        };
        (!(outside(reading) && reading.statistic != Statistic::Mean), telling)
    };
    let mut by_time: BTreeMap<i64, &TemperatureReading> = BTreeMap::new();
    for reading in readings {
        let known = by_time.entry(reading.time.utc_ms).or_insert(reading);
        if rank(reading) < rank(known) {
            *known = reading;
        }
    }
    by_time.into_values().cloned().collect()
}

fn take(chain: &mut ColdChain, limits: &Limits, interval: u32, reading: TemperatureReading) -> Result<(), Refused> {
    let TemperatureReading { time, hundredths, .. } = reading;
    let taken = chain.add(limits, interval, Reading { at: time.utc_ms.div_euclid(1000), hundredths });
    Ok(taken.map_err(|error| match error {
        ReadingError::Order { .. } => {
            Refusal::SensorTime { reading: EventTime { ..time }, problem: "is not later than its last reading's" }
        }
        ReadingError::Mean(error) => Refusal::Sensor { problem: error.to_string() },
    })?)
}

/// Flags what was too warm or too cold, and opens a case.
fn flag(scene: &mut Scene<'_, '_>, id: &ItemId, limits: &Limits, chain: &ColdChain) -> Result<(), Refused> {
    let mut placed = scene.load(id)?;
    put_flag(scene, &mut placed, Flag::Excursion)?;
    scene.keep(id, placed.item)?;
    let (coldest, warmest) = chain.extremes().unwrap_or_default();
    let (below, above) = (chain.below(), chain.above());
    let minutes = (below.seconds + above.seconds) / 60;
    let mut findings = vec![
        format!("allowed {} to {}", celsius(limits.coldest), celsius(limits.warmest)),
        format!("measured {} to {}", celsius(coldest), celsius(warmest)),
        format!("{} readings above, {} below, {minutes} minutes outside", above.readings, below.readings),
    ];
    findings.extend(chain.mean().map(|mean| format!("mean kinetic temperature {}", celsius(mean))));
    let case = NewCase {
        kind: CaseKind::Excursion,
        against: None,
        shipment: shipment_of(scene, id)?,
        items: vec![id.clone()],
        findings,
    };
    scene.open_case(case, &Refusal::ColdExcursion { item: id.clone() })?;
    Ok(())
}

/// Hundredths of a degree as people read them.
fn celsius(hundredths: i32) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let amount = hundredths.unsigned_abs();
    format!("{sign}{}.{:02} °C", amount / 100, amount % 100)
}
