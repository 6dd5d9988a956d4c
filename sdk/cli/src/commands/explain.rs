//! `theriac explain`.

use crate::arguments::Global;
use crate::explain::{Explanation, all, find};
use crate::failure::Failure;
use crate::output;
use clap::Args;
use serde_json::{Value, json};

/// Which code.
#[derive(Debug, Args)]
#[command(before_help = "Examples:\n  theriac explain NOT_HOLDER\n  theriac explain            every code")]
pub struct Options {
    /// The code; every code when left out.
    code: Option<String>,
}

pub fn run(global: &Global, options: &Options) -> Result<(), Failure> {
    let shown =
        |one: Explanation| -> Value { json!({ "code": one.code, "meaning": one.meaning, "what_to_do": one.action }) };
    let Some(code) = &options.code else {
        let every: Vec<_> = all().map(shown).collect();
        return output::rows(global.output, &["code", "meaning"], &every);
    };
    match find(code) {
        Some(one) => output::record(global.output, &shown(one)),
        None => {
            let wanted = code.to_ascii_uppercase();
            let near = all().filter(|one| {
                let parts = wanted.split('_').filter(|part| part.len() > 2);
                parts.into_iter().any(|part| one.code.contains(part))
            });
            let near: Vec<_> = near.map(|one| one.code).collect();
            let hint = match near.is_empty() {
                true => "`theriac explain` lists every code.".to_owned(),
                false => format!("Did you mean {}?", near.join(", ")),
            };
            Err(Failure::not_found("CODE_UNKNOWN", format!("there is no code {wanted}. {hint}")))
        }
    }
}
