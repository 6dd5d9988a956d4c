//! `theriac trace label`.

use super::unit::gs1;
use crate::arguments::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_domain::Date;
use theriac_gs1::{ElementString, LinkOptions};
use theriac_labels::{Label as Drawing, LabelError, LinkBase, ModuleWidth, Symbol};

/// What to draw.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  theriac trace label '(01)09506000134376(21)SN26A00001(17)280531(10)LOT24A' --out pack.svg
  theriac trace label '(01)09506000134376(21)SN26A00001' --symbol qr --link https://id.example.org --out pack.png
  theriac trace label '(00)095060000000000015' --symbol gs1-128 --out pallet.svg")]
pub struct Label {
    /// What the code says: an element string, in brackets or as scanned, or a Digital Link.
    code: String,
    /// Which symbol.
    #[arg(long, value_enum, default_value_t)]
    symbol: Kind,
    /// Where the Digital Link of a QR code begins.
    #[arg(long, value_name = "URL", default_value = "https://id.gs1.org")]
    link: String,
    /// The file: `.svg` draws the whole label, `.png` the symbol alone.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Pixels per module of a PNG.
    #[arg(long, default_value_t = 8)]
    pixels: usize,
}

/// A kind of symbol.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Kind {
    /// GS1 DataMatrix, for packs.
    #[default]
    Datamatrix,
    /// A QR code with a Digital Link, for phones.
    Qr,
    /// GS1-128, for logistic units.
    #[value(name = "gs1-128")]
    Gs1128,
}

pub fn run(global: &Global, wanted: &Label) -> Result<(), Failure> {
    let elements = theriac_gs1::read(wanted.code.as_bytes(), LinkOptions::default()).map_err(gs1)?;
    let elements = elements.into_elements().map_err(gs1)?;
    let extension = wanted.out.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let bytes = match extension.to_ascii_lowercase().as_str() {
        "svg" => drawing(wanted, &elements)?.to_svg(width(wanted.symbol)).into_bytes(),
        "png" => symbol(wanted, &elements)?.to_png(wanted.pixels).map_err(failure)?,
        _ => return Err(Failure::usage("INVALID_ARGUMENT", "The file's name ends with .svg or .png.")),
    };
    write(&wanted.out, &bytes)?;
    let symbol = symbol(wanted, &elements)?;
    let told = json!({ "file": wanted.out.display().to_string(), "symbol": symbol.symbology().to_string(), "text": symbol.text() });
    output::record(global.output, &told)
}

fn symbol(wanted: &Label, elements: &ElementString) -> Result<Symbol, Failure> {
    match wanted.symbol {
        Kind::Datamatrix => Symbol::data_matrix(elements),
        Kind::Qr => LinkBase::parse(&wanted.link).and_then(|base| Symbol::qr_code(elements, &base)),
        Kind::Gs1128 => Symbol::gs1_128(elements),
    }
    .map_err(failure)
}

fn drawing(wanted: &Label, elements: &ElementString) -> Result<Drawing, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let year = u32::try_from(Date::at(u64::try_from(now).unwrap_or(0)).year()).unwrap_or(0);
    match wanted.symbol {
        Kind::Datamatrix => Drawing::data_matrix(elements, year),
        Kind::Qr => LinkBase::parse(&wanted.link).and_then(|base| Drawing::qr_code(elements, &base, year)),
        Kind::Gs1128 => Drawing::gs1_128(elements, year),
    }
    .map_err(failure)
}

fn width(kind: Kind) -> ModuleWidth {
    match kind {
        Kind::Gs1128 => ModuleWidth::LOGISTIC,
        _ => ModuleWidth::PACK,
    }
}

fn failure(error: LabelError) -> Failure {
    Failure::usage(error.code(), error.to_string())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| {
        Failure::new(Exit::NotFound, "FILE_FAILED", format!("{} cannot be written: {error}", path.display()))
    })
}
