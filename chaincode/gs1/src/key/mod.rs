//! Keys as types, and the thing that they name together.

mod named;
mod number;
mod prefix;
mod text;

pub use named::Key;
pub use number::{Gln, Gsin, Gsrn, Gtin, Sscc};
pub use prefix::CompanyPrefix;
pub use text::{Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Grai, Itip, Lot, Serial, ThirdPartyExtension};
