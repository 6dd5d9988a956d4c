//! Keys as types, and the thing that they name together.

mod named;
mod number;
mod path;
mod prefix;
mod sgtin;
mod text;

pub use named::Key;
pub use number::{Gln, Gsin, Gsrn, Gtin, Sscc};
pub use prefix::{CompanyPrefix, Prefixed};
pub use sgtin::Sgtin;
pub use text::{Cpi, CpiSerial, Extension, Gcn, Gdti, Giai, Ginc, Grai, Itip, Lot, Serial, ThirdPartyExtension};
