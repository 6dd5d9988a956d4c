//! What goes to standard output, for people and for programs.

use crate::exit::Exit;
use crate::failure::Failure;
use clap::ValueEnum;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde_json::Value;
use std::io::{ErrorKind, Write};

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Columns for people.
    #[default]
    Table,
    /// One JSON value.
    Json,
    /// One JSON value per line.
    Jsonl,
}

/// Whether arguments that could not be understood ask for JSON nevertheless.
pub fn json_is_asked_for(arguments: impl Iterator<Item = String>) -> bool {
    let arguments: Vec<String> = arguments.collect();
    let asks = |value: &str| value.starts_with("json");
    arguments.windows(2).any(|pair| matches!(pair[0].as_str(), "-o" | "--output") && asks(&pair[1]))
        || arguments.iter().any(|one| one.strip_prefix("--output=").or(one.strip_prefix("-o")).is_some_and(asks))
}

/// Prints one thing: an object, whose fields are lines for people.
pub fn record(format: Format, value: &Value) -> Result<(), Failure> {
    let (Format::Table, Some(object)) = (format, value.as_object()) else {
        return line(format, value);
    };
    let mut table = Table::new();
    table.load_style(NOTHING);
    for (name, value) in object {
        table.add_row([name.replace('_', " "), cell(value)]);
    }
    text(&format!("{}\n", trimmed(&table)))
}

/// Prints things of one kind: objects, of which people see these columns.
pub fn rows(format: Format, columns: &[&str], rows: &[Value]) -> Result<(), Failure> {
    match format {
        Format::Table if rows.is_empty() => {
            eprintln!("nothing found");
            Ok(())
        }
        Format::Table => {
            let mut table = Table::new();
            table.load_style(NOTHING).set_header(columns.iter().map(|name| name.replace('_', " ").to_uppercase()));
            for row in rows {
                table.add_row(columns.iter().map(|name| cell(&row[*name])));
            }
            text(&format!("{}\n", trimmed(&table)))
        }
        Format::Json => line(format, &Value::from(rows.to_vec())),
        Format::Jsonl => rows.iter().try_for_each(|row| line(format, row)),
    }
}

/// Prints one of many things as it comes: a line for people, an object for programs.
pub fn item(format: Format, columns: &[&str], value: &Value) -> Result<(), Failure> {
    match format {
        Format::Table => {
            let cells: Vec<String> = columns.iter().map(|name| cell(&value[*name])).collect();
            text(&format!("{}\n", cells.join("  ")))
        }
        Format::Json | Format::Jsonl => line(Format::Jsonl, value),
    }
}

/// Prints text as it is.
pub fn text(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // Whoever read has seen enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(Exit::Internal, "OUTPUT_FAILED", format!("cannot write the output: {error}"))),
        Ok(()) => Ok(()),
    }
}

fn line(format: Format, value: &Value) -> Result<(), Failure> {
    match format {
        Format::Jsonl => text(&format!("{value}\n")),
        Format::Json | Format::Table => text(&format!("{value:#}\n")),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        // What chaincode stores may hold anything; a terminal must not obey it.
        Value::String(text) => text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn trimmed(table: &Table) -> String {
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_recognised_in_arguments_that_make_no_sense() {
        let asked = |text: &str| json_is_asked_for(text.split(' ').map(ToOwned::to_owned));
        assert!(
            asked("theriac -o json nonsense") && asked("theriac nonsense --output=jsonl") && asked("theriac -ojson")
        );
        assert!(!asked("theriac nonsense -o table") && !asked("theriac json"));
    }

    #[test]
    fn cells_do_not_reach_for_the_terminal() {
        assert_eq!(cell(&json!("a\u{1b}[31mb")), "a\u{fffd}[31mb");
        assert_eq!(cell(&json!(["x", 1, null])), "x, 1, -");
    }
}
