//! The definition of a version, from a TOML file, from options, and from the version in force.

use crate::epcis_file::read_input;
use crate::failure::Failure;
use crate::session::parse;
use clap::Args;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use theriac_types::limits::{DEFINITION_BYTES_MAX, TRANSACTION_BUDGET};
use theriac_types::{
    Budget, Definition, Digest, Endorsement, FunctionName, FunctionPolicy, Height, List, PackageId, Policy, Text,
};

/// What a version is. An option goes before the file, the file before the version in force; what none says is what
/// everybody may do.
#[derive(Debug, Args)]
pub struct Options {
    /// A file with the definition: label, policy, gas, host_gas, from, source, notes, and a table functions.
    #[arg(long, value_name = "FILE.toml")]
    definition: Option<PathBuf>,
    /// What people call this version.
    #[arg(long)]
    label: Option<String>,
    /// Whose signatures a transaction needs: `maker and (role:regulator or 2 of (carrier, distributor, pharmacy))`.
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// The policy of one function, instead; may be given several times.
    #[arg(long, value_name = "FUNCTION=POLICY")]
    function: Vec<String>,
    /// Gas that a transaction may use.
    #[arg(long)]
    gas: Option<u64>,
    /// Gas that the host may use for a transaction.
    #[arg(long, value_name = "GAS")]
    host_gas: Option<u64>,
    /// First height at which it may come into force.
    #[arg(long, alias = "not-before", value_name = "HEIGHT")]
    from: Option<u64>,
    /// Digest of its source.
    #[arg(long, value_name = "HEX")]
    source: Option<String>,
    /// Why, and what others should know who decide.
    #[arg(long, alias = "notes")]
    reason: Option<String>,
}

/// The same in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    label: Option<String>,
    policy: Option<String>,
    #[serde(default)]
    functions: BTreeMap<String, String>,
    gas: Option<u64>,
    host_gas: Option<u64>,
    from: Option<u64>,
    source: Option<String>,
    notes: Option<String>,
}

impl Options {
    /// The definition of a package. Policies and budget are those of the version in force unless something else is
    /// said.
    pub fn definition(self, package: PackageId, in_force: Option<&Definition>) -> Result<Definition, Failure> {
        let file = match &self.definition {
            None => File::default(),
            Some(path) => read_file(path)?,
        };
        let budget = in_force.map_or(TRANSACTION_BUDGET, |known| known.budget);
        let budget = Budget {
            gas: self.gas.or(file.gas).unwrap_or(budget.gas),
            host_gas: self.host_gas.or(file.host_gas).unwrap_or(budget.host_gas),
        };
        let known = in_force.map_or_else(Endorsement::anyone, |known| known.endorsement.clone());
        let chaincode = match self.policy.or(file.policy) {
            Some(text) => policy("--policy", &text)?,
            None => known.chaincode,
        };
        let mut functions: BTreeMap<FunctionName, Policy> =
            known.functions.into_vec().into_iter().map(|own| (own.function, own.policy)).collect();
        for (name, text) in &file.functions {
            functions.insert(parse(name)?, policy(name, text)?);
        }
        for text in &self.function {
            let (name, text) = text.split_once('=').ok_or_else(|| {
                Failure::usage(
                    "INVALID_ARGUMENT",
                    format!("{text:?} is no FUNCTION=POLICY: write recall=role:regulator"),
                )
            })?;
            functions.insert(parse(name)?, policy(name, text)?);
        }
        let functions = functions.into_iter().map(|(function, policy)| FunctionPolicy { function, policy }).collect();
        let functions = List::new(functions).map_err(too_long("policies of functions"))?;
        let source = self.source.or(file.source).map(|text| parse::<Digest>(&text)).transpose()?;
        let text = |text: Option<String>| text.unwrap_or_default();
        Ok(Definition {
            label: Text::new(text(self.label.or(file.label))).map_err(too_long("the label"))?,
            package,
            endorsement: Endorsement { chaincode, functions },
            budget,
            not_before: Height(self.from.or(file.from).unwrap_or_default()),
            source,
            notes: Text::new(text(self.reason.or(file.notes))).map_err(too_long("the reason"))?,
        })
    }
}

fn read_file(path: &std::path::Path) -> Result<File, Failure> {
    let bytes = read_input(path, DEFINITION_BYTES_MAX as u64)?;
    let text = String::from_utf8_lossy(&bytes);
    toml::from_str(&text)
        .map_err(|error| Failure::usage("FILE_INVALID", format!("{} is no definition: {error}", path.display())))
}

/// Reads a policy, or shows the place that is wrong.
pub fn policy(of: &str, text: &str) -> Result<Policy, Failure> {
    text.parse().map_err(|error| {
        Failure::usage("POLICY_SYNTAX", format!("the policy of {of} cannot be read {error}")).with("policy", text)
    })
}

fn too_long(what: &'static str) -> impl FnOnce(theriac_types::bounded::TooLong) -> Failure {
    move |error| Failure::usage("LIMIT_EXCEEDED", format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn options() -> Options {
        let (definition, label, policy, gas, host_gas, from, source, reason) = Default::default();
        Options { definition, label, policy, function: Vec::new(), gas, host_gas, from, source, reason }
    }

    #[test]
    fn options_go_before_the_file_and_the_file_before_the_version_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("definition.toml");
        let text = "label = '1.1'\npolicy = 'maker'\ngas = 7\n[functions]\nrecall = 'role:regulator'\nship = 'any'\n";
        std::fs::write(&file, text).unwrap();
        let package: PackageId = "ab".repeat(32).parse().unwrap();
        let mut before = options().definition(package, None).unwrap();
        assert_eq!((before.endorsement.clone(), before.budget), (Endorsement::anyone(), TRANSACTION_BUDGET));
        before.budget.host_gas = 9;
        let mut options = options();
        options.definition = Some(file);
        options.function = vec!["ship=carrier and maker".to_owned()];
        options.label = Some("1.2".to_owned());
        let found = options.definition(package, Some(&before)).unwrap();
        assert_eq!((&*found.label, found.budget), ("1.2", Budget { gas: 7, host_gas: 9 }));
        let policies: Vec<_> = found.endorsement.policies().map(ToString::to_string).collect();
        assert_eq!(policies, ["maker", "role:regulator", "carrier and maker"]);
    }

    #[test]
    fn a_wrong_policy_is_refused_with_its_place() {
        let mut options = options();
        options.policy = Some("maker or or carrier".to_owned());
        let package = "ab".repeat(32).parse().unwrap();
        assert!(format!("{:?}", options.definition(package, None).unwrap_err()).contains("at character 10"));
    }
}
