//! `theriac trace set`.

use super::{call, call_rules};
use crate::arguments::Global;
use crate::failure::Failure;
use crate::output;
use crate::session::parse;
use clap::{Args, Subcommand};
use serde_json::json;
use theriac_domain::Decimal;

/// What to set.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The temperatures and times that a product bears.
    #[command(before_help = "Examples:
  theriac trace set limits 09506000134406 --from 2 --to 8 --mean 8 --gap 120 --as maker/operator")]
    Limits(Limits),
    /// How long goods may be on their way between two parties.
    #[command(before_help = "Examples:
  theriac trace set lane 9506000100005 9506010000005 --hours 72 --as maker/operator")]
    Lane(Lane),
    /// A sensor: whose it is, and how often it reports.
    #[command(before_help = "Examples:
  theriac trace set device https://id.gs1.org/8004/9506020LOG77 --every 60 --as carrier/operator")]
    Device(Device),
    /// A party's licence. For regulators.
    #[command(before_help = "Examples:
  theriac trace set licence 9506030000009 --until 2027-12-31 --as regulator/operator
  theriac trace set licence 9506030000009 --withdraw --as regulator/operator")]
    Licence(Licence),
    /// A Chinese code that a unit bears beside its GTIN.
    #[command(before_help = "Examples:
  theriac trace set alias 81012345678901234567 '(01)09506000134376(21)A1' --as maker/operator")]
    Alias(Alias),
}

/// What a product bears.
#[derive(Debug, Args)]
pub struct Limits {
    /// The product's GTIN, 14 digits.
    gtin: String,
    /// Coldest, in degrees Celsius.
    #[arg(long, allow_hyphen_values = true)]
    from: String,
    /// Warmest, in degrees Celsius.
    #[arg(long, allow_hyphen_values = true)]
    to: String,
    /// Longest time outside of both, in minutes.
    #[arg(long, default_value_t = 0)]
    outside: u32,
    /// Warmest mean kinetic temperature, in degrees Celsius.
    #[arg(long, allow_hyphen_values = true)]
    mean: Option<String>,
    /// Longest time without a reading, in minutes.
    #[arg(long)]
    gap: u32,
}

/// A lane.
#[derive(Debug, Args)]
pub struct Lane {
    /// The shipper's GLN.
    from: String,
    /// The consignee's GLN.
    to: String,
    /// So many hours.
    #[arg(long)]
    hours: u32,
}

/// A sensor.
#[derive(Debug, Args)]
pub struct Device {
    /// Its identifier, as its reports give it.
    device: String,
    /// How often it reports, in minutes.
    #[arg(long)]
    every: u32,
    /// Until when its calibration holds, YYYY-MM-DD.
    #[arg(long)]
    calibrated_until: Option<String>,
}

/// A licence.
#[derive(Debug, Args)]
pub struct Licence {
    /// The party's GLN.
    party: String,
    /// Its last day, YYYY-MM-DD.
    #[arg(long, required_unless_present = "withdraw", conflicts_with = "withdraw")]
    until: Option<String>,
    /// Take it away.
    #[arg(long)]
    withdraw: bool,
}

/// Another code of a unit.
#[derive(Debug, Args)]
pub struct Alias {
    /// The Chinese code, 20 digits.
    code: String,
    /// The unit's code.
    unit: String,
}

pub async fn run(global: &Global, verb: Verb) -> Result<(), Failure> {
    let answer = match verb {
        Verb::Limits(wanted) => {
            let limits = json!({
                "coldest": hundredths(&wanted.from)?,
                "warmest": hundredths(&wanted.to)?,
                "excursion_seconds": wanted.outside.saturating_mul(60),
                "mean": wanted.mean.as_deref().map(hundredths).transpose()?,
                "gap_seconds": wanted.gap.saturating_mul(60),
            });
            call_rules(global, "set_product_limits", &json!({ "gtin": wanted.gtin, "limits": limits })).await?
        }
        Verb::Lane(Lane { from, to, hours }) => {
            call_rules(global, "set_lane", &json!({ "from": from, "to": to, "hours": hours })).await?
        }
        Verb::Device(wanted) => {
            let argument = json!({
                "device": wanted.device,
                "interval_seconds": wanted.every.saturating_mul(60),
                "calibrated_until": wanted.calibrated_until,
            });
            call(global, "register_device", &argument).await?
        }
        Verb::Licence(Licence { party, until, withdraw: _ }) => {
            call(global, "license_party", &json!({ "party": party, "until": until })).await?
        }
        Verb::Alias(Alias { code, unit }) => {
            let alias = json!({
                "code": super::deed::item(&code)?.to_string(),
                "item": super::deed::item(&unit)?.to_string(),
            });
            call(global, "set_aliases", &json!({ "aliases": [alias] })).await?
        }
    };
    output::record(global.output, &answer)
}

/// Hundredths of a degree.
fn hundredths(text: &str) -> Result<i128, Failure> {
    let parts = parse::<Decimal>(text)?.in_parts_of(100);
    parts.ok_or_else(|| Failure::usage("INVALID_ARGUMENT", format!("{text}: at most two digits after the point.")))
}
