//! What happened in the past, as JSON.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use theriac_client::readable::{Reader, plain};
use theriac_client::replay::{Datum, Excerpt, Fact, Step, Trace, Write, WriteSet};
use theriac_client::{Network, ReadError};
use theriac_types::{Budget, ChaincodeName, Description, Event, Judge, PackageId, Receipt};

/// What the versions that took part in something say of themselves.
#[derive(Debug, Default)]
pub struct Versions {
    /// By package; none where the ledger keeps no description that this program understands.
    by_package: BTreeMap<PackageId, Option<Description>>,
    /// The version of each chaincode that took part.
    packages: BTreeMap<ChaincodeName, PackageId>,
}

impl Versions {
    /// Reads what these versions say.
    pub async fn of(network: &Network, judges: &[Judge]) -> Result<Self, ReadError> {
        let mut versions = Self::default();
        versions.learn(network, judges).await;
        Ok(versions)
    }

    /// Reads what further versions say; what is known is not asked for again.
    pub async fn learn(&mut self, network: &Network, judges: &[Judge]) {
        for judge in judges {
            self.packages.entry(judge.chaincode.clone()).or_insert(judge.package);
            if let Entry::Vacant(unknown) = self.by_package.entry(judge.package) {
                unknown.insert(network.package_description(judge.package).await.ok());
            }
        }
    }

    /// Reads what the version of a chaincode says that is in force; nothing when none is.
    pub async fn in_force(network: &Network, chaincode: &ChaincodeName) -> Result<Self, ReadError> {
        let active = network.chaincode(chaincode).await?.and_then(|found| found.record.active);
        let Some(active) = active else { return Ok(Self::default()) };
        let description = network.package_description(active.package).await.ok();
        Ok(Self {
            by_package: BTreeMap::from([(active.package, description)]),
            packages: BTreeMap::from([(chaincode.clone(), active.package)]),
        })
    }

    /// Adds a version that the ledger may not have.
    pub fn with(mut self, chaincode: ChaincodeName, package: PackageId, description: Description) -> Self {
        self.by_package.insert(package, Some(description));
        self.packages.insert(chaincode, package);
        self
    }

    /// Reads by the version of a package.
    pub fn reader(&self, package: &PackageId) -> Reader<'_> {
        Reader::new(self.by_package.get(package).and_then(Option::as_ref))
    }

    /// The payload of an event, by the version that announced it.
    pub fn announced(&self, receipt: &Receipt, event: &Event) -> Value {
        let judge = receipt.judges.iter().find(|judge| judge.chaincode == event.chaincode);
        judge.map(|judge| self.reader(&judge.package)).unwrap_or_default().event(&event.topic, &event.payload)
    }

    /// Reads by the version of a chaincode that took part.
    pub fn reader_of(&self, chaincode: &ChaincodeName) -> Reader<'_> {
        self.packages.get(chaincode).map(|package| self.reader(package)).unwrap_or_default()
    }
}

/// Who judged.
pub fn judges(judges: &[Judge]) -> Value {
    let one = |judge: &Judge| {
        json!({
            "chaincode": judge.chaincode.as_str(),
            "sequence": judge.sequence,
            "package": judge.package.to_string(),
        })
    };
    judges.iter().map(one).collect()
}

/// Bytes: read when they are all there, their beginning otherwise.
pub fn excerpt(excerpt: &Excerpt, read: impl FnOnce(&[u8]) -> Value) -> Value {
    match excerpt.whole() {
        Some(bytes) => read(bytes),
        None => json!({ "bytes": excerpt.length, "begins": plain(&excerpt.bytes) }),
    }
}

/// Keys that were written.
pub fn writes(set: &WriteSet, versions: &Versions) -> Value {
    let one = |write: &Write| {
        let reader = versions.reader_of(&write.key.namespace);
        let key = &write.key.key;
        let value = |found: &Excerpt| excerpt(found, |bytes| reader.value(key, bytes));
        json!({
            "chaincode": write.key.namespace.as_str(),
            "table": reader.table(key),
            "key": reader.key(key),
            "before": write.before.as_ref().map(value),
            "after": write.after.as_ref().map(value),
        })
    };
    set.writes.iter().map(one).collect()
}

