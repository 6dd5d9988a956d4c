//! A package on a ledger in memory: the calls of a scenario, as peers judge and charge them.

mod ledger;

use crate::epcis_file::read_input;
use crate::exit::Exit;
use crate::failure::Failure;
use ledger::{CameOut, Ledger};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use theriac_client::Description;
use theriac_types::{ChaincodeName, FunctionName, MemberId};

/// Largest scenario read.
const SCENARIO_BYTES_MAX: u64 = 1024 * 1024;

/// Calls in their order, each with what must come of it.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Scenario(Vec<Step>);

/// One call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Who calls: an organisation of a local network, or one of its members.
    #[serde(rename = "as")]
    by: String,
    /// Members who sign too.
    #[serde(default)]
    cosign: Vec<String>,
    /// A transaction's function.
    submit: Option<String>,
    /// A query's function.
    evaluate: Option<String>,
    /// Its argument.
    #[serde(default)]
    with: Value,
    /// With which code it must be refused; not at all when left out.
    refused: Option<String>,
    /// What it must return.
    result: Option<Value>,
    /// The topics that it must announce.
    events: Option<Vec<String>>,
}

impl Scenario {
    /// Reads a scenario.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = read_input(path, SCENARIO_BYTES_MAX)?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Failure::usage("FILE_INVALID", format!("{} is no scenario: {error}", path.display())))
    }
}

/// Deploys the package and makes the calls. Gives a row for each; what is `wrong` with it is null when all is well.
pub fn play(module: &[u8], scenario: &Scenario) -> Result<Vec<Value>, Failure> {
    let mut ledger = Ledger::with(module)?;
    let description = ledger.description()?;
    let name = description.name.parse::<ChaincodeName>();
    let name = name.map_err(|error| Failure::new(Exit::Usage, "PACKAGE_DESCRIPTION", error.to_string()))?;
    let mut rows = Vec::new();
    for (number, step) in (1..).zip(&scenario.0) {
        rows.push(made(&mut ledger, &name, &description, number, step)?);
    }
    Ok(rows)
}

fn made(
    ledger: &mut Ledger,
    name: &ChaincodeName,
    description: &Description,
    number: usize,
    step: &Step,
) -> Result<Value, Failure> {
    let mistaken = |what: String| Failure::usage("FILE_INVALID", format!("step {number} of the scenario: {what}"));
    let (function, query) = match (&step.submit, &step.evaluate) {
        (Some(function), None) => (function, false),
        (None, Some(function)) => (function, true),
        _ => return Err(mistaken("say either submit or evaluate, with a function".to_owned())),
    };
    let function: FunctionName = function.parse().map_err(|error| mistaken(format!("{error}")))?;
    let described = description.function(&function).map_err(|error| mistaken(error.to_string()))?;
    let argument = described.argument.encode(&step.with).map_err(|error| mistaken(error.to_string()))?;
    let by = member(&step.by).map_err(mistaken)?;
    let cosigners = step.cosign.iter().map(|text| member(text)).collect::<Result<Vec<_>, _>>().map_err(mistaken)?;
    let came_out = match query {
        true => ledger.ask(&by, name, &function, &argument)?,
        false => ledger.submit(&by, &cosigners, name, &function, argument)?,
    };
    let result = match came_out.result.is_empty() {
        true => Value::Null,
        false => described.result.decode(&came_out.result).map_err(|error| mistaken(error.to_string()))?,
    };
    let wrong =
        wrong(step, &came_out, &result).map(|wrong| format!("step {number}, {function} by {}: {wrong}", step.by));
    Ok(json!({
        "step": number,
        "by": step.by,
        "function": function.as_str(),
        "came_out": came_out.code,
        "message": came_out.message,
        "result": result,
        "gas": came_out.used.gas,
        "host_gas": came_out.used.host_gas,
        "events": came_out.topics,
        "wrong": wrong,
    }))
}

/// What came out otherwise than it must.
fn wrong(step: &Step, found: &CameOut, result: &Value) -> Option<String> {
    let expected = step.refused.as_deref().unwrap_or("VALID");
    if found.code != expected {
        let message = if found.message.is_empty() { String::new() } else { format!(" ({})", found.message) };
        return Some(format!("{} instead of {expected}{message}", found.code));
    }
    if let Some(expected) = step.result.as_ref().filter(|expected| *expected != result) {
        return Some(format!("it returned {result} instead of {expected}"));
    }
    let expected = step.events.as_ref().filter(|expected| **expected != found.topics)?;
    Some(format!("it announced {:?} instead of {expected:?}", found.topics))
}

/// Reads `organisation/member`, or an organisation, whose operator it is.
fn member(text: &str) -> Result<MemberId, String> {
    let whole =
        if text.contains('/') { text.to_owned() } else { format!("{text}/{}", theriac_network::cast::OPERATOR) };
    whole.parse().map_err(|error| format!("{text:?} is nobody: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn play_text(text: &str) -> Result<Vec<Value>, Failure> {
        play(theriac_artifacts::TRACE, &serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_scenario_is_judged_and_charged_as_peers_do() {
        let rows = play_text(
            r#"[
                {"as": "maker/admin", "submit": "register_party", "with": {"glns": ["9506000100005"], "prefixes": ["9506000"], "china_products": []}},
                {"as": "maker", "submit": "register_party", "with": {"glns": [], "prefixes": [], "china_products": []}, "refused": "ROLE_DENIED"},
                {"as": "carrier", "evaluate": "party", "with": {"name": "maker"}, "result": {}},
                {"as": "carrier", "evaluate": "party", "with": {"name": "maker"}, "refused": "ROLE_DENIED"}
            ]"#,
        )
        .unwrap();
        assert_eq!(rows[0]["wrong"], Value::Null, "{}", rows[0]);
        assert!(rows[0]["gas"].as_u64().unwrap() > 0 && rows[0]["host_gas"].as_u64().unwrap() > 0);
        assert_eq!((&rows[1]["came_out"], &rows[1]["wrong"]), (&json!("ROLE_DENIED"), &Value::Null));
        assert!(rows[2]["wrong"].as_str().unwrap().contains("it returned {"), "{}", rows[2]);
        assert!(rows[3]["wrong"].as_str().unwrap().contains("VALID instead of ROLE_DENIED"), "{}", rows[3]);
    }

    #[test]
    fn a_mistake_in_a_scenario_is_told_with_its_step() {
        for (step, told) in [
            (r#"{"as": "maker", "submit": "unknown"}"#, "no function unknown"),
            (r#"{"as": "maker"}"#, "either submit or evaluate"),
            (r#"{"as": "maker", "evaluate": "party", "with": {"nome": "maker"}}"#, "nome"),
            (r#"{"as": "m a", "evaluate": "party", "with": {"name": "maker"}}"#, "is nobody"),
        ] {
            let error = format!("{:?}", play_text(&format!("[{step}]")).unwrap_err());
            assert!(error.contains("step 1") && error.contains(told), "{error}");
        }
    }
}