/// What was used.
pub fn used(budget: Budget) -> Value {
    json!({ "gas": budget.gas, "host_gas": budget.host_gas })
}

/// The steps of a trace.
pub fn trace(trace: &Trace, versions: &Versions) -> Vec<Value> {
    let mut running: Vec<Reader<'_>> = Vec::new();
    let mut shown = Vec::new();
    for step in &trace.steps {
        let depth = step.depth as usize;
        running.truncate(depth);
        if step.operation == "run" {
            running.resize(depth, Reader::default());
            running.push(package(step).map(|package| versions.reader(&package)).unwrap_or_default());
        }
        let reader = running.last().copied().unwrap_or_default();
        let key = step.given.iter().find(|fact| fact.name == "key");
        let key = key.and_then(|fact| if let Datum::Bytes(key) = &fact.datum { key.whole() } else { None });
        shown.push(json!({
            "depth": step.depth,
            "operation": step.operation,
            "given": facts(&step.given, step, key, &reader),
            "answer": facts(&step.answer, step, key, &reader),
            "failure": step.failure,
        }));
    }
    shown
}

fn package(step: &Step) -> Option<PackageId> {
    let fact = step.given.iter().find(|fact| fact.name == "package")?;
    if let Datum::Text(text) = &fact.datum { text.parse().ok() } else { None }
}

fn text<'s>(step: &'s Step, name: &str) -> Option<&'s str> {
    let fact = step.given.iter().find(|fact| fact.name == name)?;
    if let Datum::Text(text) = &fact.datum { Some(text) } else { None }
}

/// Facts in order, each with its name: a scan has many keys and values.
fn facts(facts: &[Fact], step: &Step, key: Option<&[u8]>, reader: &Reader<'_>) -> Value {
    let function = text(step, "function").and_then(|name| name.parse().ok());
    let mut key = key;
    let mut shown = Vec::new();
    for fact in facts {
        let value = match &fact.datum {
            Datum::Nothing => Value::Null,
            Datum::Number(number) => json!(number),
            Datum::Text(text) => json!(text),
            Datum::Bytes(found) => excerpt(found, |bytes| match (fact.name.as_str(), &function, text(step, "topic")) {
                ("args", Some(function), _) => reader.argument(function, bytes),
                ("result", Some(function), _) => reader.result(function, bytes),
                ("payload", _, Some(topic)) => reader.event(topic, bytes),
                ("key", ..) => reader.key(bytes),
                ("value", ..) => key.map_or_else(|| plain(bytes), |key| reader.value(key, bytes)),
                _ => plain(bytes),
            }),
        };
        if let ("key", Datum::Bytes(found)) = (fact.name.as_str(), &fact.datum) {
            key = found.whole();
        }
        shown.push(json!({ "name": fact.name, "value": value }));
    }
    Value::from(shown)
}

/// One step as a line.
pub fn line(step: &Value) -> String {
    let indent = "  ".repeat(usize::try_from(step["depth"].as_u64().unwrap_or_default()).unwrap_or_default());
    let facts = |facts: &Value| {
        let one = |fact: &Value| format!(" {}={}", fact["name"].as_str().unwrap_or_default(), fact["value"]);
        facts.as_array().map(|facts| facts.iter().map(one).collect::<String>()).unwrap_or_default()
    };
    let (given, answer) = (facts(&step["given"]), facts(&step["answer"]));
    let operation = step["operation"].as_str().unwrap_or_default();
    let answer = if answer.is_empty() { answer } else { format!("  ->{answer}") };
    let failure = step["failure"].as_str().map(|failure| format!("  failed: {failure}")).unwrap_or_default();
    format!("{indent}{operation}{given}{answer}{failure}")
}

/// What chaincode keeps may hold anything; a terminal must not obey it.
pub fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
